"""The engine's loop feeds the aircraft's heartbeat: when it stops, the aircraft goes home by itself."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from dfr.app import App
from dfr.core.flight import FlightState
from dfr.core.geo import Position
from dfr.core.incident import IncidentState
from dfr.core.report import Report
from dfr.site import load_site
from sim.autopilot.fleet import Fleet, running_fleet
from tests.support.world import NEAR_DOWNTOWN, copy_site, vehicle_specs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

REPORT = Report(
    source="test", source_id="1", type="ACTSHOOT", source_priority="1", priority=1,
    position=Position(*NEAR_DOWNTOWN), uncertainty_m=None, address="", description="", source_updated_s=None,
    status=IncidentState.OPEN, note="",
)  # fmt: skip


async def until(what: str, holds: object, within_s: float = 60.0) -> None:
    assert callable(holds)
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.05)


async def fly_and_stop_the_engine(app: App, fleet: Fleet) -> None:
    """Only the engine's task ends: the fleet, with its native library and its links, lives on."""
    vehicle = fleet.vehicle(11)
    await app.fleet.start()
    engine = asyncio.create_task(app.engine.run())
    try:
        await until("ready", lambda: app.fleet.telemetry()["sky-1"].fence is not None)
        for _ in range(200):
            taken = await app.engine.report_call(REPORT, "raw", "test")
            if taken.flight_id:
                break
            hand = app.memory.incidents[taken.incident.id]
            with contextlib.suppress(Exception):
                await app.engine.launch(hand.id, None, "test")
                break
            await asyncio.sleep(0.1)
        flight = app.memory.under_way()[0]
        await until("en route", lambda: app.memory.flights[flight.id].state is FlightState.EN_ROUTE)
        engine.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await engine
        assert vehicle.armed
        await until("the aircraft's own Return", lambda: "RTL" in str(vehicle.mode).upper(), 30.0)
        await until("landed by itself", lambda: not vehicle.armed, 120.0)
    finally:
        engine.cancel()
        await app.fleet.stop()


def test_without_the_engines_loop_the_aircraft_goes_home_by_itself(tmp_path: Path) -> None:
    site = copy_site(tmp_path, 1)
    with running_fleet(vehicle_specs(site), 5.0) as fleet:
        app = App(load_site(site), tmp_path / "state")
        try:
            asyncio.run(fly_and_stop_the_engine(app, fleet))
        finally:
            app.auth.close()
            app.journal.close()
        north, east = fleet.vehicle(11).position[:2]
        assert abs(north - 32.2217) < 1e-4
        assert abs(east + 110.9265) < 1e-4

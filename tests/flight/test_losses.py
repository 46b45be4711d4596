"""What is lost in flight, or taken, through the whole service: what the flight says, and what the aircraft truly does.

The link lost both ways is flown in `test_going_wrong.py`, a killed service that comes back in `test_whole_job.py`, an
engine that stops in `test_engine_stops.py`; the table of who acts first in `tests/protocol/test_loss_table.py`.
"""

import asyncio
import contextlib
import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import common as mavlink

import dfr.app
from dfr.core.clock import SystemClock
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import Position, distance_m
from dfr.core.incident import IncidentState
from dfr.core.report import Report
from dfr.journal.journal import Journal
from dfr.site import load_site
from sim.autopilot.fleet import running_fleet
from sim.autopilot.vehicle import Vehicle
from tests.support.world import NEAR_DOWNTOWN, Json, Service, World, copy_site, running_world, vehicle_specs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NEAR = {"sky-1": NEAR_DOWNTOWN, "sky-2": (32.2685, -110.9460), "sky-3": (32.2450, -110.8605)}
"""About 500 m from each one's dock."""
SYSTEM_IDS = {"sky-1": 11, "sky-2": 12, "sky-3": 13}


def vehicle(world: World, asset_id: str) -> Vehicle:
    return world.fleet.vehicle(SYSTEM_IDS[asset_id])


def sent_to_scenes(world: World, *asset_ids: str) -> dict[str, str]:
    """Each aircraft on its way to a call near its dock: the flights' ids by asset id."""
    world.service.until_ready(*asset_ids)
    flights = {}
    for asset_id in asset_ids:
        call = world.service.report_call(asset_id, NEAR[asset_id]).json()
        assert call["flight_id"], call["sentence"]
        assert world.service.flight(call["flight_id"])["asset_id"] == asset_id
        flights[asset_id] = call["flight_id"]
    for flight_id in flights.values():
        world.service.until_state(flight_id, "en_route")
    for asset_id in asset_ids:
        away = vehicle(world, asset_id)
        world.service.until(f"{asset_id} is away from its dock", lambda of=away: from_home_m(of) > 30.0, 30.0)
    return flights


def alarms(service: Service, flight_id: str) -> list[str]:
    with Journal(service.journal, read_only=True) as journal:
        return [
            str(json.loads(entry.data)["sentence"]) for entry in journal.read(kinds=("alarm",), flight_id=flight_id)
        ]


def until_alarm(service: Service, flight_id: str, words: str, within_s: float = 60.0) -> None:
    try:
        service.until(words, lambda: any(words in sentence for sentence in alarms(service, flight_id)), within_s)
    except AssertionError as late:
        raise AssertionError(f"No alarm says {words!r}: {alarms(service, flight_id)}") from late


def from_home_m(of: Vehicle) -> float:
    latitude_deg, longitude_deg, _ = of.position
    return distance_m(Position(latitude_deg, longitude_deg), Position(*of.spec.home[:2]))


def test_one_way_links_and_satellites(tmp_path: Path) -> None:
    with running_world(tmp_path, assets=3) as world:
        service = world.service
        deaf, mute, blind = "sky-1", "sky-2", "sky-3"
        flights = sent_to_scenes(world, deaf, mute, blind)
        vehicle(world, deaf).fault("uplink_lost")
        vehicle(world, mute).fault("downlink_lost")
        vehicle(world, blind).fault("gps_lost")

        # Nothing of ours is heard: its own failsafe brings it home, and that is seen.
        until_alarm(service, flights[deaf], "goes down or home without an order")
        until_alarm(service, flights[deaf], "orders do not reach it")
        assert vehicle(world, deaf).mode == "RTL"

        # It descends where it is; nobody sends an order that could take that away.
        service.until_state(flights[blind], "returning", "landing")
        until_alarm(service, flights[blind], "It lands where it is.")
        service.until_state(flights[blind], "completed", within_s=120.0)
        assert not vehicle(world, blind).armed
        assert from_home_m(vehicle(world, blind)) > 5.0

        # It hears our heartbeat, so it waits for an order for ever: Return is sent unheard.
        lost = service.until_state(flights[mute], "link_lost", within_s=30.0)
        assert "Not heard any more" in lost["sentence"]
        until_alarm(service, flights[mute], "told to return in case it hears us")
        service.until("it flies home unheard", lambda: vehicle(world, mute).mode == "RTL", 10.0)
        vehicle(world, mute).clear_fault("downlink_lost")
        service.until_state(flights[mute], "returning", "landing", "completed", within_s=30.0)
        for asset_id in (mute, deaf):
            service.until_state(flights[asset_id], "completed", within_s=120.0)
            assert from_home_m(vehicle(world, asset_id)) < 3.0


class Station:
    """Another ground station, or somebody with a joystick: heard by the aircraft, not by the service."""

    def __init__(self, of: Vehicle) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._codec = mavlink.MAVLink(None, srcSystem=250, srcComponent=190)
        self._to = ("127.0.0.1", of.links[0]._socket.getsockname()[1])
        self._target = of.spec.system_id

    def send(self, message: mavlink.MAVLink_message) -> None:
        self._socket.sendto(message.pack(self._codec), self._to)

    def command(self, command: int) -> None:
        self.send(mavlink.MAVLink_command_long_message(self._target, 1, command, 0, *[0.0] * 7))

    def reposition(self, latitude_deg: float, longitude_deg: float, altitude_m: float) -> None:
        self.send(
            mavlink.MAVLink_command_int_message(
                self._target, 1, mavlink.MAV_FRAME_GLOBAL_INT, mavlink.MAV_CMD_DO_REPOSITION, 0, 0, -1.0, 1.0, 0.0,
                math.nan, round(latitude_deg * 1e7), round(longitude_deg * 1e7), altitude_m,
            )
        )  # fmt: skip

    @contextmanager
    def sticks(self) -> Iterator[None]:
        """Centred, then half forward, 25 times a second until the block ends."""
        done = threading.Event()

        def move() -> None:
            began_s = time.monotonic()
            while not done.wait(0.04):
                forward = 500 if time.monotonic() - began_s > 0.5 else 0
                self.send(mavlink.MAVLink_manual_control_message(self._target, forward, 0, 500, 0, 0))

        thread = threading.Thread(target=move, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(2.0)
            self._socket.close()


def taken_over(service: Service, flight_id: str) -> Json:
    taken = service.until_state(flight_id, "taken_over", within_s=30.0)
    assert "Somebody else flies it" in taken["sentence"]
    return taken


def test_motor_battery_and_others_who_fly_it(tmp_path: Path) -> None:
    with running_world(tmp_path, assets=3) as world:
        service = world.service
        taken, broken, sagging = "sky-1", "sky-2", "sky-3"
        flights = sent_to_scenes(world, taken, broken, sagging)
        vehicle(world, broken).fault("motor_fails")
        vehicle(world, sagging).fault("battery_sag")
        station = Station(vehicle(world, taken))
        flight_id = flights[taken]

        latitude_deg, longitude_deg, height_m = vehicle(world, taken).position
        amsl_m = vehicle(world, taken).spec.home[2] + height_m
        station.reposition(latitude_deg + 0.0008, longitude_deg, amsl_m)
        assert "The autopilot" in taken_over(service, flight_id)["sentence"]
        assert service.command(flight_id, "hold").status_code == 202
        service.until_state(flight_id, "holding")
        time.sleep(2.0)
        assert service.flight(flight_id)["state"] == "holding", "what is taken back stays so"

        with station.sticks():
            taken_over(service, flight_id)
            assert vehicle(world, taken).mode == "POSITION"
        assert service.command(flight_id, "resume").status_code == 202
        service.until("it obeys again", lambda: vehicle(world, taken).mode == "LOITER", 10.0)
        assert service.flight(flight_id)["state"] == "holding"

        until_alarm(service, flights[broken], "A motor fails")
        service.until_state(flights[broken], "completed", within_s=60.0)
        assert not vehicle(world, broken).armed
        assert from_home_m(vehicle(world, broken)) > 5.0, "it came down where it was"
        until_alarm(service, flights[sagging], "attery")
        service.until_state(flights[sagging], "completed", within_s=120.0)
        assert not vehicle(world, sagging).armed

        Station(vehicle(world, taken)).command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
        service.until_state(flight_id, "returning", "landing")
        until_alarm(service, flight_id, "another ground station or a remote control may have asked for it")
        service.until_state(flight_id, "completed", within_s=120.0)
        assert from_home_m(vehicle(world, taken)) < 3.0


def test_a_machine_clock_that_is_set_in_flight_is_told_and_disturbs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour ahead en route, through the clock's source."""
    ahead_s = [0.0]
    monkeypatch.setattr(dfr.app, "SystemClock", lambda: SystemClock(utc=lambda: time.time() + ahead_s[0]))
    report = Report(
        source="test", source_id="1", type="ACTSHOOT", source_priority="1", priority=1,
        position=Position(*NEAR_DOWNTOWN), uncertainty_m=None, address="", description="", source_updated_s=None,
        status=IncidentState.OPEN, note="",
    )  # fmt: skip

    async def fly(app: dfr.app.App) -> Flight:
        async def until(state: FlightState, within_s: float) -> Flight:
            async with asyncio.timeout(within_s):
                while not (flights := [f for f in app.memory.flights.values() if f.state is state]):
                    await asyncio.sleep(0.05)
            return flights[0]

        await app.fleet.start()
        engine = asyncio.create_task(app.engine.run())
        try:
            async with asyncio.timeout(60.0):
                while app.fleet.telemetry()["sky-1"].fence is None:
                    await asyncio.sleep(0.05)
                while not (await app.engine.report_call(report, "raw", "test")).flight_id:
                    await asyncio.sleep(0.5)
            await until(FlightState.EN_ROUTE, 60.0)
            ahead_s[0] = 3600.0
            return await until(FlightState.ON_SCENE, 90.0)
        finally:
            engine.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await engine
            await app.fleet.stop()

    site = copy_site(tmp_path, 1)
    with running_fleet(vehicle_specs(site), 4.0):
        app = dfr.app.App(load_site(site), tmp_path / "state")
        try:
            flight = asyncio.run(fly(app))
        finally:
            app.auth.close()
            app.journal.close()
    told = [alarm.sentence for alarm in app.memory.alarms]
    assert any("3600.0 s ahead" in sentence for sentence in told), told
    assert not [sentence for sentence in told if "3600.0 s ahead" not in sentence], "nothing else was disturbed"
    assert 0.0 < flight.times_s["on_scene"] - flight.times_s["takeoff_sent"] < 120.0

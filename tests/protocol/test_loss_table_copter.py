"""Who acts first when something is lost on ArduPilot Copter: the second table in dfr/fleet/README.md, row by row."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dfr.core.command import GoTo, Launch
from dfr.core.geo import AboveTakeoff
from dfr.core.telemetry import FlightMode, Telemetry
from sim.autopilot import Fleet
from tests.protocol import test_both_autopilots as both
from tests.protocol.fleet_rig import Rig, place

README = Path(__file__).parents[2] / "dfr" / "fleet" / "README.md"


def rows() -> list[str]:
    """The first cell of every row of the second table."""
    text = README.read_text(encoding="utf-8").split("What differs on ArduPilot Copter", 1)[1]
    found = re.search(r"\| lost \|.*?\n((?:\|.*\n)+)", text)
    assert found is not None
    return [line.split("|")[1].strip() for line in found[1].splitlines()[1:]]


async def aloft(it: Rig) -> None:
    await it.ready()
    await it.do(Launch(AboveTakeoff(60.0)))


def modes(seen: set[str], aircraft: Fleet) -> Callable[[Telemetry], bool]:
    """Collects the true modes while telemetry is awaited."""

    def look(_: Telemetry) -> bool:
        seen.add(aircraft.vehicle(7).mode)
        return False

    return look


def silence(fault: str | None) -> None:
    """RTL 10 s after the last heartbeat, and no Hold before it."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        vehicle, seen = aircraft.vehicle(7), set[str]()
        await aloft(it)
        it.submit(GoTo(place(280.0, 0.0, 60.0), 9.0))
        await it.until(lambda now: now.kinematics is not None and now.kinematics.value.velocity.ground_mps > 4)
        collect = modes(seen, aircraft)
        if fault is None:
            it.beat = False
        else:
            vehicle.fault(fault)
        began_s = vehicle.now_s
        await it.until(lambda now: collect(now) or vehicle.mode == "RTL")
        assert vehicle.now_s - began_s == pytest.approx(10.0, abs=3.0), "the last beat was up to 0.1 s of ours before"
        assert seen <= {"GUIDED", "RTL"}

    both.fly("ardupilot", scenario)


def service_or_link() -> None:
    silence(None)
    silence("link_drop")


def satellites() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await aloft(it)
        aircraft.vehicle(7).fault("gps_lost")
        seen = await it.until(lambda now: now.mode is not None and now.mode.value is FlightMode.LAND)
        assert any(text.text == "EKF Failsafe: changed to LAND Mode" for text in seen.texts)

    both.fly("ardupilot", scenario)


def battery() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        vehicle = aircraft.vehicle(7)
        await aloft(it)
        await it.do(GoTo(place(250.0, 0.0, 60.0), 9.0))
        vehicle.fault("battery_sag")
        await it.until(lambda now: now.mode is not None and now.mode.value is FlightMode.RETURN)
        assert vehicle.battery.voltage_v < 14.8
        seen = await it.until(lambda now: now.mode is not None and now.mode.value is FlightMode.LAND)
        assert any(text.text.startswith("Battery 1 is critical") for text in seen.texts)

    both.fly("ardupilot", scenario)


def motor() -> None:
    """It says so and stays in its mode; the engine's part is in the first table."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await aloft(it)
        assert it.telemetry().motors_ok is not None
        aircraft.vehicle(7).fault("motor_fails")
        seen = await it.until(lambda now: now.motors_ok is not None and not now.motors_ok.value)
        assert any(text.text.startswith("Potential Thrust Loss") for text in seen.texts)
        assert seen.armed is not None
        assert seen.armed.value
        assert aircraft.vehicle(7).mode == "GUIDED"
        await it.on_ground()
        await it.until(lambda now: now.motors_ok is not None and now.motors_ok.value)

    both.fly("ardupilot", scenario)


FLOWN: dict[str, Callable[[], None]] = {
    "the service, its loop, or the link": service_or_link,
    "satellites": satellites,
    "the battery": battery,
    "the fence's line": both.test_behind_the_line_copter_brakes_and_can_be_flown_back,
    "the fence, switched off": both.test_a_fence_that_is_switched_off_later_counts_no_more,
    "a motor": motor,
}
"""Two are flown where they stand."""


def test_every_row_is_flown_and_nothing_else_is() -> None:
    assert rows() == list(FLOWN)


@pytest.mark.parametrize("name", [name for name in FLOWN if FLOWN[name].__module__ == __name__])
def test_row(name: str) -> None:
    FLOWN[name]()

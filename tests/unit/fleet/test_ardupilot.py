"""ArduPilot Copter's numbers, texts and orders in the domain's words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.command import GoTo, Orbit
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.telemetry import FlightMode
from dfr.fleet.mavlink.autopilot import Ask, CannotFly, Place
from dfr.fleet.mavlink.common import Cmd
from dfr.fleet.mavlink.kinds import ARDUPILOT, KINDS, PX4, mismatch

SCENE = Position(32.2, -110.9)


@pytest.mark.parametrize(
    ("custom_mode", "mode"),
    [
        (0, FlightMode.MANUAL),
        (2, FlightMode.MANUAL),
        (3, FlightMode.MISSION),
        (4, FlightMode.HOLD),
        (5, FlightMode.MANUAL),
        (6, FlightMode.RETURN),
        (7, FlightMode.ORBIT),
        (9, FlightMode.LAND),
        (16, FlightMode.MANUAL),
        (17, FlightMode.HOLD),
        (18, FlightMode.OTHER),
        (20, FlightMode.OFFBOARD),
        (21, FlightMode.RETURN),
        (27, FlightMode.RETURN),
        (84148224, FlightMode.OTHER),
    ],
)
def test_modes(custom_mode: int, mode: FlightMode) -> None:
    assert ARDUPILOT.flight_mode(custom_mode) is mode


@given(st.integers(0, 2**32 - 1))
def test_every_number_is_some_mode(custom_mode: int) -> None:
    assert ARDUPILOT.flight_mode(custom_mode) in FlightMode


@pytest.mark.parametrize(
    ("text", "takes_back", "drops_fence"),
    [
        ("Mode change to GUIDED failed: requires position", True, False),
        ("Polygon fence breached", True, False),
        ("Max Alt and Polygon fences breached", True, False),
        ("PreArm: Polygon fence(s) invalid", False, True),
        ("PreArm: Fences enabled, but none selected", False, True),
        ("PreArm: Vehicle breaching Polygon fence", False, True),
        ("PreArm: FENCE_MARGIN too big", False, True),
        ("PreArm: Compass not calibrated", False, False),
        ("GCS Failsafe Cleared", False, False),
        ("Arming motors", False, False),
    ],
)
def test_texts(text: str, takes_back: bool, drops_fence: bool) -> None:
    assert (ARDUPILOT.takes_back(text), ARDUPILOT.drops_fence(text)) == (takes_back, drops_fence)


@pytest.mark.parametrize(
    ("text", "lost"),
    [("Potential Thrust Loss (3)", True), ("Crash: Disarming: AngErr=72>30, Accel=1.1<3.0", False), ("Landed", False)],
)
def test_a_lost_motor_is_told_in_words(text: str, lost: bool) -> None:
    assert ARDUPILOT.motor_lost(text) is lost


@pytest.mark.parametrize(("enabled", "off"), [(0x100000, False), (0x10_2F, True), (0xFFFFFFFF, False)])
def test_a_fence_that_is_not_enforced_is_seen_in_the_status(enabled: int, off: bool) -> None:
    status: dict[str, Any] = {"onboard_control_sensors_enabled": enabled}
    assert bool(ARDUPILOT.fence_off(status)) is off
    assert PX4.fence_off(status) == ""


def test_the_ceiling_is_a_type_and_a_height() -> None:
    assert ARDUPILOT.fence_parameters(AboveTakeoff(60.0)) == (("FENCE_TYPE", 5), ("FENCE_ALT_MAX", 60.0))
    assert ARDUPILOT.fence_parameters(None) == (("FENCE_TYPE", 4),)


def test_a_launch_is_guided_then_armed_then_a_take_off_to_a_height_above_home() -> None:
    before, after = ARDUPILOT.before_arming(AboveTakeoff(40.0), Amsl(728.0)), ARDUPILOT.after_arming(AboveTakeoff(40.0))
    assert before == (Ask(Cmd.DO_SET_MODE, (1.0, 4.0)),)
    assert [(ask.command, ask.params[6]) for ask in after] == [(Cmd.NAV_TAKEOFF, 40.0)]


def test_the_speed_is_asked_for_after_the_place() -> None:
    asks = ARDUPILOT.go_to(GoTo(Waypoint(SCENE, Amsl(780.0)), 8.0))
    assert [ask.command for ask in asks] == [Cmd.DO_REPOSITION, Cmd.DO_CHANGE_SPEED]
    assert asks[0].place == Place(SCENE, Amsl(780.0))
    assert asks[1].params[:2] == (1.0, 8.0)


def test_it_says_that_it_flies_no_orbit() -> None:
    with pytest.raises(CannotFly, match="no order for an orbit"):
        ARDUPILOT.orbit(Orbit(SCENE, Amsl(780.0), 40.0, 5.0))


@pytest.mark.parametrize(
    ("heard", "kind", "right"),
    [
        (12, "px4", True),
        (3, "ardupilot", True),
        (None, "px4", True),
        (3, "px4", False),
        (12, "ardupilot", False),
        (0, "px4", False),
    ],
)
def test_the_aircraft_must_be_of_the_kind_its_file_says(heard: int | None, kind: str, right: bool) -> None:
    assert (mismatch(heard, KINDS[kind]) == "") is right

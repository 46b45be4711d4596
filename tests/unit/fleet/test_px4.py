"""PX4's numbers and texts in the domain's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.telemetry import FlightMode
from dfr.fleet.mavlink.common import ack_words
from dfr.fleet.mavlink.kinds import PX4


@pytest.mark.parametrize(
    ("custom_mode", "mode"),
    [
        (50593792, FlightMode.HOLD),  # these numbers were reported by PX4 1.17
        (33816576, FlightMode.TAKEOFF),
        (67371008, FlightMode.MISSION),
        (84148224, FlightMode.RETURN),
        (100925440, FlightMode.LAND),
        (16973824, FlightMode.ORBIT),
        (6 << 16, FlightMode.OFFBOARD),
        (9 << 24 | 4 << 16, FlightMode.LAND),
        (1 << 16, FlightMode.MANUAL),
        (2 << 16, FlightMode.MANUAL),
        (3 << 16, FlightMode.MANUAL),
        (2 << 24 | 3 << 16, FlightMode.MANUAL),
        (5 << 16, FlightMode.MANUAL),
        (7 << 16, FlightMode.MANUAL),
        (8 << 16, FlightMode.MANUAL),
        (10 << 16, FlightMode.OTHER),
        (8 << 24 | 4 << 16, FlightMode.OTHER),
        (0, FlightMode.OTHER),
    ],
)
def test_modes(custom_mode: int, mode: FlightMode) -> None:
    assert PX4.flight_mode(custom_mode) is mode


@given(st.integers(0, 2**32 - 1))
def test_every_number_is_some_mode(custom_mode: int) -> None:
    assert PX4.flight_mode(custom_mode) in FlightMode


@pytest.mark.parametrize(
    ("text", "takes_back", "drops_fence"),
    [
        ("Reposition is outside geofence", True, False),
        ("Geofence violation for waypoint 2", True, True),
        ("Geofence invalid, doesn't contain current vehicle position", False, True),
        ("Geofence invalid, doesn't contain Home position", False, True),
        ("Disarming denied: not landed", True, False),
        ("Preflight Fail: Attitude failure (roll)", False, False),  # said in the air too, of its health and of no order
        ("Armed by external command", False, False),
        ("Takeoff detected", False, False),
        ("Returning to launch", False, False),
        ("RTL: start return at 769 m (41 m above destination)", False, False),
        ("GCS connection regained", False, False),
        ("Failsafe activated: entering Hold for 5 seconds", False, False),
    ],
)
def test_texts(text: str, takes_back: bool, drops_fence: bool) -> None:
    assert (PX4.takes_back(text), PX4.drops_fence(text)) == (takes_back, drops_fence)


@pytest.mark.parametrize(
    ("result", "words"),
    [(1, "for now"), (2, "as denied"), (3, "as unsupported"), (8, "with command int only"), (77, "with result 77")],
)
def test_refusals_in_words(result: int, words: str) -> None:
    assert ack_words(result) == words


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Preflight Fail: Attitude failure (roll)", True),
        ("Preflight Fail: Attitude failure (pitch)", True),
        ("Preflight Fail: heading estimate not stable", False),
        ("Failsafe activated", False),
    ],
)
def test_an_aircraft_that_tips_over_has_lost_a_motor(text: str, lost: bool) -> None:
    assert PX4.motor_lost(text) is lost

"""A pilot's stick through the whole service: flown, limited with a sentence, and stopped when its words cease."""

import time
from pathlib import Path

import pytest

from tests.support.world import NEAR_DOWNTOWN, Json, Service, running_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EVERY_S = 0.1
LAPSE_S, TURN_S, LINK_S = 0.5, 0.2, 0.3
"""Until a stick is let go; the engine's turn and the request; the order's way to the aircraft."""
STOPPING_S = 6.0
"""From 4 m/s, its reaction and the last of it counted."""


def hold_stick(service: Service, flight_id: str, hold_id: str, seconds: float, **wanted: float) -> set[str]:
    """Ten words a second; all that was said to them."""
    said: set[str] = set()
    end, sequence = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        answer = service.command(flight_id, "fly", hold_id=hold_id, sequence=sequence, **wanted)
        assert answer.status_code == 202, answer.text
        said |= set(answer.json()["sentences"])
        sequence += 1
        time.sleep(EVERY_S)
    return said


def motion(service: Service) -> Json:
    found: Json = service.asset("sky-1")["telemetry"]["kinematics"]
    return found


@pytest.mark.parametrize("airframe", ["x500_sitl", "x500_copter"])
def test_the_stick_flies_is_limited_and_stops(tmp_path: Path, airframe: str) -> None:
    with running_world(tmp_path, speed=1.0, first_airframe=airframe) as world:
        service = world.service
        service.until_ready("sky-1")
        flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route")
        assert service.command(flight_id, "hold").status_code == 202
        service.until_state(flight_id, "holding")
        time.sleep(4.0)

        hold_stick(service, flight_id, "across", 5.0, right_mps=4.0)
        assert motion(service)["ground_speed_mps"] == pytest.approx(4.0, abs=0.8)
        flight = service.flight(flight_id)
        assert (flight["state"], flight["activity"]) == ("holding", "fly")
        ceased_s = time.monotonic()
        flight = service.until("it is let go", lambda: (f := service.flight(flight_id))["activity"] == "hold" and f)
        assert time.monotonic() - ceased_s < LAPSE_S + TURN_S + LINK_S
        assert "Nothing was heard of the pilot's stick" in flight["sentence"]
        service.until("it stands", lambda: motion(service)["ground_speed_mps"] < 0.5, within_s=STOPPING_S)
        late = service.command(flight_id, "fly", hold_id="across", sequence=999, right_mps=4.0)
        assert late.status_code == 409

        said = hold_stick(service, flight_id, "down", 20.0, up_mps=-2.5)
        assert "The least height above the ground is near." in said
        released = service.command(flight_id, "fly", hold_id="down", sequence=999, released=True)
        assert released.status_code == 202
        assert "let go of the stick" in service.flight(flight_id)["sentence"]
        assert service.flight(flight_id)["state"] == "holding"

        assert service.command(flight_id, "return").status_code == 202
        service.until_state(flight_id, "returning")

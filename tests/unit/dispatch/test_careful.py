"""What keeps odd moments from doing harm: one strange message, a camera that does not answer, a stray aircraft."""

from dataclasses import replace

import pytest

from dfr.core.command import LookAtHorizon, ReturnHome
from dfr.core.flight import FlightState
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.core.telemetry import FlightMode, LandedState, LinkState, Timed
from dfr.dispatch.observe import FAILSAFE_HOLDS_S, GROUND_SETTLES_S, RETURN_SETTLES_S
from dfr.dispatch.standby import Standby
from tests.support.fakes import FakeFleet
from tests.unit.dispatch.small import Rig

S = FlightState


def seen_otherwise(fleet: FakeFleet, asset_id: str, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """From now on the fleet tells of this aircraft with some values changed."""
    tell = fleet.telemetry

    def telemetry() -> dict[str, object]:
        known = dict(tell())
        known[asset_id] = replace(known[asset_id], **changes)  # type: ignore[arg-type]
        return known  # type: ignore[return-value]

    monkeypatch.setattr(fleet, "telemetry", telemetry)


def test_one_message_from_the_ground_does_not_end_a_flight(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    # Twice, far apart: the second moment does not count on from the first.
    for _ in range(2):
        with monkeypatch.context() as odd:
            down = {"landed": Timed(LandedState.ON_GROUND, rig.now_s), "armed": Timed(False, rig.now_s)}
            seen_otherwise(rig.fleet, "sky-1", odd, **down)
            rig.run(GROUND_SETTLES_S / 2)
        rig.run(5.0)
    assert rig.memory.flights[flight_id].state is S.ON_SCENE


@pytest.mark.parametrize("landed", [LandedState.IN_AIR, LandedState.LANDING])
def test_on_the_way_home_a_failsafe_that_holds_before_it_acts_is_nobody_else(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, landed: LandedState
) -> None:
    """The battery reaches the emergency level in Return: PX4 holds for 5 s, and then lands where it is."""
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.run(RETURN_SETTLES_S + 1.0)
    home = S.LANDING if landed is LandedState.LANDING else S.RETURNING
    # Twice: the second does not count on from the first.
    for _ in range(2):
        with monkeypatch.context() as holds:
            later_s = rig.now_s + 60.0
            seen_otherwise(
                rig.fleet, "sky-1", holds, mode=Timed(FlightMode.HOLD, later_s), landed=Timed(landed, later_s)
            )
            rig.run(FAILSAFE_HOLDS_S - 1.0)
            assert rig.flight(flight_id).state is home
        rig.run(1.0)
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, mode=Timed(FlightMode.HOLD, rig.now_s + 60.0))
    rig.run(FAILSAFE_HOLDS_S + 1.0)
    assert rig.flight(flight_id).state is S.TAKEN_OVER, "what stays so is somebody's order"


def test_a_silent_aircraft_can_be_called_home_although_its_camera_cannot_be_turned(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    before = len(rig.fleet.sent("sky-1", LookAtHorizon))
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, link=LinkState.NEVER_SEEN)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    assert len(rig.fleet.sent("sky-1", ReturnHome)) == 1
    assert len(rig.fleet.sent("sky-1", LookAtHorizon)) == before


def test_an_aircraft_that_is_up_without_a_flight_is_told_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.ready()
    up = {"landed": Timed(LandedState.IN_AIR, rig.now_s), "armed": Timed(True, rig.now_s)}
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, **up)
    standby = Standby(rig.director)
    for _ in range(3):
        standby.tend(rig.now_s)
    told = [alarm for alarm in rig.memory.alarms if "without a flight" in alarm.sentence]
    assert len(told) == 1
    assert told[0].asset_id == "sky-1"

"""What keeps odd moments from doing harm: one strange message, a camera that does not answer, a stray aircraft."""

from dataclasses import replace

import pytest

from dfr.core.command import LookAtHorizon, ReturnHome
from dfr.core.flight import FlightState
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.core.telemetry import LandedState, LinkState, Timed
from dfr.dispatch.director import GROUND_SETTLES_S
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

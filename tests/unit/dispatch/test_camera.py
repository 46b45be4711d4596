"""What a pilot may do with the camera, and when the gate says no."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from dfr.core.camera import GimbalLimits, GimbalManager, PayloadCamera
from dfr.core.command import Command, LookAtHorizon, TurnCamera, ZoomCamera
from dfr.core.flight import FlightState
from dfr.core.geo import bearing_deg, distance_m
from dfr.core.pilot import PilotAction, PilotCommand, Turn, ZoomStep
from dfr.core.telemetry import Gimbal, Telemetry, Timed
from dfr.dispatch.gate import Authorized
from dfr.dispatch.refusal import NotDone
from tests.unit.dispatch.small import AT_SCHOOL, GROUND, Rig

CAMERA = PayloadCamera(100, "Acme", True, True, ("White hot", "Lava"), "White hot", 0.0)
MANAGER = GimbalManager(GimbalLimits((-90.0, 30.0), (-180.0, 180.0)))


class Equipped(Rig):
    """The fake aircraft have a camera and a gimbal that looks where `gimbal` says."""

    gimbal = Gimbal(-20.0, 90.0)
    camera: PayloadCamera | None = CAMERA

    def equip(self) -> None:
        plain = self.fleet.telemetry

        def telemetry() -> dict[str, Telemetry]:
            gimbal = Timed(self.gimbal, self.now_s)
            extra = {"camera": self.camera, "gimbal": gimbal, "gimbal_manager": MANAGER}
            return {one: replace(known, **extra) for one, known in plain().items()}  # type: ignore[arg-type]

        self.fleet.telemetry = telemetry  # type: ignore[method-assign]
        submit = self.fleet.submit
        self.commands: list[Command] = []

        def kept(order: Authorized) -> None:
            self.commands.append(order.request.command)
            submit(order)

        self.fleet.submit = kept  # type: ignore[method-assign]

    def ask(self, flight_id: str, command: PilotCommand) -> None:
        self.director.pilot_command(flight_id, command, "a pilot", self.now_s)

    def sent(self, kind: type) -> list[object]:
        return [command for command in self.commands if isinstance(command, kind)]


TURN = PilotCommand(PilotAction.TURN, turn=Turn(-10.0, 5.0))
ZOOM_IN = PilotCommand(PilotAction.ZOOM, zoom=ZoomStep.IN)
PHOTOGRAPH = PilotCommand(PilotAction.PHOTOGRAPH)
PALETTE = PilotCommand(PilotAction.PALETTE, palette="Lava")


@pytest.fixture
def rig(tmp_path: Path) -> Equipped:
    made = Equipped(tmp_path)
    made.equip()
    made.ready()
    return made


@pytest.mark.parametrize("command", [TURN, ZOOM_IN, PHOTOGRAPH])
def test_under_way_the_camera_stays_at_the_horizon(rig: Equipped, command: PilotCommand) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    with pytest.raises(NotDone, match="looks at the horizon"):
        rig.ask(flight_id, command)
    assert "horizon" in " ".join(rig.memory.refusals[-1].sentences)


def test_a_palette_aims_at_nothing_and_wide_is_always_allowed(rig: Equipped) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    rig.ask(flight_id, PALETTE)
    rig.ask(flight_id, PilotCommand(PilotAction.ZOOM, zoom=0.0))
    with pytest.raises(NotDone, match="no palette Plaid"):
        rig.ask(flight_id, PilotCommand(PilotAction.PALETTE, palette="Plaid"))


def test_on_scene_turns_add_up_and_keep_to_the_limits(rig: Equipped) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    rig.ask(flight_id, TURN)
    rig.clock.advance(0.3)
    rig.ask(flight_id, TURN)
    first, second = rig.sent(TurnCamera)
    assert first == TurnCamera(-30.0, 95.0)
    assert second == TurnCamera(-40.0, 100.0), "from where the one before aims"
    rig.clock.advance(5.0)
    rig.gimbal = Gimbal(-88.0, 90.0)
    rig.ask(flight_id, TURN)
    assert rig.sent(TurnCamera)[-1] == TurnCamera(-90.0, 95.0)
    rig.clock.advance(5.0)
    rig.gimbal = Gimbal(-90.0, 90.0)
    with pytest.raises(NotDone, match="no farther down"):
        rig.ask(flight_id, PilotCommand(PilotAction.TURN, turn=Turn(-10.0, 0.0)))
    assert rig.flight(flight_id).state is FlightState.ON_SCENE


def test_turns_that_come_too_fast_or_go_too_far_are_refused(rig: Equipped) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    rig.ask(flight_id, TURN)
    with pytest.raises(NotDone, match=r"less than 0.1 s ago"):
        rig.ask(flight_id, TURN)
    rig.clock.advance(1.0)
    with pytest.raises(NotDone, match="at most 45 degrees"):
        rig.ask(flight_id, PilotCommand(PilotAction.TURN, turn=Turn(0.0, 90.0)))


def test_the_camera_is_not_turned_into_a_privacy_zone(rig: Equipped) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    here = rig.fleet.telemetry()["sky-1"].kinematics
    assert here is not None
    towards = bearing_deg(here.value.position, AT_SCHOOL)
    over_ground_m = here.value.altitude.m - GROUND.m
    down_deg = math.degrees(math.atan2(over_ground_m, distance_m(here.value.position, AT_SCHOOL)))
    rig.gimbal = Gimbal(-down_deg, towards)
    with pytest.raises(NotDone, match="privacy zone the school"):
        rig.ask(flight_id, PilotCommand(PilotAction.TURN, turn=Turn(0.01, 0.0)))


def test_without_a_camera_it_is_said(rig: Equipped) -> None:
    rig.camera = None
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    for command, words in ((PHOTOGRAPH, "no camera that takes"), (PilotCommand(PilotAction.ZOOM, zoom=40.0), "no cam")):
        with pytest.raises(NotDone, match=words):
            rig.ask(flight_id, command)
    with pytest.raises(NotDone, match="does not say how far it is zoomed"):
        rig.ask(flight_id, ZOOM_IN)


def test_a_zoom_step_goes_to_the_end_of_the_range(rig: Equipped) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    rig.ask(flight_id, ZOOM_IN)
    rig.camera = replace(CAMERA, zoom_percent=90.0)
    rig.ask(flight_id, ZOOM_IN)
    assert rig.sent(ZoomCamera) == [ZoomCamera(20.0), ZoomCamera(100.0)]
    assert rig.sent(LookAtHorizon), "as on the way there"

"""What a pilot may ask of a flight."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dfr.core.geo import AboveTakeoff, Position
from dfr.core.pilot import LookTarget, Offset, PilotAction, PilotCommand, Stick, Turn, ZoomStep
from dfr.server.models.base import Answer, Latitude, Longitude, Question


class AtPosition(Question):
    """A place on the map."""

    kind: Literal["position"]
    latitude_deg: Latitude
    longitude_deg: Longitude

    def plain(self) -> Position:
        return Position(self.latitude_deg, self.longitude_deg)


class AtOffset(Question):
    """So many metres along a bearing from where the aircraft is."""

    kind: Literal["offset"]
    bearing_deg: float = Field(ge=0, le=360, description="Clockwise from true north.")
    distance_m: float = Field(gt=0, le=5000)

    def plain(self) -> Offset:
        return Offset(self.bearing_deg, self.distance_m)


class AtHorizon(Question):
    """Forward and level."""

    kind: Literal["horizon"]

    def plain(self) -> LookTarget:
        return LookTarget.HORIZON


class AtScene(Question):
    """The incident's position."""

    kind: Literal["scene"]

    def plain(self) -> LookTarget:
        return LookTarget.SCENE


class HoldCommand(Question):
    """Stop and stay."""

    action: Literal["hold"]

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.HOLD)


class ResumeCommand(Question):
    """Go on to the scene after a hold."""

    action: Literal["resume"]

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.RESUME)


class ReturnCommand(Question):
    """Return, land and disarm."""

    action: Literal["return"]

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.RETURN)


class OrbitCommand(Question):
    """Circle the scene, camera inwards."""

    action: Literal["orbit"]
    radius_m: float | None = Field(default=None, ge=10, le=500, description="Null leaves it to the service.")
    speed_mps: float | None = Field(default=None, gt=0, le=15, description="Null leaves it to the service.")

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.ORBIT, radius_m=self.radius_m, speed_mps=self.speed_mps)


class MoveCommand(Question):
    """Fly to a place, a height, or both, and hold there."""

    action: Literal["move"]
    to: Annotated[AtPosition | AtOffset, Field(discriminator="kind")] | None = None
    height_above_takeoff_m: float | None = Field(default=None, gt=0, le=500, description="Null keeps the height.")

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "MoveCommand":
        if self.to is None and self.height_above_takeoff_m is None:
            raise ValueError("a move needs a place, a height, or both")
        return self

    def plain(self) -> PilotCommand:
        height = None if self.height_above_takeoff_m is None else AboveTakeoff(self.height_above_takeoff_m)
        return PilotCommand(PilotAction.MOVE, to=None if self.to is None else self.to.plain(), height=height)


MOST_STICK_MPS = 20.0
MOST_TURN_DEGPS = 90.0


class FlyCommand(Question):
    """Fly by stick, relative to the aircraft's nose. Sent again at least five times a second while the stick is held:
    0.5 s after the last word the aircraft holds. It is flown with the allowed part, and the answer says what limits it.
    """

    action: Literal["fly"]
    hold_id: str = Field(min_length=1, max_length=64, description="Another one for every touch of the stick.")
    sequence: int = Field(ge=0, description="Greater with every word of one touch; older ones are ignored.")
    forward_mps: float = Field(default=0.0, ge=-MOST_STICK_MPS, le=MOST_STICK_MPS)
    right_mps: float = Field(default=0.0, ge=-MOST_STICK_MPS, le=MOST_STICK_MPS)
    up_mps: float = Field(default=0.0, ge=-MOST_STICK_MPS, le=MOST_STICK_MPS)
    turn_degps: float = Field(default=0.0, ge=-MOST_TURN_DEGPS, le=MOST_TURN_DEGPS, description="Positive is right.")
    released: bool = Field(default=False, description="The hand is off the stick: the aircraft holds.")

    def plain(self) -> PilotCommand:
        stick = Stick(**self.model_dump(exclude={"action"}))
        return PilotCommand(PilotAction.FLY, stick=stick)


class LookCommand(Question):
    """Point the camera."""

    action: Literal["look"]
    at: Annotated[AtPosition | AtHorizon | AtScene, Field(discriminator="kind")]

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.LOOK, look_at=self.at.plain())


class TurnCommand(Question):
    """Turn the camera from where it looks now."""

    action: Literal["turn"]
    up_deg: float = Field(default=0.0, ge=-45, le=45, description="Negative is down.")
    right_deg: float = Field(default=0.0, ge=-45, le=45, description="Negative is left.")

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.TURN, turn=Turn(self.up_deg, self.right_deg))


class ZoomCommand(Question):
    """Zoom a step, or to a share of the camera's range."""

    action: Literal["zoom"]
    step: ZoomStep | None = None
    to_fraction: float | None = Field(default=None, ge=0, le=1, description="0 is wide.")

    @model_validator(mode="after")
    def _goes_one_way(self) -> "ZoomCommand":
        if (self.step is None) == (self.to_fraction is None):
            raise ValueError("a zoom needs either a step or a share of the range")
        return self

    def plain(self) -> PilotCommand:
        percent = None if self.to_fraction is None else self.to_fraction * 100.0
        return PilotCommand(PilotAction.ZOOM, zoom=self.step if percent is None else percent)


class PaletteCommand(Question):
    """Show heat in these colours."""

    action: Literal["palette"]
    palette: str = Field(min_length=1, max_length=64, description="One of the camera's own names.")

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.PALETTE, palette=self.palette)


class PhotographCommand(Question):
    """Take one photograph."""

    action: Literal["photograph"]

    def plain(self) -> PilotCommand:
        return PilotCommand(PilotAction.PHOTOGRAPH)


CameraCommand = TurnCommand | ZoomCommand | PaletteCommand | PhotographCommand
FlightCommand = Annotated[
    HoldCommand | ResumeCommand | ReturnCommand | OrbitCommand | MoveCommand | FlyCommand | LookCommand | CameraCommand,
    Field(discriminator="action"),
]


class CommandAccepted(Answer):
    """The command was taken. That is not yet done: the flight shows when it is."""

    accepted: Literal[True]
    sentences: list[str]

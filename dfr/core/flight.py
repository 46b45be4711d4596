"""A flight: one asset sent for one incident, and how it was decided."""

from dataclasses import dataclass, field
from enum import StrEnum

from dfr.core.fence import FencePlan
from dfr.core.geo import Amsl, Position, Waypoint
from dfr.core.regime import Regime


class FlightState(StrEnum):
    """Where a flight stands. The transitions are in `dfr.dispatch.table`."""

    PREPARING = "preparing"
    """Chosen and cleared; the fence is being put on board or its verification awaited."""
    LAUNCHING = "launching"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    HOLDING = "holding"
    """Stopped in the air before the scene, by the pilot or the guard."""
    RETURNING = "returning"
    LANDING = "landing"
    LINK_LOST = "link_lost"
    """In the air and not heard: the aircraft's own failsafe is flying it home."""
    TAKEN_OVER = "taken_over"
    """Somebody else commands the aircraft; the service watches and sends nothing."""
    COMPLETED = "completed"
    ABORTED = "aborted"
    """Ended before it left the ground."""

    @property
    def is_over(self) -> bool:
        return self in (FlightState.COMPLETED, FlightState.ABORTED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One asset that was considered: when it could be there, or why it was not chosen."""

    asset_id: str
    asset_name: str
    fit: bool
    sentence: str
    seconds_to_scene: float | None = None
    minutes_on_scene: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Why this aircraft went: the policy rule that matched, and every asset that was considered."""

    rule: str
    sentence: str
    """"SKY-1 goes: 62 s to the scene and 14 min there; SKY-2 is 40 s farther." """
    candidates: tuple[Candidate, ...] = ()
    requested_by: str = "policy"


class Activity(StrEnum):
    """What the aircraft does on the scene."""

    HOLD = "hold"
    ORBIT = "orbit"
    MOVE = "move"
    FLY = "fly"
    """The pilot flies it by stick."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One asset sent for one incident. Immutable; the journal keeps each version.

    `times_s` holds UTC seconds by event name: requested, takeoff_sent, airborne, on_scene,
    camera_on_scene, returning, landed, ended. `leg` is the index into `route` of the waypoint being flown to.
    """

    id: str
    incident_id: str
    asset_id: str
    state: FlightState
    state_since_s: float
    decision: Decision
    scene: Position
    route: tuple[Waypoint, ...]
    """From above the dock to the stand-off; the last one is where the aircraft holds."""
    clear_altitude: Amsl | None = None
    """It climbs straight up to here before it turns to the scene, still climbing; None: to the route's altitude."""
    passing_m: tuple[float, ...] = ()
    """For each waypoint of the route how near the aircraft must come before it may fly on to the next."""
    fence: FencePlan | None = None
    """This flight's own, with the rally points that it relies on; None: its dock's."""
    leg: int = 0
    look_at: Position | None = None
    """What the pilot or the plan wants in the picture; None looks at the horizon."""
    activity: Activity = Activity.HOLD
    aside: Waypoint | None = None
    """Where the pilot moved it to; its route stays what it was, and it goes on with that when it is told to."""
    sentence: str = ""
    """Why it is in this state, for people."""
    times_s: dict[str, float] = field(default_factory=dict)

    regime: Regime | None = None
    """What it is flown under, as it was at the launch; None: it was begun before regimes were kept with flights."""

    @property
    def stand_off(self) -> Waypoint:
        return self.route[-1]

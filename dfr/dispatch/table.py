"""The flight table: (state, event) -> (state, effects). Pure and total; everything a flight can do is on this page."""

from dataclasses import dataclass
from enum import StrEnum, auto

from dfr.core.flight import FlightState


class Event(StrEnum):
    """What can happen to a flight."""

    FENCE_READY = auto()
    FENCE_FAILED = auto()
    LAUNCH_REFUSED = auto()
    """The gate did not pass the launch."""
    AIRBORNE = auto()
    """The launch is clear of its dock: at its height, or where the climb may go on sideways."""
    LAUNCH_FAILED = auto()
    LEG_DONE = auto()
    """A corner of the route was reached, and there are more."""
    ARRIVED = auto()
    """The last waypoint was reached."""
    ORDER_FAILED = auto()
    """The aircraft refused or dropped an order, or the gate did not pass one that the plan needs."""
    RETURN_FAILED = auto()
    PILOT_HOLD = auto()
    PILOT_RESUME = auto()
    PILOT_RETURN = auto()
    PILOT_MOVE = auto()
    PILOT_FLY = auto()
    """The pilot takes the stick."""
    STICK_OVER = auto()
    """The stick was let go, or is not heard any more."""
    PILOT_ORBIT = auto()
    PILOT_LOOK = auto()
    INCIDENT_OVER = auto()
    """Dispatch cancelled or closed the incident."""
    GUARD_HOLD = auto()
    """The guard foresees the line being crossed."""
    GUARD_RETURN = auto()
    TRAFFIC_HOLD = auto()
    """Another aircraft comes too near: stopping keeps it farthest away."""
    TRAFFIC_DESCEND = auto()
    """The same, going down does."""
    TRAFFIC_RESUME = auto()
    """It is gone, and traffic alone had stopped the flight."""
    TRAFFIC_HOME = auto()
    """The same, on the way home."""
    ZONE_OVER = auto()
    """A zone that came into force lies over the aircraft, or within the margin of it."""
    ZONE_AHEAD = auto()
    """The same, on the rest of its way."""
    ZONE_BEHIND = auto()
    """The same, on the straight way home."""
    ENERGY_LOW = auto()
    """What is left is what the way home needs."""
    POSITION_LOST = auto()
    """It is heard, but where it is, is not known any more: the guard cannot see it."""
    MOTOR_FAILED = auto()
    """The autopilot says that a motor does not do what it should."""
    MOTOR_IGNORED = auto()
    """The same, and it flies on as if nothing were."""
    UPLINK_LOST = auto()
    """It is heard, but answers nothing: what is sent does not reach it."""
    STILL_SILENT = auto()
    """Not heard for longer than its own failsafe needs to be on the way home."""
    FAILSAFE = auto()
    """The autopilot flies home or lands of its own accord."""
    TAKEOVER = auto()
    """The autopilot is in a mode that this service did not command: somebody else flies."""
    LANDING_SEEN = auto()
    ON_GROUND = auto()
    """On the ground and disarmed."""
    NEVER_LIFTED = auto()
    """The same, for one that was never seen off the ground."""
    LINK_LOST = auto()
    LINK_BACK = auto()
    """Heard again, in the air, under no failsafe."""
    ADOPTED = auto()
    """The service was started again and finds the aircraft in the air."""
    STILL_ON_GROUND = auto()
    """The service was started again soon after it meant to launch, and finds the aircraft on the ground."""


class Effect(StrEnum):
    """What the engine does about it, in this order."""

    SEND_FENCE = auto()
    SEND_LAUNCH = auto()
    SEND_LEG = auto()
    """Fly to the waypoint of the flight's current leg."""
    SEND_NEXT_LEG = auto()
    """The same, for the one after it."""
    SEND_MOVE = auto()
    """Fly to where the pilot wants it aside of its route."""
    SEND_FLY = auto()
    """Fly with the velocity that the pilot's stick asks for."""
    SEND_ORBIT = auto()
    SEND_ASIDE = auto()
    """Fly out of the way of traffic, back to where the aircraft was before, or out of a zone."""
    SEND_HOLD = auto()
    SEND_RETURN = auto()
    LOOK_AT_HORIZON = auto()
    LOOK_AT_TARGET = auto()
    ALARM = auto()
    """Tell people, and make them see it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where the flight stands next and what is done. `applies` is False when the event means nothing here."""

    state: FlightState
    effects: tuple[Effect, ...] = ()
    applies: bool = True


S, E, F = FlightState, Event, Effect

FLIGHT_ORDERS = frozenset({
    F.SEND_LAUNCH, F.SEND_LEG, F.SEND_NEXT_LEG, F.SEND_MOVE, F.SEND_FLY, F.SEND_ORBIT, F.SEND_ASIDE, F.SEND_HOLD,
    F.SEND_RETURN,
})  # fmt: skip
"""Effects that move the aircraft."""

AIRBORNE_STATES = frozenset({
    S.LAUNCHING, S.EN_ROUTE, S.ON_SCENE, S.HOLDING, S.RETURNING, S.LANDING, S.LINK_LOST, S.TAKEN_OVER,
})  # fmt: skip
COMMANDED = (S.LAUNCHING, S.EN_ROUTE, S.ON_SCENE, S.HOLDING)
"""In the air (or about to be) and flying by our orders, not yet on the way home."""

GO_HOME = Step(S.RETURNING, (F.LOOK_AT_HORIZON, F.SEND_RETURN))
GO_HOME_LOUDLY = Step(S.RETURNING, (F.LOOK_AT_HORIZON, F.SEND_RETURN, F.ALARM))
STOP = Step(S.HOLDING, (F.SEND_HOLD, F.LOOK_AT_HORIZON))
STOP_LOUDLY = Step(S.HOLDING, (F.SEND_HOLD, F.LOOK_AT_HORIZON, F.ALARM))
MOVE_ASIDE = Step(S.HOLDING, (F.SEND_MOVE, F.LOOK_AT_HORIZON))
FLY_BY_STICK = Step(S.HOLDING, (F.SEND_FLY, F.LOOK_AT_HORIZON))
STEP_ASIDE = Step(S.HOLDING, (F.SEND_ASIDE, F.LOOK_AT_HORIZON, F.ALARM))
FLY_ON = Step(S.EN_ROUTE, (F.LOOK_AT_HORIZON, F.SEND_LEG))
STAY_AND_LOOK = Step(S.ON_SCENE, (F.LOOK_AT_TARGET,))


def _build() -> dict[tuple[FlightState, Event], Step]:
    table: dict[tuple[FlightState, Event], Step] = {
        (S.PREPARING, E.FENCE_READY): Step(S.LAUNCHING, (F.SEND_LAUNCH, F.LOOK_AT_HORIZON)),
        (S.PREPARING, E.FENCE_FAILED): Step(S.ABORTED, (F.ALARM,)),
        (S.PREPARING, E.LAUNCH_REFUSED): Step(S.ABORTED, (F.ALARM,)),
        (S.PREPARING, E.PILOT_RETURN): Step(S.ABORTED),
        (S.PREPARING, E.INCIDENT_OVER): Step(S.ABORTED),
        (S.PREPARING, E.LINK_LOST): Step(S.ABORTED, (F.ALARM,)),
        (S.PREPARING, E.TAKEOVER): Step(S.ABORTED, (F.ALARM,)),
        # Nothing of ours can have lifted it before the launch was sent.
        (S.PREPARING, E.ADOPTED): Step(S.TAKEN_OVER, (F.ALARM,)),
        (S.PREPARING, E.FAILSAFE): Step(S.TAKEN_OVER, (F.ALARM,)),
        (S.PREPARING, E.STILL_ON_GROUND): Step(S.PREPARING, (F.SEND_FENCE,)),
        (S.LAUNCHING, E.STILL_ON_GROUND): Step(S.PREPARING, (F.SEND_FENCE,)),
        (S.PREPARING, E.ON_GROUND): Step(S.ABORTED),
        (S.PREPARING, E.NEVER_LIFTED): Step(S.ABORTED),
        (S.LAUNCHING, E.LAUNCH_REFUSED): Step(S.ABORTED, (F.ALARM,)),
        (S.LAUNCHING, E.AIRBORNE): FLY_ON,
        # It may be in the air all the same: home is safe from there, and on the ground it ends as aborted.
        (S.LAUNCHING, E.LAUNCH_FAILED): GO_HOME_LOUDLY,
        (S.LAUNCHING, E.ON_GROUND): Step(S.ABORTED, (F.ALARM,)),
        (S.LAUNCHING, E.ADOPTED): FLY_ON,
        (S.EN_ROUTE, E.LEG_DONE): Step(S.EN_ROUTE, (F.SEND_NEXT_LEG,)),
        (S.EN_ROUTE, E.ARRIVED): STAY_AND_LOOK,
        # Moved on the way it stays there; going on to the scene is asked for.
        (S.EN_ROUTE, E.PILOT_MOVE): MOVE_ASIDE,
        (S.EN_ROUTE, E.PILOT_FLY): FLY_BY_STICK,
        (S.EN_ROUTE, E.ADOPTED): FLY_ON,
        (S.ON_SCENE, E.ARRIVED): STAY_AND_LOOK,
        (S.ON_SCENE, E.PILOT_LOOK): STAY_AND_LOOK,
        (S.ON_SCENE, E.PILOT_MOVE): Step(S.ON_SCENE, (F.SEND_MOVE, F.LOOK_AT_TARGET)),
        (S.ON_SCENE, E.PILOT_FLY): Step(S.ON_SCENE, (F.SEND_FLY, F.LOOK_AT_TARGET)),
        (S.ON_SCENE, E.STICK_OVER): Step(S.ON_SCENE, (F.SEND_HOLD, F.LOOK_AT_TARGET)),
        (S.ON_SCENE, E.PILOT_ORBIT): Step(S.ON_SCENE, (F.SEND_ORBIT, F.LOOK_AT_TARGET)),
        # On the scene a stop keeps the picture: the scene may be looked at from here.
        (S.ON_SCENE, E.PILOT_HOLD): Step(S.ON_SCENE, (F.SEND_HOLD, F.LOOK_AT_TARGET)),
        (S.ON_SCENE, E.ORDER_FAILED): Step(S.ON_SCENE, (F.SEND_HOLD, F.ALARM)),
        (S.ON_SCENE, E.GUARD_HOLD): Step(S.ON_SCENE, (F.SEND_HOLD, F.ALARM)),
        (S.ON_SCENE, E.POSITION_LOST): Step(S.ON_SCENE, (F.SEND_HOLD, F.ALARM)),
        (S.ON_SCENE, E.ADOPTED): STAY_AND_LOOK,
        # Out of the way of traffic the scene stays in the picture; the aircraft goes back to where it was.
        (S.ON_SCENE, E.TRAFFIC_HOLD): Step(S.ON_SCENE, (F.SEND_HOLD, F.LOOK_AT_TARGET, F.ALARM)),
        (S.ON_SCENE, E.TRAFFIC_DESCEND): Step(S.ON_SCENE, (F.SEND_ASIDE, F.LOOK_AT_TARGET, F.ALARM)),
        (S.ON_SCENE, E.TRAFFIC_RESUME): Step(S.ON_SCENE, (F.SEND_ASIDE, F.LOOK_AT_TARGET, F.ALARM)),
        (S.LAUNCHING, E.TRAFFIC_HOLD): STOP_LOUDLY,
        (S.EN_ROUTE, E.TRAFFIC_HOLD): STOP_LOUDLY,
        (S.EN_ROUTE, E.TRAFFIC_DESCEND): STEP_ASIDE,
        (S.HOLDING, E.TRAFFIC_HOLD): STOP_LOUDLY,
        (S.HOLDING, E.TRAFFIC_DESCEND): STEP_ASIDE,
        (S.HOLDING, E.TRAFFIC_RESUME): Step(S.EN_ROUTE, (F.LOOK_AT_HORIZON, F.SEND_LEG, F.ALARM)),
        # A way home is stopped only where it leads into traffic, and goes on by itself.
        (S.RETURNING, E.TRAFFIC_HOLD): STOP_LOUDLY,
        (S.HOLDING, E.TRAFFIC_HOME): GO_HOME_LOUDLY,
        (S.HOLDING, E.PILOT_RESUME): FLY_ON,
        (S.HOLDING, E.PILOT_MOVE): MOVE_ASIDE,
        (S.HOLDING, E.PILOT_FLY): FLY_BY_STICK,
        (S.HOLDING, E.STICK_OVER): STOP,
        (S.HOLDING, E.PILOT_HOLD): STOP,
        (S.HOLDING, E.ADOPTED): STOP,
        (S.RETURNING, E.PILOT_HOLD): STOP,
        (S.RETURNING, E.PILOT_RETURN): GO_HOME,
        (S.RETURNING, E.RETURN_FAILED): Step(S.RETURNING, (F.SEND_RETURN, F.ALARM)),
        (S.RETURNING, E.LANDING_SEEN): Step(S.LANDING),
        (S.RETURNING, E.ADOPTED): GO_HOME,
        # Back where a return was under way, it goes on.
        (S.LINK_LOST, E.LINK_BACK): STOP_LOUDLY,
        (S.LINK_LOST, E.ADOPTED): STOP_LOUDLY,
        (S.LINK_LOST, E.FAILSAFE): Step(S.RETURNING, (F.ALARM,)),
        (S.LINK_LOST, E.TAKEOVER): Step(S.TAKEN_OVER, (F.ALARM,)),
        # Sent blind: the way to the aircraft may work although nothing comes back.
        (S.LINK_LOST, E.PILOT_RETURN): Step(S.LINK_LOST, (F.SEND_RETURN,)),
        # It may still hear the heartbeat that keeps its own failsafe asleep.
        (S.LINK_LOST, E.STILL_SILENT): Step(S.LINK_LOST, (F.SEND_RETURN, F.ALARM)),
        # Taken back only when a person asks.
        (S.TAKEN_OVER, E.PILOT_RESUME): STOP,
        (S.TAKEN_OVER, E.PILOT_HOLD): STOP,
        (S.TAKEN_OVER, E.PILOT_RETURN): GO_HOME,
        (S.TAKEN_OVER, E.ADOPTED): Step(S.TAKEN_OVER),
    }
    # Before it is clear of its dock, the dock is the nearest place to be.
    table[S.LAUNCHING, E.ZONE_OVER] = table[S.LAUNCHING, E.ZONE_AHEAD] = GO_HOME_LOUDLY
    table[S.LAUNCHING, E.ZONE_BEHIND] = GO_HOME_LOUDLY
    table[S.ON_SCENE, E.ZONE_OVER] = Step(S.ON_SCENE, (F.SEND_ASIDE, F.LOOK_AT_TARGET, F.ALARM))
    for state in (S.EN_ROUTE, S.HOLDING, S.RETURNING):
        table[state, E.ZONE_OVER] = STEP_ASIDE
    # What cannot be come back from straight is not flown farther into.
    table[S.EN_ROUTE, E.ZONE_AHEAD] = table[S.RETURNING, E.ZONE_AHEAD] = STOP_LOUDLY
    table[S.EN_ROUTE, E.ZONE_BEHIND] = STOP_LOUDLY
    for state in (S.ON_SCENE, S.HOLDING):
        table[state, E.ZONE_BEHIND] = Step(state, (F.ALARM,))
    for state in COMMANDED:
        table[state, E.PILOT_RETURN] = GO_HOME
        table[state, E.INCIDENT_OVER] = GO_HOME
        table[state, E.GUARD_RETURN] = GO_HOME_LOUDLY
        table[state, E.ENERGY_LOW] = GO_HOME_LOUDLY
        table[state, E.MOTOR_IGNORED] = GO_HOME_LOUDLY
        table[state, E.FAILSAFE] = Step(S.RETURNING, (F.LOOK_AT_HORIZON, F.ALARM))
    for state in (S.LAUNCHING, S.EN_ROUTE, S.HOLDING):
        table.setdefault((state, E.PILOT_HOLD), STOP)
        table[state, E.GUARD_HOLD] = STOP_LOUDLY
        table[state, E.ORDER_FAILED] = STOP_LOUDLY
        table[state, E.POSITION_LOST] = STOP_LOUDLY
    for state in (S.RETURNING, S.LANDING):
        table[state, E.POSITION_LOST] = Step(state, (F.ALARM,))
    for state in (*COMMANDED, S.RETURNING, S.LANDING):
        table[state, E.UPLINK_LOST] = table[state, E.MOTOR_FAILED] = Step(state, (F.ALARM,))
    for state in AIRBORNE_STATES:
        table[state, E.NEVER_LIFTED] = Step(S.ABORTED, (F.ALARM,))
        table.setdefault((state, E.TAKEOVER), Step(S.TAKEN_OVER, (F.ALARM,)))
        table.setdefault((state, E.LINK_LOST), Step(S.LINK_LOST, (F.ALARM,)))
        table.setdefault((state, E.LANDING_SEEN), Step(S.LANDING))
        table.setdefault((state, E.ON_GROUND), Step(S.COMPLETED))
    return table


TABLE = _build()


def step(state: FlightState, event: Event) -> Step:
    """The transition; a pair that is not in the table leaves the flight as it is, and says that it did not apply."""
    return TABLE.get((state, event), Step(state, applies=False))

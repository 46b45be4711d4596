"""What an aircraft's telemetry and outcomes mean for its flight, as events of the table. Pure."""

from dfr.core.command import Command, Fly, GoTo, Hold, Launch, Orbit, Outcome, OutcomeKind, ReturnHome, UploadFence
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.telemetry import FlightMode, LandedState, LinkState, Telemetry
from dfr.dispatch.table import COMMANDED, Event

MODE_SETTLES_S = 3.0
"""HEARTBEAT comes at 1 Hz: a mode seen sooner after an order may be the one before it."""
GROUND_SAID_S = 2.0
"""Longer than a heartbeat's second: younger reports of lying disarmed may be from before the order."""
SILENCE_SETTLES_S = 1.5
"""What waited unread while this machine or the link slept is read first, and is old: a heartbeat more is awaited."""
RETURN_SETTLES_S = 12.0
"""Return is retried before a mode that is not Return counts as somebody else's."""
GROUND_SETTLES_S = 1.0
"""A flight is over when its aircraft has been on the ground, disarmed, for this long: one odd message ends nothing."""
FAILSAFE_HOLDS_S = 8.0
"""PX4 stops for COM_FAIL_ACT_T, 5 s, before a failsafe acts, on the way home too (flown: the battery goes from critical
to the emergency level there), and it tells its mode once a second."""
RELAUNCH_WITHIN_S = 60.0
"""A launch that a crash cut short goes on after the restart while it is no older than this."""

BEFORE_FLIGHT = frozenset({FlightState.PREPARING, FlightState.LAUNCHING})
OURS = frozenset({FlightMode.TAKEOFF, FlightMode.HOLD, FlightMode.ORBIT})
BY_STICK = OURS | {FlightMode.OFFBOARD}
"""While a pilot of this service flies it by stick; at other times somebody else's program does."""
GOING_HOME = frozenset({FlightMode.RETURN, FlightMode.LAND})


def observe(flight: Flight, telemetry: Telemetry, ordered_s: float) -> Event | None:
    """The event that the telemetry shows for this flight, if any. `ordered_s` is when it was last given an order."""
    state = flight.state
    if telemetry.link is LinkState.LOST:
        return None if state is FlightState.LINK_LOST else Event.LINK_LOST
    if telemetry.link is LinkState.NEVER_SEEN or state is FlightState.PREPARING:
        return None
    if state is FlightState.LINK_LOST:
        return _after_silence(telemetry)
    if _on_ground(telemetry):
        # What was said before the last order took hold says nothing of after it: a take-off may be under way.
        said_since = _said_since(telemetry, ordered_s + GROUND_SAID_S)
        return Event.ON_GROUND if said_since and state is not FlightState.LAUNCHING else None
    mode = _settled_mode(telemetry, ordered_s + MODE_SETTLES_S)
    if mode is None:
        return None
    return _by_mode(flight, mode, telemetry, ordered_s)


def _ours(flight: Flight) -> frozenset[FlightMode]:
    return BY_STICK if flight.activity is Activity.FLY else OURS


def settles_s(event: Event, flight: Flight, telemetry: Telemetry) -> float:
    """For how long an event must be seen without a break before it counts."""
    if event is Event.ON_GROUND:
        return GROUND_SETTLES_S
    on_the_way_home = flight.state in (FlightState.RETURNING, FlightState.LANDING)
    holds = telemetry.mode is not None and telemetry.mode.value is FlightMode.HOLD
    return FAILSAFE_HOLDS_S if event is Event.TAKEOVER and on_the_way_home and holds else 0.0


def _by_mode(flight: Flight, mode: FlightMode, telemetry: Telemetry, ordered_s: float) -> Event | None:
    state = flight.state
    if state in COMMANDED:
        if mode in GOING_HOME:
            return Event.FAILSAFE
        return None if mode in _ours(flight) else Event.TAKEOVER
    if state is FlightState.RETURNING:
        if mode is FlightMode.LAND or _landing(telemetry):
            return Event.LANDING_SEEN
        waited = _settled_mode(telemetry, ordered_s + RETURN_SETTLES_S)
        return Event.TAKEOVER if waited is not None and waited not in GOING_HOME else None
    if state is FlightState.LANDING:
        return None if mode in GOING_HOME else Event.TAKEOVER
    return None


def adopt(flight: Flight, telemetry: Telemetry, now_s: float) -> Event | None:
    """For a flight found in the journal at start: what the aircraft's telemetry says of it; None while unknown."""
    if telemetry.link is LinkState.LOST:
        return Event.LINK_LOST
    if telemetry.link is LinkState.NEVER_SEEN:
        return None
    mode = telemetry.mode
    if mode is None or telemetry.armed is None or telemetry.landed is None:
        return None
    if _on_ground(telemetry):
        # A state from the future was written by a clock that was wrong: how old it is, is unknown.
        fresh = flight.state in BEFORE_FLIGHT and abs(now_s - flight.state_since_s) < RELAUNCH_WITHIN_S
        if not fresh:
            return Event.ON_GROUND
        # After a silence PX4 cannot be armed until it has heard our heartbeat for a while.
        armable = telemetry.health is not None and telemetry.health.value.armable
        return Event.STILL_ON_GROUND if armable else None
    if mode.value in GOING_HOME and flight.state is not FlightState.RETURNING:
        return Event.LANDING_SEEN if flight.state is FlightState.LANDING else Event.FAILSAFE
    if mode.value not in _ours(flight) | GOING_HOME:
        return Event.TAKEOVER
    return None if telemetry.kinematics is None else Event.ADOPTED


def event_of(outcome: Outcome, command: Command, flight: Flight, telemetry: Telemetry) -> Event | None:
    """What the end of a flight's current order means for it."""
    if outcome.kind is OutcomeKind.SUPERSEDED:
        return None
    done = outcome.kind is OutcomeKind.DONE
    match command:
        case UploadFence():
            return Event.FENCE_READY if done else Event.FENCE_FAILED
        case Launch():
            if done:
                return Event.AIRBORNE
            return Event.LAUNCH_REFUSED if _on_ground(telemetry) else _instead(telemetry) or Event.LAUNCH_FAILED
        case GoTo():
            if done:
                return Event.ARRIVED if flight.leg >= len(flight.route) - 1 else Event.LEG_DONE
            return _instead(telemetry) or Event.ORDER_FAILED
        case Orbit() | Hold() | Fly():
            return None if done else _instead(telemetry) or Event.ORDER_FAILED
        case ReturnHome():
            return None if done else Event.RETURN_FAILED
        case _:
            return None


def _instead(telemetry: Telemetry) -> Event | None:
    """What the aircraft does instead of an order that failed, when somebody else decided it: that is left alone."""
    if telemetry.link is LinkState.LOST:
        return Event.LINK_LOST
    if telemetry.mode is None or telemetry.mode.value in OURS:
        return None
    return Event.FAILSAFE if telemetry.mode.value in GOING_HOME else Event.TAKEOVER


def in_the_air(telemetry: Telemetry) -> bool:
    """Whether it flies, as far as is known; unknown counts as flying."""
    return not (telemetry.landed is not None and telemetry.landed.value is LandedState.ON_GROUND)


def _after_silence(telemetry: Telemetry) -> Event | None:
    since = telemetry.link_changed_s
    mode = telemetry.mode
    if mode is None or since is None or mode.at_s < since + SILENCE_SETTLES_S:
        return None
    if _on_ground(telemetry):
        return Event.ON_GROUND
    if mode.value in GOING_HOME:
        return Event.FAILSAFE
    return Event.LINK_BACK if mode.value in OURS else Event.TAKEOVER


def _settled_mode(telemetry: Telemetry, after_s: float) -> FlightMode | None:
    mode = telemetry.mode
    return mode.value if mode is not None and mode.at_s > after_s else None


def _on_ground(telemetry: Telemetry) -> bool:
    landed, armed = telemetry.landed, telemetry.armed
    return landed is not None and landed.value is LandedState.ON_GROUND and armed is not None and armed.value is False


def _said_since(telemetry: Telemetry, since_s: float) -> bool:
    landed, armed = telemetry.landed, telemetry.armed
    return landed is not None and armed is not None and landed.at_s > since_s and armed.at_s > since_s


def _landing(telemetry: Telemetry) -> bool:
    return telemetry.landed is not None and telemetry.landed.value is LandedState.LANDING

"""Whether somebody else flies an aircraft within the modes that this service uses too.

Hold, take-off, orbit and, by stick, offboard are modes of ours, so the mode alone does not show that another ground
station has sent the aircraft elsewhere. What shows it: the autopilot leaves the mode that our order led to, it flies
to a place that is neither the order's nor the one before, or it accepts a flight command of somebody else.

A Return or a landing that this service did not order is none of these: whoever began it, the aircraft is on the safe
way, so the flight follows it home (FAILSAFE in the table) and says whether the autopilot named a failsafe.
"""

from dataclasses import dataclass, field

from dfr.core.command import Command, Fly, GoTo, Hold, Launch, Orbit
from dfr.core.geo import Position, distance_m
from dfr.core.telemetry import FlightMode, Telemetry
from dfr.dispatch.observe import GOING_HOME, MODE_SETTLES_S

ELSEWHERE_M = 15.0
"""Setpoints nearer than this are the same place: a stop settles within a few metres."""
REASON_S = 15.0
"""A status text younger than this may explain a change of mode."""
_REASONS = ("failsafe", "took over", "battery", "geofence", "connection", "gps", "motor", "returning", "landing")


@dataclass
class _Order:
    command: Command | None
    given_s: float
    places: list[Position] = field(default_factory=list)
    """Where it may be flying to: where it was flying to before, and where it was told to."""
    mode_seen: bool = False
    learned: bool = False
    elsewhere_s: float | None = None
    """When a setpoint elsewhere was received first: one alone may be from before the order."""


class Takeovers:
    """Knows what each aircraft was told last. Used by the director alone."""

    def __init__(self) -> None:
        self._orders: dict[str, _Order] = {}

    def ordered(self, asset_id: str, command: Command, telemetry: Telemetry, now_s: float) -> None:
        """A flight order goes out."""
        order = _Order(command, now_s)
        if telemetry.setpoint is not None:
            order.places.append(telemetry.setpoint.value)
        if isinstance(command, GoTo):
            order.places.append(command.waypoint.position)
        self._orders[asset_id] = order

    def forget(self, asset_id: str) -> None:
        self._orders.pop(asset_id, None)

    def look(self, asset_id: str, telemetry: Telemetry, since_s: float) -> str:
        """What shows that somebody else flies it; "" while all is ours. `since_s`: the start of the flight's state."""
        order = self._orders.setdefault(asset_id, _Order(None, since_s))
        foreign = telemetry.foreign_order
        if foreign is not None and foreign.at_s > order.given_s:
            return f"The autopilot took {foreign.value}."
        mode = telemetry.mode
        if mode is None or mode.at_s <= order.given_s + MODE_SETTLES_S:
            return ""
        return _other_mode(order, mode.value) or self._other_place(order, telemetry)

    def _other_place(self, order: _Order, telemetry: Telemetry) -> str:
        setpoint, mode = telemetry.setpoint, telemetry.mode
        on_hold = mode is not None and mode.value is FlightMode.HOLD
        told = order.command is None or isinstance(order.command, GoTo | Hold)
        if setpoint is None or not on_hold or not told or setpoint.at_s <= order.given_s + MODE_SETTLES_S:
            return ""
        if not order.learned and not isinstance(order.command, GoTo):
            order.places.append(setpoint.value)  # where it came to rest
        order.learned = True
        away_m = min(distance_m(place, setpoint.value) for place in order.places)
        if away_m <= ELSEWHERE_M:
            order.elsewhere_s = None
            return ""
        if order.elsewhere_s is None or order.elsewhere_s == setpoint.at_s:
            order.elsewhere_s = setpoint.at_s
            return ""
        return f"The autopilot flies to a place {away_m:.0f} m from where this service sent it."


def _other_mode(order: _Order, mode: FlightMode) -> str:
    expected = _expected(order.command)
    if mode in expected:
        order.mode_seen = True
        return ""
    if not order.mode_seen:
        return ""  # not there yet, or never: the driver says when the order fails
    return f"It left the mode that this service's order led to, and is in {mode} now."


def _expected(command: Command | None) -> frozenset[FlightMode]:
    match command:
        case Launch():
            return frozenset({FlightMode.TAKEOFF, FlightMode.HOLD})
        case Orbit():
            return frozenset({FlightMode.ORBIT})
        case Fly():
            # ArduPilot flies it in the mode that it holds in, and PX4 holds when velocities do not reach it.
            return frozenset({FlightMode.OFFBOARD, FlightMode.HOLD})
        case GoTo() | Hold():
            return frozenset({FlightMode.HOLD})
        case _:
            return frozenset(FlightMode)


BEGAN_WHILE_AWAY = "it began while this service was not running."
BEGAN_UNHEARD = "it began while it was not heard: its own link-loss failsafe, or the return that was sent unheard."


def reason(telemetry: Telemetry, now_s: float, *, after: str = "", began: str = "") -> str:
    """What the autopilot does now and the newest of its texts that explains it. `after` is the sentence that this goes
    on from; `began` why it may have said something that was not heard."""
    mode = telemetry.mode.value if telemetry.mode is not None else None
    does = (
        {
            FlightMode.RETURN: "It flies home.",
            FlightMode.LAND: "It lands where it is.",
            FlightMode.MANUAL: "It is flown by hand.",
        }.get(mode, "")
        if mode is not None
        else ""
    )
    if does in after:
        does = ""
    texts = [
        text.text
        for text in telemetry.texts
        if now_s - text.at_s < REASON_S and any(word in text.text.lower() for word in _REASONS)
    ]
    said = f" The autopilot says: '{texts[-1]}'." if texts else ""
    named = any("failsafe" in text.lower() or "battery" in text.lower() for text in texts)
    if began and not named:
        said += f" Why is not known: {began}"
    elif mode in GOING_HOME and not named and telemetry.unanswered_since_s is not None:
        said += " It hears nothing of this service, so it is most likely its own link-loss failsafe."
    elif mode in GOING_HOME and not named:
        said += " It names no failsafe: another ground station or a remote control may have asked for it."
    return f"{does}{said}".strip()

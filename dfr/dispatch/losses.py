"""What an aircraft in the air has lost, noticed once each: its position, the way to it, a motor, or all word of it."""

from dfr.core.flight import Flight, FlightState
from dfr.core.telemetry import LinkState, Telemetry
from dfr.dispatch.observe import GOING_HOME, in_the_air
from dfr.dispatch.preflight.aircraft import why_no_position
from dfr.dispatch.table import COMMANDED, Event

BLIND_S = 2.5
"""Without a usable position for this long, as a link without a message, it is lost. The guard is blind at once."""
UNANSWERED_S = 8.0
"""It is asked once a second: so many answers missing are no accident even where a fifth of everything is lost."""
SILENT_RETURN_S = 25.0
"""Longer than the aircraft's own link-loss failsafe takes (COM_DL_LOSS_T, COM_FAIL_ACT_T): see dfr/fleet/README.md."""
MOTOR_ACTS_S = 10.0
"""Longer than the aircraft takes to land on a failed motor (COM_ACT_FAIL_ACT, after COM_FAIL_ACT_T) and to say so."""
WATCHED = frozenset({*COMMANDED, FlightState.RETURNING, FlightState.LANDING})


class Losses:
    """Remembers what has been told. Used by the director alone."""

    def __init__(self) -> None:
        self._blind_since_s: dict[str, float] = {}
        self._told: set[tuple[str, Event]] = set()
        self._returned_s: dict[str, float] = {}
        self._motor_since_s: dict[str, float] = {}

    def look(self, flight: Flight, telemetry: Telemetry, name: str, now_s: float) -> tuple[Event, str] | None:
        """The event and what was seen, the first time that it is seen; None otherwise."""
        if flight.state is FlightState.LINK_LOST:
            return self._silence(flight, now_s)
        if flight.state not in WATCHED or telemetry.link is not LinkState.ONLINE or not in_the_air(telemetry):
            return None
        found = (
            (Event.MOTOR_FAILED, _motor(telemetry)),
            (Event.MOTOR_IGNORED, self._ignored(flight, telemetry, now_s)),
            (Event.POSITION_LOST, self._position(flight, telemetry, name, now_s)),
            (Event.UPLINK_LOST, _uplink(telemetry, now_s)),
        )
        news: tuple[Event, str] | None = None
        for event, why in found:
            if not why:
                self._told.discard((flight.id, event))
            elif news is None and (flight.id, event) not in self._told:
                self._told.add((flight.id, event))
                news = event, why
        return news

    def forget(self, flight: Flight) -> None:
        """The flight is over."""
        self._told = {(flight_id, event) for flight_id, event in self._told if flight_id != flight.id}
        self._blind_since_s.pop(flight.id, None)
        self._returned_s.pop(flight.id, None)
        self._motor_since_s.pop(flight.id, None)

    def _position(self, flight: Flight, telemetry: Telemetry, name: str, now_s: float) -> str:
        if telemetry.position_now(now_s) is not None:
            self._blind_since_s.pop(flight.id, None)
            return ""
        blind_s = now_s - self._blind_since_s.setdefault(flight.id, now_s)
        # Its own failsafe has the word: an order now could only take it away.
        going_down = telemetry.mode is not None and telemetry.mode.value in GOING_HOME
        if blind_s < BLIND_S or (going_down and flight.state in COMMANDED):
            return ""
        return why_no_position(name, telemetry, now_s)

    def _ignored(self, flight: Flight, telemetry: Telemetry, now_s: float) -> str:
        """Its own failsafe has the word: an order before it acts would take it away."""
        if not _motor(telemetry):
            self._motor_since_s.pop(flight.id, None)
            return ""
        failed_s = now_s - self._motor_since_s.setdefault(flight.id, now_s)
        return f"It has flown on for {failed_s:.0f} s." if failed_s >= MOTOR_ACTS_S else ""

    def _silence(self, flight: Flight, now_s: float) -> tuple[Event, str] | None:
        since_s = max(flight.state_since_s, self._returned_s.get(flight.id, 0.0))
        if now_s - since_s < SILENT_RETURN_S:
            return None
        self._returned_s[flight.id] = now_s
        return Event.STILL_SILENT, f"{now_s - flight.state_since_s:.0f} s without a word."


def _motor(telemetry: Telemetry) -> str:
    failed = telemetry.motors_ok is not None and not telemetry.motors_ok.value
    return "The autopilot says that its motor outputs are not healthy." if failed else ""


def _uplink(telemetry: Telemetry, now_s: float) -> str:
    if telemetry.unanswered_since_s is None:
        return ""
    silent_s = now_s - max(telemetry.unanswered_since_s, telemetry.link_changed_s or 0.0)
    return f"No answer for {silent_s:.0f} s." if silent_s >= UNANSWERED_S else ""

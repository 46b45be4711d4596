"""Who holds the stick of which flight, and what it asks for: limited anew at every turn of the engine, and forgotten
when nothing more is heard of it."""

import math
from collections import OrderedDict
from collections.abc import Callable, Set
from dataclasses import dataclass

from dfr.core.command import Fly, Origin
from dfr.core.flight import Activity, Flight
from dfr.core.pilot import Stick
from dfr.core.telemetry import FlightMode, Kinematics, Velocity
from dfr.dispatch.gate import Authorized
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.sender import Sender
from dfr.dispatch.table import Event

STICK_LAPSES_S = 0.5
"""A stick that is not heard of for so long is let go."""
_ENDED_KEPT = 256
NO_HEADING = "Which way its nose points is not known now; it cannot be flown by stick."


def in_earth_frame(stick: Stick, here: Kinematics | None) -> Fly | None:
    """What a stick asks for, over the ground; None while nobody knows which way the nose points."""
    if here is None or here.heading_deg is None:
        return None
    cosine, sine = math.cos(math.radians(here.heading_deg)), math.sin(math.radians(here.heading_deg))
    north_mps = stick.forward_mps * cosine - stick.right_mps * sine
    east_mps = stick.forward_mps * sine + stick.right_mps * cosine
    return Fly(Velocity(north_mps, east_mps, -stick.up_mps), stick.turn_degps)


@dataclass
class _Held:
    stick: Stick
    user: str
    heard_s: float
    limit: str = ""
    by_velocity: bool = False
    """The autopilot was seen in a mode of its own for this."""


class Sticks:
    """Used by the director alone; `happen` is its own."""

    def __init__(self, sender: Sender, happen: Callable[..., Flight]) -> None:
        self._sender = sender
        self._happen = happen
        self._held: dict[str, _Held] = {}
        """By flight id."""
        self._ended: OrderedDict[str, str] = OrderedDict()
        """Touches that are over, by their id, each with why: their late words move nothing."""

    def hear(self, flight: Flight, stick: Stick, user: str, now_s: float) -> tuple[str, ...] | None:
        """A word of a touch that is known: what is said to it. None for the first word of a new one, which the gate is
        to be asked about. Raises NotDone."""
        if stick.hold_id in self._ended:
            if stick.released:
                return ()
            raise NotDone(RefusalKind.NOT_NOW, "The stick is let go", (self._ended[stick.hold_id],))
        held = self._held.get(flight.id)
        ours = held is not None and held.stick.hold_id == stick.hold_id
        if stick.released:
            self._let_go(stick.hold_id, "The stick was let go.")
            if ours and flight.activity is Activity.FLY:
                self._over(flight, "The pilot let go of the stick.", now_s, Origin.PILOT, user)
            return ()
        if held is None:
            return None
        if not ours:
            if held.user != user:
                raise NotDone(RefusalKind.NOT_NOW, "Somebody else flies it", (f"{held.user} flies it by stick.",))
            self._let_go(held.stick.hold_id, "The stick was taken anew.")
            return None
        if stick.sequence > held.stick.sequence:
            held.stick, held.heard_s = stick, now_s
        return (held.limit,) if held.limit else ()

    def begin(self, flight: Flight, stick: Stick, user: str, now_s: float) -> None:
        """The gate has passed the first word of a touch, and it is flown."""
        self._held[flight.id] = _Held(stick, user, now_s)

    def refuse(self, stick: Stick, why: str) -> None:
        """The first word of a touch was refused; so is the rest of it."""
        self._let_go(stick.hold_id, f"{why} Let go of the stick and take it again.")

    def turn(self, adopting: Set[str], now_s: float) -> None:
        """Every flight that is flown by stick gets what its stick asks for now, or holds."""
        for flight in self._sender.memory.under_way():
            flying, held = flight.activity is Activity.FLY, self._held.get(flight.id)
            if flying and flight.id not in adopting:
                why = self._steer(flight, held, now_s)
                if why:
                    self._over(flight, why, now_s, Origin.ENGINE, "engine")
            elif held is not None:
                self._drop(flight, f"It is not flown by stick any more. {flight.sentence}")
        over = [flight_id for flight_id in self._held if self._sender.memory.flights[flight_id].state.is_over]
        for flight_id in over:
            self._drop(self._sender.memory.flights[flight_id], "The flight is over.")

    def _steer(self, flight: Flight, held: _Held | None, now_s: float) -> str:
        """Sent as wanted or limited; else the sentence why it is not flown on."""
        newest = self._sender.newest(flight.asset_id)
        if held is None or newest is None or not isinstance(newest.command, Fly):
            return "No stick is held."
        if now_s - held.heard_s > STICK_LAPSES_S:
            return f"Nothing was heard of the pilot's stick for {now_s - held.heard_s:.1f} s."
        telemetry = self._sender.picture(now_s).telemetry[flight.asset_id]
        mode = None if telemetry.mode is None else telemetry.mode.value
        held.by_velocity |= mode is FlightMode.OFFBOARD
        if held.by_velocity and mode is FlightMode.HOLD:
            return "The autopilot stopped by itself, as it does when velocities do not reach it."
        wanted = in_earth_frame(held.stick, telemetry.position_now(now_s))
        if wanted is None:
            return NO_HEADING

        def keep(answer: Authorized) -> None:
            self._keep(flight, held, wanted, answer, now_s)

        refused = self._sender.steer(flight.asset_id, wanted, now_s, keep)
        return "" if refused is None else " ".join(refused.reasons)

    def _keep(self, flight: Flight, held: _Held, wanted: Fly, answer: Authorized, now_s: float) -> None:
        """Each velocity is written before it is sent, as every command is."""
        flown = answer.request.command
        assert isinstance(flown, Fly)
        held.limit = answer.limit
        numbers = {"wanted": _numbers(wanted), "flown": _numbers(flown)}
        content = {"flight_id": flight.id, "by": held.user, "limit": held.limit, **numbers}
        self._sender.memory.note("stick", content, now_s, flight_id=flight.id)

    def _over(self, flight: Flight, why: str, now_s: float, origin: Origin, by: str) -> None:
        self._drop(flight, why)
        self._happen(flight, Event.STICK_OVER, now_s, why=why, origin=origin, by=by)

    def _drop(self, flight: Flight, why: str) -> None:
        held = self._held.pop(flight.id, None)
        if held is not None:
            self._let_go(held.stick.hold_id, f"{why} Let go of the stick and take it again.")

    def _let_go(self, hold_id: str, why: str) -> None:
        self._ended[hold_id] = why
        while len(self._ended) > _ENDED_KEPT:
            self._ended.popitem(last=False)


def _numbers(fly: Fly) -> list[float]:
    """North, east, down in m/s, turn in deg/s."""
    v = fly.velocity
    return [round(one, 2) for one in (v.north_mps, v.east_mps, v.down_mps, fly.yaw_rate_degps)]

"""How another aircraft flies: legs one after the other, each straight, turning, climbing or braking. Pure."""

import math
from dataclasses import dataclass

from sim.autopilot.frames import LocalFrame


@dataclass(frozen=True, slots=True)
class Leg:
    """For so long: turning at a steady speed, or straight and changing speed. The last one goes on for ever."""

    lasts_s: float = math.inf
    turn_degps: float = 0.0
    """Positive to the right."""
    climb_mps: float = 0.0
    speed_up_mps2: float = 0.0

    def __post_init__(self) -> None:
        if self.turn_degps and self.speed_up_mps2:
            raise ValueError("A leg turns or changes speed, not both.")


@dataclass(frozen=True, slots=True)
class State:
    """Metres north and east of the frame's home, metres above sea level; over ground, track from true north."""

    north_m: float
    east_m: float
    amsl_m: float
    speed_mps: float
    track_deg: float
    climb_mps: float = 0.0

    def after(self, leg: Leg, seconds: float) -> "State":
        """Where it is after so long on the leg."""
        track = math.radians(self.track_deg)
        turn = math.radians(leg.turn_degps)
        speed = self.speed_mps + leg.speed_up_mps2 * seconds
        if abs(turn) > 1e-9:
            radius = self.speed_mps / turn
            ahead, aside = radius * math.sin(turn * seconds), radius * (1.0 - math.cos(turn * seconds))
        else:
            ahead, aside = (self.speed_mps + speed) / 2.0 * seconds, 0.0
        return State(
            self.north_m + ahead * math.cos(track) - aside * math.sin(track),
            self.east_m + ahead * math.sin(track) + aside * math.cos(track),
            self.amsl_m + leg.climb_mps * seconds,
            speed,
            (self.track_deg + leg.turn_degps * seconds) % 360.0,
            leg.climb_mps,
        )


@dataclass(frozen=True, slots=True)
class Aircraft:
    """One aircraft with a transponder. It flies from `begins_s` on, and again every `repeats_s`."""

    address: str
    callsign: str
    category: str
    """The ADS-B emitter category: A7 is a rotorcraft, A1 a light aeroplane."""
    frame: LocalFrame
    start: State
    legs: tuple[Leg, ...] = (Leg(),)
    begins_s: float = 0.0
    repeats_s: float = math.inf
    ends_s: float = math.inf
    """After so long of each time it lands or is out of reach: nothing is heard of it then."""
    sends_altitude: bool = True

    def state(self, now_s: float) -> State | None:
        """None while it does not fly."""
        flown_s = now_s - self.begins_s
        if flown_s < 0.0:
            return None
        if math.isfinite(self.repeats_s):
            flown_s %= self.repeats_s
        if flown_s > self.ends_s:
            return None
        state = self.start
        for leg in self.legs:
            if flown_s <= leg.lasts_s:
                return state.after(leg, flown_s)
            state, flown_s = state.after(leg, leg.lasts_s), flown_s - leg.lasts_s
        return state.after(Leg(), flown_s)

"""Made-up aircraft: quiet overflights, and one for each way to meet one of ours."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sim.autopilot.frames import LocalFrame
from sim.traffic.flight import Aircraft, Leg, State

HELICOPTER_MPS = 50.0
BRAKING_MPS2 = 1.0
HOVER_S = 60.0
STANDARD_TURN_DEGPS = 3.0


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where and when one of ours would be met: metres north and east of the frame's home and above sea level."""

    frame: LocalFrame
    north_m: float
    east_m: float
    amsl_m: float
    own_track_deg: float = 0.0
    after_s: float = 30.0
    """Seconds after the intruder begins to fly."""

    def straight(self, from_own_deg: float, speed_mps: float, above_m: float = 0.0) -> State:
        """The start of who comes straight here, on a track that differs so much from ours."""
        track = self.own_track_deg + from_own_deg
        here = State(self.north_m, self.east_m, self.amsl_m + above_m, -speed_mps, track)
        return replace(here.after(Leg(), self.after_s), speed_mps=speed_mps)


def straight(meeting: Meeting) -> Aircraft:
    """A light aeroplane that comes over obliquely."""
    return Aircraft("a00001", "N101ST", "A1", meeting.frame, meeting.straight(60.0, 55.0, above_m=40.0))


def head_on(meeting: Meeting) -> Aircraft:
    return Aircraft("a00002", "N102HO", "A1", meeting.frame, meeting.straight(180.0, 55.0))


def overtaking(meeting: Meeting) -> Aircraft:
    return Aircraft("a00003", "N103OV", "A7", meeting.frame, meeting.straight(0.0, HELICOPTER_MPS))


def crossing(meeting: Meeting) -> Aircraft:
    return Aircraft("a00004", "N104CR", "A7", meeting.frame, meeting.straight(-90.0, HELICOPTER_MPS, above_m=30.0))


def turning(meeting: Meeting) -> Aircraft:
    """It would pass far away, and turns towards ours at the standard rate."""
    quarter = Leg(90.0 / STANDARD_TURN_DEGPS, STANDARD_TURN_DEGPS)
    flown = State(0.0, 0.0, 0.0, HELICOPTER_MPS, meeting.own_track_deg + 180.0).after(quarter, quarter.lasts_s)
    on_s = max(meeting.after_s - quarter.lasts_s, 0.0)
    end = flown.after(Leg(), on_s)
    start = State(
        meeting.north_m - end.north_m, meeting.east_m - end.east_m, meeting.amsl_m, HELICOPTER_MPS,
        meeting.own_track_deg + 180.0,
    )  # fmt: skip
    return Aircraft("a00005", "N105TU", "A7", meeting.frame, start, (quarter, Leg()))


def without_altitude(meeting: Meeting) -> Aircraft:
    """Crossing, with a transponder that sends no altitude."""
    return replace(crossing(meeting), address="a00006", callsign="N106NA", sends_altitude=False)


def helicopter(meeting: Meeting, pad: tuple[float, float, float] | None = None) -> Aircraft:
    """A rescue helicopter that comes over ours, brakes, descends to the helipad (north, east, metres above sea level;
    without one: 2 km on), hovers a minute and leaves upwards."""
    track = meeting.own_track_deg
    north, east = (math.cos(math.radians(track)) * 2000.0, math.sin(math.radians(track)) * 2000.0)
    pad = pad or (meeting.north_m + north, meeting.east_m + east, meeting.amsl_m - 60.0)
    to_north, to_east = pad[0] - meeting.north_m, pad[1] - meeting.east_m
    over_m = 60.0
    there = replace(meeting, own_track_deg=math.degrees(math.atan2(to_east, to_north)))
    start = there.straight(0.0, HELICOPTER_MPS, above_m=over_m)
    braking_s = HELICOPTER_MPS / BRAKING_MPS2
    cruise_m = math.hypot(to_north, to_east) - HELICOPTER_MPS * braking_s / 2.0
    cruise_s = meeting.after_s + cruise_m / HELICOPTER_MPS
    if cruise_s < 0.0:
        raise ValueError(f"The helipad is {-cruise_m:.0f} m too near to brake before it.")
    down_m = meeting.amsl_m + over_m - pad[2]
    legs = (
        Leg(cruise_s),
        Leg(braking_s, speed_up_mps2=-BRAKING_MPS2, climb_mps=-down_m / braking_s),
        Leg(HOVER_S),
        Leg(braking_s, speed_up_mps2=BRAKING_MPS2, climb_mps=4.0),
    )
    flown_s = sum(leg.lasts_s for leg in legs)
    return Aircraft("a0000e", "RESCUE1", "A7", meeting.frame, start, legs, ends_s=flown_s + 60.0)


ENCOUNTERS: Mapping[str, Callable[[Meeting], Aircraft]] = {
    "straight": straight,
    "turning": turning,
    "head-on": head_on,
    "overtaking": overtaking,
    "crossing": crossing,
    "helicopter": helicopter,
    "without-altitude": without_altitude,
}


def overflights(frame: LocalFrame) -> tuple[Aircraft, ...]:
    """Quiet ones, for ever: far above or far away, in wide circles around the site."""
    return (
        _circling("a0f001", "SKW3412", "A3", frame, 9000.0, 110.0, 2900.0, 0.0),
        _circling("a0f002", "N7315B", "A1", frame, 6500.0, 55.0, 1900.0, 140.0),
        _circling("a0f003", "AIR1", "A7", frame, 14000.0, 45.0, 1250.0, 250.0),
    )


def _circling(
    address: str, callsign: str, category: str, frame: LocalFrame, radius_m: float, speed_mps: float, above_m: float,
    bearing_deg: float,
) -> Aircraft:  # fmt: skip
    bearing = math.radians(bearing_deg)
    start = State(
        radius_m * math.cos(bearing), radius_m * math.sin(bearing), frame.altitude_amsl_m + above_m, speed_mps,
        (bearing_deg + 90.0) % 360.0,
    )  # fmt: skip
    return Aircraft(address, callsign, category, frame, start, (Leg(turn_degps=math.degrees(speed_mps / radius_m)),))

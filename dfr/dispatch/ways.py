"""Where our flights may be, and when: whether two ways come too near to each other at the same time. Pure.

A way is all that a flight may still fly: its climb, its legs, and the straight way home from where it ends. For each
place of it there is a window of time, from the soonest that the flight can be there to the latest. Nobody knows the
wind of each leg, so windows grow with the way; and nobody knows how long a flight stays on its scene, or where it is
held, so from there on they have no end.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dfr.airspace.apart import ApartLimits
from dfr.core.asset import Airframe
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import Amsl, FloatArray, LocalFrame, Waypoint
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture

FOREVER_S = 1e9
SLACK_S = 10.0
"""Every window is longer by so much at both ends: for turns, for braking, for what is heard late."""
LAUNCH_TAKES_S = 60.0
"""From the decision until it leaves the ground, at the most: a fence of its own, arming, the ramp of the motors."""
LEAST_SHARE = 0.25
"""Against whatever wind, it makes at least this share of its cruise speed, or it is not sent."""
LANDING_MPS = 0.5
STEP_M = 10.0
"""Between the places of a way. Two ways are kept farther apart by so much: what is between the places counts too."""
_NEAR_DEG = 0.002
"""More than 100 m, up to a latitude of 60 degrees."""
_UNKNOWN_TIMES = frozenset({FlightState.HOLDING, FlightState.LINK_LOST, FlightState.TAKEN_OVER, FlightState.ON_SCENE})
"""When they go on is not ours to know."""
_OUTWARD = frozenset({FlightState.EN_ROUTE, FlightState.HOLDING})
_EAST, _NORTH, _LOW, _HIGH, _SOONEST, _LATEST = range(6)


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon and how late a flight gets along, in metres a second."""

    fastest_mps: float
    slowest_mps: float
    fastest_climb_mps: float
    slowest_climb_mps: float

    @classmethod
    def of(cls, airframe: Airframe, worst_wind_mps: float) -> "Pace":
        slowest_mps = max(airframe.cruise_mps - worst_wind_mps, LEAST_SHARE * airframe.cruise_mps)
        vertical = airframe.climb_mps, airframe.descent_mps
        return cls(airframe.asked_mps, slowest_mps, max(vertical), min(vertical))


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds from now."""

    soonest_s: float
    latest_s: float

    def after(self, sideways_m: float, up_m: float, pace: Pace) -> "Window":
        """That of a place so far on. Sideways and upwards may be flown at once, or one after the other."""
        soonest_s = max(sideways_m / pace.fastest_mps, up_m / pace.fastest_climb_mps)
        latest_s = sideways_m / pace.slowest_mps + up_m / pace.slowest_climb_mps
        return Window(self.soonest_s + soonest_s, min(self.latest_s + latest_s, FOREVER_S))

    def without_end(self) -> "Window":
        return Window(self.soonest_s, FOREVER_S)


BEFORE_LAUNCH = Window(0.0, LAUNCH_TAKES_S)
NOW = Window(0.0, 0.0)


def ways_under_way(picture: Picture, frame: LocalFrame, near: tuple[Waypoint, ...]) -> list[FloatArray]:
    """What every flight that is not over may still fly, as far as it comes near some corners at all."""
    settings, ways = picture.site.settings, []
    for asset_id, flight in picture.flights.items():
        asset = picture.site.assets[asset_id]
        home = Waypoint(asset.dock.position, asset.dock.altitude)
        corners, clear, begins = _rest_of(flight, home, picture)
        if may_meet((home, *corners), near):
            pace = Pace.of(asset.airframe, settings.worst_wind_mps)
            stays = flight.state not in (FlightState.RETURNING, FlightState.LANDING)
            ways.append(way(corners, clear, home, settings.return_height.m, frame, pace, begins, stays=stays))
    return ways


def _rest_of(flight: Flight, home: Waypoint, picture: Picture) -> tuple[tuple[Waypoint, ...], Amsl | None, Window]:
    """The corners that are left, from where to climb on along the first leg, and when it is at the first of them."""
    telemetry = picture.telemetry[flight.asset_id]
    here = telemetry.position_now(picture.now_s)
    climbs = flight.state in (FlightState.PREPARING, FlightState.LAUNCHING)
    if climbs or here is None or not in_the_air(telemetry):
        begins = BEFORE_LAUNCH if climbs else BEFORE_LAUNCH.without_end()
        if flight.state is FlightState.LAUNCHING and here is not None:
            # It may be at the top of its climb already.
            up_m = max(here.altitude.m - home.altitude.m, 0.0)
            airframe = picture.site.assets[flight.asset_id].airframe
            begins = Window(-up_m / min(airframe.climb_mps, airframe.descent_mps), LAUNCH_TAKES_S)
        return (home, *flight.route), flight.clear_altitude, begins
    place = Waypoint(here.position, here.altitude)
    ahead = flight.route[max(flight.leg, 1) :] if flight.state in _OUTWARD else ()
    return (place, *ahead), None, NOW.without_end() if flight.state in _UNKNOWN_TIMES else NOW


def may_meet(one: tuple[Waypoint, ...], two: tuple[Waypoint, ...]) -> bool:
    """Whether the rectangles around two ways touch: most of a large fleet is ruled out by that."""
    latitudes, longitudes = (
        [[getattr(corner.position, name) for corner in way] for way in (one, two)]
        for name in ("latitude_deg", "longitude_deg")
    )
    return all(min(a) - _NEAR_DEG <= max(b) and min(b) - _NEAR_DEG <= max(a) for a, b in (latitudes, longitudes))


def way(
    corners: tuple[Waypoint, ...],
    clear: Amsl | None,
    home: Waypoint,
    return_m: float,
    frame: LocalFrame,
    pace: Pace,
    begins: Window,
    *,
    stays: bool = True,
) -> FloatArray:
    """(n, 6) places: east, north, the lowest and the highest altitude there, the soonest and the latest time there.

    It is at the first corner when it `begins`; `stays`: at the last for as long as anybody likes."""
    end = corners[-1]
    back_m = max(end.altitude.m, home.altitude.m + return_m)
    places = [(*frame.to_local(one.position), one.altitude.m, one.altitude.m) for one in corners]
    if clear is not None and len(places) > 1:
        # Straight up to the clear altitude, then evenly up along the first leg, or sooner, but not lower.
        east, north, _, high = places[1]
        places[1] = (east, north, min(clear.m, high), high)
    timed: list[_Timed] = [(*places[0], begins.soonest_s, begins.latest_s)]
    for place in places[1:]:
        timed.append(_next(timed[-1], place, pace))
    above_end, above_home = (*places[-1][:2], end.altitude.m, back_m), (*frame.to_local(home.position), back_m, back_m)
    raised = _next(timed[-1], above_end, pace)
    timed.append((*above_end, raised[_SOONEST], FOREVER_S if stays else raised[_LATEST]))
    timed.append(_next(timed[-1], above_home, pace))
    on_ground = (*above_home[:2], home.altitude.m, back_m)
    lands_s = (back_m - home.altitude.m) / LANDING_MPS
    timed.append((*on_ground, timed[-1][_SOONEST], min(timed[-1][_LATEST] + lands_s, FOREVER_S)))
    return np.concatenate([_piece(np.array(one), np.array(two)) for one, two in pairwise(timed)])


_Place = tuple[float, float, float, float]
_Timed = tuple[float, float, float, float, float, float]


def _next(before: _Timed, place: _Place, pace: Pace) -> _Timed:
    """A place of a way with its window, from the one before."""
    sideways_m = float(np.hypot(place[_EAST] - before[_EAST], place[_NORTH] - before[_NORTH]))
    # The least and the most that it may have to climb or to sink: it may be anywhere between low and high.
    least_m = max(place[_LOW] - before[_HIGH], before[_LOW] - place[_HIGH], 0.0)
    most_m = max(place[_HIGH] - before[_LOW], before[_HIGH] - place[_LOW])
    window = Window(before[_SOONEST], before[_LATEST])
    return *place, window.after(sideways_m, least_m, pace).soonest_s, window.after(sideways_m, most_m, pace).latest_s


def _piece(a: FloatArray, b: FloatArray) -> FloatArray:
    """The places from one to the next; straight up or down it is one place, at all its heights and times."""
    away_m = float(np.hypot(*(b - a)[:2]))
    if away_m < 1.0:
        low, high = min(a[_LOW], b[_LOW]), max(a[_HIGH], b[_HIGH])
        return np.array([[a[_EAST], a[_NORTH], low, high, a[_SOONEST], b[_LATEST]]])
    return np.asarray(a + np.linspace(0.0, 1.0, int(away_m / STEP_M) + 2)[:, None] * (b - a))


def meets(one: FloatArray, others: list[FloatArray], limits: ApartLimits) -> int:
    """In how many places of a way it comes too near to another at the same time."""
    near = np.zeros(len(one), dtype=bool)
    for other in others:
        away_m = np.hypot(*(one[:, None, :2] - other[None, :, :2]).transpose(2, 0, 1))
        below = one[:, None, _HIGH] + limits.height_m <= other[None, :, _LOW]
        above = one[:, None, _LOW] - limits.height_m >= other[None, :, _HIGH]
        before = one[:, None, _LATEST] + SLACK_S < other[None, :, _SOONEST] - SLACK_S
        after = one[:, None, _SOONEST] - SLACK_S > other[None, :, _LATEST] + SLACK_S
        near |= np.any((away_m < limits.sideways_m + STEP_M) & ~below & ~above & ~before & ~after, axis=1)
    return int(near.sum())

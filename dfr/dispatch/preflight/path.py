"""The way back is clear: launch column, landing place, and the straight ways home that PX4's Return flies. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dfr.core.check import Check
from dfr.core.geo import Amsl, Position, Waypoint
from dfr.core.telemetry import Telemetry
from dfr.dispatch.fences import outside_fence
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.preflight.subject import Subject, failed, not_required, passed, unknown
from dfr.dispatch.traffic import traffic_on_way
from dfr.dispatch.ways_back import ways_back

_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Other:
    """Another aircraft where it is now."""

    asset_id: str
    name: str
    position: Position
    altitude: Amsl


def launch_column(s: Subject) -> Check:
    """From home straight up to the first corner of the way, or to the height of Return while no way is known."""
    name, limit = "Launch column", _limit(s)
    home = s.picture.home(s.asset.id)
    plan = s.picture.fences.get(s.asset.id)
    if home is None or plan is None:
        return unknown(name, limit, f"{s.name} has no home or no fence yet, so its launch column is not known.")
    top_m = s.way[0].altitude.m if s.way else home.altitude.m + s.picture.site.settings.return_height.m
    top = Waypoint(home.position, Amsl(top_m))
    outside = outside_fence(home, top, plan, home, s.picture.site)
    if outside:
        return failed(name, "outside the fence", limit, f"{s.name}'s launch column leaves its fence. {outside}")
    return _clear(s, name, limit, "launch column", ((home, top),))


def landing_place(s: Subject) -> Check:
    near_m = s.settings.landing_place_m
    name, limit = "Landing place", f"nobody else within {near_m:g} m of the dock"
    dock = s.asset.dock
    most_deg, latitude_deg = near_m / _METRES_A_DEGREE, dock.position.latitude_deg
    for other in _seen(s.picture).down:
        # Asked of everybody for everybody: most are ruled out by the latitude alone.
        if abs(other.position.latitude_deg - latitude_deg) > most_deg or other.asset_id == s.asset.id:
            continue
        if _apart_m(other.position, dock.position) < near_m:
            sentence = f"{other.name} stands on {s.name}'s landing place, the dock {dock.name}: clear it first."
            return failed(name, f"{other.name} stands there", limit, sentence)
    if s.telemetry.link_changed_s is None:
        return unknown(name, limit, f"{s.name} was never heard, so who stands on its dock {dock.name} is not known.")
    return passed(name, "free", limit)


def way_home(s: Subject) -> Check:
    """From every corner of the way straight to where Return may lead from there, at the height that it flies at."""
    name, limit = "Way home", _limit(s)
    if not s.way:
        return not_required(name, "no scene chosen")
    home, plan = s.picture.home(s.asset.id), s.picture.fences.get(s.asset.id)
    if home is None or plan is None:
        return unknown(name, limit, f"{s.name} has no home or no fence yet, so its way home is not known.")
    lines: list[tuple[Waypoint, Waypoint]] = []
    site = s.picture.site
    for corner in s.way:
        back = ways_back(corner, home, plan, site.settings.return_height, site.airspace.frame)
        lines += [(raised, above_end) for raised, above_end, _ in back]
    for start, end in lines:
        # Asked backwards: a start outside would be taken for one that may come back in.
        outside = outside_fence(end, start, plan, home, site)
        if outside:
            return failed(name, "outside the fence", limit, f"{s.name}'s straight way home leaves its fence. {outside}")
    return _clear(s, name, limit, "way home", tuple(lines))


def _limit(s: Subject) -> str:
    traffic_m = s.picture.site.settings.traffic.horizontal_m
    return f"in the fence, {s.settings.clear_of_aircraft_m:g} m from our aircraft, {traffic_m:g} m from others"


def _clear(s: Subject, name: str, limit: str, what: str, lines: tuple[tuple[Waypoint, Waypoint], ...]) -> Check:
    for other in _others(s):
        for start, end in lines:
            if _near(s, other, start, end):
                sentence = f"{other.name} is in the air on {s.name}'s {what}: wait until it is past."
                return failed(name, f"{other.name} is there", limit, sentence)
    traffic = traffic_on_way(tuple(corner for line in lines for corner in line), s.picture)
    if traffic:
        return failed(name, "traffic near it", limit, f"{s.name}'s {what}: {' '.join(traffic)}")
    return passed(name, "clear", limit)


def _others(s: Subject) -> Iterator[Other]:
    """Our own aircraft in the air."""
    return (other for other in _seen(s.picture).up if other.asset_id != s.asset.id)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who is where; who has not said whether it flies is taken for neither."""

    telemetry: Mapping[str, Telemetry]
    up: tuple[Other, ...] = ()
    down: tuple[Other, ...] = ()


_newest = _Seen({})


def _seen(picture: Picture) -> _Seen:
    """Kept for the newest telemetry: all aircraft ask for it one after the other."""
    global _newest
    seen = _newest
    if seen.telemetry is not picture.telemetry:
        up: list[Other] = []
        down: list[Other] = []
        for asset_id, telemetry in picture.telemetry.items():
            if telemetry.kinematics is not None and telemetry.landed is not None:
                now = telemetry.kinematics.value
                other = Other(asset_id, picture.site.assets[asset_id].name, now.position, now.altitude)
                (up if in_the_air(telemetry) else down).append(other)
        seen = _newest = _Seen(picture.telemetry, tuple(up), tuple(down))
    return seen


def _near(s: Subject, other: Other, start: Waypoint, end: Waypoint) -> bool:
    """Whether it is nearer to the line than the site allows: sideways and in height both."""
    low_m, high_m = sorted((start.altitude.m, end.altitude.m))
    margin_m = s.settings.clear_of_aircraft_height_m
    if not low_m - margin_m <= other.altitude.m <= high_m + margin_m:
        return False
    east, north = _offset_m(start.position, other.position)
    along_east, along_north = _offset_m(start.position, end.position)
    length2 = along_east**2 + along_north**2
    share = 0.0 if length2 == 0.0 else min(max((east * along_east + north * along_north) / length2, 0.0), 1.0)
    return math.hypot(east - share * along_east, north - share * along_north) < s.settings.clear_of_aircraft_m


def _apart_m(a: Position, b: Position) -> float:
    return math.hypot(*_offset_m(a, b))


def _offset_m(origin: Position, place: Position) -> tuple[float, float]:
    """East and north, on a flat earth: exact enough for tens of metres within a site, and quick."""
    north = (place.latitude_deg - origin.latitude_deg) * _METRES_A_DEGREE
    east = (place.longitude_deg - origin.longitude_deg) * _METRES_A_DEGREE
    return east * math.cos(math.radians(origin.latitude_deg)), north

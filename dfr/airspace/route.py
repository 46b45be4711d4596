"""The way from a dock to where the scene is seen from, and the way back if the link is lost anywhere on it.

PX4's Return flies straight home. A place is therefore only reached when the straight line home from every point of the
way to it is clear, at the height at which Return flies it. Corners in a route serve privacy.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from dfr.airspace.airspace import Airspace, Lid, named
from dfr.airspace.climb import clear_altitude
from dfr.airspace.corners import passing_m
from dfr.airspace.detour import shortest_path
from dfr.airspace.fence import FENCE_HEIGHT, RETURN_HEIGHT, FenceError
from dfr.airspace.reach import LEAST_ABOVE_DOCK_M, Room, dock_room, reach
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Position, Waypoint, bearing_deg, distance_m
from dfr.core.rally import RallyPoint

_BEARINGS = 16
_LONGEST_DETOUR = 1.3

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """How the scene is to be reached."""

    stand_off_m: float = 60.0
    height: Agl = Agl(60.0)
    """Wanted above the ground at the scene; raised or lowered to what the way allows."""
    minimum_height: Agl = Agl(30.0)
    """Under way nothing flies lower above the ground: above the buildings, by as much as the site decides."""
    return_height: AboveTakeoff = RETURN_HEIGHT
    """PX4's RTL_RETURN_ALT: Return climbs to it, or keeps its height when that is more."""
    fence_height: AboveTakeoff = FENCE_HEIGHT
    """What the fence on board is made with; the route stays inside that fence."""
    clear_height: AboveTakeoff = AboveTakeoff(LEAST_ABOVE_DOCK_M)
    """Straight up at least so far above the dock before it goes sideways."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way that is allowed: straight above the dock first, the stand-off last, all at one altitude.

    From `clear_altitude` above the dock on, the climb to that altitude may go on along the first leg (`climb.py`).
    `passing_m` is for each waypoint how near it must be come to before the next leg may be flown (`corners.py`).
    `return_height` is what Return flies home at.
    """

    waypoints: tuple[Waypoint, ...]
    scene_altitude: Amsl
    transit_height: AboveTakeoff
    return_height: AboveTakeoff
    length_m: float
    clear_altitude: Amsl
    passing_m: tuple[float, ...]
    sentences: tuple[str, ...] = ()
    rally_points: tuple[RallyPoint, ...] = ()
    """Those that ways back lead to; on board before the launch, and no others."""


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Why there is none, and the place nearest to the scene where one may hold (None: nowhere on the way)."""

    sentence: str
    nearest: Position | None = None


@dataclass(frozen=True, slots=True)
class _Problem:
    sentence: str


def plan_route(
    airspace: Airspace, home: Waypoint, scene: Position, request: RouteRequest | None = None
) -> Route | NoRoute:
    """The shortest allowed way from a dock (its position and altitude) to a stand-off near the scene."""
    request = request or RouteRequest()
    try:
        room = dock_room(airspace, home, request.fence_height, request.return_height)
    except FenceError as error:
        return NoRoute(str(error))
    planner = _Planner(airspace, home, scene, request, room)
    problem = planner.scene_problem()
    if problem is None:
        for goal in planner.stand_offs():
            answer = planner.reach(goal, explain=problem is None)
            if isinstance(answer, Route):
                return answer
            problem = problem or answer
    assert problem is not None
    nearest = planner.nearest_hold()
    return NoRoute(f"{problem.sentence} {_nearest_sentence(nearest, scene)}", nearest)


def prepare(airspace: Airspace, home: Waypoint, request: RouteRequest) -> None:
    """Work out what all routes from a dock share, so that the first call does not wait for it. Raises FenceError."""
    room = dock_room(airspace, home, request.fence_height, request.return_height)
    reach(airspace, home, room, request.minimum_height, request.return_height)


class _Planner:
    """One question, with what all its candidates share."""

    def __init__(self, airspace: Airspace, home: Waypoint, scene: Position, request: RouteRequest, room: Room) -> None:
        self.airspace = airspace
        self.room = room
        self.home = home
        self.request = request
        self.scene = scene
        self.dock: Place = airspace.frame.to_local(home.position)
        self.center: Place = airspace.frame.to_local(scene)
        self.scene_altitude = airspace.ground.altitude(scene)

    def scene_problem(self) -> _Problem | None:
        """A scene that is itself outside or forbidden is not gone to, even where it could be seen from outside."""
        if self.airspace.free.covers(Point(self.center)):
            return None
        verdict = self.airspace.point(Waypoint(self.scene, self.scene_altitude), "The scene")
        return _Problem(verdict.reasons[0])

    def stand_offs(self) -> list[Place]:
        """Places around the scene; those outside private areas first, then the nearest to the dock."""
        toward = math.atan2(self.dock[1] - self.center[1], self.dock[0] - self.center[0])
        angles = [toward + step * 2.0 * math.pi / _BEARINGS for step in range(_BEARINGS)]
        places = [_along(self.center, angle, self.request.stand_off_m) for angle in angles]
        return sorted(places, key=lambda p: (self._is_private(p), round(math.dist(self.dock, p), 3)))

    def reach(self, goal: Place, *, explain: bool) -> Route | _Problem | None:
        """The way to one place; without it the problem, when it is to be explained."""
        straight = self._fly([self.dock, goal], explain=explain)
        if isinstance(straight, Route):
            around = self._around_privacy(goal)
            detour = self._fly(around, explain=False) if around else None
            if isinstance(detour, Route) and detour.length_m <= straight.length_m * _LONGEST_DETOUR:
                return detour
        return straight

    def nearest_hold(self) -> Position | None:
        """The place nearest to the scene. The reach is a guide, so a place is drawn in until it can be flown."""
        request = self.request
        area = reach(self.airspace, self.home, self.room, request.minimum_height, request.return_height)
        if area.is_empty:
            return None
        near = nearest_points(area, Point(self.center))[0]
        for share in (1.0, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4):
            place = (
                self.dock[0] + (near.x - self.dock[0]) * share,
                self.dock[1] + (near.y - self.dock[1]) * share,
            )
            if isinstance(self._fly([self.dock, place], explain=False), Route):
                return self._position(place)
        return None

    def _fly(self, path: list[Place], *, explain: bool) -> Route | _Problem | None:
        line = LineString(path)
        home_area = _swept_home(path)
        if not self.room.area.covers(home_area):
            return self._closed(line, home_area) if explain else None
        lid = self._below_fence(self.airspace.lid_over(line))
        floor_m = self.airspace.highest_ground(line).m + self.request.minimum_height.m
        floor_m = max(floor_m, self.home.altitude.m + LEAST_ABOVE_DOCK_M)
        if floor_m > lid.altitude.m:
            return self._too_low(lid, floor_m)
        wanted_m = self.scene_altitude.m + self.request.height.m
        altitude_m = min(max(wanted_m, floor_m), lid.altitude.m)
        return_m = max(altitude_m, self.home.altitude.m + self.request.return_height.m)
        home_lid = self._below_fence(self.airspace.lid_over(home_area))
        if return_m > home_lid.altitude.m:
            return self._return_too_high(home_lid, return_m)
        return self._route(path, line.length, altitude_m, return_m, lid)

    def _route(self, path: list[Place], length_m: float, altitude_m: float, return_m: float, lid: Lid) -> Route:
        waypoints = tuple(Waypoint(self._position(place), Amsl(altitude_m)) for place in path)
        height_m = altitude_m - self.scene_altitude.m
        sentences = [f"{length_m:.0f} m at {height_m:.0f} m above the ground of the scene."]
        if altitude_m < self.scene_altitude.m + self.request.height.m - 0.5:
            sentences.append(f"Lower than the {self.request.height.m:.0f} m asked for: {lid.name} allows no more.")
        crossed = [z.name for z, _ in self.airspace.privacy.within(LineString(path), 0.0)]
        if crossed:
            sentences.append(f"Flies over {', '.join(crossed)} with the camera on the horizon.")
        elif len(path) > 2:
            sentences.append("Goes round private areas.")
        home_m = self.home.altitude.m
        transit = Amsl(altitude_m)
        least = Amsl(home_m + self.request.clear_height.m)
        clear = clear_altitude(
            self.airspace, LineString(path[:2]), transit, self.request.minimum_height, least, transit
        )
        climb_m = altitude_m - clear.m
        return Route(
            waypoints=waypoints,
            scene_altitude=self.scene_altitude,
            transit_height=AboveTakeoff(altitude_m - home_m),
            return_height=AboveTakeoff(return_m - home_m),
            length_m=length_m,
            clear_altitude=clear,
            passing_m=passing_m(path, self.room, self.airspace, Amsl(return_m), climb_m),
            sentences=tuple(sentences),
        )

    def _below_fence(self, lid: Lid) -> Lid:
        if lid.altitude <= self.room.top:
            return lid
        return replace(lid, altitude=self.room.top, name="the fence on board", zone=None)

    def _closed(self, line: LineString, home_area: BaseGeometry) -> _Problem:
        if self.airspace.open.covers(home_area):
            return self._beyond_fence(home_area)
        closing = self.airspace.closed_by(home_area)
        names = _listed([named(zone) for zone in closing])
        if shortest_path(line, self.airspace.open, self.airspace.forbidden, self.airspace.kept_m) is not None:
            return _Problem(
                f"The straight way is closed by {names}. There is a way round it, but if the link is lost there the "
                "aircraft's own Return flies straight home, through it."
            )
        return _Problem(f"The way is closed by {names}.")

    def _beyond_fence(self, home_area: BaseGeometry) -> _Problem:
        lid = self.airspace.published_lid(home_area)
        height_m = self.room.top.m - self.home.altitude.m
        what = named(lid.zone) if lid.zone else lid.name
        return _Problem(
            f"Beyond the fence on board of an aircraft of this dock, which leaves {height_m:.0f} m above the dock: "
            f"on the way {what} allows {lid.altitude.m - self.home.altitude.m:.0f} m above it."
        )

    def _too_low(self, lid: Lid, floor_m: float) -> _Problem:
        what = named(lid.zone) if lid.zone else lid.name
        return _Problem(
            f"Too low a ceiling on the way: {what} keeps the flight below {lid.altitude.m:.0f} m above sea level, the "
            f"errors of altitude and ground taken off; {self.request.minimum_height.m:.0f} m above the highest ground "
            f"on the way needs {floor_m:.0f} m."
        )

    def _return_too_high(self, lid: Lid, return_m: float) -> _Problem:
        what = named(lid.zone) if lid.zone else lid.name
        return _Problem(
            f"If the link is lost, Return flies home at {return_m:.0f} m above sea level, and {what} on its way allows "
            f"{lid.altitude.m:.0f} m."
        )

    def _around_privacy(self, goal: Place) -> list[Place] | None:
        line = LineString((self.dock, goal))
        if line.length == 0.0 or not self.airspace.privacy.within(line, 0.0):
            return None
        return shortest_path(line, self.room.area, self.airspace.privacy, self.airspace.margin_m)

    def _is_private(self, place: Place) -> bool:
        return bool(self.airspace.privacy.within(Point(place), 0.0))

    def _position(self, place: Place) -> Position:
        return self.airspace.frame.to_position(*place)


def _swept_home(path: list[Place]) -> BaseGeometry:
    """All straight lines home from all points of a path: a fan of triangles at the dock."""
    dock = path[0]
    fans: list[BaseGeometry] = [LineString(path)]
    for a, b in pairwise(path[1:]):
        triangle = Polygon((dock, a, b))
        if triangle.area > 0.0:
            fans.append(triangle)
    return shapely.union_all(fans) if len(fans) > 1 else fans[0]


def _along(center: Place, angle: float, distance: float) -> Place:
    return (center[0] + math.cos(angle) * distance, center[1] + math.sin(angle) * distance)


def _nearest_sentence(nearest: Position | None, scene: Position) -> str:
    if nearest is None:
        return "There is no place on the way where one may hold."
    winds = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
    wind = winds[round(bearing_deg(scene, nearest) / 45.0) % 8]
    return f"Nearest place where one may hold: {distance_m(scene, nearest):.0f} m {wind} of the scene, {nearest}."


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else ", ".join(unique[:3]) + (" and others" if len(unique) > 3 else "")

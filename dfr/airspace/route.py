"""The way from a dock to where the scene is seen from, and the way back if the link is lost anywhere on it.

PX4's Return flies straight to the nearest of home and the rally points on board. A place is therefore only reached when
that line is clear from every point of the way to it, at the height at which Return flies it. Most ways are straight;
they bend around what is closed where rally points give a way back, and around private areas.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import nearest_points

from dfr.airspace.airspace import Airspace
from dfr.airspace.climb import clear_altitude
from dfr.airspace.closing import nearest_sentence, why_closed, why_not_the_scene
from dfr.airspace.corners import passing_m
from dfr.airspace.fence import ABOVE_FLIGHT_M, FENCE_HEIGHT, RETURN_HEIGHT, FenceError, fence_area
from dfr.airspace.flight_fence import flight_fence
from dfr.airspace.pace import Pace
from dfr.airspace.reach import INSIDE_FENCE_M, LEAST_ABOVE_DOCK_M, Room, dock_room, own_fence_room
from dfr.airspace.returns import Landing, landings_of
from dfr.airspace.shortest import Maze
from dfr.airspace.stand_off import places_around, sees
from dfr.airspace.view import Place, part_with
from dfr.airspace.way import Heights, Way, prove
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray, Position, Waypoint
from dfr.core.rally import RallyPoint

_PRIVATE_COSTS = 3.0
"""A second over a private area counts as so many."""
_MOST_SETS = (16, 3)
"""So many sets of one, of two rally points are tried while somebody waits, those on the shortest ways first. What sets
of two leave is not worked out before."""
_TRIED_GOALS = 3
"""Around corners only so many stand-offs are compared."""
_OTHER_WAYS = 4
"""A way is looked for again so often beside ground that is too high for the one that was found."""
_FENCE_HEIGHTS = 3
"""Heights of fences of their own that flights are planned with."""
_FEWER_CORNERS_M = 8.0
_INWARDS_M = (1.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """How the scene is to be reached."""

    stand_off_m: float = 60.0
    height: Agl = Agl(60.0)
    """Wanted above the ground at the scene; raised or lowered to what the way allows."""
    minimum_height: Agl = Agl(30.0)
    """Under way nothing flies lower above the ground: above the buildings, by as much as the site decides."""
    return_height: AboveTakeoff = RETURN_HEIGHT
    """PX4's RTL_RETURN_ALT: Return climbs to it above where it lands, or keeps its height when that is more."""
    fence_height: AboveTakeoff = FENCE_HEIGHT
    """What the fence on board is made with; the route stays inside that fence."""
    clear_height: AboveTakeoff = AboveTakeoff(LEAST_ABOVE_DOCK_M)
    """Straight up at least so far above the dock before it goes sideways."""
    scene_error_m: float = 0.0
    """How wrong the place of the scene may be: the stand-off is kept to all of it."""
    pace: Pace = Pace()
    own_fence: bool = False
    """Whether a fence for this flight alone may go on board where the dock's does not reach."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way that is allowed: straight above the dock first, the stand-off last.

    From `clear_altitude` above the dock on, the climb to the first altitude may go on along the first leg (`climb.py`).
    `passing_m` is for each waypoint how near it must be come to before the next leg may be flown (`corners.py`).
    `transit_height` is the highest of it, `return_height` the most that Return flies back at.
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
    fence: FencePlan | None = None
    """This flight's own; None: the dock's."""


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Why there is none, and the place nearest to the scene where one may hold (None: nowhere on the way)."""

    sentence: str
    nearest: Position | None = None


def plan_route(
    airspace: Airspace,
    home: Waypoint,
    scene: Position,
    request: RouteRequest | None = None,
    rally_points: Sequence[RallyPoint] = (),
) -> Route | NoRoute:
    """The quickest allowed way from a dock (its position and altitude) to a stand-off near the scene.

    Of `rally_points`, which the site has, as few are relied on as will do. The work that all routes of a dock share is
    done by `prepare`, or by the first call.
    """
    request = request or RouteRequest()
    try:
        planner = _Planner(airspace, home, scene, request, rally_points)
    except FenceError as error:
        return NoRoute(f"Refused: {error}")
    problem = why_not_the_scene(airspace, scene)
    if not problem:
        places = planner.stand_offs()
        route = planner.to_any(places)
        if route is not None:
            return route
        problem = why_closed(airspace, planner.room, home, scene, places, request.minimum_height, request.return_height)
    nearest = planner.nearest_hold()
    return NoRoute(f"Refused: {problem} {nearest_sentence(nearest, scene)}", nearest)


def plan_hold(
    airspace: Airspace,
    home: Waypoint,
    place: Position,
    request: RouteRequest | None = None,
    rally_points: Sequence[RallyPoint] = (),
) -> Route | None:
    """The quickest allowed way to exactly this place; None when there is none. Raises FenceError."""
    planner = _Planner(airspace, home, place, request or RouteRequest(), rally_points)
    return planner.to_any(np.array([planner.scene]))


def prepare(airspace: Airspace, home: Waypoint, request: RouteRequest, rally_points: Sequence[RallyPoint] = ()) -> None:
    """Work out what all routes from a dock share, so that the first call does not wait for it. Raises FenceError."""
    planner = _Planner(airspace, home, home.position, request, rally_points)
    for room in planner.rooms():
        room.maze((planner.home_landing,))  # ways from which home is in view are straight: nothing to look for
        for landing in planner.usable(room):
            room.maze((planner.home_landing, landing)).prepare(planner.home_landing.place, request.pace)


class _Planner:
    """One question, with what all its candidates share. Raises FenceError."""

    def __init__(
        self,
        airspace: Airspace,
        home: Waypoint,
        scene: Position,
        request: RouteRequest,
        rally_points: Sequence[RallyPoint],
    ) -> None:
        self.room = dock_room(airspace, home, request.fence_height, request.return_height, request.minimum_height)
        self.scene: Place = airspace.frame.to_local(scene)
        (self.home_landing,) = landings_of(airspace.frame, home, ())
        self._airspace, self._home, self._request, self._rally_points = airspace, home, request, tuple(rally_points)
        self._scene_altitude = airspace.ground.altitude(scene)
        self._heights = Heights(
            Amsl(self._scene_altitude.m + request.height.m),
            Amsl(home.altitude.m + max(LEAST_ABOVE_DOCK_M, request.clear_height.m)),
            request.minimum_height,
            request.return_height,
        )

    def stand_offs(self) -> FloatArray:
        """(n, 2) places around the scene; those that see it and are outside private areas first, then the nearest."""
        request, airspace = self._request, self._airspace
        around = places_around(self.scene, self.home_landing.place, request.stand_off_m, request.scene_error_m)
        private = [bool(airspace.privacy.within(Point(place), 0.0)) for place in around]
        eye_m, scene_m = self._heights.wanted.m, self._scene_altitude.m
        blind = [not sees(airspace, tuple(place), eye_m, self.scene, scene_m) for place in around.tolist()]
        return around[np.lexsort(np.array([np.arange(len(around)), private, blind]))]

    def rooms(self) -> Iterator[Room]:
        """Where it may fly: inside the dock's fence, and with fences of its own, high ones first."""
        yield self.room
        request, airspace = self._request, self._airspace
        if request.own_fence:
            lowest_m = request.return_height.m + max(ABOVE_FLIGHT_M, airspace.height_margin_m)
            heights_m = np.linspace(request.fence_height.m, lowest_m, _FENCE_HEIGHTS)
            before_m2 = -1.0
            for height_m in heights_m[heights_m >= lowest_m]:
                room = own_fence_room(airspace, self._home, AboveTakeoff(float(height_m)), request.minimum_height)
                # Where no ceiling is in the way a lower fence opens nothing.
                if not math.isclose(room.area.area, before_m2):
                    yield room
                before_m2 = room.area.area

    def usable(self, room: Room) -> list[Landing]:
        """The rally points that may be flown down to and returned to below the top of a room."""
        return_m = self._request.return_height.m
        _, *landings = landings_of(self._airspace.frame, self._home, self._rally_points)
        low = (one for one in landings if one.altitude.m + return_m <= room.top.m)
        return [one for one in low if room.plan.covers(Point(one.place))]

    def to_any(self, places: FloatArray) -> Route | None:
        """The way to one of some places: the first that needs no rally points, else the quickest around corners."""
        for room in self.rooms():
            route = self._straight(room, places)
            if route is not None:
                return route
        for count in range(1, min(len(self._rally_points), len(_MOST_SETS)) + 1):
            for room in self.rooms():
                route = self._with_rally_points(room, count, places)
                if route is not None:
                    return route
        return None

    def _with_rally_points(self, room: Room, count: int, places: FloatArray) -> Route | None:
        """The quickest way that relies on so many rally points."""
        found: list[tuple[float, Place, tuple[Landing, ...]]] = []
        for landings in self._landing_sets(room, count, places):
            found += self._costs(room, landings, self._inside(room.maze(landings), places)[:1])
        for _, _, landings in sorted(found, key=lambda way: way[0]):
            goals = self._inside(room.maze(landings), places)[:_TRIED_GOALS]
            for _, goal, _ in sorted(self._costs(room, landings, goals), key=lambda way: way[0]):
                route = self._proved(room, room.maze(landings), landings, goal)
                if route is not None:
                    return route
        return None

    def _costs(
        self, room: Room, landings: tuple[Landing, ...], goals: list[Place]
    ) -> list[tuple[float, Place, tuple[Landing, ...]]]:
        paths = [self._quickest(room.maze(landings), goal) for goal in goals]
        return [(self._cost(path), path[-1], landings) for path in paths if path is not None]

    def nearest_hold(self) -> Position | None:
        """The place nearest to the scene to which there is a way."""
        found: list[tuple[float, Place]] = []
        for room in self.rooms():
            alone = [(self.home_landing,), *((self.home_landing, landing) for landing in self.usable(room))]
            for landings, inwards_m in product(alone, _INWARDS_M):
                area = room.maze(landings).area.buffer(-inwards_m)
                if not area.is_empty:
                    near = nearest_points(area, Point(self.scene))[0]
                    found.append((near.distance(Point(self.scene)), (near.x, near.y)))
        for _, place in sorted(found):
            if self.to_any(np.array([place])) is not None:
                return self._airspace.frame.to_position(*place)
        return None

    def _landing_sets(self, room: Room, count: int, places: FloatArray) -> Iterator[tuple[Landing, ...]]:
        """Home with so many rally points, where a place is in view of the nearest of them; short ways first."""
        home, goal = self.home_landing, places.mean(axis=0)

        def around_m(chosen: tuple[Landing, ...]) -> float:
            return sum(math.dist(home.place, one.place) + math.dist(one.place, goal) for one in chosen)

        sets = sorted(combinations(self.usable(room), count), key=around_m)
        seeing = ((home, *chosen) for chosen in sets if _in_view(room, (home, *chosen), places))
        return islice(seeing, _MOST_SETS[count - 1])

    def _straight(self, room: Room, places: FloatArray) -> Route | None:
        """A way from which home is always the place to come back to: the first of the places to which there is one."""
        landings = (self.home_landing,)
        maze = room.maze(landings)
        for goal in self._inside(maze, places):
            route = self._proved(room, maze, landings, goal)
            if route is not None:
                return route
        return None

    def _inside(self, maze: Maze, places: FloatArray) -> list[Place]:
        return [(float(east), float(north)) for east, north in places[shapely.intersects_xy(maze.area, places)]]

    def _proved(self, room: Room, maze: Maze, landings: tuple[Landing, ...], goal: Place) -> Route | None:
        """The way to one place, looked for again beside what is found to close it."""
        for _ in range(_OTHER_WAYS):
            path = self._quickest(maze, goal)
            if path is None:
                return None
            way = prove(path, landings, self._airspace, room, self._heights, self._request.pace)
            if isinstance(way, Way):
                return self._fenced(path, way, room, landings)
            if way.shape is None:
                return None
            maze = Maze(part_with(maze.area.difference(way.shape), landings[0].place) or Polygon())
        return None

    def _fenced(self, path: list[Place], way: Way, room: Room, landings: tuple[Landing, ...]) -> Route | None:
        """The route, with its own fence where it needs one; None where none can be made for it."""
        if room.own_fence is None:
            return self._route(path, way, room, landings, None)
        try:
            fence = flight_fence(
                self._airspace, self._home, way.ground, room.own_fence, self._request.return_height, room.area
            )
        except FenceError:
            return None
        inside = fence_area(fence, self._airspace.frame).buffer(-INSIDE_FENCE_M)
        if not inside.covers(way.ground):
            return None
        return self._route(path, way, Room(inside.intersection(room.area), room.top, inside), landings, fence)

    def _quickest(self, maze: Maze, goal: Place) -> list[Place] | None:
        """The quickest way, around private areas where that costs less than flying over them."""
        start = self.home_landing.place
        path = maze.shortest(start, goal, self._request.pace)
        if path is None:
            return None
        crossed = [shape for _, shape in self._airspace.privacy.within(LineString(path), 0.0)]
        if not crossed:
            return path
        # With few corners: PX4 slows down at each, and legs of a few metres around a circle are flown at a walk.
        wider = shapely.union_all(crossed).buffer(self._airspace.margin_m + _FEWER_CORNERS_M, quad_segs=2)
        private = wider.simplify(_FEWER_CORNERS_M)
        around = part_with(maze.area.difference(private), start)
        if around is None:
            return path
        other = Maze(around).shortest(start, goal, self._request.pace)
        return path if other is None or self._cost(other) > self._cost(path) else other

    def _cost(self, path: list[Place]) -> float:
        """Seconds, those over private areas counted several times."""
        line, pace = LineString(path), self._request.pace
        private_m = sum(line.intersection(shape).length for _, shape in self._airspace.privacy.within(line, 0.0))
        share = private_m / line.length if line.length > 0.0 else 0.0
        return pace.path_seconds(path) * (1.0 + (_PRIVATE_COSTS - 1.0) * share)

    def _route(
        self, path: list[Place], way: Way, room: Room, landings: tuple[Landing, ...], fence: FencePlan | None
    ) -> Route:
        airspace, request, home = self._airspace, self._request, self._home
        places = [place for place, _ in way.knots]
        waypoints = tuple(Waypoint(airspace.frame.to_position(*place), Amsl(m)) for place, m in way.knots)
        first, second = waypoints[0].altitude, waypoints[1].altitude
        least = Amsl(home.altitude.m + request.clear_height.m)
        clear = first
        if second == first:
            clear = clear_altitude(airspace, LineString(places[:2]), first, request.minimum_height, least, first)
        return Route(
            waypoints=waypoints,
            scene_altitude=self._scene_altitude,
            transit_height=AboveTakeoff(max(waypoint.altitude.m for waypoint in waypoints) - home.altitude.m),
            return_height=AboveTakeoff(way.return_altitude.m - home.altitude.m),
            length_m=LineString(path).length,
            clear_altitude=clear,
            passing_m=passing_m(way.knots, landings, room, airspace, request.return_height, first.m - clear.m),
            sentences=self._sentences(path, way, landings),
            rally_points=tuple(landing.rally for landing in landings if landing.rally is not None),
            fence=fence,
        )

    def _sentences(self, path: list[Place], way: Way, landings: tuple[Landing, ...]) -> tuple[str, ...]:
        line = LineString(path)
        height_m = way.knots[-1][1] - self._scene_altitude.m
        sentences = [f"{line.length:.0f} m, at {height_m:.0f} m above the ground of the scene."]
        if height_m < self._request.height.m - 0.5:
            sentences.append(f"Lower than the {self._request.height.m:.0f} m asked for: {way.lid.name} allows no more.")
        crossed = [z.name for z, _ in self._airspace.privacy.within(line, 0.0)]
        if crossed:
            sentences.append(f"Flies over {', '.join(crossed)} with the camera on the horizon.")
        elif len(path) > 2 and self._straight_is_private(path):
            sentences.append("Goes round private areas.")
        names = [landing.rally.name for landing in landings if landing.rally is not None]
        if names:
            sentences.append(f"If the link is lost it comes down at the nearest of its dock and {' and '.join(names)}.")
        return tuple(sentences)

    def _straight_is_private(self, path: list[Place]) -> bool:
        return bool(self._airspace.privacy.within(LineString((path[0], path[-1])), 0.0))


def _in_view(room: Room, landings: tuple[Landing, ...], places: FloatArray) -> bool:
    """Whether from a place the landing that is nearest to it is in view."""
    away_m = np.hypot(*(places[:, None] - np.array([landing.place for landing in landings])).T)
    nearest = away_m.argmin(axis=0)
    return any(
        bool(shapely.contains_xy(room.view(landing.place), places[nearest == index]).any())
        for index, landing in enumerate(landings)
        if (nearest == index).any()
    )

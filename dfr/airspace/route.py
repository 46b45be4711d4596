"""The way from a dock to where the scene is seen from, and the way back if the link is lost anywhere on it.

PX4's Return flies straight to the nearest of home and the rally points on board. A place is therefore only reached when
that line is clear from every point of the way to it, at the height at which Return flies it. Most ways are straight;
they bend around what is closed where rally points give a way back, and around private areas.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import nearest_points

from dfr.airspace.airspace import Airspace
from dfr.airspace.climb import clear_altitude
from dfr.airspace.closing import nearest_sentence, why_closed, why_not_the_scene
from dfr.airspace.corners import passing_m
from dfr.airspace.fence import FENCE_HEIGHT, RETURN_HEIGHT, FenceError
from dfr.airspace.pace import Pace
from dfr.airspace.reach import LEAST_ABOVE_DOCK_M, Room, dock_room
from dfr.airspace.returns import HOME_TAKES_M, Landing
from dfr.airspace.shortest import Maze
from dfr.airspace.stand_off import places_around, sees
from dfr.airspace.view import Place, part_with
from dfr.airspace.way import Closed, Heights, Way, prove
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray, Position, Waypoint
from dfr.core.rally import RallyPoint

_PRIVATE_COSTS = 3.0
"""A second over a private area counts as so many."""
_MOST_TOGETHER = 3
"""Rally points that one flight relies on."""
_MOST_SETS = 24
"""Sets of rally points that are tried while somebody waits, those on the shortest ways first."""
_TRIED_GOALS = 3
"""Around corners only so many stand-offs are compared."""
_OTHER_WAYS = 4
"""A way is looked for again so often beside ground that is too high for the one that was found."""
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
    for landing in (planner.home_landing, *planner.usable):
        planner.room.view(landing.place)
        planner.room.maze(tuple(dict.fromkeys((planner.home_landing, landing))))


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
        self.home_landing = Landing(airspace.frame.to_local(home.position), home.altitude)
        self.usable = _usable(airspace, self.room, self.home_landing, rally_points, request.return_height)
        self._airspace, self._home, self._request = airspace, home, request
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

    def to_any(self, places: FloatArray) -> Route | None:
        """The way to one of some places: the first that needs no rally points, else the quickest around corners."""
        for landings in self._landing_sets(places):
            route = self._with(landings, places)
            if route is not None:
                return route
        return None

    def nearest_hold(self) -> Position | None:
        """The place nearest to the scene to which there is a way."""
        found: list[tuple[float, Place]] = []
        for landings in self._landing_sets(np.array([self.scene]), everything=True):
            for inwards_m in _INWARDS_M:
                area = self.room.maze(landings).area.buffer(-inwards_m)
                if not area.is_empty:
                    near = nearest_points(area, Point(self.scene))[0]
                    found.append((near.distance(Point(self.scene)), (near.x, near.y)))
        for _, place in sorted(found):
            if self.to_any(np.array([place])) is not None:
                return self._airspace.frame.to_position(*place)
        return None

    def _landing_sets(self, places: FloatArray, everything: bool = False) -> Iterator[tuple[Landing, ...]]:
        """Home alone, then sets of ever more rally points from one of which a place is in view."""
        home = self.home_landing
        yield (home,)
        goal = places.mean(axis=0)

        def around_m(chosen: tuple[Landing, ...]) -> float:
            return sum(float(np.hypot(*(np.array(r.place) - home.place)) + np.hypot(*(goal - r.place))) for r in chosen)

        sets = [chosen for n in range(1, _MOST_TOGETHER + 1) for chosen in combinations(self.usable, n)]
        tried = 0
        for chosen in sorted(sets, key=lambda chosen: (len(chosen), around_m(chosen))):
            landings = (home, *chosen)
            if not everything and not self._seen_from_nearest(landings, places):
                continue
            tried += 1
            if tried > (len(self.usable) if everything else _MOST_SETS):
                return
            yield landings

    def _seen_from_nearest(self, landings: tuple[Landing, ...], places: FloatArray) -> bool:
        """Whether a place is in view of the landing nearest to it, and that is one of the rally points."""
        away_m = np.hypot(*(places[:, None] - np.array([landing.place for landing in landings])).T)
        nearest = away_m.argmin(axis=0)
        return any(
            shapely.contains_xy(self.room.view(landing.place), places[nearest == index]).any()
            for index, landing in enumerate(landings)
            if (nearest == index).any()
        )

    def _with(self, landings: tuple[Landing, ...], places: FloatArray) -> Route | None:
        maze = self.room.maze(landings)
        goals = [(float(e), float(n)) for e, n in places[shapely.intersects_xy(maze.area, places)]]
        if len(landings) > 1:
            ways = [self._quickest(maze, goal) for goal in goals[:_TRIED_GOALS]]
            found = [way for way in ways if way is not None]
            goals = [way[-1] for way in sorted(found, key=self._cost)]
        for goal in goals:
            route = self._proved(maze, landings, goal)
            if route is not None:
                return route
        return None

    def _proved(self, maze: Maze, landings: tuple[Landing, ...], goal: Place) -> Route | None:
        """The way to one place, looked for again beside what is found to close it."""
        for _ in range(_OTHER_WAYS):
            path = self._quickest(maze, goal)
            if path is None:
                return None
            way = prove(path, landings, self._airspace, self.room, self._heights, self._request.pace)
            if isinstance(way, Way):
                return self._route(path, way, landings)
            if not isinstance(way, Closed) or way.shape is None:
                return None
            maze = Maze(part_with(maze.area.difference(way.shape), landings[0].place) or Polygon())
        return None

    def _quickest(self, maze: Maze, goal: Place) -> list[Place] | None:
        """The quickest way, around private areas where that costs less than flying over them."""
        start = self.home_landing.place
        path = maze.shortest(start, goal, self._request.pace.seconds)
        if path is None:
            return None
        crossed = [shape for _, shape in self._airspace.privacy.within(LineString(path), 0.0)]
        if not crossed:
            return path
        private = shapely.union_all(crossed).buffer(self._airspace.margin_m, quad_segs=2)
        around = part_with(maze.area.difference(private), start)
        if around is None:
            return path
        other = Maze(around).shortest(start, goal, self._request.pace.seconds)
        return path if other is None or self._cost(other) > self._cost(path) else other

    def _cost(self, path: list[Place]) -> float:
        """Seconds, those over private areas counted several times."""
        line, pace = LineString(path), self._request.pace
        private_m = sum(line.intersection(shape).length for _, shape in self._airspace.privacy.within(line, 0.0))
        share = private_m / line.length if line.length > 0.0 else 0.0
        return pace.path_seconds(path) * (1.0 + (_PRIVATE_COSTS - 1.0) * share)

    def _route(self, path: list[Place], way: Way, landings: tuple[Landing, ...]) -> Route:
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
            passing_m=passing_m(way.knots, landings, self.room, airspace, request.return_height, first.m - clear.m),
            sentences=self._sentences(path, way, landings),
            rally_points=tuple(landing.rally for landing in landings if landing.rally is not None),
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


def _usable(
    airspace: Airspace,
    room: Room,
    home: Landing,
    rally_points: Sequence[RallyPoint],
    return_height: AboveTakeoff,
) -> list[Landing]:
    """The rally points that may be flown down to and returned to below the top of the room."""
    found = []
    for rally in rally_points:
        landing = Landing(airspace.frame.to_local(rally.position), rally.altitude, rally)
        away_m = float(np.hypot(landing.place[0] - home.place[0], landing.place[1] - home.place[1]))
        low_enough = rally.altitude.m + return_height.m <= room.top.m
        if away_m > HOME_TAKES_M and low_enough and room.plan.covers(Point(landing.place)):
            found.append(landing)
    return found

"""The shortest way inside an area, against a graph of all that see each other, and what is in view from a place."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely.affinity import rotate, scale, translate
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.pace import Pace
from dfr.airspace.reach import simplified
from dfr.airspace.returns import ABOUT_EQUAL_M, Landing, returnable, surely_elsewhere, ways_back
from dfr.airspace.shortest import Maze
from dfr.airspace.view import Place, view
from dfr.core.geo import Amsl

START, GOAL = (-450.0, 0.0), (450.0, 10.0)
WORLD = box(-500, -500, 500, 500)


def optimum_m(area: BaseGeometry, start: Place, goal: Place) -> float:
    """By brute force: every corner of the area with every other that it sees; infinite when there is no way."""
    places = np.concatenate([np.array([start, goal]), shapely.get_coordinates(area)])
    pairs = np.array(list(itertools.combinations(range(len(places)), 2)))
    lines = shapely.linestrings(places[pairs])
    wide = area.buffer(1e-6)
    shapely.prepare(wide)
    pairs = pairs[shapely.covers(wide, lines)]
    lengths = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T) + 1e-12
    graph = csr_matrix((lengths, (pairs[:, 0], pairs[:, 1])), shape=(len(places), len(places)))
    return float(dijkstra(graph, directed=False, indices=0)[1])


def length_m(path: list[Place] | None) -> float:
    return math.inf if path is None else LineString(path).length


def test_around_a_block_and_through_a_gate() -> None:
    block = box(-50, -100, 50, 100)
    assert length_m(Maze(WORLD.difference(block)).shortest((-300, 0), (300, 0))) == pytest.approx(
        2 * math.hypot(250, 100) + 100, abs=0.5
    )
    wall = box(-10, -500, 10, 500)
    gate = box(-10, 200, 10, 201)
    assert Maze(WORLD.difference(wall)).shortest(START, GOAL) is None
    through = Maze(WORLD.difference(wall.difference(gate))).shortest(START, GOAL)
    assert length_m(through) == pytest.approx(optimum_m(WORLD.difference(wall.difference(gate)), START, GOAL), abs=0.5)


def test_a_gap_as_narrow_as_what_is_kept_is_closed() -> None:
    wall = box(-10, -500, 10, 500).difference(box(-10, 200, 10, 200.15))
    assert Maze(WORLD.difference(wall)).shortest(START, GOAL) is None


def test_out_of_a_bay_and_in_a_place_that_is_not_in_it() -> None:
    bay = WORLD.difference(box(-100, -400, 100, 500)).union(box(-20, -400, 20, 300))
    maze = Maze(bay)
    assert length_m(maze.shortest((0, 250), GOAL)) == pytest.approx(optimum_m(bay, (0, 250), GOAL), abs=0.5)
    assert maze.shortest((-60, 0), GOAL) is None
    assert maze.shortest(START, (-60, 0)) is None
    assert Maze(Polygon()).shortest(START, GOAL) is None


def test_a_symmetric_block_is_gone_round_on_one_side() -> None:
    path = Maze(WORLD.difference(Point(0, 0).buffer(100, quad_segs=2))).shortest((-400, 0), (400, 0))
    assert path is not None
    assert len({math.copysign(1.0, north) for _, north in path[1:-1]}) == 1


SHAPES = st.builds(
    lambda east, north, size, wide, corners, turn: translate(
        rotate(scale(Point(0, 0).buffer(size, quad_segs=corners), 1.0, wide), turn), east, north
    ),
    st.floats(-400, 400),
    st.floats(-450, 450),
    st.floats(5, 200),
    st.floats(0.1, 1.0),
    st.integers(1, 2),
    st.floats(0, 180),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(SHAPES, max_size=9))
def test_no_way_is_shorter(closed: list[BaseGeometry]) -> None:
    area = WORLD.difference(shapely.union_all(closed))
    best_m = optimum_m(area, START, GOAL)
    path = Maze(area).shortest(START, GOAL)
    if path is None:
        # Only through gaps of a hand's width, or from within a hand's width of what is closed.
        narrower = area.buffer(-0.3)
        assert not narrower.contains(Point(START)) or optimum_m(narrower, START, GOAL) == math.inf
        return
    assert area.covers(LineString(path))
    assert best_m - 1e-6 <= length_m(path) <= 1.005 * best_m + 1.0
    prepared = Maze(area)
    prepared.prepare(START)
    assert length_m(prepared.shortest(START, GOAL)) == pytest.approx(length_m(path), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(SHAPES, max_size=9), st.lists(st.tuples(st.floats(-499, 499), st.floats(-499, 499)), min_size=20))
def test_in_view_is_what_a_straight_line_reaches(closed: list[BaseGeometry], places: list[Place]) -> None:
    area = WORLD.difference(shapely.union_all(closed))
    seen = view(area, START)
    for place in places:
        if seen.boundary.distance(Point(place)) < 0.01 or area.boundary.distance(Point(START)) < 0.01:
            continue
        assert seen.contains(Point(place)) == area.covers(LineString((START, place)))


@settings(max_examples=60, deadline=None)
@given(st.lists(SHAPES, max_size=9))
def test_with_fewer_corners_it_is_never_more(closed: list[BaseGeometry]) -> None:
    area = WORLD.difference(shapely.union_all(closed))
    assert area.buffer(1e-9).covers(simplified(area))


PLACES = st.tuples(st.floats(-400, 400), st.floats(-400, 400))


@settings(max_examples=60, deadline=None)
@given(st.lists(SHAPES, max_size=6), st.lists(PLACES, min_size=1, max_size=4), st.lists(PLACES, min_size=10))
def test_return_finds_a_clear_way_from_wherever_it_is_said_to(
    closed: list[BaseGeometry], landing_places: list[Place], places: list[Place]
) -> None:
    area = WORLD.difference(shapely.union_all(closed))
    landings = [Landing(place, Amsl(0.0)) for place in landing_places]
    safe = returnable(landings, [view(area, landing.place) for landing in landings])
    for place in places:
        away_m = [math.dist(place, landing.place) for landing in landings]
        chosen = [
            landing for landing, m in zip(landings, away_m, strict=True) if m <= min(away_m) + 0.9 * ABOUT_EQUAL_M
        ]
        elsewhere = [landing for landing in landings if surely_elsewhere(landing, landings).contains(Point(place))]
        assert not set(map(id, chosen)) & set(map(id, elsewhere))
        if safe.contains(Point(place)):
            assert all(area.buffer(1e-3).covers(LineString((place, landing.place))) for landing in chosen)


def test_ways_back_are_triangles_to_the_nearest() -> None:
    home, park = Landing((0.0, 0.0), Amsl(0.0)), Landing((1000.0, 0.0), Amsl(0.0))
    back = ways_back([(0.0, 0.0), (500.0, 300.0), (1000.0, 100.0)], [home, park])
    for landing, shape in back:
        assert shape.distance(Point(landing.place)) == 0.0
        assert all(math.dist((east, north), landing.place) < 600.0 for east, north in shapely.get_coordinates(shape))


def test_wind_makes_the_longer_way_the_quicker() -> None:
    area = WORLD.difference(box(-400, -400, 400, 20))
    calm = Maze(area).shortest((-450, -200), (450, -200), Pace())
    assert calm is not None
    assert calm[1][1] < -400.0, "below is shorter"
    # A gale from the north: close to it nothing gets on northwards; eastwards it is all one.
    pace = Pace(wind_north_mps=-13.5)
    assert pace(np.array([[0.0, 100.0]]))[0] == pytest.approx(200.0)
    assert pace(np.array([[0.0, -100.0]]))[0] == pytest.approx(10.0)
    assert Pace(wind_north_mps=-15.0)(np.array([[0.0, 100.0]]))[0] == math.inf


@given(
    st.floats(-12, 12), st.floats(-5, 5), st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
    st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
)  # fmt: skip
def test_no_bend_in_free_air_is_quicker_than_straight_on(east: float, north: float, a: Place, b: Place) -> None:
    pace = Pace(wind_east_mps=east, wind_north_mps=north)
    legs = np.array([a, b])
    assert pace(legs).sum() >= pace(legs.sum(axis=0)[None])[0] - 1e-6

"""The nearest way out of a zone that appears over an aircraft."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.way_out import way_out
from dfr.core.geo import Agl, Amsl, FloatArray, Waypoint
from dfr.core.zone import Zone, ZoneKind
from tests.support.many_zones import FRAME as WIDE
from tests.support.many_zones import many_zones_airspace
from tests.unit.airspace.places import FRAME, GROUND_M, ORIGIN, airspace, at, ceiling, disc, no_fly, zone
from tests.unit.airspace.test_many import PLACE, SMALL_AREA, any_zone


def out_of(judged: Airspace, here: Waypoint) -> tuple[float, float]:
    found = way_out(judged, here)
    assert found is not None
    assert judged.point(Waypoint(found, here.altitude)).allowed
    return judged.frame.to_local(found)


def test_out_of_a_fire_by_the_nearest_way() -> None:
    judged = airspace(zone(ZoneKind.TEMPORARY, box(-1000, -300, 1000, 300), "the fire"))
    assert out_of(judged, at(0, 100)) == pytest.approx((0.0, 325.2), abs=0.3)
    assert out_of(judged, at(900, 50)) == pytest.approx((1025.2, 50.0), abs=0.3)


def test_an_aircraft_where_it_may_be_stays() -> None:
    assert out_of(airspace(no_fly(disc(0, 0, 100))), at(300, 0)) == pytest.approx((300.0, 0.0), abs=0.01)


def test_not_through_another_forbidden_zone() -> None:
    wall = no_fly(box(-2000, 310, 2000, 330), "the wall")
    fire = zone(ZoneKind.TEMPORARY, box(-1000, -300, 1000, 300), "the fire")
    assert out_of(airspace(fire, wall), at(0, 100))[1] == pytest.approx(-325.2, abs=0.3)


def test_closed_in_all_around_it_goes_through_what_is_thinnest() -> None:
    ring = no_fly(disc(0, 0, 500).difference(disc(0, 0, 480)), "the ring")
    fire = zone(ZoneKind.TEMPORARY, disc(0, 0, 400), "the fire")
    # Between fire and ring are 80 m, of which 30 m are kept from both.
    east, north = out_of(airspace(fire, ring), at(100, 0))
    assert math.hypot(east, north) == pytest.approx(425.2, abs=0.6)
    closed = zone(ZoneKind.TEMPORARY, disc(0, 0, 450), "the fire")
    east, north = out_of(airspace(closed, ring), at(100, 0))
    assert math.hypot(east, north) == pytest.approx(525.2, abs=0.8)


def test_the_altitude_is_kept_so_a_low_ceiling_is_gone_round() -> None:
    judged = airspace(no_fly(box(-200, -1000, 200, 1000)), ceiling(box(200, -1000, 500, 1000), 40.0))
    assert out_of(judged, at(100, 0, 30)) == pytest.approx((225.2, 0.0), abs=0.3)
    assert out_of(judged, at(100, 0, 60)) == pytest.approx((-225.2, 0.0), abs=0.3)
    assert way_out(judged, at(0, 0, 200)) is None


def test_above_uneven_ground_it_is_where_it_may_be() -> None:
    class Slope(FlatGround):
        def altitudes_m(self, degrees: FloatArray) -> FloatArray:
            return GROUND_M + 0.05 * FRAME.array_to_local(degrees)[:, 0]

    slope = Slope(Amsl(GROUND_M), 0.0)
    judged = Airspace([SMALL_AREA, no_fly(disc(0, 0, 100))], slope, ORIGIN)
    # 120 m above the ground of the middle: too high in the west, where the ground is lower, allowed in the east.
    east, _ = out_of(judged, at(-50, 0, 120))
    assert east > 60.0


def test_over_ten_thousand_zones() -> None:
    judged = many_zones_airspace()
    random = np.random.default_rng(7)
    closed = [z for z in judged.forbidden.zones if z.kind is ZoneKind.TEMPORARY][:5]
    for one in closed:
        middle = one.shape.representative_point()
        east, north = WIDE.array_to_local([(middle.x, middle.y)])[0]
        altitude = Amsl(float(judged.ground_m(np.array([[east, north]]))[0]) + float(random.uniform(3.0, 8.0)))
        found = way_out(judged, Waypoint(WIDE.to_position(float(east), float(north)), altitude))
        assert found is None or judged.point(Waypoint(found, altitude)).allowed


@settings(max_examples=60, deadline=None)
@given(st.lists(any_zone(), min_size=1, max_size=6), PLACE, st.floats(5.0, 100.0))
def test_it_is_allowed_and_within_a_metre_of_the_nearest(
    zones: list[Zone], start: tuple[float, float], height: float
) -> None:
    """Against every place of a grid of 10 m, however the zones lie."""
    judged = Airspace([SMALL_AREA, *zones], FlatGround(Amsl(GROUND_M), 2.0), ORIGIN)
    here = at(*start, height)
    found = way_out(judged, here)
    grid = np.stack(np.meshgrid(np.arange(-400.0, 301.0, 10.0), np.arange(-400.0, 401.0, 10.0)), axis=-1).reshape(-1, 2)
    allowed = judged.inside(grid, np.full(len(grid), here.altitude.m))
    if found is None:
        assert not allowed.any() or not _clear_by(judged, grid[allowed], 0.5)
        return
    assert judged.point(Waypoint(found, here.altitude)).allowed
    out_m = Point(start).distance(Point(FRAME.to_local(found)))
    nearer = _nearer(judged, grid[allowed], start, out_m - 1.5)
    assert not nearer


def _nearer(
    judged: Airspace, places: FloatArray, start: tuple[float, float], than_m: float
) -> list[tuple[float, float]]:
    """Allowed places of a grid that are nearer, clear by half a metre and not behind another forbidden zone."""
    away_m = np.hypot(*(places - np.array(start)).T)
    found = []
    for place in places[away_m < than_m]:
        way = LineString((start, place))
        touched = judged.forbidden.shapes[judged.forbidden.tree.query(way, predicate="intersects")]
        behind = any(not shape.intersects(Point(start)) for shape in touched)
        if not behind and _clear_by(judged, place[None, :], 0.5):
            found.append(place)
    return found


def _clear_by(judged: Airspace, places: FloatArray, by_m: float) -> bool:
    """Whether one of the places stays open half a metre around it: slits narrower than that are not looked for."""
    return any(judged.open_near(Point(place), 5.0).buffer(-by_m).covers(Point(place)) for place in places)


def test_the_heights_of_zones_near() -> None:
    judged = airspace(ceiling(box(200, -1000, 400, 1000), 40.0), zone(ZoneKind.FLOOR, disc(0, 0, 50), bottom=Agl(20.0)))
    assert [lid for lid, _ in judged.lids.near(Point(300, 0))] == [GROUND_M + 35.0]
    assert [floor for floor, _ in judged.bottoms.near(Point(0, 0))] == [GROUND_M + 25.0]

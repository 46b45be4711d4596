"""Verdicts on places and ways."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Point, Polygon, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.verdict import AirspaceError
from dfr.core.geo import AboveTakeoff, Agl, Amsl, LocalFrame, Position
from dfr.core.zone import ZoneKind
from tests.unit.airspace.places import AREA, FRAME, ORIGIN, airspace, at, ceiling, disc, no_fly, place, zone


def test_a_free_place_is_allowed_and_says_what_is_left() -> None:
    verdict = airspace().point(at(0, 2900, 50))
    assert verdict.allowed
    assert verdict.reasons == ()
    assert [(limit.name, pytest.approx(limit.margin_m, abs=0.05)) for limit in verdict.limits] == [
        ("the area", 100 - 25),
        ("the limit of this site", 121.92 - 50 - 5),
        ("the ground", 50),
    ]
    assert (verdict.nearest, verdict.margin_m) == (verdict.downwards, verdict.downwards.margin_m)
    assert airspace().point(at(0, 2940, 60)).margin_m == pytest.approx(60 - 25, abs=0.05)


def test_inside_a_no_fly_zone_says_how_far_inside() -> None:
    verdict = airspace(no_fly(disc(1000, 0, 400))).point(at(940, 0), "The scene")
    assert not verdict.allowed
    assert verdict.zone_id == "the-helipad"
    assert verdict.reasons[0].startswith("The scene is 340 m inside the helipad")
    assert verdict.margin_m == pytest.approx(-365, abs=1)


def test_touching_zones_are_left_over_both() -> None:
    both = airspace(no_fly(box(0, 0, 500, 500), "one"), no_fly(box(500, 0, 1500, 500), "two"))
    assert both.point(at(490, 250)).reasons[0].startswith("The place is 250 m inside one")


def test_the_margin_and_the_clearance_are_kept() -> None:
    judged = airspace(no_fly(box(1000, -500, 2000, 500)))
    assert judged.point(at(974, 0)).allowed
    verdict = judged.point(at(976, 0))
    assert verdict.reasons == ("The place is 24 m from the helipad; 25 m are kept to it.",)


def test_outside_the_operating_area() -> None:
    verdict = airspace().point(at(3500, 0))
    assert verdict.reasons == ("The place is 500 m outside the operating area, the area.",)
    assert "less than 25 m from the edge" in airspace().point(at(2990, 0)).reasons[0]


def test_too_high_names_the_ceiling_and_what_is_taken_off() -> None:
    judged = airspace(ceiling(box(500, -500, 1500, 500), 61.0), error_m=4.0)
    verdict = judged.point(at(1000, 0, 60))
    assert not verdict.allowed
    assert verdict.zone_id == "the-cell"
    assert verdict.margin_m == pytest.approx(61 - 5 - 4 - 60, abs=0.01)
    assert "8 m too high at 60 m above ground: the cell allows 61 m above ground" in verdict.reasons[0]
    assert judged.point(at(0, 0, 60)).allowed


def test_the_lowest_of_overlapping_ceilings_counts() -> None:
    judged = airspace(ceiling(box(0, 0, 900, 900), 90, "high"), ceiling(box(500, 0, 900, 900), 60, "low"))
    found = judged.ceiling_at(place(700, 500))
    assert found is not None
    assert (found.height, found.name) == (Agl(60.0), "low")
    assert judged.ceiling_at(place(200, 500)).height == Agl(90.0)  # type: ignore[union-attr]
    assert judged.ceiling_at(place(-200, 500)).zone is None  # type: ignore[union-attr]
    assert judged.ceiling_at(place(9000, 0)) is None


def test_a_no_fly_zone_with_a_bottom_is_a_ceiling_there() -> None:
    judged = airspace(zone(ZoneKind.NO_FLY, box(0, 0, 900, 900), "the shelf", bottom=Amsl(760.0)))
    assert judged.point(at(500, 500, 54)).allowed
    assert not judged.point(at(500, 500, 56)).allowed


def test_a_segment_meets_what_its_ends_do_not() -> None:
    judged = airspace(no_fly(box(900, -2000, 1000, 2000)))
    assert judged.point(at(0, 0)).allowed
    assert judged.point(at(2000, 0)).allowed
    verdict = judged.segment(at(0, 0), at(2000, 0))
    assert verdict.reasons == ("The way goes 100 m through the helipad.",)


def test_a_segment_is_judged_at_its_height_under_each_ceiling() -> None:
    judged = airspace(ceiling(box(900, -100, 1100, 100), 60.0))
    assert judged.segment(at(0, 0, 40), at(2000, 0, 60)).allowed
    assert not judged.segment(at(0, 0, 60), at(2000, 0, 60)).allowed
    assert not judged.segment(at(0, 0, 60), at(2000, 0, 52)).allowed


def test_an_aircraft_inside_the_margin_may_leave_it_but_not_go_along_it() -> None:
    judged = airspace(no_fly(box(1000, -500, 2000, 500)))
    assert judged.segment(at(990, 0), at(500, 0)).allowed
    assert not judged.segment(at(990, 0), at(990, 300)).allowed
    assert not judged.segment(at(990, 0), at(995, 0)).allowed
    assert not judged.segment(at(1005, 0), at(500, 0)).allowed


def test_a_hole_in_a_no_fly_zone_is_free() -> None:
    ring = Polygon(disc(0, 0, 800).exterior.coords, [disc(0, 0, 400).exterior.coords])
    judged = airspace(no_fly(ring))
    assert judged.point(at(0, 0)).allowed
    assert not judged.point(at(600, 0)).allowed
    assert not judged.segment(at(0, 0), at(1200, 0)).allowed


def test_zones_at_a_place_whatever_their_heights() -> None:
    judged = airspace(zone(ZoneKind.PRIVACY, disc(500, 0, 100), "a school"), no_fly(disc(500, 0, 50)))
    assert {z.name for z in judged.zones_at(place(500, 0))} == {"the area", "a school", "the helipad"}
    assert [z.name for z in judged.zones_at(place(500, 0), ZoneKind.PRIVACY)] == ["a school"]


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(AirspaceError, match="no operating area"):
        Airspace([no_fly(disc(0, 0, 10))], FlatGround(Amsl(0.0)), ORIGIN)
    with pytest.raises(AirspaceError, match="has no top"):
        airspace(zone(ZoneKind.CEILING, disc(0, 0, 10), "a lid"))
    with pytest.raises(AirspaceError, match="above take-off"):
        airspace(zone(ZoneKind.CEILING, disc(0, 0, 10), "a lid", top=AboveTakeoff(50.0)))


@given(st.floats(0, 360), st.floats(5, 10_000))
def test_local_distances_agree_with_the_ellipsoid(bearing: float, length: float) -> None:
    """Within 0.1 m over 10 km from the origin, against pyproj's GeographicLib."""
    longitude, latitude, _ = Geod(ellps="WGS84").fwd(ORIGIN.longitude_deg, ORIGIN.latitude_deg, bearing, length)
    assert math.hypot(*FRAME.to_local(Position(latitude, longitude))) == pytest.approx(length, abs=0.1)


def test_long_edges_are_straight_in_longitude_and_latitude() -> None:
    """RFC 7946: a 20 km edge along a parallel stays on it, which bows 5 m from the straight line in metres."""
    north = 32.30
    wide = box(-111.05, 32.20, -110.81, north)
    area = type(AREA)("wide", "wide", ZoneKind.OPERATING_AREA, wide)
    judged = Airspace([area], FlatGround(Amsl(700.0)), ORIGIN)
    middle = Point(LocalFrame(ORIGIN).to_local(Position(north - 1e-5, -110.93)))
    assert judged.border_distance(middle) == pytest.approx(1.1, abs=0.1)

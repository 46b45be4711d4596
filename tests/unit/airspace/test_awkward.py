"""Verdicts for awkward geometry: a corpus, each with what it must say."""

import numpy as np
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.core.geo import Agl, Amsl, Position, Waypoint
from dfr.core.zone import Zone, ZoneKind
from tests.unit.airspace.places import AREA, GROUND_M, ORIGIN, airspace, at, ceiling, disc, no_fly, place, zone

KEPT_M = 25.0


def degrees(kind: ZoneKind, name: str, west: float, south: float, east: float, north: float) -> Zone:
    return Zone(name, name, kind, box(west, south, east, north))


def test_operating_areas_that_touch_with_other_corners_on_their_border_have_no_crack() -> None:
    """The border is one line in degrees, cut at different places by the two on their way to metres."""
    one = degrees(ZoneKind.OPERATING_AREA, "one", -110.98, 32.19, -110.93, 32.25)
    two = Zone(
        "two", "two", ZoneKind.OPERATING_AREA,
        Polygon([(-110.93, 32.19), (-110.88, 32.19), (-110.88, 32.25), (-110.93, 32.25), (-110.93, 32.2177)]),
    )  # fmt: skip
    judged = Airspace([one, two], FlatGround(Amsl(GROUND_M)), ORIGIN)
    for latitude in np.linspace(32.195, 32.245, 40):
        west, east = (
            Waypoint(Position(float(latitude), longitude), Amsl(GROUND_M + 50)) for longitude in (-110.94, -110.92)
        )
        assert judged.segment(west, east).allowed
        assert judged.point(Waypoint(Position(float(latitude), -110.93), Amsl(GROUND_M + 50))).allowed


def test_operating_areas_with_a_gap_of_a_metre_stay_apart() -> None:
    both = airspace(zone(ZoneKind.OPERATING_AREA, box(3001, -3000, 6000, 3000), "beyond"))
    assert both.point(at(2999, 0)).reasons[0].startswith("The place is less than 25 m from the edge of")
    assert both.point(at(3000.5, 0)).reasons == ("The place is 0 m outside the operating area, the area and beyond.",)
    assert not both.segment(at(2900, 0), at(3100, 0)).allowed


def test_areas_that_touch_in_a_corner_only_are_not_joined() -> None:
    corner = airspace(zone(ZoneKind.OPERATING_AREA, box(3000, 3000, 6000, 6000), "beyond"))
    assert not corner.segment(at(2900, 2900), at(3100, 3100)).allowed
    assert corner.point(at(3100, 3100)).allowed


def test_overlapping_operating_areas_are_one() -> None:
    both = airspace(zone(ZoneKind.OPERATING_AREA, box(2000, -1000, 6000, 1000), "beyond"))
    assert both.segment(at(0, 0), at(5900, 0)).allowed
    assert both.point(at(3000, 0)).sideways.margin_m == pytest.approx(1000.0 - KEPT_M, abs=0.1)
    assert both.point(at(3500, 990)).sideways.name == "beyond"
    assert both.point(at(2999, 1500)).sideways.name == "the area"


@pytest.mark.parametrize(("half_m", "allowed"), [(25.05, True), (24.95, False)])
def test_a_corridor_as_wide_as_twice_what_is_kept(half_m: float, allowed: bool) -> None:
    far = zone(ZoneKind.OPERATING_AREA, box(5000, -1000, 8000, 1000), "far")
    judged = airspace(zone(ZoneKind.CORRIDOR, box(2900, -half_m, 5100, half_m), "narrow"), far)
    assert judged.segment(at(2000, 0), at(6000, 0)).allowed is allowed
    assert judged.point(at(4000, 0)).margin_m == pytest.approx(half_m - KEPT_M, abs=0.01)
    assert not judged.segment(at(2000, 0), at(6000, 1)).allowed


@pytest.mark.parametrize(("half_m", "allowed"), [(25.05, True), (24.95, False)])
def test_between_two_no_fly_zones_as_far_apart_as_twice_what_is_kept(half_m: float, allowed: bool) -> None:
    judged = airspace(no_fly(box(-200, half_m, 200, 900), "one"), no_fly(box(-200, -900, 200, -half_m), "two"))
    assert judged.segment(at(-1000, 0), at(1000, 0)).allowed is allowed


def test_a_hole_that_is_too_small_to_be_in() -> None:
    ring = disc(0, 0, 800).difference(disc(0, 0, 24))
    verdict = airspace(no_fly(ring)).point(at(0, 0))
    assert verdict.reasons == ("The place is 24 m from the helipad; 25 m are kept to it.",)
    assert verdict.margin_m == pytest.approx(-1.0, abs=0.1)


def test_an_operating_area_with_a_hole() -> None:
    area = zone(ZoneKind.OPERATING_AREA, box(-2000, -2000, 2000, 2000).difference(box(-100, -100, 100, 100)), "ring")
    judged = Airspace([area], FlatGround(Amsl(GROUND_M)), ORIGIN)
    assert judged.point(at(0, 0)).reasons == ("The place is 100 m outside the operating area, ring.",)
    assert not judged.segment(at(-500, 0), at(500, 0)).allowed
    assert judged.segment(at(-500, 126), at(500, 126)).allowed


def test_a_sliver_forbids_as_any_other_zone() -> None:
    sliver = Polygon([(-1000, 0), (1000, 0.02), (1000, 0.03)])
    judged = airspace(no_fly(sliver, "the line"))
    assert judged.point(at(900, 25.5)).allowed
    assert not judged.point(at(900, 24.5)).allowed
    assert judged.segment(at(0, -500), at(0, 500)).reasons == ("The way goes 0 m through the line.",)


def test_nested_no_fly_zones_are_left_over_the_outer_one() -> None:
    judged = airspace(no_fly(disc(0, 0, 100), "inner"), no_fly(box(-500, -500, 500, 500), "outer"))
    reasons = judged.point(at(0, 0)).reasons
    assert reasons == ("The place is 500 m inside inner.", "The place is 500 m inside outer.")
    assert judged.point(at(0, 300)).reasons == ("The place is 200 m inside outer.",)


def test_no_fly_zones_that_overlap_in_a_chain_are_left_over_all() -> None:
    chain = [no_fly(box(i * 90.0, -400, i * 90.0 + 100, 400), f"link {i}") for i in range(-4, 5)]
    assert airspace(*chain).border_distance(Point(45, 0)) == pytest.approx(-400.0, abs=0.5)


def test_two_parts_of_one_zone() -> None:
    parts = MultiPolygon([box(-1000, 0, -500, 500), box(500, 0, 1000, 500)])
    judged = airspace(no_fly(parts, "both"))
    assert judged.segment(at(0, -500), at(0, 1000)).allowed
    assert judged.segment(at(-1500, 250), at(1500, 250)).reasons == ("The way goes 1000 m through both.",)


def test_ceilings_that_overlap_and_nest_count_by_the_lowest() -> None:
    judged = airspace(
        ceiling(box(-500, -500, 500, 500), 90.0, "wide"),
        ceiling(disc(0, 0, 100), 60.0, "in the middle"),
        ceiling(box(-500, 0, 500, 50), 75.0, "across"),
        zone(ZoneKind.CEILING, disc(300, 0, 50), "by the sea", top=Amsl(GROUND_M + 70.0)),
    )
    expected = [
        (-400, -300, "wide", 90),
        (-400, 25, "across", 75),
        (0, 25, "in the middle", 60),
        (300, 20, "by the sea", 70),
    ]
    for east, north, name, height in expected:
        verdict = judged.point(at(east, north, 30))
        assert (verdict.upwards.name, verdict.upwards.margin_m) == (name, pytest.approx(height - 5.0 - 30.0, abs=0.01))
    assert judged.segment(at(-600, 25, 80), at(600, 25, 80)).upwards.name == "in the middle"


def test_a_ceiling_and_a_floor_that_leave_nothing_between() -> None:
    floor = zone(ZoneKind.FLOOR, disc(0, 0, 100), "the floor", bottom=Agl(45.0))
    judged = airspace(ceiling(disc(0, 0, 100), 50.0), floor)
    for height in range(0, 120, 5):
        assert not judged.point(at(0, 0, height)).allowed


def test_a_zone_over_the_dock() -> None:
    """It may not take off from there, and an aircraft that stands in the strip around it may leave."""
    over = airspace(zone(ZoneKind.TEMPORARY, disc(0, 0, 60), "the fire"))
    assert not over.segment(at(0, 0, 10), at(0, 0, 50)).allowed
    assert not over.segment(at(0, 0, 50), at(500, 0, 50)).allowed
    beside = airspace(zone(ZoneKind.TEMPORARY, disc(-75, 0, 60), "the fire"))
    assert beside.segment(at(0, 0, 50), at(500, 0, 50)).allowed
    assert not beside.segment(at(0, 0, 50), at(-500, 0, 50)).allowed


def test_a_dock_on_the_border() -> None:
    judged = airspace()
    edge = at(3000, 0)
    assert abs(judged.border_distance(Point(3000, 0))) < 0.01
    assert not judged.point(edge).allowed
    assert judged.segment(at(2999.9, 0), at(2000, 0)).allowed
    assert not judged.segment(at(3000.1, 0), at(2000, 0)).allowed


def test_a_no_fly_zone_that_reaches_over_the_edge_of_the_area() -> None:
    judged = airspace(no_fly(box(2500, -500, 4000, 500)))
    assert judged.point(at(2990, 0)).reasons == ("The place is 490 m inside the helipad.",)
    assert judged.point(at(3500, 0)).reasons[0].startswith("The place is ")
    assert not judged.point(at(3500, 0)).allowed


def test_a_zone_that_lies_far_outside_changes_nothing() -> None:
    assert airspace(no_fly(disc(90_000, 0, 500))).point(at(0, 0)) == airspace().point(at(0, 0))


def test_the_same_zone_twice_is_one() -> None:
    twice = airspace(no_fly(disc(0, 0, 100), "one"), no_fly(disc(0, 0, 100), "one again"))
    assert twice.border_distance(Point(0, 0)) == pytest.approx(-100.0, abs=0.2)


def test_the_area_of_these_tests_is_still_the_operating_area() -> None:
    assert airspace().zones_at(place(0, 0)) == (AREA,)

"""What each kind of zone does to a place: corridors, floors and temporary zones beside those that sites always had."""

import pytest
from shapely.geometry import LineString, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.verdict import AirspaceError, Errors
from dfr.core.geo import Agl, Amsl
from dfr.core.times import TimeRange, Times
from dfr.core.zone import Zone, ZoneKind
from tests.unit.airspace.places import AREA, FRAME, GROUND_M, ORIGIN, airspace, at, ceiling, disc, place, zone

EAST = zone(ZoneKind.OPERATING_AREA, box(8000, -1000, 10_000, 1000), "the east")
CORRIDOR = zone(
    ZoneKind.CORRIDOR, box(2500, -100, 8500, 100), "the corridor", bottom=Agl(30.0), top=Agl(60.0)
)  # fmt: skip


def test_a_corridor_joins_two_operating_areas() -> None:
    joined = airspace(EAST, CORRIDOR)
    assert joined.segment(at(0, 0, 50), at(9000, 0, 50)).allowed
    apart = airspace(EAST).segment(at(0, 0, 50), at(9000, 0, 50))
    assert "outside the operating area, the area and the east" in apart.reasons[0]
    beside = joined.point(at(5000, 90, 50))
    assert beside.reasons == (
        "The place is less than 25 m from the edge of the operating area, the area and the east and the corridor.",
    )
    assert (beside.sideways.name, beside.zone_id) == ("the corridor", "the-corridor")
    assert beside.margin_m == pytest.approx(-15.0, abs=0.01)


def test_the_band_of_a_corridor_holds_in_it_and_not_in_the_operating_area_it_begins_in() -> None:
    joined = airspace(EAST, CORRIDOR)
    assert joined.point(at(5000, 0, 54.9)).allowed
    high = joined.point(at(5000, 0, 55.1))
    assert "the corridor allows 60 m above ground" in high.reasons[0]
    low = joined.point(at(5000, 0, 34.9))
    assert low.reasons == (
        "The place is 0 m too low: the corridor asks for 30 m above ground, and 5 m for the aircraft's altitude and "
        "0 m for the ground's more.",
    )
    assert (low.downwards.name, low.downwards.zone_id) == ("the corridor", "the-corridor")
    assert joined.point(at(2900, 0, 100)).allowed
    assert joined.point(at(2900, 0, 20)).allowed
    assert not joined.point(at(2990, 0, 100)).allowed  # 10 m before it begins: its band reaches a margin further


def test_an_operating_area_with_a_top_beside_one_without() -> None:
    low = zone(ZoneKind.OPERATING_AREA, box(2000, -500, 5000, 500), "the low area", top=Agl(60.0))
    both = airspace(low)
    assert not both.point(at(4000, 0, 80)).allowed
    assert both.point(at(4000, 0, 50)).allowed
    assert both.point(at(2500, 0, 80)).allowed


def test_a_corridor_opens_no_no_fly_zone() -> None:
    closed = airspace(EAST, CORRIDOR, zone(ZoneKind.NO_FLY, disc(5000, 0, 50), "the mast"))
    assert "inside the mast" in closed.point(at(5000, 0, 50)).reasons[0]
    assert not closed.segment(at(0, 0, 50), at(9000, 0, 50)).allowed


def test_only_a_corridor_opens_a_place_too() -> None:
    alone = Airspace([CORRIDOR], FlatGround(Amsl(GROUND_M)), ORIGIN)
    assert alone.segment(at(3000, 0, 50), at(8000, 0, 50)).allowed


def test_a_floor_is_kept_above() -> None:
    judged = airspace(zone(ZoneKind.FLOOR, box(1000, -500, 2000, 500), "the hospital", bottom=Agl(40.0)), error_m=3.0)
    assert judged.point(at(1500, 0, 48)).allowed
    below = judged.point(at(1500, 0, 47.9))
    assert below.reasons[0].startswith("The place is 0 m too low: the hospital asks for 40 m above ground, and 5 m")
    assert judged.point(at(1016, 0, 47)).zone_id == "the-hospital"
    assert judged.point(at(980, 0, 20)).allowed
    floors_m = judged.floors_m(FRAME.array_to_local([(ORIGIN.longitude_deg, ORIGIN.latitude_deg)]), Agl(30.0))
    assert floors_m == pytest.approx([GROUND_M + 33.0])
    assert judged.floors_m(_local(1500, 0), Agl(30.0)) == pytest.approx([GROUND_M + 48.0])
    assert judged.floors_m(_local(1500, 0), Agl(60.0)) == pytest.approx([GROUND_M + 63.0])


def test_who_is_below_a_floor_may_climb_out_of_it_and_take_off_straight_up() -> None:
    judged = airspace(zone(ZoneKind.FLOOR, disc(0, 0, 500), "the hospital", bottom=Agl(40.0)))
    assert judged.segment(at(0, 0, 10), at(0, 0, 60)).allowed
    assert judged.segment(at(0, 0, 10), at(300, 0, 60)).allowed
    assert not judged.segment(at(0, 0, 60), at(300, 0, 10)).allowed
    assert not judged.segment(at(0, 0, 10), at(300, 0, 40)).allowed
    assert not judged.segment(at(-700, 0, 20), at(0, 0, 60)).allowed
    assert not judged.segment(at(0, 0, 10), at(0, 0, 40)).allowed


def test_the_ground_is_a_limit() -> None:
    judged = airspace(error_m=4.0)
    assert judged.point(at(0, 0, 4.5)).downwards.margin_m == pytest.approx(0.5)
    assert judged.point(at(0, 0, 3.5)).reasons == (
        "The place is 0 m too low: the ground or what stands on it may reach higher.",
    )


def test_a_temporary_zone_forbids_and_one_with_a_bottom_is_a_ceiling() -> None:
    judged = airspace(
        zone(ZoneKind.TEMPORARY, disc(1000, 0, 200), "the fire"),
        zone(ZoneKind.TEMPORARY, disc(-1000, 0, 200), "the display", bottom=Agl(60.0)),
    )
    assert "inside the fire" in judged.point(at(1000, 0)).reasons[0]
    assert "the display allows 60 m above ground" in judged.point(at(-1000, 0, 70)).reasons[0]
    assert judged.point(at(-1000, 0, 50)).allowed


def test_an_incidents_own_bubble_is_open_to_its_flights() -> None:
    def bubble(incident_id: str, east_m: float) -> Zone:
        made = zone(ZoneKind.TEMPORARY, disc(east_m, 0, 200), f"the bubble of {incident_id}")
        return Zone(made.id, made.name, made.kind, made.shape, incident_id=incident_id)

    judged = airspace(bubble("a", 1000), bubble("b", -1000), zone(ZoneKind.TEMPORARY, disc(0, 1000, 50), "the fire"))
    for_a = judged.for_incident("a")
    assert for_a is judged.for_incident("a")
    assert for_a.point(at(1000, 0)).allowed
    assert not for_a.point(at(-1000, 0)).allowed
    assert not for_a.point(at(0, 1000)).allowed
    assert not judged.point(at(1000, 0)).allowed
    assert judged.for_incident("c") is judged
    assert judged.for_incident(None) is judged


def test_a_zone_that_still_has_times_counts_as_holding() -> None:
    made = zone(ZoneKind.TEMPORARY, disc(0, 0, 200), "the parade")
    timed = Zone(made.id, made.name, made.kind, made.shape, times=Times((TimeRange(0.0, 1.0),)))
    assert not airspace(timed).point(at(0, 0)).allowed


def test_privacy_and_caution_forbid_nothing() -> None:
    both = airspace(zone(ZoneKind.PRIVACY, disc(0, 0, 200)), zone(ZoneKind.CAUTION, disc(0, 0, 200), bottom=Agl(5.0)))
    assert both.point(at(0, 0, 100)).allowed


def test_a_floor_without_a_bottom_is_refused() -> None:
    with pytest.raises(AirspaceError, match="the hospital has no bottom"):
        airspace(zone(ZoneKind.FLOOR, disc(0, 0, 10), "the hospital"))


def test_other_zones_of_the_same_site() -> None:
    judged = airspace(ceiling(disc(0, 0, 200), 60.0))
    assert judged.with_zones([AREA]).point(at(0, 0, 70)).allowed
    assert not judged.with_zones([*judged.zones, zone(ZoneKind.NO_FLY, disc(0, 0, 50))]).point(at(0, 0, 50)).allowed


def test_errors_widen_what_is_kept_in_each_direction() -> None:
    judged = airspace(ceiling(box(500, -500, 1500, 500), 60.0), zone(ZoneKind.NO_FLY, box(-2000, -500, -1000, 500)))
    sure, unsure = judged.point(at(1000, 0)), judged.point(at(1000, 0), errors=Errors(8.0, 3.0, 4.0, 20.0))
    assert sure.sideways.margin_m - unsure.sideways.margin_m == pytest.approx(28.0)
    assert sure.upwards.margin_m - unsure.upwards.margin_m == pytest.approx(7.0)
    assert sure.downwards.margin_m - unsure.downwards.margin_m == pytest.approx(7.0)
    assert judged.point(at(480, 0, 60)).allowed
    assert not judged.point(at(480, 0, 60), errors=Errors(position_m=8.0)).allowed
    assert judged.point(at(-970, 0)).allowed
    assert judged.point(at(-970, 0), errors=Errors(geocode_m=10.0)).reasons == (
        "The place is 30 m from no_fly; 35 m are kept to it.",
    )
    sea = airspace(zone(ZoneKind.CEILING, disc(0, 0, 200), "the shelf", top=Amsl(GROUND_M + 60.0)))
    assert sea.point(at(0, 0), errors=Errors(terrain_m=4.0)).upwards.margin_m == pytest.approx(5.0)


def test_a_route_is_judged_in_all_its_legs() -> None:
    judged = airspace(ceiling(box(500, -500, 1500, 500), 45.0), zone(ZoneKind.NO_FLY, box(-2000, 500, -1000, 1000)))
    assert judged.route([at(0, 0), at(0, 2000), at(2000, 2000)]).allowed
    verdict = judged.route([at(-1500, 2000), at(-1500, 0), at(1000, 0)])
    assert verdict.reasons == (
        "The way goes 500 m through no_fly.",
        "The way is 10 m too high at 50 m above ground: the cell allows 45 m above ground, less 5 m for the aircraft's "
        "altitude and 0 m for the ground's.",
    )
    assert (verdict.sideways.name, verdict.upwards.name) == ("no_fly", "the cell")
    with pytest.raises(ValueError, match="two waypoints"):
        judged.route([at(0, 0)])


def test_a_volume_is_judged_all_over_and_in_all_its_height() -> None:
    judged = airspace(ceiling(disc(0, 0, 20), 45.0), zone(ZoneKind.FLOOR, disc(300, 0, 20), "mast", bottom=Agl(20.0)))
    whole = box(-500, -500, 500, 500)
    assert judged.volume(whole, Amsl(GROUND_M + 25), Amsl(GROUND_M + 40)).allowed
    high, low = (judged.volume(whole, Amsl(GROUND_M + m), Amsl(GROUND_M + m + 15)) for m in (26, 24))
    assert (high.allowed, high.nearest.name) == (False, "the cell")
    assert (low.allowed, low.nearest.name) == (False, "mast")
    beyond = judged.volume(box(2900, 0, 3100, 50), Amsl(GROUND_M + 25), Amsl(GROUND_M + 40))
    assert beyond.reasons == ("The area is 100 m outside the operating area, the area.",)
    around = airspace(zone(ZoneKind.NO_FLY, disc(0, 0, 100), "pad")).volume(whole, Amsl(730), Amsl(740), "The search")
    assert around.reasons[0].startswith("The search reaches ")
    assert around.sideways.margin_m < -25.0


def test_a_place_under_a_zone_over_everything_says_that_nothing_is_free() -> None:
    judged = airspace(zone(ZoneKind.TEMPORARY, box(-9000, -9000, 9000, 9000), "the visit"))
    verdict = judged.point(at(0, 0))
    assert verdict.reasons == ("The place is inside the visit, and no place around it is free.",)
    assert judged.ceiling_at(place(0, 0)) is None
    assert not judged.segment(at(0, 0), at(100, 0)).allowed


def _local(east_m: float, north_m: float):  # type: ignore[no-untyped-def]
    return FRAME.array_to_local([(place(east_m, north_m).longitude_deg, place(east_m, north_m).latitude_deg)])


def test_a_line_over_a_hole_is_as_near_to_the_border_as_its_nearest_point() -> None:
    judged = airspace(zone(ZoneKind.NO_FLY, disc(0, 0, 100)))
    assert judged.border_distance(LineString([(-500, 300), (500, 300)])) == pytest.approx(200.0, abs=0.1)

"""What comes too near, and what is done about it: made-up encounters, and properties over all of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.airspace.alert import Alert, settle
from dfr.airspace.encounter import (
    NOTICEABLE,
    Assessment,
    Level,
    Manoeuvre,
    Own,
    TrafficLimits,
    assess,
    own_path,
    separation,
    traffic_at,
)
from dfr.airspace.way_clear import intruders_near
from dfr.core.geo import Amsl, Ellipsoid, LocalFrame, Position, Waypoint
from dfr.core.traffic import Datums, GroundVelocity, Intruder, TrafficCategory, TrafficPicture

ORIGIN = Position(32.22, -110.92)
FRAME = LocalFrame(ORIGIN)
LIMITS = TrafficLimits()
NOW_S = 1000.0
AEROPLANE = TrafficCategory.AEROPLANE
HOVERING = Own((0.0, 0.0, 760.0), (0.0, 0.0, 0.0))
CRUISING = Own((0.0, 0.0, 760.0), (12.0, 0.0, 0.0))
FLOOR = Amsl(730.0)


def intruder(
    east_m: float,
    north_m: float,
    up_m: float | None,
    velocity: tuple[float, float] | None = (0.0, 0.0),
    climb_mps: float | None = 0.0,
    **changes: object,
) -> Intruder:
    """Metres from the origin and above the sea; (east, north) metres a second."""
    made = Intruder(
        "a1b2c3",
        FRAME.to_position(east_m, north_m),
        10.0,
        NOW_S,
        "test",
        "N123AB",
        AEROPLANE,
        None if up_m is None else Ellipsoid(up_m),
        10.0,
        None if velocity is None else GroundVelocity(velocity[1], velocity[0]),
        climb_mps,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def judged(own: Own, *intruders: Intruder, now_s: float = NOW_S, floor: Amsl | None = FLOOR) -> Assessment:
    picture = TrafficPicture(intruders, datums=Datums(geoid_height_m=0.0))
    return assess(own, traffic_at(picture, FRAME, now_s), LIMITS, floor)


@pytest.mark.parametrize(
    ("own", "other", "level"),
    [
        (CRUISING, intruder(2000.0, 0.0, 760.0, (-50.0, 0.0)), Level.AVOID),  # head on
        (CRUISING, intruder(4200.0, 0.0, 760.0, (-50.0, 0.0)), Level.ADVISE),  # head on, later
        (CRUISING, intruder(9000.0, 0.0, 760.0, (-50.0, 0.0)), Level.CLEAR),  # head on, much later
        (CRUISING, intruder(-1500.0, 0.0, 760.0, (50.0, 0.0)), Level.AVOID),  # overtaking
        (CRUISING, intruder(1000.0, 1500.0, 760.0, (0.0, -45.0)), Level.AVOID),  # crossing
        (CRUISING, intruder(-800.0, 0.0, 760.0, (-50.0, 0.0)), Level.CLEAR),  # going away
        (HOVERING, intruder(0.0, 0.0, 1200.0, (60.0, 0.0)), Level.CLEAR),  # high above
        (HOVERING, intruder(900.0, 0.0, 900.0, (0.0, 0.0), -3.0, category=TrafficCategory.ROTORCRAFT), Level.CLEAR),
        (HOVERING, intruder(500.0, 0.0, 900.0, (0.0, 0.0), -3.0, category=TrafficCategory.ROTORCRAFT), Level.AVOID),
        (HOVERING, intruder(300.0, 0.0, 1000.0, (0.0, 0.0), -4.0), Level.ADVISE),  # coming down, in time
        (HOVERING, intruder(1500.0, 0.0, None, (-50.0, 0.0)), Level.AVOID),  # no altitude: ours
        (HOVERING, intruder(2500.0, 0.0, 760.0, None), Level.AVOID),  # no velocity: straight at us
        (HOVERING, intruder(400.0, 0.0, 760.0, on_ground=True), Level.CLEAR),
        (HOVERING, intruder(400.0, 0.0, 760.0, category=TrafficCategory.SURFACE), Level.CLEAR),
    ],
)
def test_made_up_encounters(own: Own, other: Intruder, level: Level) -> None:
    assert judged(own, other).level is level


def test_a_helicopter_may_come_down_at_any_moment_and_an_aeroplane_is_taken_at_its_word() -> None:
    overhead = intruder(800.0, 0.0, 930.0, (-30.0, 0.0))
    assert judged(HOVERING, overhead).level is Level.CLEAR
    assert judged(HOVERING, replace(overhead, category=TrafficCategory.ROTORCRAFT)).level is Level.AVOID


def test_an_intruder_above_sends_it_down_and_one_below_does_not() -> None:
    assert judged(HOVERING, intruder(1500.0, 0.0, 830.0, (-50.0, 0.0))).best is Manoeuvre.DESCEND
    assert judged(HOVERING, intruder(1500.0, 0.0, 700.0, (-50.0, 0.0))).best is Manoeuvre.GO_ON
    assert judged(HOVERING, intruder(1500.0, 0.0, 830.0, (-50.0, 0.0)), floor=None).best is Manoeuvre.GO_ON


def test_flying_into_the_way_of_one_that_crosses_it_stops() -> None:
    found = judged(Own((0.0, 0.0, 760.0), (15.0, 0.0, 0.0)), intruder(1050.0, -900.0, 700.0, (0.0, 30.0)))
    assert found.best is Manoeuvre.HOLD
    assert found.separations[Manoeuvre.HOLD] > found.separations[Manoeuvre.GO_ON]


def test_unheard_it_grows_uncertain() -> None:
    other = intruder(1000.0, 0.0, 760.0)
    picture = TrafficPicture((other,), datums=Datums(geoid_height_m=0.0))
    errors = [float(traffic_at(picture, FRAME, NOW_S + age_s).errors_m[0]) for age_s in (0.0, 5.0, 15.0, 30.0)]
    assert errors == sorted(errors)
    assert errors[-1] > 500.0
    assert judged(HOVERING, other).level is Level.CLEAR
    assert judged(HOVERING, other, now_s=NOW_S + 25.0).level is not Level.CLEAR


def test_many_are_judged_together_and_the_nearest_in_time_comes_first() -> None:
    far = [intruder(20_000.0 + 50.0 * i, 0.0, 3000.0, id=f"{i:06x}") for i in range(499)]
    found = judged(CRUISING, *far, intruder(2000.0, 0.0, 760.0, (-50.0, 0.0)))
    assert [one.intruder.id for one in found.encounters] == ["a1b2c3"]


metres = st.floats(-4000.0, 4000.0)
altitudes = st.one_of(st.none(), st.floats(650.0, 1500.0))
speeds = st.floats(-80.0, 80.0)
owns = st.builds(
    Own,
    st.tuples(st.floats(-500.0, 500.0), st.floats(-500.0, 500.0), st.floats(735.0, 820.0)),
    st.tuples(st.floats(-15.0, 15.0), st.floats(-15.0, 15.0), st.floats(-3.0, 3.0)),
)
others = st.builds(
    intruder,
    metres,
    metres,
    altitudes,
    st.one_of(st.none(), st.tuples(speeds, speeds)),
    st.one_of(st.none(), st.floats(-10.0, 10.0)),
    category=st.sampled_from(TrafficCategory),
    seen_s=st.floats(NOW_S - 40.0, NOW_S),
)


@given(owns, st.lists(others, max_size=4), st.one_of(st.none(), st.just(FLOOR)))
def test_what_is_done_never_brings_them_nearer_than_doing_nothing(
    own: Own, heard: list[Intruder], floor: Amsl | None
) -> None:
    found = judged(own, *heard, floor=floor)
    assert found.separations[found.best] >= found.separations[Manoeuvre.GO_ON]
    if floor is None:
        assert found.best is not Manoeuvre.DESCEND
    best = found.separations[found.best]
    assert all(other <= best + NOTICEABLE for other in found.separations.values())
    assert all(math.isfinite(one.distance_m) for one in found.encounters)


@given(owns, st.floats(-4000.0, 4000.0), metres, st.floats(650.0, 1500.0), speeds, speeds)
def test_separation_is_the_same_from_both_sides(
    own: Own, east_m: float, north_m: float, up_m: float, ve: float, vn: float
) -> None:
    """Ours and theirs changed for each other, each flying on."""
    times = np.arange(0.0, 61.0)

    def seen(mine: Own, theirs: Own) -> np.ndarray:
        east, north, up = theirs.place_m
        other = intruder(east, north, up, theirs.velocity_mps[:2], theirs.velocity_mps[2])
        traffic = traffic_at(TrafficPicture((other,), datums=Datums(geoid_height_m=0.0)), FRAME, NOW_S)
        path = own_path(mine, Manoeuvre.GO_ON, times)
        return separation(path, mine, traffic, np.array([0]), times, LIMITS)

    other = Own((east_m, north_m, up_m), (ve, vn, 0.0))
    assert seen(own, other) == pytest.approx(seen(other, own), abs=1e-3)


@given(owns, st.sampled_from([Manoeuvre.HOLD, Manoeuvre.DESCEND]))
def test_a_descent_ends_at_the_floor_and_a_stop_stands(own: Own, manoeuvre: Manoeuvre) -> None:
    path = own_path(own, manoeuvre, np.arange(0.0, 61.0), FLOOR, 2.0)
    if manoeuvre is Manoeuvre.DESCEND:
        assert path[-1, 2] <= FLOOR.m + 1e-6
    assert path[-1] == pytest.approx(path[-2], abs=2.1 if manoeuvre is Manoeuvre.DESCEND else 1e-6)


def test_an_alert_comes_at_once_and_goes_after_a_while_without_a_break() -> None:
    near, clear = judged(HOVERING, intruder(1500.0, 0.0, 830.0, (-50.0, 0.0))), judged(HOVERING)
    edge = judged(HOVERING, intruder(900.0, 0.0, 760.0))
    assert edge.level is Level.CLEAR
    assert settle(None, edge, 0.0, LIMITS) is None
    alert = settle(None, near, 0.0, LIMITS)
    assert alert == Alert(Level.AVOID, 0.0)
    assert settle(alert, edge, 1.0, LIMITS) == alert
    emptying = settle(alert, clear, 2.0, LIMITS)
    assert emptying is not None
    assert settle(emptying, clear, 11.9, LIMITS) is not None
    assert settle(emptying, edge, 11.9, LIMITS) == alert
    assert settle(emptying, clear, 12.0, LIMITS) is None


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (intruder(1000.0, 500.0, 780.0), True),
        (intruder(1000.0, 900.0, 780.0), False),
        (intruder(1000.0, 2000.0, 780.0, (0.0, -60.0)), True),
        (intruder(1000.0, 2000.0, 780.0, (0.0, 60.0)), False),
        (intruder(1000.0, 0.0, 1000.0), False),
        (intruder(1000.0, 0.0, 1000.0, category=TrafficCategory.ROTORCRAFT), False),
        (intruder(1000.0, 0.0, 900.0, category=TrafficCategory.ROTORCRAFT), True),
        (intruder(1000.0, 500.0, None), True),
        (intruder(1000.0, 3000.0, 780.0, None), True),
        (intruder(1000.0, 4000.0, 780.0, None), False),
    ],
)
def test_who_is_near_a_way(other: Intruder, near: bool) -> None:
    way = [Waypoint(ORIGIN, Amsl(760.0)), Waypoint(FRAME.to_position(2000.0, 0.0), Amsl(760.0))]
    traffic = traffic_at(TrafficPicture((other,), datums=Datums(geoid_height_m=0.0)), FRAME, NOW_S)
    assert bool(intruders_near(way, traffic, LIMITS, FRAME)) is near


@given(
    st.floats(-3000.0, 3000.0),
    st.one_of(st.none(), st.floats(0.0, 4000.0)),
    st.floats(-15.0, 15.0),
    st.floats(-5.0, 5.0),
)
def test_one_that_is_left_out_for_its_height_could_not_have_come_near(
    east_m: float, up_m: float | None, climb_mps: float, own_climb_mps: float
) -> None:
    """Also when ours goes down to its floor."""
    own = Own((0.0, 0.0, 760.0), (5.0, 0.0, own_climb_mps))
    helicopter = intruder(east_m, 0.0, up_m, (-east_m / 30.0, 0.0), climb_mps, category=TrafficCategory.ROTORCRAFT)
    traffic = traffic_at(TrafficPicture((helicopter,), datums=Datums(geoid_height_m=0.0)), FRAME, NOW_S)
    if assess(own, traffic, LIMITS, FLOOR).encounters:
        return
    times = np.arange(0.0, 61.0)
    for manoeuvre in Manoeuvre:
        path = own_path(own, manoeuvre, times, FLOOR)
        assert separation(path, own, traffic, np.array([0]), times, LIMITS).min() >= LIMITS.clear_factor

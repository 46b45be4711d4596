"""Which zones count, and until when that stays so."""

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from dfr.airspace.in_force import zones_in_force
from dfr.core.times import DAY_S, TimeRange, Times
from dfr.core.zone import Zone, ZoneKind
from tests.unit.airspace.places import ORIGIN

AHEAD_S = 1800.0


def timed(kind: ZoneKind, start_s: float, end_s: float, name: str = "zone") -> Zone:
    return Zone(name, name, kind, Point(0, 0).buffer(1), times=Times((TimeRange(start_s, end_s),)))


def counts(zone: Zone, at_s: float) -> bool:
    return zone in zones_in_force([zone], at_s, AHEAD_S, ORIGIN).zones


def test_a_restriction_counts_as_long_before_it_begins_as_a_flight_may_last() -> None:
    tfr = timed(ZoneKind.TEMPORARY, 10_000.0, 20_000.0)
    assert [counts(tfr, at_s) for at_s in (8_199.0, 8_200.0, 19_999.0, 20_000.0)] == [False, True, True, False]


def test_an_area_that_closes_soon_is_not_flown_in() -> None:
    area = timed(ZoneKind.OPERATING_AREA, 10_000.0, 20_000.0)
    assert [counts(area, at_s) for at_s in (9_999.0, 10_000.0, 18_200.0, 18_201.0)] == [False, True, True, False]


def test_what_has_no_times_always_counts() -> None:
    always = Zone("a", "a", ZoneKind.NO_FLY, Point(0, 0).buffer(1))
    assert zones_in_force([always], 0.0, AHEAD_S, ORIGIN).zones == (always,)


@settings(deadline=None)
@given(
    spans=st.lists(
        st.tuples(
            st.sampled_from([ZoneKind.TEMPORARY, ZoneKind.OPERATING_AREA, ZoneKind.PRIVACY]),
            st.integers(0, 100_000),
            st.integers(60, 50_000),
        ),
        max_size=5,
    ),
    at_s=st.integers(0, 150_000),
    share=st.floats(0.0, 0.999),
)
def test_nothing_changes_before_it_is_said_to(spans: list[tuple[ZoneKind, int, int]], at_s: int, share: float) -> None:
    zones = [timed(kind, start_s, start_s + long_s, f"z{i}") for i, (kind, start_s, long_s) in enumerate(spans)]
    now = zones_in_force(zones, at_s, AHEAD_S, ORIGIN)
    assert at_s < now.until_s <= at_s + DAY_S
    later_s = at_s + share * (now.until_s - at_s)
    assert zones_in_force(zones, later_s, AHEAD_S, ORIGIN).zones == now.zones

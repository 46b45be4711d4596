"""One entry an aircraft, whatever the source; bounded; gone when it is not heard."""

from dataclasses import replace

from dfr.core.clock import ManualClock
from dfr.core.geo import Ellipsoid, Position
from dfr.core.traffic import Datums, GroundVelocity, Intruder, TrafficCategory, TrafficSource
from dfr.traffic.room import TrafficRoom
from dfr.traffic.store import TrafficStore

NOW_S = 1000.0
HELICOPTER = TrafficCategory.ROTORCRAFT
ONE = Intruder("a1b2c3", Position(32.2, -110.9), 10.0, NOW_S, "roof", "N1", HELICOPTER, Ellipsoid(900.0))


def test_the_newer_position_counts_and_what_it_does_not_say_is_filled_in() -> None:
    store = TrafficStore()
    store.take([ONE], NOW_S)
    newer = replace(ONE, position=Position(32.21, -110.9), seen_s=NOW_S + 1.0, source="SKY-1", callsign="",
                    category=TrafficCategory.UNKNOWN, altitude=None, velocity=GroundVelocity(1.0, 2.0))  # fmt: skip
    store.take([newer], NOW_S + 1.0)
    store.take([replace(ONE, seen_s=NOW_S + 0.5)], NOW_S + 1.2)
    (seen,) = store.picture(NOW_S + 1.2).intruders
    assert seen == replace(newer, callsign="N1", category=HELICOPTER, altitude=Ellipsoid(900.0))


def test_an_old_altitude_is_not_taken_for_a_new_one() -> None:
    store = TrafficStore()
    store.take([ONE], NOW_S)
    store.take([replace(ONE, seen_s=NOW_S + 10.0, altitude=None)], NOW_S + 10.0)
    assert store.picture(NOW_S + 10.0).intruders[0].altitude is None


def test_not_heard_for_half_a_minute_it_is_gone() -> None:
    store = TrafficStore()
    store.take([ONE], NOW_S)
    assert store.picture(NOW_S + 29.0).intruders
    assert not store.picture(NOW_S + 31.0).intruders
    store.take([ONE], NOW_S + 40.0)
    store.take([replace(ONE, seen_s=NOW_S + 90.0)], NOW_S + 40.0)
    assert not store.picture(NOW_S + 40.0).intruders


def test_it_is_bounded_and_says_what_it_dropped() -> None:
    store = TrafficStore(most=3)
    store.take([replace(ONE, id=f"{number:06x}") for number in range(5)], NOW_S)
    seen = store.picture(NOW_S)
    assert [one.id for one in seen.intruders] == ["000002", "000003", "000004"]
    assert seen.dropped == 2


def test_the_health_of_its_sources_is_part_of_the_picture() -> None:
    store = TrafficStore()
    store.watch(lambda now_s: TrafficSource("roof", None, f"silent at {now_s:.0f}"))
    assert store.picture(NOW_S).sources[0].sentence == "silent at 1000"


def test_a_reports_altimeter_setting_counts_before_the_sites_while_it_is_young() -> None:
    room = TrafficRoom((), Datums(-29.4, 1013.25), ManualClock(NOW_S))
    assert room.picture(NOW_S).datums == Datums(-29.4, 1013.25)
    room.take_altimeter(1009.5, NOW_S)
    room.take_altimeter(None, NOW_S + 60.0)
    assert room.picture(NOW_S + 5000.0).datums == Datums(-29.4, 1009.5)
    assert room.picture(NOW_S + 6000.0).datums == Datums(-29.4, 1013.25)

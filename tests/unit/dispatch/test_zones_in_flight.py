"""Zones that come and go while the service runs: who leaves, who stops, who is told, and which fence is on board."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dfr.core.command import Hold, ReturnHome, UploadFence
from dfr.core.flight import FlightState
from dfr.core.geo import Position, distance_m
from dfr.core.incident import IncidentState
from dfr.core.regime import NO_REGIME
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.times import TimeRange, Times
from dfr.core.zone import Zone, ZoneKind
from dfr.dispatch.refusal import NotDone
from tests.unit.dispatch.small import AREA, HELIPAD, SCENE, SCHOOL, Rig, circle, place, small_site

S = FlightState
BOTH = {("sky-1", NO_REGIME.id), ("sky-2", NO_REGIME.id)}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    rig.ready()
    yield rig
    rig.journal.close()


def zone(rig: Rig, at: Position, radius_m: float, **changes: Any) -> TemporaryZone:
    values: dict[str, Any] = {
        "id": "zone-1",
        "name": "the fire",
        "start_s": rig.now_s,
        "end_s": rig.now_s + 3600.0,
        "made_by": "anna",
        "made_s": rig.now_s,
        "center": at,
        "radius_m": radius_m,
    }
    return rig.airspace.add(TemporaryZone(**(values | changes)), rig.now_s)


def position(rig: Rig, asset_id: str = "sky-1") -> Position:
    kinematics = rig.fleet.telemetry()[asset_id].kinematics
    assert kinematics is not None
    return kinematics.value.position


def fences(rig: Rig, asset_id: str = "sky-1") -> list[str]:
    return [order.plan.digest for order in rig.fleet.sent(asset_id, UploadFence)]  # type: ignore[attr-defined]


def test_an_aircraft_on_scene_leaves_a_zone_that_appears_over_it_and_gets_the_new_fence(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    here, before = position(rig), fences(rig)
    zone(rig, here, 100.0)
    rig.run(1.0)
    flight = rig.flight(flight_id)
    assert flight.state is S.ON_SCENE
    assert "it goes out of it" in flight.sentence
    rig.run(60.0)
    assert distance_m(position(rig), here) > 100.0 + rig.site.airspace.margin_m
    assert not rig.fleet.sent("sky-1", ReturnHome)
    assert len(fences(rig)) == len(before) + 1
    assert fences(rig)[-1] == rig.director.fences["sky-1"].digest != before[-1]


def test_the_new_fence_waits_until_the_aircraft_is_out(rig: Rig) -> None:
    rig.until_state(rig.launched(), S.ON_SCENE)
    here, before = position(rig), len(fences(rig))
    zone(rig, here, 150.0)
    rig.turn()
    while distance_m(position(rig), here) < 150.0:
        assert len(fences(rig)) == before
        rig.turn()
    rig.run(30.0)
    assert len(fences(rig)) == before + 1


def test_a_flight_whose_way_is_closed_stops_and_going_on_is_refused(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    zone(rig, SCENE, 150.0)
    rig.run(1.0)
    flight = rig.flight(flight_id)
    assert flight.state is S.HOLDING
    assert "closes its way" in flight.sentence
    assert "the fire" in flight.sentence
    assert isinstance(rig.fleet.commands("sky-1")[-1], Hold | UploadFence) or rig.fleet.sent("sky-1", Hold)
    assert rig.memory.alarms[-1].flight_id == flight_id


def test_a_flight_is_told_when_its_way_home_is_closed(rig: Rig) -> None:
    flight_id = rig.launched(position=place(1200.0, 0.0))
    rig.until_state(flight_id, S.ON_SCENE)
    zone(rig, place(600.0, 0.0), 100.0)
    rig.run(1.0)
    assert rig.flight(flight_id).state is S.ON_SCENE
    assert "closes the straight way home" in rig.flight(flight_id).sentence


def test_an_aircraft_on_its_way_home_does_not_fly_into_it(rig: Rig) -> None:
    flight_id = rig.launched(position=place(1200.0, 0.0))
    rig.until_state(flight_id, S.ON_SCENE)
    rig.call(position=place(1200.0, 0.0), status=IncidentState.CANCELLED, source_updated_s=rig.now_s)
    rig.until_state(flight_id, S.RETURNING)
    zone(rig, place(400.0, 0.0), 100.0)
    rig.run(2.0)
    assert rig.flight(flight_id).state is S.HOLDING


def test_a_flight_elsewhere_goes_on(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    sentence = rig.flight(flight_id).sentence
    zone(rig, place(-1200.0, 1200.0), 200.0)
    rig.run(1.0)
    assert rig.flight(flight_id).sentence == sentence
    rig.until_state(flight_id, S.ON_SCENE)


def test_the_flight_of_the_incident_may_be_in_its_bubble_and_others_not(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    sentence = rig.flight(flight_id).sentence
    zone(rig, SCENE, 200.0, incident_id=rig.flight(flight_id).incident_id)
    rig.run(20.0)
    assert rig.flight(flight_id).sentence == sentence
    other = rig.call(source_id="2", position=place(450.0, 250.0))
    assert other.flight_id is None
    assert "the fire" in other.sentence


def test_nothing_launches_into_it_and_lifting_it_opens_the_way_again(rig: Rig) -> None:
    zone(rig, SCENE, 200.0)
    rig.run(10.0)
    refused = rig.call()
    assert refused.flight_id is None
    assert "the fire" in refused.sentence
    rig.airspace.lift("zone-1", "bo", rig.now_s)
    rig.run(10.0)
    assert rig.memory.temporary_zones["zone-1"].lifted_by == "bo"
    assert rig.launched(source_id="2")


def test_a_zone_ends_by_itself(rig: Rig) -> None:
    zone(rig, SCENE, 200.0, end_s=rig.now_s + 120.0)
    rig.run(10.0)
    assert rig.call().flight_id is None
    rig.run(120.0)
    assert rig.launched(source_id="2")


def test_a_zone_that_begins_later_counts_as_soon_as_a_flight_could_meet_it(rig: Rig) -> None:
    zone(rig, SCENE, 200.0, start_s=rig.now_s + 1900.0, end_s=rig.now_s + 4000.0)
    rig.run(10.0)
    assert "zone-1" not in rig.airspace.in_force
    rig.run(100.0)
    assert "zone-1" in rig.airspace.in_force


def test_a_call_that_comes_while_the_fences_are_made_is_decided_then(rig: Rig) -> None:
    zone(rig, place(-1200.0, 1200.0), 200.0)
    rig.worker.later = True
    rig.turn()  # the airspace is being made
    rig.worker.work()
    rig.turn()  # it counts; the fences are being made
    waiting = rig.call()
    assert waiting.flight_id is None
    assert "decided when the fences are made" in waiting.sentence
    rig.worker.work()
    rig.run(20.0)
    assert rig.memory.flights_of(waiting.incident.id)


def test_added_and_lifted_zones_are_known_after_a_restart(rig: Rig) -> None:
    zone(rig, SCENE, 200.0)
    zone(rig, place(-1200.0, 1200.0), 50.0, id="zone-2")
    rig.airspace.lift("zone-2", "bo", rig.now_s)
    rig.restart()
    rig.run(10.0)
    assert rig.airspace.in_force >= {"zone-1"}
    assert "zone-2" not in rig.airspace.in_force
    assert rig.call().flight_id is None


def test_what_cannot_be_added_or_lifted_says_why(rig: Rig) -> None:
    with pytest.raises(NotDone, match="over already"):
        zone(rig, SCENE, 200.0, start_s=rig.now_s - 100.0, end_s=rig.now_s - 1.0)
    with pytest.raises(NotDone, match="no incident"):
        zone(rig, SCENE, 200.0, incident_id="incident-x")
    with pytest.raises(NotDone, match="Nobody added a zone helipad"):
        rig.airspace.lift("helipad", "bo", rig.now_s)
    added = zone(rig, SCENE, 200.0)
    lifted = rig.airspace.lift(added.id, "bo", rig.now_s)
    assert rig.airspace.lift(added.id, "cy", rig.now_s) == lifted


def test_an_operating_area_that_closes_keeps_everybody_on_the_ground_and_lets_no_flight_down(tmp_path: Path) -> None:
    day = replace(AREA, times=Times((TimeRange(None, 1e12),)))
    rig = Rig(tmp_path, replace(small_site(), zones=(day, HELIPAD, SCHOOL)))
    rig.run(2.0)
    rig.ready()
    flight_id = rig.launched()
    rig.airspace.take_zones([replace(AREA, times=Times((TimeRange(None, rig.now_s + 600.0),))), HELIPAD])
    rig.run(5.0)
    assert "no operating area" in rig.memory.alarms[-1].sentence
    rig.until_state(flight_id, S.ON_SCENE)  # what is in the air is judged by what was in force when it launched
    assert rig.call(source_id="2", position=place(-900.0, -800.0)).flight_id is None
    rig.airspace.take_zones([day, HELIPAD, SCHOOL])
    rig.run(10.0)
    assert rig.launched(source_id="3", position=place(-900.0, -800.0))
    rig.journal.close()


def test_zones_that_are_read_anew_come_into_force(rig: Rig) -> None:
    more = Zone("new", "the new helipad", ZoneKind.NO_FLY, circle(500.0, 300.0, 150.0))
    rig.airspace.take_zones([AREA, HELIPAD, SCHOOL, more])
    rig.run(10.0)
    assert "the new helipad" in rig.call().sentence


def test_docks_are_prepared_one_after_the_other_with_rests_and_anew_for_other_zones(rig: Rig) -> None:
    rig.run(2.0)
    assert rig.director.picture(rig.now_s).prepared == BOTH
    rig.worker.later = True
    zone(rig, place(-1200.0, 1200.0), 200.0)
    for _ in range(3):
        rig.turn()
        rig.worker.work()
    assert len(rig.director.picture(rig.now_s).prepared) < 2
    rig.worker.later = False
    rig.run(5.0)
    assert rig.director.picture(rig.now_s).prepared == BOTH

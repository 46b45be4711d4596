"""Whole encounters with fake aircraft: what is ordered, said, kept, and when the flight goes on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dfr.core.command import GoTo, Hold, Launch, ReturnHome
from dfr.core.flight import FlightState
from dfr.core.geo import Amsl, Ellipsoid
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.core.traffic import Datums, GroundVelocity, Intruder, TrafficCategory, TrafficPicture
from tests.unit.dispatch.small import GROUND, SCENE, Rig, place


class Sky:
    """Made-up intruders that fly straight: (east, north, up above ground) and velocity, since a moment."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.flying: dict[str, tuple[float, tuple[float, float, float | None], tuple[float, float, float], Intruder]]
        self.flying = {}
        rig.director.traffic_heard = self.picture

    def put(
        self,
        place_m: tuple[float, float, float | None],
        velocity: tuple[float, float, float] = (0.0, 0.0, 0.0),
        **changes: object,
    ) -> None:
        intruder = Intruder("a1b2c3", SCENE, 10.0, 0.0, "test", "N123AB", TrafficCategory.ROTORCRAFT)
        intruder = replace(intruder, **changes)  # type: ignore[arg-type]
        self.flying[intruder.id] = (self.rig.now_s, place_m, velocity, intruder)

    def picture(self, now_s: float) -> TrafficPicture:
        heard = []
        for since_s, (east, north, up), (ve, vn, vu), intruder in self.flying.values():
            after = now_s - since_s
            heard.append(
                replace(
                    intruder,
                    position=place(east + ve * after, north + vn * after),
                    altitude=None if up is None else Ellipsoid(GROUND.m + up + vu * after),
                    altitude_error_m=10.0,
                    velocity=GroundVelocity(vn, ve),
                    climb_mps=vu,
                    seen_s=now_s,
                )
            )
        return TrafficPicture(tuple(heard), datums=Datums(geoid_height_m=0.0))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.ready()
    yield made
    made.journal.close()


def said(rig: Rig) -> list[str]:
    return [alarm.sentence for alarm in rig.memory.alarms]


def test_a_crossing_helicopter_sends_it_down_or_stops_it_and_it_goes_on_by_itself(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    sky.put((1500.0, 300.0, 60.0), (-50.0, 0.0, 0.0))
    flight = rig.until_state(flight_id, FlightState.HOLDING, 5.0)
    assert "Helicopter N123AB is" in flight.sentence
    assert "closing" in flight.sentence
    orders = rig.fleet.commands("sky-1")
    assert isinstance(orders[-2] if not isinstance(orders[-1], GoTo | Hold) else orders[-1], GoTo | Hold)
    rig.run(20.0)
    assert rig.flight(flight_id).state is FlightState.HOLDING
    flight = rig.until_state(flight_id, FlightState.EN_ROUTE, 90.0)
    assert "N123AB came no nearer than" in flight.sentence
    rig.until_state(flight_id, FlightState.ON_SCENE)
    kept = [entry.content for entry in rig.journal.read(kinds=("encounter",))]
    assert len(kept) == 1
    name, closest_m, above_m = kept[0]["closest"][0]
    assert (name, kept[0]["asset_id"]) == ("Helicopter N123AB", "sky-1")
    assert 0.0 <= closest_m < 700.0
    assert above_m is not None


def test_on_scene_it_goes_down_to_the_minimum_height_and_back_up(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    rig.run(4.0)
    before = rig.fleet.aircraft["sky-1"].height_m
    sky.put((-1200.0, 300.0, 170.0), (50.0, 0.0, 0.0))
    rig.until(lambda: "goes down" in rig.flight(flight_id).sentence, 20.0)
    assert rig.flight(flight_id).state is FlightState.ON_SCENE
    goto = rig.fleet.sent("sky-1", GoTo)[-1]
    assert isinstance(goto, GoTo)
    assert goto.waypoint.altitude == Amsl(GROUND.m + rig.site.settings.minimum_height.m)
    rig.until(lambda: rig.fleet.aircraft["sky-1"].height_m < before - 5.0, 20.0)
    rig.run(15.0)
    assert "goes down" in rig.flight(flight_id).sentence, "low and in place it still says why"
    rig.until(lambda: "Clear of traffic" in rig.flight(flight_id).sentence, 90.0)
    rig.run(20.0)
    assert "In place" in rig.flight(flight_id).sentence
    assert rig.fleet.aircraft["sky-1"].height_m == pytest.approx(before, abs=1.0)


def test_far_above_or_going_away_nothing_is_ordered(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    sky.put((1500.0, 300.0, 900.0), (-50.0, 0.0, 0.0), category=TrafficCategory.AEROPLANE)
    sky.put((-1500.0, 0.0, 60.0), (-50.0, 0.0, 0.0), id="ffffff")
    rig.until_state(flight_id, FlightState.ON_SCENE)
    assert rig.memory.alarms == type(rig.memory.alarms)((), rig.memory.alarms.maxlen)


def test_people_are_told_first_when_it_is_not_urgent(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    sky.put((450.0 - 50.0 * 48.0 - 640.0, 270.0, 60.0), (50.0, 0.0, 0.0))
    rig.run(2.0)
    assert [one for one in said(rig) if "N123AB" in one]
    assert rig.flight(flight_id).state is FlightState.ON_SCENE
    assert not rig.fleet.sent("sky-1", Hold)


def test_after_the_pilots_order_it_tells_and_does_not_order(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    sky.put((1500.0, 300.0, 60.0), (-40.0, 0.0, 0.0))
    rig.until_state(flight_id, FlightState.HOLDING, 5.0)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pilot", rig.now_s)
    rig.run(4.0)
    assert rig.flight(flight_id).state is FlightState.EN_ROUTE


def test_held_by_the_pilot_it_is_left_to_the_pilot_when_clear(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    rig.until(lambda: rig.fleet.aircraft["sky-1"].height_m > 45.0)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.HOLD), "pilot", rig.now_s)
    rig.run(4.0)
    sky.put((1200.0, 200.0, 120.0), (-50.0, 0.0, 0.0))
    rig.run(5.0)
    assert "traffic" in rig.flight(flight_id).sentence
    rig.run(90.0)
    assert rig.flight(flight_id).state is FlightState.HOLDING
    assert any("clear of traffic" in one and "waits for the pilot" in one for one in said(rig))


def test_a_way_home_is_stopped_only_into_traffic_and_goes_on(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.ON_SCENE)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pilot", rig.now_s)
    rig.until_state(flight_id, FlightState.RETURNING)
    rig.run(6.0)
    sky.put((-650.0, -40.0, 60.0), (0.0, 0.0, 0.0))
    rig.run(4.0)
    stopped = rig.flight(flight_id).state is FlightState.HOLDING
    assert stopped, rig.flight(flight_id)
    sky.put((-650.0, -40.0, 60.0), (-60.0, 0.0, 0.0))
    rig.until_state(flight_id, FlightState.RETURNING, 60.0)
    assert len(rig.fleet.sent("sky-1", ReturnHome)) == 2
    rig.until_state(flight_id, FlightState.COMPLETED)


def test_nothing_launches_while_an_intruder_is_near_the_way(rig: Rig) -> None:
    sky = Sky(rig)
    sky.put((300.0, 500.0, 80.0), (0.0, 0.0, 0.0))
    taken = rig.call()
    assert taken.flight_id is None
    assert "Helicopter N123AB is" in taken.sentence
    assert "nothing starts before it is gone" in taken.sentence
    assert not rig.fleet.sent("sky-1", Launch)


def test_without_an_altitude_the_worst_is_taken(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    sky.put((1500.0, 300.0, None), (-50.0, 0.0, 0.0), category=TrafficCategory.AEROPLANE)
    flight = rig.until_state(flight_id, FlightState.HOLDING, 5.0)
    assert "at an unknown height" in flight.sentence


def test_an_intruder_that_is_not_heard_any_more_is_said(rig: Rig) -> None:
    sky = Sky(rig)
    flight_id = rig.launched()
    rig.until_state(flight_id, FlightState.EN_ROUTE)
    sky.put((1500.0, 300.0, 60.0), (-50.0, 0.0, 0.0))
    rig.until_state(flight_id, FlightState.HOLDING, 5.0)
    sky.flying.clear()
    flight = rig.until_state(flight_id, FlightState.EN_ROUTE, 60.0)
    assert "is not heard any more" in flight.sentence

"""The pure decisions: policy, readiness, choice, energy, orders, what pilots mean; and standby's patience."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.airspace.charge import Charge
from dfr.airspace.energy import UnknownDirection
from dfr.core.asset import Asset, Readiness
from dfr.core.clock import ManualClock
from dfr.core.command import GoTo, Hold, Launch, LookAt, LookAtHorizon, Orbit, ReturnHome, UploadFence
from dfr.core.energy import Endurance, Wind
from dfr.core.flight import Activity, FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint, distance_m
from dfr.core.incident import Incident
from dfr.core.pilot import LookTarget, Offset, PilotAction, PilotCommand
from dfr.core.telemetry import Battery, FenceOnBoard, Health, LandedState, LinkState, Telemetry, Timed
from dfr.core.weather import Weather
from dfr.core.weather import Wind as Reported
from dfr.dispatch.choice import choose
from dfr.dispatch.energy import ALOFT, ahead_of, endurance, must_go_home, wind_of
from dfr.dispatch.fences import FenceBook
from dfr.dispatch.orders import OrbitWish, OrderContext, command_for
from dfr.dispatch.picture import FlightSettings, Picture
from dfr.dispatch.pilot import Intent, intent_of
from dfr.dispatch.policy import PolicyAction, Rule, decide
from dfr.dispatch.readiness import readiness
from dfr.dispatch.standby import RETRY_S
from dfr.dispatch.table import Effect, Event
from tests.support.fakes import FakeFleet, Fault
from tests.unit.dispatch.small import AIRFRAME, GROUND, SCENE, SKY_1, SKY_2, Rig, a_flight, asset, place, small_site

S = FlightState
CLOCK = ManualClock()
NOW_S = CLOCK.now_s()


def picture(*assets: Asset, **changes: object) -> Picture:
    """Both aircraft, or these, ready on their docks; `changes` are SKY-1's."""
    site = small_site(*assets)
    telemetry = dict(FakeFleet(site.assets, CLOCK).telemetry())
    book = FenceBook(site)
    for asset_id, plan in book.plans.items():
        telemetry[asset_id] = replace(telemetry[asset_id], fence=FenceOnBoard(plan.digest, NOW_S))
    telemetry["sky-1"] = replace(telemetry["sky-1"], **changes)  # type: ignore[arg-type]
    return Picture(NOW_S, site, telemetry, {}, book.plans, book.problems)


# -- policy ---------------------------------------------------------------------------------------------------------


def incident(kind: str = "ROBBERY", priority: int = 2) -> Incident:
    return Incident("incident-1", "cad", "1", kind, priority, SCENE, NOW_S, NOW_S)


def test_the_first_rule_that_matches_decides() -> None:
    rules = (
        Rule("a", PolicyAction.NEVER, types=frozenset({"NOISE"})),
        Rule("b", PolicyAction.ADVISE, types=frozenset({"ROBBERY"}), priorities=frozenset({2, 3})),
        Rule("c", PolicyAction.AUTO),
    )
    assert [decide(rules, incident(*call)).rule for call in (("NOISE", 1), ("ROBBERY", 2), ("ROBBERY", 1))] == [*"abc"]
    assert decide(rules[::-1], incident("NOISE", 1)).rule == "c"


def test_an_empty_set_means_any_and_both_must_match() -> None:
    assert Rule("all", PolicyAction.AUTO).matches(incident("ANY", 5))
    rule = Rule("one", PolicyAction.AUTO, frozenset({"ROBBERY"}), frozenset({1}))
    assert [rule.matches(incident(*call)) for call in (("ROBBERY", 1), ("ROBBERY", 2), ("NOISE", 1))] == [
        True,
        False,
        False,
    ]


def test_without_a_rule_nothing_launches_by_itself() -> None:
    verdict = decide((), incident())
    assert (verdict.action, verdict.sentence) == (
        PolicyAction.ADVISE, "ROBBERY, priority 2: no rule matches, so the pilot decides."
    )  # fmt: skip


# -- readiness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, Readiness.READY, ""),
        (
            {"link": LinkState.NEVER_SEEN},
            Readiness.OFFLINE,
            "is it switched on, with MAVLink system id 11?",
        ),
        ({"link": LinkState.LOST, "link_changed_s": NOW_S - 40.0}, Readiness.OFFLINE, "not heard for 40 s"),
        ({"link": LinkState.LOST, "link_changed_s": None}, Readiness.OFFLINE, "is not heard:"),
        ({"armed": None}, Readiness.NOT_READY, "has not said whether it is on the ground"),
        ({"landed": None}, Readiness.NOT_READY, "has not said whether it is on the ground"),
        ({"armed": Timed(True, NOW_S)}, Readiness.NOT_READY, "somebody else flies it"),
        ({"landed": Timed(LandedState.IN_AIR, NOW_S)}, Readiness.NOT_READY, "somebody else flies it"),
        ({"kinematics": None}, Readiness.NOT_READY, "has no position yet"),
        ({"home": None}, Readiness.NOT_READY, "where its home is"),
        (
            {"home": Timed(Waypoint(place(40.0, 0.0), Amsl(705.0)), NOW_S)},
            Readiness.NOT_READY,
            "40 m from its dock",
        ),
        ({"home": Timed(Waypoint(place(20.0, 0.0), Amsl(705.0)), NOW_S)}, Readiness.READY, ""),
        ({"health": None}, Readiness.NOT_READY, "not reported its health"),
        ({"health": Timed(Health(False, ("No GPS.",)), NOW_S)}, Readiness.NOT_READY, "cannot be armed. No GPS."),
        ({"health": Timed(Health(False), NOW_S)}, Readiness.NOT_READY, "does not say what is missing"),
        ({"battery": None}, Readiness.NOT_READY, "not reported its battery"),
        ({"battery": Timed(Battery(0.49), NOW_S)}, Readiness.NOT_READY, "battery is at 49%"),
        ({"battery": Timed(Battery(0.5), NOW_S)}, Readiness.READY, ""),
        ({"fence_problem": "PX4 dropped it."}, Readiness.NOT_READY, "SKY-1: PX4 dropped it."),
        ({"fence": None}, Readiness.READY, ""),
    ],
)
def test_each_reason_why_it_is_not_ready(changes: dict[str, object], state: Readiness, words: str) -> None:
    found, sentences = readiness(SKY_1, picture(**changes))
    assert found is state
    assert (sentences == ()) is (state is Readiness.READY)
    assert words in " ".join(sentences)


def test_every_reason_is_told_at_once_and_an_old_position_too() -> None:
    now = picture(battery=None, health=None)
    later = replace(now, now_s=NOW_S + 2.5)
    _, sentences = readiness(SKY_1, later)
    assert len(sentences) == 3
    assert "SKY-1's position is 2.5 s old." in sentences


def test_an_aircraft_on_a_flight_is_busy_and_one_without_a_fence_is_told() -> None:
    busy = replace(picture(), flights={"sky-1": a_flight(S.ON_SCENE, CLOCK)})
    assert readiness(SKY_1, busy) == (Readiness.BUSY, ("SKY-1 is on another flight (on scene).",))
    unfenced = replace(picture(), fence_problems={"sky-1": "No fence can be made."})
    assert readiness(SKY_1, unfenced) == (Readiness.NOT_READY, ("SKY-1: No fence can be made.",))


# -- choice ---------------------------------------------------------------------------------------------------------


def test_the_one_that_is_there_first_goes_and_says_why() -> None:
    near_1, near_2 = choose(SCENE, picture()), choose(place(-900.0, -700.0), picture())
    assert near_1.best is not None
    assert near_2.best is not None
    assert (near_1.best.asset.id, near_2.best.asset.id) == ("sky-1", "sky-2")
    first, second = near_1.candidates
    assert first.fit
    assert second.fit
    assert first.seconds_to_scene is not None
    assert second.seconds_to_scene is not None
    later_s = second.seconds_to_scene - first.seconds_to_scene
    assert near_1.sentence.startswith(f"SKY-1 goes: {first.seconds_to_scene:.0f} s to the scene and ")
    assert near_1.sentence.endswith(f"; SKY-2 would be there {later_s:.0f} s later.")


def test_on_a_large_site_only_who_could_be_there_first_is_looked_at_and_the_answer_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    docks = [(0.0, 0.0), (-1800.0, 0.0), (200.0, 0.0), (400.0, 0.0), (0.0, -1800.0), (0.0, 400.0), (-1800.0, -1800.0)]
    now = picture(*(asset(number, *dock) for number, dock in enumerate(docks, 1)))
    few = choose(SCENE, now)
    monkeypatch.setattr("dfr.dispatch.choice.LOOKED_AT", len(docks))
    everybody = choose(SCENE, now)
    assert few.best == everybody.best
    assert len(few.candidates) == len(everybody.candidates) == len(docks)
    far = next(candidate for candidate in few.candidates if candidate.asset_id == "sky-7")
    assert not far.fit
    assert far.sentence == "SKY-7: 3114 m away in a straight line; others are there sooner."


def test_one_that_is_not_ready_is_passed_over_with_its_reason() -> None:
    choice = choose(SCENE, picture(battery=Timed(Battery(0.3), NOW_S)))
    assert choice.best is not None
    assert choice.best.asset.id == "sky-2"
    assert choice.sentence.endswith("; no other aircraft can go.")
    assert [c.sentence for c in choice.candidates if not c.fit] == [
        "SKY-1's battery is at 30%; 50% is the least for a launch."
    ]


def test_one_that_could_not_come_back_is_not_sent() -> None:
    weak = replace(AIRFRAME, battery=replace(AIRFRAME.battery, energy_wh=18.5))
    now = picture(battery=Timed(Battery(0.6), NOW_S))
    site = replace(now.site, assets={"sky-1": replace(SKY_1, airframe=weak)})
    choice = choose(SCENE, replace(now, site=site, telemetry={"sky-1": now.telemetry["sky-1"]}))
    assert choice.best is None
    assert "reserve" in choice.sentence


def gusty(mean_mps: float) -> Weather:
    return Weather(NOW_S - 60.0, "METAR KTUS", Reported(mean_mps, 270.0))


def test_the_wind_is_reckoned_with_in_the_choice() -> None:
    """There, back and hovering against it: it leaves less on the scene, and at last nobody goes."""
    minutes = []
    for mean_mps in (1.0, 6.0, 9.0):
        best = choose(SCENE, replace(picture(), weather=gusty(mean_mps)), "sky-1").best
        assert best is not None
        minutes.append(best.trip.minutes_on_scene)
    assert minutes[0] > minutes[1] + 0.5 > minutes[2] + 1.0
    half = picture(battery=Timed(Battery(0.5), NOW_S))
    assert choose(SCENE, replace(half, weather=gusty(1.0)), "sky-1").best is not None
    none = choose(SCENE, replace(half, weather=gusty(9.0)), "sky-1")
    assert none.best is None
    assert "there and back takes" in none.sentence
    assert "in 12 m/s of wind" in none.sentence


def test_who_cannot_stay_as_long_as_asked_is_not_sent_and_says_what_it_has() -> None:
    now = picture()
    best = choose(SCENE, now, "sky-1").best
    assert best is not None
    has_s = best.trip.seconds_on_scene
    assert choose(SCENE, now, "sky-1", has_s - 1.0).best is not None
    longer = choose(SCENE, now, "sky-1", has_s + 1.0)
    assert longer.best is None
    assert f"which leaves {has_s / 60.0:.0f} min on the scene where" in longer.sentence


def test_nobody_fit_says_every_reason_and_an_unknown_one_is_none() -> None:
    now = picture(battery=None)
    nobody = choose(place(800.0, 800.0), now)
    assert nobody.best is None
    assert nobody.sentence.startswith("No aircraft can go.")
    assert "SKY-1 has not reported its battery." in nobody.sentence
    assert "SKY-2: " in nobody.sentence
    assert choose(SCENE, now, "sky-9").sentence == "No aircraft can go: the site has none by that name."
    only = choose(SCENE, picture(), "sky-2")
    assert [candidate.asset_id for candidate in only.candidates] == ["sky-2"]


# -- energy ---------------------------------------------------------------------------------------------------------


def away(metres: float, battery: float, wind: Wind | None = None) -> Telemetry:
    telemetry = picture().telemetry["sky-1"]
    assert telemetry.kinematics is not None
    value = replace(telemetry.kinematics.value, position=place(metres, 0.0))
    told = None
    if wind is not None:
        towards_deg = math.degrees(math.atan2(wind.east_mps, wind.north_mps))
        told = Timed(Reported(wind.speed_mps, (towards_deg + 180.0) % 360.0), NOW_S)
    return replace(telemetry, kinematics=Timed(value, NOW_S), battery=Timed(Battery(battery), NOW_S), wind=told)


CALM = Wind(0.0, 0.0)


def left(metres: float, battery: float, wind: Wind | None = CALM, drain: float = 1.0) -> Endurance:
    telemetry = away(metres, battery, wind)
    reckoned = wind_of(telemetry, None, 5.0, NOW_S)
    found = endurance(SKY_1, telemetry, Charge(battery), reckoned, AboveTakeoff(45.0), NOW_S, drain)
    assert found is not None
    return found


def test_it_goes_home_while_what_is_left_still_brings_it_there() -> None:
    assert must_go_home(SKY_1, left(1200.0, 0.9)) == ""
    assert "reserve of 20%" in must_go_home(SKY_1, left(1200.0, 0.21))
    fractions = [0.2 + step * 0.01 for step in range(30)]
    turning = min(fraction for fraction in fractions if not must_go_home(SKY_1, left(1200.0, fraction)))
    flying_s = 1200.0 / AIRFRAME.cruise_mps
    left_s = (turning - AIRFRAME.reserve_fraction) * AIRFRAME.endurance_s
    assert flying_s < left_s < flying_s + 90.0


def test_farther_away_it_must_go_earlier_and_unknown_is_unknown() -> None:
    seconds = [left(metres, 0.5).left_s for metres in (0.0, 500.0, 1000.0, 1900.0)]
    assert all(a > b for a, b in pairwise(seconds))
    for missing in ("kinematics", "home"):
        telemetry = replace(away(500.0, 0.1), **{missing: None})  # type: ignore[arg-type]
        assert endurance(SKY_1, telemetry, Charge(0.1), Wind(0.0, 0.0), AboveTakeoff(45.0), NOW_S) is None
    assert must_go_home(SKY_1, None) == ""


def test_the_point_of_no_return_adds_up() -> None:
    now = left(1000.0, 0.6)
    assert now.turn_by_s == NOW_S + now.left_s
    assert now.home_by_s == now.turn_by_s + now.way_home_s
    usable_s = (0.6 - AIRFRAME.reserve_fraction) * AIRFRAME.endurance_s
    assert now.left_s + now.way_home_s == pytest.approx(usable_s)
    assert now.reach_m == pytest.approx(1000.0 + now.left_s * AIRFRAME.cruise_mps / 2.0, rel=1e-3)
    assert left(1000.0, 0.21).reach_m == 0.0


def test_under_way_it_says_what_it_will_have_on_the_scene() -> None:
    """Less than hovering here by the way there and by the longer way home; as much once it is there."""
    ahead = (Waypoint(place(700.0, 0.0), Amsl(755.0)), Waypoint(place(1000.0, 0.0), Amsl(755.0)))
    telemetry = away(400.0, 0.6, CALM)
    now = endurance(SKY_1, telemetry, Charge(0.6), CALM, AboveTakeoff(45.0), NOW_S, ahead=ahead)
    assert now is not None
    assert telemetry.kinematics is not None
    there = replace(telemetry.kinematics.value, position=place(1000.0, 0.0), altitude=Amsl(755.0))
    arrived = endurance(
        SKY_1, replace(telemetry, kinematics=Timed(there, NOW_S)), Charge(0.6), CALM, AboveTakeoff(45.0), NOW_S
    )
    assert arrived is not None
    assert arrived.on_scene_s == arrived.left_s
    flying_s = arrived.left_s - now.on_scene_s
    assert 600.0 / AIRFRAME.cruise_mps < flying_s < 600.0 / AIRFRAME.cruise_mps + 40.0
    empty = endurance(SKY_1, telemetry, Charge(0.21), CALM, AboveTakeoff(45.0), NOW_S, ahead=ahead)
    assert empty is not None
    assert empty.on_scene_s == 0.0


def test_what_lies_ahead_is_the_rest_of_the_route_until_it_has_been_there() -> None:
    flight = a_flight(S.EN_ROUTE, CLOCK, leg=1)
    assert ahead_of(flight) == flight.route[1:]
    assert ahead_of(replace(flight, state=S.HOLDING)) == flight.route[1:]
    assert ahead_of(replace(flight, state=S.HOLDING, times_s={"on_scene": NOW_S})) == ()
    for state in (S.PREPARING, S.ON_SCENE, S.RETURNING, S.LANDING, S.COMPLETED):
        assert ahead_of(replace(flight, state=state)) == ()


def test_a_wind_that_is_against_the_way_home_is_reckoned_with_and_an_unknown_one_is_feared() -> None:
    with_it, calm, against = left(1500.0, 0.6, Wind(0.0, -8.0)), left(1500.0, 0.6), left(1500.0, 0.6, Wind(0.0, 8.0))
    assert with_it.left_s >= calm.left_s > against.left_s
    assert against.reach_m < calm.reach_m
    feared = left(1500.0, 0.6, None)
    assert feared.wind is None
    assert feared.left_s <= calm.left_s
    stale = replace(away(1500.0, 0.6), wind=Timed(Reported(0.0), NOW_S - 60.0))
    assert wind_of(stale, None, 5.0, NOW_S) == UnknownDirection(5.0)
    report = Weather(NOW_S - 60.0, "METAR KTUS", Reported(4.0, 270.0, 9.0))
    assert wind_of(stale, report, 5.0, NOW_S) == UnknownDirection(4.0 * ALOFT)
    assert wind_of(stale, replace(report, observed_s=NOW_S - 7200.0), 5.0, NOW_S) == UnknownDirection(5.0)
    nowhere = left(1500.0, 0.9, Wind(0.0, 14.5))
    assert nowhere.left_s == 0.0
    assert "m/s of wind" in must_go_home(SKY_1, nowhere)


@given(st.floats(0.0, 14.0), st.floats(0.0, 14.0), st.floats(0.0, 2000.0), st.floats(0.2, 1.0))
def test_more_wind_against_the_way_home_never_leaves_more_time(
    one: float, other: float, m: float, charge: float
) -> None:
    less, more = sorted((one, other))
    assert left(m, charge, Wind(0.0, less)).left_s >= left(m, charge, Wind(0.0, more)).left_s - 1e-6


# -- orders ---------------------------------------------------------------------------------------------------------


def context(**changes: object) -> OrderContext:
    home = Waypoint(SKY_1.dock.position, SKY_1.dock.altitude)
    plan = FenceBook(small_site()).plans["sky-1"]
    return replace(OrderContext(AIRFRAME, FlightSettings(), plan, home, Amsl(760.0), GROUND), **changes)  # type: ignore[arg-type]


def test_every_effect_has_its_command() -> None:
    flight = a_flight(S.EN_ROUTE, CLOCK, leg=1)
    made = {effect: command_for(effect, flight, context()) for effect in Effect}
    assert isinstance(made[Effect.SEND_FENCE], UploadFence)
    assert made[Effect.SEND_LAUNCH] == Launch(AboveTakeoff(50.0))
    assert made[Effect.SEND_LEG] == made[Effect.SEND_NEXT_LEG] == GoTo(flight.route[1], 12.0, 15.0)
    assert made[Effect.SEND_ORBIT] == Orbit(SCENE, Amsl(760.0), 60.0, 5.0)
    assert (made[Effect.SEND_HOLD], made[Effect.SEND_RETURN]) == (Hold(), ReturnHome())
    assert made[Effect.LOOK_AT_HORIZON] == LookAtHorizon()
    assert made[Effect.LOOK_AT_TARGET] == LookAt(SCENE, GROUND)
    assert made[Effect.ALARM] is None


def test_what_is_unknown_makes_no_command_and_no_target_is_the_horizon() -> None:
    flight = a_flight(S.ON_SCENE, CLOCK, look_at=None)
    assert command_for(Effect.SEND_FENCE, flight, context(fence=None)) is None
    assert command_for(Effect.SEND_LAUNCH, flight, context(home=None)) is None
    assert command_for(Effect.LOOK_AT_TARGET, flight, context()) == LookAtHorizon()
    orbit = command_for(Effect.SEND_ORBIT, flight, context(altitude=None, orbit=OrbitWish(30.0, 3.0)))
    assert orbit == Orbit(SCENE, flight.stand_off.altitude, 30.0, 3.0)


# -- what pilots mean -----------------------------------------------------------------------------------------------


def meant(**values: object) -> Intent | tuple[str, ...]:
    return intent_of(PilotCommand(**values), a_flight(S.ON_SCENE, CLOCK), picture())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "event"),
    [
        (PilotAction.HOLD, Event.PILOT_HOLD),
        (PilotAction.RESUME, Event.PILOT_RESUME),
        (PilotAction.RETURN, Event.PILOT_RETURN),
        (PilotAction.ORBIT, Event.PILOT_ORBIT),
        (PilotAction.MOVE, Event.PILOT_MOVE),
    ],
)
def test_each_action_is_its_event(action: PilotAction, event: Event) -> None:
    intent = meant(action=action)
    assert isinstance(intent, Intent)
    assert intent.event is event


def test_a_move_goes_to_a_place_or_so_far_or_only_up() -> None:
    def target(**values: object) -> Waypoint:
        intent = meant(action=PilotAction.MOVE, **values)
        assert isinstance(intent, Intent)
        assert intent.flight.activity is Activity.MOVE
        assert intent.flight.aside is not None
        return intent.flight.aside

    here: Position = SKY_1.dock.position
    assert target(to=SCENE, height=AboveTakeoff(40.0)) == Waypoint(SCENE, Amsl(745.0))
    assert target(to=SCENE).altitude == Amsl(705.0)
    east = target(to=Offset(90.0, 100.0)).position
    assert distance_m(here, east) == pytest.approx(100.0, abs=0.01)
    assert east.longitude_deg > here.longitude_deg
    assert target(height=AboveTakeoff(33.0)) == Waypoint(here, Amsl(738.0))


@pytest.mark.parametrize(
    ("look", "at"), [(SCENE, SCENE), (LookTarget.SCENE, SCENE), (LookTarget.HORIZON, None), (place(1, 2), place(1, 2))]
)
def test_the_camera_is_turned_where_it_was_asked(look: Position | LookTarget, at: Position | None) -> None:
    intent = meant(action=PilotAction.LOOK, look_at=look)
    assert isinstance(intent, Intent)
    assert (intent.event, intent.flight.look_at) == (Event.PILOT_LOOK, at)


def test_what_cannot_be_understood_is_said() -> None:
    (sentence,) = meant(action=PilotAction.LOOK)  # type: ignore[misc]
    assert "Say what to look at" in sentence
    unknown = intent_of(PilotCommand(PilotAction.MOVE, to=SCENE), a_flight(S.ON_SCENE, CLOCK), picture(home=None))
    assert isinstance(unknown, tuple)
    assert "cannot be moved" in unknown[0]


# -- standby --------------------------------------------------------------------------------------------------------


def uploads_s(rig: Rig, seconds: float) -> list[float]:
    """When a fence was sent to SKY-1."""
    times: list[float] = []
    rig.fleet.before_submit = lambda request: times.append(rig.now_s) if request.asset_id == "sky-1" else None
    for _ in range(round(seconds)):
        rig.turn(1.0)
    return times


def test_a_fence_is_on_board_before_a_call_comes_and_sent_once(rig: Rig) -> None:
    assert len(uploads_s(rig, 30.0)) == 1
    assert all(telemetry.fence is not None for telemetry in rig.fleet.telemetry().values())


def test_a_fence_that_fails_is_tried_again_with_growing_patience(rig: Rig) -> None:
    rig.fleet.fail("sky-1", Fault.FENCE_FAILS)
    times = uploads_s(rig, 160.0)
    waits = [b - a for a, b in pairwise(times)]
    assert waits[: len(RETRY_S)] == pytest.approx(RETRY_S, abs=1.01)
    assert waits[len(RETRY_S) :] == pytest.approx([RETRY_S[-1]] * (len(waits) - len(RETRY_S)), abs=1.01)


def test_a_fence_that_was_dropped_is_put_back(rig: Rig) -> None:
    rig.ready()
    rig.run(10.0)
    rig.fleet.fail("sky-1", Fault.FENCE_DROPPED)
    rig.run(2.0)
    assert rig.fleet.telemetry()["sky-1"].fence is not None


def test_nothing_is_sent_to_who_is_not_heard_or_flies(rig: Rig) -> None:
    rig.fleet.fail("sky-1", Fault.LOSES_LINK)
    assert uploads_s(rig, 10.0) == []
    rig.fleet.mend("sky-1", Fault.LOSES_LINK)
    rig.fleet.aircraft["sky-1"].landed = LandedState.IN_AIR
    assert uploads_s(rig, 10.0) == []


def test_both_docks_have_a_fence() -> None:
    assert set(FenceBook(small_site()).plans) == {SKY_1.id, SKY_2.id}

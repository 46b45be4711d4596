"""Choosing an aircraft takes its time beside the loop; what happens meanwhile counts."""

from dataclasses import replace

import pytest

from dfr.core.command import Launch
from dfr.core.geo import distance_m
from dfr.core.incident import Incident, IncidentState
from dfr.core.record import RefusalSubject
from dfr.dispatch import choosing
from dfr.dispatch.choice import choose
from dfr.dispatch.choosing import GIVEN_UP, MOST_CHOICES
from dfr.dispatch.launches import BEING_CHOSEN
from dfr.dispatch.refusal import NotDone
from tests.support.fakes import Fault
from tests.unit.dispatch.small import OUTSIDE, Rig, place


@pytest.fixture
def later(rig: Rig) -> Rig:
    """Every aircraft is ready, and choices are made only when the chooser works."""
    rig.ready()
    rig.chooser.later = True
    return rig


def chosen(rig: Rig) -> None:
    """The choice under way is made, and the engine's next turn comes."""
    rig.chooser.work()
    rig.turn()


def launches(rig: Rig) -> int:
    return sum(isinstance(request.command, Launch) for request in rig.fleet.submitted)


def flying(rig: Rig, incident: Incident) -> list[str]:
    return [flight.asset_id for flight in rig.memory.flights_of(incident.id)]


def test_until_an_aircraft_is_chosen_the_call_is_kept_and_says_so(later: Rig) -> None:
    told: list[str] = []
    later.memory.on_change = lambda change: told.extend(
        one.note for one in later.calls.shown([change] if isinstance(change, Incident) else [])
    )
    taken = later.call()
    assert (taken.flight_id, taken.created) == (None, True)
    assert taken.sentence.endswith(BEING_CHOSEN)
    assert [one.note for one in later.calls.shown([taken.incident])] == [BEING_CHOSEN]
    later.run(2.0)
    assert launches(later) == 0
    chosen(later)
    assert flying(later, taken.incident) == ["sky-1"]
    assert later.calls.as_decided(taken).flight_id is not None
    assert told[-2:] == [BEING_CHOSEN, ""]
    assert launches(later) == 1


def test_two_calls_at_once_get_two_aircraft(later: Rig) -> None:
    one, other = later.call().incident, later.call(source_id="2").incident
    chosen(later)
    assert (flying(later, one), flying(later, other)) == (["sky-1"], [])
    chosen(later)
    assert flying(later, other) == ["sky-2"]


def test_the_gravest_call_that_waits_is_next_and_a_person_goes_before_all(later: Rig) -> None:
    sender = later.director._sender  # urgent calls alone fly by themselves; here those of priority 2 do too
    sender.site = replace(sender.site, rules=(replace(sender.site.rules[1], priorities=frozenset({1, 2})),))
    later.call(source_id="first", priority=2)
    lesser = later.call(source_id="lesser", priority=2).incident
    graver = later.call(source_id="graver").incident
    by_hand = later.call(source_id="hand", type="ROBBERY", priority=3).incident
    later.calls.launch_by_hand(by_hand.id, "sky-2", "pat", later.now_s)
    chosen(later)
    chosen(later)
    assert flying(later, by_hand) == ["sky-2"]
    chosen(later)
    assert graver.id in later.memory.decided
    assert lesser.id not in later.memory.decided


def test_repeats_while_an_aircraft_is_chosen_wait_for_the_same_one(later: Rig) -> None:
    reports = [later.call(), later.call(), later.call(description="more words"), later.call(description="more words")]
    assert [taken.duplicate for taken in reports] == [False, True, False, True]
    chosen(later)
    chosen(later)
    assert launches(later) == 1
    (flight,) = later.memory.flights.values()
    assert {later.calls.as_decided(taken).flight_id for taken in reports} == {flight.id}


def test_an_aircraft_that_cannot_go_any_more_is_not_sent(later: Rig) -> None:
    incident = later.call().incident
    later.chooser.work()  # SKY-1 it is
    later.fleet.fail("sky-1", Fault.EMPTY_BATTERY)
    later.fleet.step(0.1)
    later.turn()
    assert flying(later, incident) == []
    chosen(later)
    assert flying(later, incident) == ["sky-2"]


def test_what_changes_each_time_is_given_up_and_told(later: Rig) -> None:
    taken = later.call()
    for turn in range(MOST_CHOICES):
        later.chooser.work()
        later.call(position=place(500.0 - 10.0 * turn, 310.0))
        later.turn()
    assert flying(later, taken.incident) == []
    assert GIVEN_UP in later.calls.as_decided(taken).sentence
    assert later.memory.refusals[-1].subject is RefusalSubject.LAUNCH
    assert GIVEN_UP in later.memory.alarms[-1].sentence


def test_a_call_that_moves_meanwhile_is_flown_to_where_it_is(later: Rig) -> None:
    incident = later.call().incident
    later.chooser.work()
    there = place(100.0, 300.0)
    later.call(position=there)
    later.turn()
    chosen(later)
    (flight,) = later.memory.flights_of(incident.id)
    assert flight.scene == there
    assert distance_m(flight.route[-1].position, there) < 100.0


def test_a_call_that_moves_out_of_the_area_meanwhile_launches_nothing(later: Rig) -> None:
    taken = later.call()
    with pytest.raises(NotDone, match="outside this site"):
        later.call(position=OUTSIDE)
    chosen(later)
    assert flying(later, taken.incident) == []
    assert "outside this site" in later.calls.as_decided(taken).sentence


@pytest.mark.parametrize("made", [False, True])
def test_a_call_that_is_closed_meanwhile_launches_nothing(later: Rig, made: bool) -> None:
    taken = later.call()
    if made:
        later.chooser.work()
    closed = later.call(status=IncidentState.CLOSED)
    assert closed.sentence == "The call is closed."
    chosen(later)
    chosen(later)
    assert flying(later, taken.incident) == []
    assert "closed" in later.calls.as_decided(taken).sentence
    assert later.calls.shown([closed.incident]) == (closed.incident,)


def test_other_fences_ask_for_another_choice(later: Rig) -> None:
    incident = later.call().incident
    later.chooser.work()
    fences = later.director.zones.fences
    later.director.zones.close("No fence.")
    later.turn()
    assert flying(later, incident) == []
    later.director.zones.take_fences(fences, {}, later.now_s)
    fences.problems = {}
    chosen(later)
    chosen(later)
    assert flying(later, incident) == ["sky-1"]


def test_a_person_who_does_not_wait_any_more_launches_nothing(later: Rig) -> None:
    incident = later.call(type="ROBBERY", priority=3).incident
    flight = later.calls.launch_by_hand(incident.id, None, "pat", later.now_s)
    assert flight.cancel()
    chosen(later)
    assert flying(later, incident) == []


def test_a_person_and_a_rule_send_one_aircraft_between_them(later: Rig) -> None:
    taken = later.call()
    by_hand = [later.calls.launch_by_hand(taken.incident.id, None, user, later.now_s) for user in ("pat", "bo")]
    for _ in range(4):
        chosen(later)
    assert launches(later) == 1
    for refused in by_hand:
        with pytest.raises(NotDone, match="already on this incident"):
            refused.result(timeout=0)


def test_a_person_first_and_the_rule_sends_nobody_more(later: Rig) -> None:
    later.call(source_id="before")
    taken = later.call()
    by_hand = later.calls.launch_by_hand(taken.incident.id, None, "pat", later.now_s)
    for _ in range(3):
        chosen(later)
    assert by_hand.result(timeout=0).asset_id == "sky-2"
    assert flying(later, taken.incident) == ["sky-2"]
    assert "by hand meanwhile" in later.calls.as_decided(taken).sentence


def test_a_choice_that_fails_is_told_and_holds_up_no_other(later: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = later.call()

    def bad(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(choosing, "choose", bad)
    chosen(later)
    assert "failed" in later.memory.alarms[-1].sentence
    assert "failed" in later.calls.as_decided(taken).sentence
    monkeypatch.setattr(choosing, "choose", choose)
    again = later.call()  # CAD repeats it: it is not decided yet
    chosen(later)
    assert flying(later, again.incident) == ["sky-1"]


def test_a_restart_in_the_middle_decides_anew(later: Rig) -> None:
    incident = later.call().incident
    later.restart()
    later.chooser.later = False
    later.run(1.0)
    assert flying(later, incident) == []
    later.calls.decide_what_was_cut_short(later.now_s)
    assert flying(later, incident) == ["sky-1"]
    assert launches(later) == 1

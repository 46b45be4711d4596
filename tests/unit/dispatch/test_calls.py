"""What becomes of calls: merged into incidents, decided once, never lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dfr.core.command import Launch
from dfr.core.flight import FlightState
from dfr.core.incident import IncidentState
from dfr.core.record import RefusalSubject
from dfr.core.telemetry import LinkState
from dfr.dispatch.refusal import NotDone, RefusalKind
from tests.support.fakes import Fault
from tests.unit.dispatch.small import NO_FLY_SCENE, OUTSIDE, SCENE, Rig, a_flight, a_report, place, small_site

S = FlightState


@pytest.fixture
def ready(rig: Rig) -> Iterator[Rig]:
    rig.ready()
    return rig


def launches(rig: Rig) -> int:
    return sum(isinstance(request.command, Launch) for request in rig.fleet.submitted)


def test_a_new_call_is_created_and_launches(ready: Rig) -> None:
    taken = ready.call()
    assert taken.created
    assert not taken.duplicate
    assert taken.flight_id is not None
    assert "rule 'urgent'" in taken.sentence
    assert "SKY-1 goes" in taken.sentence
    assert ready.memory.incidents[taken.incident.id] == taken.incident
    decision = ready.flight(taken.flight_id).decision
    assert (decision.rule, decision.requested_by) == ("urgent", "policy")
    assert {candidate.asset_id for candidate in decision.candidates} == {"sky-1", "sky-2"}


def test_the_time_that_the_rule_asks_for_decides_who_can_go(tmp_path: Path) -> None:
    """Twenty minutes of hovering are no hour on the scene."""
    site = small_site()
    with_time = tuple(replace(rule, minutes_on_scene=60.0) for rule in site.rules)
    rig = Rig(tmp_path, replace(site, rules=with_time))
    rig.ready()
    taken = rig.call()
    assert taken.flight_id is None
    assert "on the scene where 60 min are asked for" in taken.sentence


def test_one_incident_launches_once_however_often_it_is_repeated(ready: Rig) -> None:
    first = ready.call()
    for number in range(5):
        words = f"more words {number}"
        changed = ready.call(description=words)
        assert (changed.duplicate, changed.flight_id) == (False, first.flight_id)
        again = ready.call(description=words)
        assert (again.duplicate, again.created, again.flight_id) == (True, False, first.flight_id)
        ready.run(2.0)
    ready.restart()
    assert ready.call(description="after the restart").flight_id == first.flight_id
    assert launches(ready) == 1
    assert len(ready.memory.incidents) == 1


def test_it_does_not_launch_again_after_its_flight_is_over(ready: Rig) -> None:
    flight_id = ready.launched()
    ready.until_state(flight_id, S.EN_ROUTE)
    ready.fleet.fail("sky-1", Fault.FAILS_SAFE)
    ready.until(lambda: ready.flight(flight_id).state.is_over)
    ready.call(description="still going on")
    assert launches(ready) == 1


def test_two_calls_of_two_sources_with_one_number_are_two_incidents(ready: Rig) -> None:
    one, other = ready.call(source="police"), ready.call(source="fire")
    assert one.incident.id != other.incident.id


def test_an_older_report_changes_nothing(ready: Rig) -> None:
    ready.call(source_updated_s=100.0, description="new")
    taken = ready.call(source_updated_s=90.0, description="old", status=IncidentState.CANCELLED)
    assert taken.duplicate
    assert "older" in taken.sentence
    assert taken.incident.description == "new"
    assert taken.incident.state is IncidentState.OPEN


def test_a_call_that_moved_tells_the_pilot_and_leaves_the_flight(ready: Rig) -> None:
    flight_id = ready.launched()
    taken = ready.call(position=place(100.0, 300.0))
    assert "location changed" in taken.sentence
    assert ready.flight(flight_id).scene == SCENE
    alarm = ready.memory.alarms[-1]
    assert alarm.flight_id == flight_id
    assert str(place(100.0, 300.0)) in alarm.sentence


def test_an_update_without_a_position_keeps_the_known_one(ready: Rig) -> None:
    ready.call(uncertainty_m=20.0)
    taken = ready.call(position=None, description="the caller hung up")
    assert taken.incident.position == SCENE
    assert taken.incident.uncertainty_m == 20.0
    assert taken.incident.description == "the caller hung up"


def test_no_position_is_refused_and_kept_and_decided_when_it_comes(ready: Rig) -> None:
    with pytest.raises(NotDone) as caught:
        ready.call(position=None)
    assert caught.value.kind is RefusalKind.UNUSABLE
    assert "no coordinates" in str(caught.value)
    assert "send it again with a position" in str(caught.value)
    record = ready.memory.refusals[-1]
    assert (record, record.subject) == (caught.value.record, RefusalSubject.CALL)
    assert launches(ready) == 0
    taken = ready.call()
    assert taken.flight_id is not None
    assert (taken.created, len(ready.memory.incidents)) == (False, 1)
    assert launches(ready) == 1


def test_outside_the_jurisdiction_is_refused_and_kept_and_decided_when_corrected(ready: Rig) -> None:
    with pytest.raises(NotDone) as caught:
        ready.call(position=OUTSIDE)
    assert (caught.value.kind, caught.value.title) == (RefusalKind.UNUSABLE, "Outside the jurisdiction")
    assert len(ready.memory.incidents) == 1
    assert ready.call().flight_id is not None


def test_a_scene_in_a_no_fly_zone_is_decided_with_the_reason(ready: Rig) -> None:
    taken = ready.call(position=NO_FLY_SCENE)
    assert taken.flight_id is None
    assert "the helipad" in taken.sentence
    assert ready.memory.refusals[-1].subject is RefusalSubject.LAUNCH


def test_nobody_ready_names_every_reason(rig: Rig) -> None:
    rig.fleet.fail("sky-1", Fault.EMPTY_BATTERY)
    rig.fleet.fail("sky-2", Fault.LOSES_LINK)
    rig.fleet.step(0.1)
    taken = rig.call()
    assert taken.flight_id is None
    record = rig.memory.refusals[-1]
    assert record.title == "Nobody can go"
    assert "battery is at 25%" in record.sentences[1]
    assert "SKY-2 is not heard" in record.sentences[1]
    assert rig.memory.alarms[-1].sentence.startswith("ACTSHOOT")


def test_advice_and_never_launch_nobody(ready: Rig) -> None:
    advised = ready.call(source_id="1", type="ROBBERY", priority=3)
    never = ready.call(source_id="2", type="NOISE", priority=1)
    unknown = ready.call(source_id="3", type="SOMETHING", priority=4)
    assert [taken.flight_id for taken in (advised, never, unknown)] == [None] * 3
    assert "the pilot decides" in advised.sentence
    assert "no aircraft is sent" in never.sentence
    assert "no rule matches" in unknown.sentence
    assert launches(ready) == 0
    assert {taken.incident.id for taken in (advised, never, unknown)} <= ready.memory.decided


def test_cancelled_while_waiting_for_its_fence_it_never_launches(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.call(status=IncidentState.CANCELLED)
    assert rig.flight(flight_id).state is S.ABORTED
    rig.run(10.0)
    assert launches(rig) == 0


@pytest.mark.parametrize("status", [IncidentState.CANCELLED, IncidentState.CLOSED])
def test_an_end_without_a_flight_speaks_of_no_aircraft(ready: Rig, status: IncidentState) -> None:
    ready.call(type="ROBBERY", priority=3)
    taken = ready.call(type="ROBBERY", priority=3, status=status)
    assert taken.incident.state is status
    assert "aircraft" not in taken.sentence


def test_a_call_that_is_over_when_first_heard_of_is_kept_and_flies_nobody(ready: Rig) -> None:
    taken = ready.call(status=IncidentState.CANCELLED)
    assert (taken.created, taken.flight_id) == (True, None)
    assert "cancelled when it was first heard of" in taken.sentence


def test_a_reopened_call_does_not_launch_again_by_itself_and_may_by_hand(ready: Rig) -> None:
    flight_id = ready.launched()
    ready.call(status=IncidentState.CLOSED)
    ready.until(lambda: ready.flight(flight_id).state.is_over)
    taken = ready.call(status=IncidentState.OPEN)
    assert taken.incident.state is IncidentState.OPEN
    assert launches(ready) == 1
    ready.run(5.0)
    flight = ready.by_hand(taken.incident.id)
    assert flight.decision.requested_by == "pat"
    assert launches(ready) == 2


def test_what_cad_sent_is_kept_to_the_letter(ready: Rig) -> None:
    ready.calls.take(a_report(), "<raw>", "cad-1", ready.now_s)
    refusal_id = ready.calls.keep_unreadable("Unreadable call", "It is no JSON.", "}{", "cad-1", ready.now_s)
    raw = [entry.content["raw"] for entry in ready.journal.read(kinds=("call",))]
    assert raw == ["<raw>", "}{"]
    assert ready.memory.refusals[-1].id == refusal_id
    assert ready.memory.refusals[-1].sentences == ("It is no JSON.",)


# -- by hand --------------------------------------------------------------------------------------------------------


def by_hand(rig: Rig, incident_id: str, asset_id: str | None = None) -> NotDone:
    with pytest.raises(NotDone) as caught:
        rig.by_hand(incident_id, asset_id)
    return caught.value


def test_a_person_may_send_one_aircraft_or_the_nearest(ready: Rig) -> None:
    incident = ready.call(type="ROBBERY", priority=3).incident
    flight = ready.by_hand(incident.id, "sky-2")
    assert flight.asset_id == "sky-2"
    other = ready.call(source_id="2", type="ROBBERY", priority=3).incident
    assert ready.by_hand(other.id).asset_id == "sky-1"


def test_unknown_names_are_unknown(ready: Rig) -> None:
    assert by_hand(ready, "incident-0").kind is RefusalKind.UNKNOWN
    incident = ready.call(type="ROBBERY", priority=3).incident
    assert by_hand(ready, incident.id, "sky-9").kind is RefusalKind.UNKNOWN


def test_every_reason_against_a_launch_by_hand_is_given_and_kept(ready: Rig) -> None:
    never = ready.call(type="NOISE", priority=4).incident
    ready.call(type="NOISE", priority=4, status=IncidentState.CLOSED, position=OUTSIDE)
    refusal = by_hand(ready, never.id)
    assert refusal.kind is RefusalKind.NOT_NOW
    assert len(refusal.sentences) == 3
    assert [word in str(refusal) for word in ("closed", "outside", "no aircraft is sent")] == [True] * 3
    assert refusal.record in ready.memory.refusals
    busy = ready.call(source_id="2").incident
    assert "already on this incident" in str(by_hand(ready, busy.id))
    ready.fleet.fail("sky-2", Fault.EMPTY_BATTERY)
    other = ready.call(source_id="3", type="ROBBERY", priority=3).incident
    assert "SKY-2's battery" in str(by_hand(ready, other.id, "sky-2"))


def test_a_launch_that_the_gate_stops_is_aborted_with_its_reasons(ready: Rig) -> None:
    """Chosen while all was well; a moment later it is not."""
    flight = a_flight(S.PREPARING, ready.clock)
    ready.fleet.fail("sky-1", Fault.EMPTY_BATTERY)
    after = ready.director.begin(flight, ready.now_s)
    assert after.state is S.ABORTED
    assert "battery" in after.sentence
    assert ready.memory.refusals[-1].subject is RefusalSubject.LAUNCH
    assert launches(ready) == 0


# -- cut short by a crash -------------------------------------------------------------------------------------------


def test_a_call_that_was_taken_in_and_not_decided_is_decided_after_the_restart(ready: Rig) -> None:
    """The service died between the first entry of an incident and its decision."""
    taken = ready.call()
    entries = [entry for entry in ready.journal.read() if entry.kind == "incident"]
    assert entries[0].incident_id == taken.incident.id
    fresh = replace(taken.incident, id="incident-cut", source_id="cut", received_s=ready.now_s)
    ready.memory.keep_incident(fresh, ready.now_s)
    stale = replace(fresh, id="incident-old", source_id="old", received_s=ready.now_s - 3600.0)
    ready.memory.keep_incident(stale, ready.now_s)
    over = replace(fresh, id="incident-over", source_id="over", state=IncidentState.CLOSED)
    ready.memory.keep_incident(over, ready.now_s)
    ready.restart()
    ready.run(1.0)
    ready.calls.decide_what_was_cut_short(ready.now_s)
    assert "incident-cut" in ready.memory.decided
    assert [flight.asset_id for flight in ready.memory.flights_of("incident-cut")] == ["sky-2"]
    assert not {"incident-old", "incident-over"} & ready.memory.decided
    alarms = [alarm.sentence for alarm in ready.memory.alarms]
    assert [sentence for sentence in alarms if "stopped before it was decided" in sentence] == [alarms[-1]]
    assert "stopped before" in ready.memory.incidents["incident-old"].note
    ready.calls.decide_what_was_cut_short(ready.now_s)
    assert len(ready.memory.alarms) == len(alarms)


def test_a_launch_that_a_crash_cut_short_between_decision_and_flight_is_not_lost(
    ready: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ready.memory, "keep_flight", die)
    with pytest.raises(KeyboardInterrupt):
        ready.call()
    ready.restart()
    ready.run(1.0)
    ready.calls.decide_what_was_cut_short(ready.now_s)
    assert launches(ready) == 1
    ready.restart()
    ready.calls.decide_what_was_cut_short(ready.now_s)
    assert ready.call().duplicate
    assert launches(ready) == 1


def test_a_call_cancelled_while_the_link_is_down_does_not_say_that_it_was_called_home(ready: Rig) -> None:
    flight_id = ready.launched()
    ready.until_state(flight_id, S.EN_ROUTE)
    ready.fleet.fail("sky-1", Fault.LOSES_LINK)
    ready.until_state(flight_id, S.LINK_LOST)
    taken = ready.call(status=IncidentState.CANCELLED)
    assert "called home" not in taken.sentence
    assert "SKY-1 is left as it is: Not heard any more" in taken.sentence


def test_an_aircraft_whose_link_is_down_is_not_chosen(ready: Rig) -> None:
    ready.fleet.fail("sky-1", Fault.LOSES_LINK)
    assert ready.fleet.telemetry()["sky-1"].link is LinkState.LOST
    assert ready.flight(ready.launched()).asset_id == "sky-2"


def test_a_journal_from_before_is_read_whole(tmp_path: Path, ready: Rig) -> None:
    ready.launched()
    known = (dict(ready.memory.incidents), dict(ready.memory.flights), set(ready.memory.decided))
    ready.restart()
    assert (ready.memory.incidents, ready.memory.flights, ready.memory.decided) == known

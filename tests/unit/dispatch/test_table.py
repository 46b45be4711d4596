"""The flight table, all states times all events."""

from itertools import product
from pathlib import Path

import pytest

from dfr.core.flight import FlightState
from dfr.dispatch.sentences import MILESTONES, sentence_for
from dfr.dispatch.table import AIRBORNE_STATES, COMMANDED, TABLE, Effect, Event, Step, step

S, E, F = FlightState, Event, Effect

EVERYTHING = list(product(FlightState, Event))
FLIGHT_ORDERS = {
    F.SEND_LAUNCH, F.SEND_LEG, F.SEND_NEXT_LEG, F.SEND_MOVE, F.SEND_FLY, F.SEND_ORBIT, F.SEND_HOLD, F.SEND_RETURN,
    F.SEND_FENCE, F.SEND_ASIDE,
}  # fmt: skip
SEVERE = (E.GUARD_RETURN, E.ENERGY_LOW, E.FAILSAFE, E.INCIDENT_OVER, E.PILOT_RETURN)
PILOT = {event for event in Event if event.value.startswith("pilot_")}
HORIZON_ONLY = {S.LAUNCHING, S.EN_ROUTE, S.HOLDING, S.RETURNING, S.LANDING, S.LINK_LOST, S.TAKEN_OVER}
GOLDEN = Path(__file__).with_name("table.txt")


def table_text() -> str:
    """The table as people read it: a line for every pair that applies."""
    lines = []
    for state, event in EVERYTHING:
        move = step(state, event)
        if move.applies:
            effects = ", ".join(move.effects) or "nothing is sent"
            lines.append(f"{state:<11} {event:<15} -> {move.state:<11} {effects}")
    return "\n".join(lines) + "\n"


def test_the_table_is_the_one_that_was_read_and_agreed() -> None:
    """After a wanted change: python -m tests.unit.dispatch.test_table; the difference shows in the commit."""
    assert table_text() == GOLDEN.read_text(encoding="utf-8")


def test_it_is_total_and_pure() -> None:
    for state, event in EVERYTHING:
        move = step(state, event)
        assert isinstance(move, Step)
        assert isinstance(move.state, FlightState)
        assert len(set(move.effects)) == len(move.effects)
        assert step(state, event) == move
        if not move.applies:
            assert (move.state, move.effects) == (state, ())


@pytest.mark.parametrize("state", [state for state in FlightState if state.is_over])
def test_an_end_absorbs_everything(state: FlightState) -> None:
    assert {step(state, event) for event in Event} == {Step(state, (), applies=False)}


def test_no_flight_goes_back_to_an_earlier_beginning() -> None:
    back = {(a, e) for a, e in EVERYTHING if step(a, e).state is S.PREPARING and a is not S.PREPARING}
    assert back == {(S.LAUNCHING, E.STILL_ON_GROUND)}
    launches = {(a, e) for a, e in EVERYTHING if F.SEND_LAUNCH in step(a, e).effects}
    assert launches == {(S.PREPARING, E.FENCE_READY)}


def test_nothing_in_the_air_ends_as_aborted() -> None:
    aborting = {(a, e) for a, e in EVERYTHING if step(a, e).applies and step(a, e).state is S.ABORTED}
    in_the_air = {(a, e) for a, e in aborting if a in AIRBORNE_STATES}
    in_the_air -= {(a, E.NEVER_LIFTED) for a in AIRBORNE_STATES}
    assert in_the_air == {(S.LAUNCHING, E.LAUNCH_REFUSED), (S.LAUNCHING, E.ON_GROUND)}


def test_only_the_ground_completes_a_flight() -> None:
    completing = {(a, e) for a, e in EVERYTHING if step(a, e).applies and step(a, e).state is S.COMPLETED}
    assert completing == {(a, E.ON_GROUND) for a in AIRBORNE_STATES - {S.LAUNCHING}}


@pytest.mark.parametrize("event", SEVERE)
@pytest.mark.parametrize("state", COMMANDED)
def test_what_is_severe_leads_home(state: FlightState, event: Event) -> None:
    move = step(state, event)
    assert move.state is S.RETURNING
    # The autopilot's own failsafe flies home already: a second order could only disturb it.
    assert (F.SEND_RETURN in move.effects) is (event is not E.FAILSAFE)
    assert F.LOOK_AT_HORIZON in move.effects
    assert (F.ALARM in move.effects) is (event in (E.GUARD_RETURN, E.ENERGY_LOW, E.FAILSAFE))


def test_severe_wins_in_whatever_order_things_come() -> None:
    """After a severe event only the pilot, the aircraft itself, or what is in its way can take it off the way home."""
    leaving = {(e, step(S.RETURNING, e).state) for e in Event if step(S.RETURNING, e).state is not S.RETURNING}
    assert leaving == {
        (E.PILOT_HOLD, S.HOLDING),
        # Stopped before traffic it goes on home by itself.
        (E.TRAFFIC_HOLD, S.HOLDING),
        # A zone that comes into force over it or across its way home: the battery sends it on all the same.
        (E.ZONE_OVER, S.HOLDING),
        (E.ZONE_AHEAD, S.HOLDING),
        (E.LANDING_SEEN, S.LANDING),
        (E.ON_GROUND, S.COMPLETED),
        (E.NEVER_LIFTED, S.ABORTED),
        (E.TAKEOVER, S.TAKEN_OVER),
        (E.LINK_LOST, S.LINK_LOST),
    }


@pytest.mark.parametrize("event", [E.ZONE_OVER, E.ZONE_AHEAD, E.ZONE_BEHIND])
@pytest.mark.parametrize("state", [*COMMANDED, S.RETURNING])
def test_a_zone_that_comes_into_force_is_told_loudly_and_never_flown_on_into(state: FlightState, event: Event) -> None:
    move = step(state, event)
    assert not move.applies or F.ALARM in move.effects
    assert not {F.SEND_LEG, F.SEND_NEXT_LEG, F.SEND_MOVE, F.SEND_ORBIT, F.SEND_LAUNCH} & set(move.effects)
    if event is E.ZONE_OVER:
        assert {F.SEND_ASIDE, F.SEND_RETURN} & set(move.effects)
    assert step(move.state, E.ENERGY_LOW).state is S.RETURNING or state is S.RETURNING


@pytest.mark.parametrize("state", sorted(AIRBORNE_STATES))
def test_whoever_is_in_the_air_may_be_lost_taken_over_or_down(state: FlightState) -> None:
    lost, taken = step(state, E.LINK_LOST), step(state, E.TAKEOVER)
    assert lost.state is S.LINK_LOST
    assert taken.state is S.TAKEN_OVER
    assert not FLIGHT_ORDERS & {*lost.effects, *taken.effects}
    assert F.ALARM in taken.effects
    assert F.ALARM in lost.effects
    assert step(state, E.ON_GROUND).state.is_over


@pytest.mark.parametrize("event", [event for event in Event if event not in PILOT])
def test_taken_over_sends_nothing_until_a_pilot_asks(event: Event) -> None:
    assert not FLIGHT_ORDERS & set(step(S.TAKEN_OVER, event).effects)


@pytest.mark.parametrize("event", Event)
def test_taken_over_sends_nothing_to_the_camera_either(event: Event) -> None:
    move = step(S.TAKEN_OVER, event)
    if event not in (E.PILOT_RESUME, E.PILOT_HOLD, E.PILOT_RETURN):
        assert set(move.effects) <= {F.ALARM}


@pytest.mark.parametrize("event", [E.PILOT_RESUME, E.PILOT_HOLD, E.PILOT_RETURN])
def test_a_pilot_takes_it_back(event: Event) -> None:
    move = step(S.TAKEN_OVER, event)
    assert move.state in (S.HOLDING, S.RETURNING)
    assert FLIGHT_ORDERS & set(move.effects)


def test_a_lost_link_sends_nothing_but_a_return() -> None:
    """A pilot's, or after a silence longer than its own failsafe needs."""
    for event in Event:
        move = step(S.LINK_LOST, event)
        if move.state is S.LINK_LOST and event not in (E.PILOT_RETURN, E.STILL_SILENT):
            assert not FLIGHT_ORDERS & set(move.effects), event
    assert FLIGHT_ORDERS & set(step(S.LINK_LOST, E.STILL_SILENT).effects) == {F.SEND_RETURN}
    assert step(S.LINK_LOST, E.PILOT_RETURN) == Step(S.LINK_LOST, (F.SEND_RETURN,))
    assert step(S.LINK_LOST, E.LINK_BACK).state is S.HOLDING
    assert step(S.LINK_LOST, E.FAILSAFE).state is S.RETURNING


@pytest.mark.parametrize("state", FlightState)
def test_every_state_can_reach_an_end_and_is_reached(state: FlightState) -> None:
    def reach(start: FlightState) -> set[FlightState]:
        found, todo = {start}, [start]
        while todo:
            here = todo.pop()
            for event in Event:
                there = step(here, event).state
                if there not in found:
                    found.add(there)
                    todo.append(there)
        return found

    assert any(end.is_over for end in reach(state))
    assert state in reach(S.PREPARING)


def test_the_camera_sees_the_target_on_scene_alone() -> None:
    for state, event in EVERYTHING:
        move = step(state, event)
        if move.state in HORIZON_ONLY:
            assert F.LOOK_AT_TARGET not in move.effects
        # Coming from where the target was in the picture, under our orders and heard, the camera is turned away.
        if state is S.ON_SCENE and move.state in (S.EN_ROUTE, S.HOLDING, S.RETURNING):
            assert F.LOOK_AT_HORIZON in move.effects
        if move.state is S.EN_ROUTE and state is not S.EN_ROUTE:
            assert F.LOOK_AT_HORIZON in move.effects


@pytest.mark.parametrize("state", [S.EN_ROUTE, S.HOLDING])
def test_moved_on_the_way_it_stays_there_until_it_is_told_to_go_on(state: FlightState) -> None:
    move = step(state, E.PILOT_MOVE)
    assert (move.state, FLIGHT_ORDERS & set(move.effects)) == (S.HOLDING, {F.SEND_MOVE})
    assert not step(S.HOLDING, E.ARRIVED).applies
    assert step(S.HOLDING, E.PILOT_RESUME) == Step(S.EN_ROUTE, (F.LOOK_AT_HORIZON, F.SEND_LEG))


@pytest.mark.parametrize("state", FlightState)
def test_the_stick_flies_where_a_pilot_may_move_it_and_its_end_is_a_hold_there(state: FlightState) -> None:
    fly, move = step(state, E.PILOT_FLY), step(state, E.PILOT_MOVE)
    assert (fly.applies, fly.state) == (move.applies, move.state)
    if fly.applies:
        assert FLIGHT_ORDERS & set(fly.effects) == {F.SEND_FLY}
        over = step(fly.state, E.STICK_OVER)
        assert (over.state, FLIGHT_ORDERS & set(over.effects)) == (fly.state, {F.SEND_HOLD})
    over = step(state, E.STICK_OVER)
    assert over.applies == (state in (S.ON_SCENE, S.HOLDING))
    assert {F.SEND_FLY} & set(over.effects) == set()


@pytest.mark.parametrize("event", [E.POSITION_LOST, E.MOTOR_FAILED, E.UPLINK_LOST])
def test_a_loss_in_the_air_is_told_loudly_and_never_sends_it_on(event: Event) -> None:
    for state in (*COMMANDED, S.RETURNING, S.LANDING):
        move = step(state, event)
        assert move.applies
        assert F.ALARM in move.effects
        assert FLIGHT_ORDERS & set(move.effects) <= {F.SEND_HOLD, F.SEND_RETURN}
    for state in (S.TAKEN_OVER, S.PREPARING, S.LINK_LOST):
        assert not step(state, event).applies


def test_one_flight_order_a_step() -> None:
    """Two would supersede each other."""
    for state, event in EVERYTHING:
        assert len(FLIGHT_ORDERS & set(step(state, event).effects)) <= 1


@pytest.mark.parametrize("event", [E.ORDER_FAILED, E.GUARD_HOLD])
@pytest.mark.parametrize("state", COMMANDED)
def test_what_goes_wrong_on_the_way_stops_it_loudly(state: FlightState, event: Event) -> None:
    move = step(state, event)
    assert {F.SEND_HOLD, F.ALARM} <= set(move.effects)
    assert move.state is (S.ON_SCENE if state is S.ON_SCENE else S.HOLDING)


@pytest.mark.parametrize("event", Event)
def test_every_event_has_a_sentence(event: Event) -> None:
    sentence = sentence_for(event)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert sentence_for(event, "It rained.") == f"{sentence} It rained."


def test_milestones_belong_to_moves_that_exist_and_each_name_to_one_moment() -> None:
    reached = {(move.state, event) for (_, event), move in TABLE.items()}
    for (state, event), names in MILESTONES.items():
        assert names
        assert (state, event) in reached if event is not None else any(state is s for s, _ in reached)
    assert {"takeoff_sent", "airborne", "on_scene", "returning", "landed", "ended"} == {
        name for names in MILESTONES.values() for name in names
    } - {"landing"}
    assert all("ended" in MILESTONES[state, None] for state in FlightState if state.is_over)


if __name__ == "__main__":
    GOLDEN.write_text(table_text(), encoding="utf-8")

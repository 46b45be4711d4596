"""What telemetry and outcomes mean for a flight."""

from dataclasses import replace

import pytest

from dfr.core.clock import ManualClock
from dfr.core.command import (
    Command,
    Disarm,
    GoTo,
    Hold,
    Launch,
    LookAtHorizon,
    Orbit,
    Outcome,
    OutcomeKind,
    ReturnHome,
    UploadFence,
)
from dfr.core.fence import FencePlan
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Waypoint
from dfr.core.telemetry import FlightMode, Health, LandedState, LinkState, Telemetry, Timed
from dfr.dispatch.observe import (
    GOING_HOME,
    OURS,
    RELAUNCH_WITHIN_S,
    SILENCE_SETTLES_S,
    adopt,
    event_of,
    in_the_air,
    observe,
)
from dfr.dispatch.table import COMMANDED, Event, step
from tests.support.fakes import FakeFleet
from tests.unit.dispatch.small import SCENE, SKY_1, a_flight

S, E, M = FlightState, Event, FlightMode
CLOCK = ManualClock()
NOW_S = CLOCK.now_s()
THEIRS = [mode for mode in FlightMode if mode not in OURS | GOING_HOME]
DOCKED = FakeFleet({"sky-1": SKY_1}, CLOCK).telemetry()["sky-1"]
AIR, GROUND, LANDING = LandedState.IN_AIR, LandedState.ON_GROUND, LandedState.LANDING


def heard(flies: FlightMode, landed: LandedState = AIR, *, at_s: float = NOW_S, **changes: object) -> Telemetry:
    values = {
        "mode": Timed(flies, at_s),
        "landed": Timed(landed, at_s),
        "armed": Timed(landed is not GROUND, at_s),
        "link_changed_s": NOW_S - 100.0,
    }
    return replace(DOCKED, **(values | changes))  # type: ignore[arg-type]


def lost(**changes: object) -> Telemetry:
    return heard(M.HOLD, link=LinkState.LOST, **changes)


def flight(state: FlightState, **changes: object) -> Flight:
    return a_flight(state, CLOCK, **changes)


def seen(state: FlightState, telemetry: Telemetry, ordered_s: float = NOW_S - 60.0) -> Event | None:
    return observe(flight(state), telemetry, ordered_s)


CASES: list[tuple[FlightState, Telemetry, Event | None]] = [
    *[(state, lost(), E.LINK_LOST) for state in FlightState if state is not S.LINK_LOST],
    (S.LINK_LOST, lost(), None),
    *[(state, heard(mode), E.FAILSAFE) for state in COMMANDED for mode in GOING_HOME],
    *[(state, heard(mode), None) for state in COMMANDED for mode in OURS],
    *[(state, heard(mode), E.TAKEOVER) for state in COMMANDED for mode in THEIRS],
    *[(state, heard(M.HOLD, GROUND), E.ON_GROUND) for state in COMMANDED if state is not S.LAUNCHING],
    (S.LAUNCHING, heard(M.HOLD, GROUND), None),
    (S.PREPARING, heard(M.MANUAL), None),
    (S.RETURNING, heard(M.RETURN), None),
    (S.RETURNING, heard(M.LAND), E.LANDING_SEEN),
    (S.RETURNING, heard(M.RETURN, LANDING), E.LANDING_SEEN),
    (S.RETURNING, heard(M.MANUAL), E.TAKEOVER),
    (S.RETURNING, heard(M.HOLD, GROUND), E.ON_GROUND),
    (S.LANDING, heard(M.LAND, LANDING), None),
    (S.LANDING, heard(M.MANUAL), E.TAKEOVER),
    (S.LANDING, heard(M.HOLD, GROUND), E.ON_GROUND),
    (S.TAKEN_OVER, heard(M.MANUAL), None),
    (S.TAKEN_OVER, heard(M.HOLD), None),
    (S.TAKEN_OVER, heard(M.HOLD, GROUND), E.ON_GROUND),
    *[(S.LINK_LOST, heard(mode), E.LINK_BACK) for mode in OURS],
    *[(S.LINK_LOST, heard(mode), E.FAILSAFE) for mode in GOING_HOME],
    *[(S.LINK_LOST, heard(mode), E.TAKEOVER) for mode in THEIRS],
    (S.LINK_LOST, heard(M.HOLD, GROUND), E.ON_GROUND),
    (S.EN_ROUTE, heard(M.MANUAL, link=LinkState.NEVER_SEEN), None),
    (S.EN_ROUTE, heard(M.MANUAL, mode=None), None),
]


@pytest.mark.parametrize(("state", "telemetry", "event"), CASES)
def test_telemetry_shows_an_event(state: FlightState, telemetry: Telemetry, event: Event | None) -> None:
    assert seen(state, telemetry) is event


@pytest.mark.parametrize("state", [S.ON_SCENE, S.HOLDING])
@pytest.mark.parametrize("activity", Activity)
def test_offboard_is_ours_while_it_is_flown_by_stick_alone(state: FlightState, activity: Activity) -> None:
    flown = flight(state, activity=activity)
    event = None if activity is Activity.FLY else E.TAKEOVER
    assert observe(flown, heard(M.OFFBOARD), NOW_S - 60.0) is event
    assert adopt(flown, heard(M.OFFBOARD), NOW_S) is (event or E.ADOPTED)
    assert observe(flown, heard(M.MISSION), NOW_S - 60.0) is E.TAKEOVER
    assert observe(flown, heard(M.RETURN), NOW_S - 60.0) is E.FAILSAFE


@pytest.mark.parametrize("state", COMMANDED)
def test_a_mode_from_before_an_order_is_not_taken_for_an_answer(state: FlightState) -> None:
    """HEARTBEAT comes once a second: what it says sooner than 3 s after an order may be older."""
    assert seen(state, heard(M.RETURN), NOW_S - 2.0) is None
    assert seen(state, heard(M.RETURN), NOW_S - 4.0) is E.FAILSAFE


def test_return_is_given_time_before_another_mode_counts_as_somebody_else() -> None:
    assert seen(S.RETURNING, heard(M.HOLD), NOW_S - 10.0) is None
    assert seen(S.RETURNING, heard(M.HOLD), NOW_S - 13.0) is E.TAKEOVER


def test_after_a_silence_only_what_was_heard_since_counts() -> None:
    back = heard(M.RETURN, at_s=NOW_S - 5.0, link_changed_s=NOW_S - 1.0)
    assert seen(S.LINK_LOST, back) is None
    unread = heard(M.HOLD, link_changed_s=NOW_S - SILENCE_SETTLES_S / 2)
    assert seen(S.LINK_LOST, unread) is None, "it may have waited unread while this machine slept"
    assert seen(S.LINK_LOST, heard(M.RETURN, link_changed_s=NOW_S - SILENCE_SETTLES_S)) is E.FAILSAFE


def test_armed_on_the_ground_is_not_down() -> None:
    assert seen(S.EN_ROUTE, heard(M.HOLD, GROUND, armed=Timed(True, NOW_S))) is None


def test_what_is_unknown_counts_as_flying() -> None:
    assert in_the_air(Telemetry("sky-1"))
    assert in_the_air(heard(M.HOLD, LANDING))
    assert not in_the_air(heard(M.HOLD, GROUND))


ADOPTIONS: list[tuple[FlightState, Telemetry, Event | None]] = [
    (S.EN_ROUTE, lost(), E.LINK_LOST),
    (S.EN_ROUTE, Telemetry("sky-1"), None),
    (S.EN_ROUTE, heard(M.HOLD, mode=None), None),
    (S.EN_ROUTE, heard(M.HOLD, armed=None), None),
    (S.EN_ROUTE, heard(M.HOLD, kinematics=None), None),
    *[(state, heard(M.HOLD), E.ADOPTED) for state in (*COMMANDED, S.RETURNING, S.TAKEN_OVER, S.LINK_LOST, S.LANDING)],
    *[(state, heard(M.RETURN), E.FAILSAFE) for state in (*COMMANDED, S.LINK_LOST, S.TAKEN_OVER)],
    (S.RETURNING, heard(M.RETURN), E.ADOPTED),
    (S.LANDING, heard(M.LAND), E.LANDING_SEEN),
    *[(state, heard(mode), E.TAKEOVER) for state in (*COMMANDED, S.RETURNING) for mode in THEIRS],
    *[(state, heard(M.HOLD, GROUND), E.ON_GROUND) for state in (S.EN_ROUTE, S.RETURNING, S.LANDING, S.TAKEN_OVER)],
    *[(state, heard(M.HOLD, GROUND), E.STILL_ON_GROUND) for state in (S.PREPARING, S.LAUNCHING)],
]


@pytest.mark.parametrize(("state", "telemetry", "event"), ADOPTIONS)
def test_a_restart_makes_sense_of_what_it_finds(state: FlightState, telemetry: Telemetry, event: Event | None) -> None:
    assert adopt(flight(state), telemetry, NOW_S) is event


@pytest.mark.parametrize("state", [state for state in FlightState if not state.is_over])
def test_whatever_is_seen_means_something_to_the_flight(state: FlightState) -> None:
    """An event that the table does not know in this state would leave the flight waiting for ever."""
    everything = [heard(mode, landed) for mode in FlightMode for landed in LandedState] + [lost()]
    settled = {(S.TAKEN_OVER, E.FAILSAFE), (S.LANDING, E.ADOPTED), (S.LINK_LOST, E.LINK_LOST)}
    for telemetry in everything:
        for event in (seen(state, telemetry), adopt(flight(state), telemetry, NOW_S)):
            assert event is None or step(state, event).applies or (state, event) in settled, event


def test_a_launch_that_was_cut_short_goes_on_while_it_is_fresh_and_can_be_armed() -> None:
    on_dock = heard(M.HOLD, GROUND)
    fresh, old = NOW_S + RELAUNCH_WITHIN_S - 1.0, NOW_S + RELAUNCH_WITHIN_S + 1.0
    assert adopt(flight(S.LAUNCHING), on_dock, fresh) is E.STILL_ON_GROUND
    assert adopt(flight(S.LAUNCHING), on_dock, old) is E.ON_GROUND
    not_yet = replace(on_dock, health=Timed(Health(False), NOW_S))
    assert adopt(flight(S.LAUNCHING), not_yet, fresh) is None
    assert adopt(flight(S.LAUNCHING), not_yet, old) is E.ON_GROUND


FENCE = UploadFence(FencePlan(()))
LAUNCH, RETURN, HOLD = Launch(AboveTakeoff(45.0)), ReturnHome(), Hold()
GO = GoTo(Waypoint(SCENE, Amsl(750.0)), 12.0)
ORBIT = Orbit(SCENE, Amsl(750.0), 60.0, 5.0)


def ended(command: Command, kind: OutcomeKind, telemetry: Telemetry, leg: int = 1) -> Event | None:
    outcome = Outcome("r", "sky-1", kind, "It ended.", NOW_S)
    return event_of(outcome, command, flight(S.EN_ROUTE, leg=leg), telemetry)


@pytest.mark.parametrize(
    ("command", "done", "failed"),
    [
        (FENCE, E.FENCE_READY, E.FENCE_FAILED),
        (LAUNCH, E.AIRBORNE, E.LAUNCH_FAILED),
        (GO, E.ARRIVED, E.ORDER_FAILED),
        (ORBIT, None, E.ORDER_FAILED),
        (HOLD, None, E.ORDER_FAILED),
        (RETURN, None, E.RETURN_FAILED),
        (LookAtHorizon(), None, None),
        (Disarm(), None, None),
    ],
)
def test_the_end_of_an_order_is_an_event(command: Command, done: Event | None, failed: Event | None) -> None:
    assert ended(command, OutcomeKind.DONE, heard(M.HOLD)) is done
    assert ended(command, OutcomeKind.FAILED, heard(M.HOLD)) is failed
    assert ended(command, OutcomeKind.SUPERSEDED, heard(M.HOLD)) is None


def test_a_corner_is_not_the_end_of_the_way() -> None:
    assert ended(GO, OutcomeKind.DONE, heard(M.HOLD), leg=0) is E.LEG_DONE


def test_a_launch_that_failed_on_the_ground_was_refused() -> None:
    assert ended(LAUNCH, OutcomeKind.FAILED, heard(M.HOLD, GROUND)) is E.LAUNCH_REFUSED


@pytest.mark.parametrize("command", [LAUNCH, GO, ORBIT, HOLD])
def test_an_order_that_somebody_else_ended_is_theirs(command: Command) -> None:
    """A hold here would end the autopilot's way home, or take the aircraft from the person who flies it."""
    assert {ended(command, OutcomeKind.FAILED, heard(mode)) for mode in GOING_HOME} == {E.FAILSAFE}
    assert {ended(command, OutcomeKind.FAILED, heard(mode)) for mode in THEIRS} == {E.TAKEOVER}
    assert ended(command, OutcomeKind.FAILED, lost()) is E.LINK_LOST

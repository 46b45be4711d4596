"""Each order against an aircraft that does it, refuses it, ignores it, or drops it: the outcome and its sentence."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from dfr.core.command import (
    Command,
    Disarm,
    GoTo,
    Hold,
    Launch,
    LookAt,
    LookAtHorizon,
    Orbit,
    Outcome,
    OutcomeKind,
    ReturnHome,
)
from dfr.core.geo import AboveTakeoff, Amsl, Waypoint, destination
from dfr.core.telemetry import OLDEST_POSITION_S
from dfr.fleet.mavlink.common import AckResult, Cmd
from tests.unit.fleet.scripted import (
    HOME,
    HOME_ALTITUDE,
    IN_AIR,
    LAND,
    ON_GROUND,
    ORBIT,
    POSITION,
    RETURN,
    TAKEOFF,
    Answer,
    ScriptedAircraft,
)

THERE = Waypoint(destination(HOME, 0.0, 100.0), Amsl(HOME_ALTITUDE.m + 40.0))
LAUNCH = Launch(AboveTakeoff(40.0))
GO_TO = GoTo(THERE, 12.0)
ORBIT_ORDER = Orbit(THERE.position, THERE.altitude, 40.0, 5.0)
LOOK_AT = LookAt(destination(HOME, 0.0, 40.0), HOME_ALTITUDE)


def does(**state: Any) -> Answer:
    """Accepts, and is in this state from then on."""

    def answer(aircraft: ScriptedAircraft, fields: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(aircraft, name, value)
        aircraft.acknowledge(fields["command"])

    return answer


def says(text: str) -> Answer:
    """Accepts and takes it back with a text."""

    def answer(aircraft: ScriptedAircraft, fields: Mapping[str, Any]) -> None:
        aircraft.acknowledge(fields["command"])
        aircraft.say(text)

    return answer


def refuses(result: AckResult, text: str = "") -> Answer:
    def answer(aircraft: ScriptedAircraft, fields: Mapping[str, Any]) -> None:
        aircraft.acknowledge(fields["command"], result)
        if text:
            aircraft.say(text)

    return answer


def silent(_: ScriptedAircraft, __: Mapping[str, Any]) -> None:
    """No acknowledgement."""


def obeying(aircraft: ScriptedAircraft, command: Command) -> Outcome:
    async def run() -> Outcome:
        async with aircraft.alive():
            aircraft.submit(command)
            return await aircraft.outcome()

    return asyncio.run(run())


UP = {"armed": True, "landed": IN_AIR, "height_m": 40.0, "custom_mode": TAKEOFF}


@pytest.mark.parametrize(
    ("command", "flying", "on", "sentence"),
    [
        (LAUNCH, False, {Cmd.COMPONENT_ARM_DISARM: does(**UP)}, "SKY-1 is in the air, 40 m above take-off."),
        (GO_TO, True, {Cmd.DO_REPOSITION: does(north_m=97.0)}, "SKY-1 is within 5 m of its waypoint."),
        (ORBIT_ORDER, True, {Cmd.DO_ORBIT: does(custom_mode=ORBIT, north_m=140.0)}, "SKY-1 orbits at 40 m."),
        (Hold(), True, {}, "SKY-1 holds."),
        (ReturnHome(), True, {Cmd.NAV_RETURN_TO_LAUNCH: does(custom_mode=RETURN)}, "SKY-1 flies home."),
        (ReturnHome(), True, {Cmd.NAV_RETURN_TO_LAUNCH: does(custom_mode=LAND)}, "SKY-1 flies home."),
        (ReturnHome(), False, {}, "SKY-1 is on the ground, disarmed."),
        (Disarm(), False, {Cmd.COMPONENT_ARM_DISARM: does(armed=False)}, "SKY-1 is disarmed."),
        (
            LOOK_AT,
            True,
            {},
            "PX4 accepted the place to look at; SKY-1 reports no gimbal, so nobody can say where it looks.",
        ),
        (
            LookAtHorizon(),
            True,
            {},
            "PX4 accepted the look to the horizon; SKY-1 reports no gimbal attitude to prove it by.",
        ),
    ],
)
def test_goal_seen(command: Command, flying: bool, on: dict[int, Answer], sentence: str) -> None:
    aircraft = ScriptedAircraft()
    if flying:
        aircraft.flying()
    aircraft.on = on
    outcome = obeying(aircraft, command)
    assert (outcome.kind, outcome.sentence) == (OutcomeKind.DONE, sentence)


FENCED = says("Reposition is outside geofence")


@pytest.mark.parametrize(
    ("command", "flying", "on", "sentence"),
    [
        (
            GO_TO,
            True,
            {Cmd.DO_REPOSITION: FENCED},
            "PX4 accepted the flight there and dropped it: 'Reposition is outside geofence'. It holds.",
        ),
        (
            GO_TO,
            True,
            {},
            "PX4 accepted the flight there and does not do it: 100 m are missing, no less than 1 s ago. It holds.",
        ),
        (
            GO_TO,
            True,
            {Cmd.DO_REPOSITION: silent},
            "SKY-1 did not acknowledge DO_REPOSITION in 4 tries; its telemetry arrives, so the way to it is broken or "
            "its receiver is busy.",
        ),
        (
            GO_TO,
            True,
            {Cmd.DO_REPOSITION: refuses(AckResult.DENIED, "Reposition denied")},
            "PX4 refused DO_REPOSITION as denied: 'Reposition denied'.",
        ),
        (
            GO_TO,
            True,
            {Cmd.DO_REPOSITION: does(custom_mode=RETURN)},
            "PX4 does not do the flight there. It flies home.",
        ),
        (
            GO_TO,
            True,
            {Cmd.DO_REPOSITION: does(custom_mode=POSITION)},
            "PX4 does not do the flight there. It is flown by hand.",
        ),
        (
            LAUNCH,
            False,
            {Cmd.COMPONENT_ARM_DISARM: refuses(AckResult.TEMPORARILY_REJECTED, "Arming denied: heading invalid")},
            "SKY-1 does not arm, so it stays on the ground. PX4 refused COMPONENT_ARM_DISARM for now: "
            "'Arming denied: heading invalid'.",
        ),
        (LAUNCH, True, {}, "SKY-1 is in the air already; a launch starts on the ground. It holds."),
        (LAUNCH, False, {}, "PX4 accepted the launch, but SKY-1 is disarmed."),
        (
            ORBIT_ORDER,
            True,
            {},
            "PX4 accepted the orbit, but after 0 s it is not reached. It holds.",
        ),
        (
            ORBIT_ORDER,
            True,
            {Cmd.DO_ORBIT: does(custom_mode=ORBIT, north_m=120.0)},
            "PX4 accepted the orbit at 40 m and does not do it: 20 m are missing, no less than 1 s ago. It orbits.",
        ),
        (
            ReturnHome(),
            True,
            {},
            "PX4 accepted the return home and has not begun it after 0 s. It holds.",
        ),
        (
            Disarm(),
            True,
            {},
            "SKY-1 is in the air; its motors are not stopped. Send it home or land it first.",
        ),
        (
            LookAtHorizon(),
            True,
            {Cmd.DO_GIMBAL_MANAGER_PITCHYAW: refuses(AckResult.UNSUPPORTED)},
            "SKY-1 has no gimbal that takes orders, so its camera looks where the nose points. "
            "PX4 refused DO_GIMBAL_MANAGER_PITCHYAW as unsupported. "
            "The flight can go on; check MNT_MODE_IN and MNT_MODE_OUT where it should have one.",
        ),
    ],
)
def test_goal_not_reached(command: Command, flying: bool, on: dict[int, Answer], sentence: str) -> None:
    aircraft = ScriptedAircraft()
    if flying:
        aircraft.flying()
    aircraft.on = on
    outcome = obeying(aircraft, command)
    assert (outcome.kind, outcome.sentence) == (OutcomeKind.FAILED, sentence)


def test_launch_sends_take_off_before_arming_with_the_altitude_above_the_sea() -> None:
    aircraft = ScriptedAircraft()
    aircraft.on = {Cmd.COMPONENT_ARM_DISARM: does(**UP)}
    obeying(aircraft, LAUNCH)
    assert aircraft.wire.commands() == [Cmd.NAV_TAKEOFF, Cmd.COMPONENT_ARM_DISARM]
    assert aircraft.wire.fields(Cmd.NAV_TAKEOFF)[0]["param7"] == pytest.approx(768.0)


@pytest.mark.parametrize(
    "on",
    [
        {Cmd.COMPONENT_ARM_DISARM: refuses(AckResult.TEMPORARILY_REJECTED)},
        {Cmd.COMPONENT_ARM_DISARM: silent},
        {Cmd.NAV_TAKEOFF: silent},
    ],
)
def test_a_launch_that_fails_on_the_ground_leaves_no_aircraft_in_take_off_mode(on: dict[int, Answer]) -> None:
    aircraft = ScriptedAircraft()
    aircraft.on = on
    obeying(aircraft, LAUNCH)
    assert aircraft.wire.commands()[-1] == Cmd.DO_SET_MODE


def test_the_texts_of_a_refused_arming_do_not_end_the_launch_that_follows() -> None:
    """PX4 says why up to half a second after it refused; by then it may have armed."""
    aircraft = ScriptedAircraft()
    tries: list[int] = []

    def second_time(aircraft: ScriptedAircraft, fields: Mapping[str, Any]) -> None:
        tries.append(fields["command"])
        if len(tries) == 1:
            aircraft.acknowledge(fields["command"], AckResult.TEMPORARILY_REJECTED)
            aircraft.say("Preflight Fail: heading estimate not stable")
        else:
            does(**UP)(aircraft, fields)
            aircraft.say("Arming denied: Resolve system health failures first")

    aircraft.on = {Cmd.COMPONENT_ARM_DISARM: second_time}
    assert obeying(aircraft, LAUNCH).sentence == "SKY-1 is in the air, 40 m above take-off."


def test_a_launch_that_is_called_off_before_arming_leaves_take_off_mode() -> None:
    aircraft = ScriptedAircraft()
    aircraft.on = {Cmd.COMPONENT_ARM_DISARM: refuses(AckResult.TEMPORARILY_REJECTED)}

    async def run() -> None:
        async with aircraft.alive():
            aircraft.submit(LAUNCH, "launch")
            await asyncio.sleep(0.05)
            aircraft.submit(ReturnHome(), "home")
            await aircraft.outcome("home")

    asyncio.run(run())
    assert aircraft.outcomes[0].kind is OutcomeKind.SUPERSEDED
    assert aircraft.wire.commands()[-2:] == [Cmd.DO_SET_MODE, Cmd.NAV_RETURN_TO_LAUNCH]


def test_go_to_is_asked_for_once_more_when_nothing_moves() -> None:
    aircraft = ScriptedAircraft().flying()
    calls: list[int] = []

    def second_time(aircraft: ScriptedAircraft, fields: Mapping[str, Any]) -> None:
        calls.append(fields["command"])
        if len(calls) == 2:
            aircraft.north_m = 100.0
        aircraft.acknowledge(fields["command"])

    aircraft.on = {Cmd.DO_REPOSITION: second_time}
    assert obeying(aircraft, GO_TO).kind is OutcomeKind.DONE
    assert len(calls) == 2


def test_a_lost_acknowledgement_is_no_lost_flight() -> None:
    aircraft = ScriptedAircraft().flying()
    calls: list[int] = []

    def second_time(aircraft: ScriptedAircraft, fields: Mapping[str, Any]) -> None:
        calls.append(fields["command"])
        if len(calls) == 2:
            aircraft.acknowledge(fields["command"], AckResult.IN_PROGRESS)
            aircraft.acknowledge(fields["command"])
            aircraft.north_m = 100.0

    aircraft.on = {Cmd.DO_REPOSITION: second_time}
    assert obeying(aircraft, GO_TO).kind is OutcomeKind.DONE


def test_an_acknowledgement_of_another_command_is_not_taken_for_this_one() -> None:
    aircraft = ScriptedAircraft().flying()
    aircraft.on = {Cmd.DO_REPOSITION: lambda aircraft, _: aircraft.acknowledge(Cmd.NAV_TAKEOFF)}
    assert "did not acknowledge" in obeying(aircraft, GO_TO).sentence


def test_hold_stops_a_flight_by_repositioning_to_nowhere_then_by_mode() -> None:
    """Hold mode is what a flight to a waypoint is in already."""
    aircraft = ScriptedAircraft().flying()
    aircraft.north_mps = 8.0
    aircraft.on = {Cmd.DO_SET_MODE: does(north_mps=0.0)}
    assert obeying(aircraft, Hold()).sentence == "SKY-1 holds."
    assert aircraft.wire.commands() == [Cmd.DO_REPOSITION, Cmd.DO_SET_MODE]
    assert [aircraft.wire.fields(Cmd.DO_REPOSITION)[0][f"param{n}"] for n in (5, 6, 7)] == [None, None, None]


def gimbal(aircraft: ScriptedAircraft, pitch_rad: float) -> None:
    from math import cos, sin

    half = pitch_rad / 2
    aircraft.tell("GIMBAL_DEVICE_ATTITUDE_STATUS", q=[cos(half), 0.0, sin(half), 0.0], flags=12 | 64)


@pytest.mark.parametrize(("pitch_rad", "kind"), [(-0.785, OutcomeKind.DONE), (0.0, OutcomeKind.FAILED)])
def test_a_gimbal_that_reports_must_be_seen_to_look_there(pitch_rad: float, kind: OutcomeKind) -> None:
    """From 40 m up, a place 40 m ahead is 45 degrees down."""
    aircraft = ScriptedAircraft().flying()

    async def run() -> Outcome:
        async with aircraft.alive():
            gimbal(aircraft, pitch_rad)
            aircraft.submit(LOOK_AT)
            return await aircraft.outcome()

    assert asyncio.run(run()).kind is kind


def test_an_aircraft_never_heard_is_sent_nothing() -> None:
    aircraft = ScriptedAircraft()
    aircraft.commander.wire = None
    outcome = obeying(aircraft, ReturnHome())
    assert outcome.kind is OutcomeKind.FAILED
    assert "SKY-1 is not known to be on the air; nothing was sent." in outcome.sentence


@pytest.mark.parametrize("landed", [ON_GROUND, IN_AIR])
def test_disarm_is_sent_on_the_ground_alone(landed: int) -> None:
    aircraft = ScriptedAircraft()
    aircraft.landed = landed
    obeying(aircraft, Disarm())
    assert (Cmd.COMPONENT_ARM_DISARM in aircraft.wire.commands()) is (landed == ON_GROUND)


@pytest.mark.parametrize("command", [GO_TO, Hold(), ORBIT_ORDER], ids=lambda command: type(command).__name__)
def test_an_old_position_shows_no_goal_reached(command: Command) -> None:
    """The last that was heard of it would do: it is where it should be, and stands."""
    aircraft = ScriptedAircraft().flying()
    aircraft.north_m = 140.0 if command is ORBIT_ORDER else 97.0
    aircraft.on[Cmd.DO_ORBIT] = does(custom_mode=ORBIT)

    async def run() -> Outcome:
        async with aircraft.alive():
            aircraft.tells_position = False
            await asyncio.sleep(OLDEST_POSITION_S + 0.1)
            aircraft.submit(command)
            return await aircraft.outcome()

    outcome = asyncio.run(run())
    assert outcome.kind is OutcomeKind.FAILED, outcome.sentence

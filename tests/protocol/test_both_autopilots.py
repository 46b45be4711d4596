"""The same orders, flown by PX4 and by ArduPilot Copter as the built-in autopilot plays them; and where they differ."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dfr.core.clock import SystemClock
from dfr.core.command import GoTo, Hold, Launch, Orbit, OutcomeKind, ReturnHome, UploadFence
from dfr.core.geo import AboveTakeoff, Amsl, distance_m
from dfr.core.telemetry import FlightMode, Telemetry
from dfr.dispatch.observe import MODE_SETTLES_S
from dfr.dispatch.takeover import Takeovers
from dfr.fleet.mavlink.timing import Timing
from sim.autopilot import Fleet, running_fleet
from sim.autopilot.ardupilot.commander import CopterCommander
from sim.autopilot.ardupilot.modes import CopterMode
from sim.autopilot.modes import Mode
from tests.flight.test_losses import Station
from tests.protocol.fleet_rig import HOME, Rig, asset, free_port, place, rig, spec, square

DONE, FAILED = OutcomeKind.DONE, OutcomeKind.FAILED
LAUNCH = Launch(AboveTakeoff(30.0))
BOTH = pytest.mark.parametrize("kind", ["px4", "ardupilot"])
NAMES = {"px4": "PX4", "ardupilot": "ArduPilot"}
SPEED = 12.0
QUICK = Timing(resend_s=1.5, stall_s=4.0, arm_s=1.0, fence_watch_s=1.0)

Scenario = Callable[[Rig, Fleet], Awaitable[None]]


def fly(kind: str, scenario: Scenario, *, declared: str | None = None, **parameters: float) -> None:
    """One aircraft of this kind, declared as one (or as another)."""
    port = free_port()

    async def run(aircraft: Fleet) -> None:
        async with rig(port, timing=QUICK, assets=[asset(7, declared or kind)]) as it:
            await scenario(it, aircraft)

    with running_fleet([spec(7, port, kind=kind, **parameters)], speed=SPEED) as aircraft:
        asyncio.run(run(aircraft))


def missing(seen: Telemetry) -> str:
    return " ".join(seen.health.value.missing) if seen.health is not None else ""


def take_away(aircraft: Fleet) -> None:
    """Somebody else flies it by hand from now on."""
    commander = aircraft.vehicle(7).commander
    if isinstance(commander, CopterCommander):
        commander.change_mode(CopterMode.LOITER)
    else:
        commander.intention = commander.mode = Mode.POSITION


@BOTH
def test_a_whole_flight(kind: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        ended = [
            await it.do(UploadFence(square(600.0, holes=[(200.0, -200.0, 60.0)]))),
            await it.do(LAUNCH),
            await it.do(GoTo(place(150.0, 50.0, 50.0), 9.0)),
        ]
        assert [(outcome.kind, outcome.sentence) for outcome in ended] == [
            (DONE, "The fence is on board SKY-7: 5 items read back and equal."),
            (DONE, "SKY-7 is in the air, 30 m above take-off."),
            (DONE, "SKY-7 is within 5 m of its waypoint."),
        ]
        far = it.submit(GoTo(place(500.0, 0.0, 50.0), 9.0))
        await it.until(lambda seen: seen.kinematics is not None and seen.kinematics.value.velocity.ground_mps > 6)
        assert (await it.do(Hold())).sentence == "SKY-7 holds."
        assert (await it.outcome(far)).kind is OutcomeKind.SUPERSEDED
        assert (await it.do(GoTo(place(100.0, 0.0, 40.0), 9.0))).kind is DONE
        assert (await it.do(ReturnHome())).sentence == "SKY-7 flies home."
        landed = await it.on_ground()
        assert landed.kinematics is not None
        assert landed.home is not None
        assert distance_m(landed.kinematics.value.position, landed.home.value.position) < 5.0
        again = await it.do(LAUNCH)
        assert (again.kind, again.sentence) == (DONE, "SKY-7 is in the air, 30 m above take-off.")

    fly(kind, scenario)


@BOTH
def test_a_place_outside_the_fence(kind: str) -> None:
    """PX4 accepts it and drops it, ArduPilot refuses it; either way it fails with the reason, and the place is kept."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(UploadFence(square(300.0)))
        await it.do(LAUNCH)
        outcome = await it.do(GoTo(place(700.0, 0.0, 30.0), 9.0))
        assert outcome.kind is FAILED
        assert outcome.sentence.startswith(
            {
                "px4": "PX4 accepted the flight there and dropped it: 'Reposition is outside geofence'",
                "ardupilot": "ArduPilot refused DO_REPOSITION as failed: it does so for a place outside its fence",
            }[kind]
        )
        high = await it.do(GoTo(place(50.0, 0.0, 130.0), 9.0))
        assert high.kind is FAILED, "above the fence's ceiling"
        assert distance_m(place(0.0, 0.0, 0.0).position, it.telemetry().kinematics.value.position) < 20.0  # type: ignore[union-attr]

    fly(kind, scenario)


@BOTH
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fence_upload_refused", "has no verified fence: The upload failed"),
        ("fence_readback_differs", "came back different"),
        ("fence_dropped", "stored the fence and"),
    ],
)
def test_a_fence_that_is_not_on_board_is_said(kind: str, fault: str, words: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        aircraft.vehicle(7).fault(fault)
        outcome = await it.do(UploadFence(square(300.0)))
        assert outcome.kind is FAILED
        assert words in outcome.sentence
        assert it.telemetry().fence is None

    fly(kind, scenario)


def test_a_fence_that_is_switched_off_later_counts_no_more() -> None:
    """ArduPilot: a switch or another ground station may do that in flight; SYS_STATUS says so."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        assert (await it.do(UploadFence(square(300.0)))).kind is DONE
        aircraft.vehicle(7).fence.enforced = False
        seen = await it.until(lambda seen: seen.fence is None)
        assert "its fence is switched off" in seen.fence_problem

    fly("ardupilot", scenario)


def test_behind_the_line_copter_brakes_and_can_be_flown_back() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(UploadFence(square(300.0)))
        await it.do(LAUNCH)
        aircraft.vehicle(7).body.displace(320.0, 0.0)
        await it.until(lambda seen: any(text.text == "Polygon fence breached" for text in seen.texts))
        assert aircraft.vehicle(7).mode == "BRAKE"
        assert (await it.do(GoTo(place(0.0, 0.0, 30.0), 9.0))).kind is DONE

    fly("ardupilot", scenario)


@BOTH
def test_without_the_service_it_comes_home(kind: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        it.beat = False
        await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.RETURN)
        await it.on_ground()

    fly(kind, scenario)


def test_another_ground_station_does_not_stand_in_for_the_service() -> None:
    """ArduPilot counts the heartbeat of SYSID_MYGCS alone."""
    wrong = "SYSID_MYGCS is 255 on the aircraft, 245 in x500_copter"

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.until(lambda seen: wrong in missing(seen))
        assert not aircraft.vehicle(7).commander.gcs_connected

    fly("ardupilot", scenario, SYSID_MYGCS=255)


@BOTH
def test_an_aircraft_that_is_flown_by_hand_is_left_alone(kind: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        far = it.submit(GoTo(place(280.0, 0.0, 30.0), 9.0))
        home = place(0.0, 0.0, 0.0).position
        # Far enough that all that the order asks for has been acknowledged, also on a slow machine.
        await it.until(lambda seen: distance_m(seen.kinematics.value.position, home) > 100.0)  # type: ignore[union-attr]
        take_away(aircraft)
        outcome = await it.outcome(far)
        assert outcome.kind is FAILED
        assert outcome.sentence.startswith(f"{NAMES[kind]} does not do the flight there")
        assert outcome.sentence.endswith("It is flown by hand.")

    fly(kind, scenario)


@BOTH
def test_another_ground_station_that_sends_it_elsewhere_is_seen(kind: str) -> None:
    """By where it flies to: the mode stays the one that our order led to."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        order = GoTo(place(80.0, 0.0, 30.0), 9.0)
        watch, given = Takeovers(), it.telemetry()
        watch.ordered("sky-7", order, given, SystemClock().now_s())
        assert (await it.do(order)).kind is DONE
        await asyncio.sleep(MODE_SETTLES_S)
        assert watch.look("sky-7", it.telemetry(), 0.0) == ""
        station = Station(aircraft.vehicle(7))
        there = place(0.0, 150.0, 30.0)
        station.reposition(there.position.latitude_deg, there.position.longitude_deg, there.altitude.m)
        said = await it.until(lambda seen: bool(watch.look("sky-7", seen, 0.0)))
        assert said.mode is not None
        assert said.mode.value is FlightMode.HOLD

    fly(kind, scenario)


@pytest.mark.parametrize(
    ("kind", "name", "value", "sentence"),
    [
        ("px4", "NAV_DLL_ACT", 0, "NAV_DLL_ACT is 0 on the aircraft, 2 in x500_sitl"),
        ("ardupilot", "FS_GCS_ENABLE", 0, "FS_GCS_ENABLE is 0 on the aircraft, 1 in x500_copter"),  # an INT8
        ("ardupilot", "RTL_ALT", 1500, "RTL_ALT is 1500 on the aircraft, 4500 cm in x500_copter"),  # an INT32
        ("ardupilot", "FENCE_MARGIN", 7.5, "FENCE_MARGIN is 7.5 on the aircraft, 2 m in x500_copter"),  # a FLOAT
    ],
)
def test_a_parameter_that_differs_keeps_it_on_the_ground(kind: str, name: str, value: float, sentence: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        seen = await it.until(lambda seen: sentence in missing(seen))
        assert seen.health is not None
        assert not seen.health.value.armable

    fly(kind, scenario, **{name: value})


@BOTH
def test_arming_that_is_refused_says_why(kind: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        aircraft.vehicle(7).fault("not_armable")
        outcome = await it.do(LAUNCH)
        assert outcome.kind is FAILED
        assert outcome.sentence.startswith("SKY-7 does not arm, so it stays on the ground. ")
        refused = {"px4": "for now: 'Arming denied", "ardupilot": "as failed: 'PreArm: Compass not healthy'"}
        assert f"{NAMES[kind]} refused COMPONENT_ARM_DISARM {refused[kind]}" in outcome.sentence

    fly(kind, scenario)


@BOTH
def test_accepted_and_ignored_is_not_done(kind: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        aircraft.vehicle(7).fault("ack_then_ignore")
        outcome = await it.do(GoTo(place(200.0, 0.0, 30.0), 9.0))
        assert outcome.kind is FAILED
        assert outcome.sentence.startswith(f"{NAMES[kind]} accepted the flight there and does not do it")

    fly(kind, scenario)


@pytest.mark.parametrize(("kind", "declared"), [("px4", "ardupilot"), ("ardupilot", "px4")])
def test_an_aircraft_of_the_other_kind_is_not_flown(kind: str, declared: str) -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        seen = await it.until(lambda seen: f"The aircraft's autopilot is {NAMES[kind]}" in missing(seen))
        assert seen.health is not None
        assert not seen.health.value.armable

    fly(kind, scenario, declared=declared)


def test_copter_flies_no_orbit_and_says_so() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        outcome = await it.do(Orbit(place(100.0, 0.0, 0.0).position, Amsl(HOME[2] + 30.0), 40.0, 5.0))
        assert outcome.kind is FAILED
        assert "ArduPilot Copter has no order for an orbit" in outcome.sentence

    fly("ardupilot", scenario)


def test_an_empty_battery_brings_copter_home() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        aircraft.vehicle(7).fault("battery_sag")
        seen = await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.RETURN)
        assert any(text.text.startswith("Battery 1 is low") for text in seen.texts)

    fly("ardupilot", scenario)

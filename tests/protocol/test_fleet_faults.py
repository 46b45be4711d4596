"""What goes wrong between the driver and an aircraft, each against the built-in autopilot."""

import asyncio
from collections.abc import Awaitable, Callable

from dfr.core.command import Command, GoTo, Hold, Launch, OutcomeKind, ReturnHome, UploadFence
from dfr.core.geo import AboveTakeoff
from dfr.core.telemetry import FlightMode, LinkState, Telemetry
from dfr.fleet.mavlink.timing import Timing
from sim.autopilot import Fleet, running_fleet
from tests.protocol.fleet_rig import Rig, free_port, place, rig, spec, square

QUICK = Timing(
    ack_s=0.7,
    mode_s=1.5,
    resend_s=1.0,
    stall_s=2.0,
    arm_s=1.0,
    arm_pause_s=0.2,
    slack_s=5.0,
    fence_watch_s=0.5,
    parameters_again_s=1.0,
)
LAUNCH = Launch(AboveTakeoff(30.0))
SPEED = 6.0
"""A simulation that has to hurry answers once a turn, and its turns are long on a busy machine."""

Scenario = Callable[[Rig, Fleet], Awaitable[None]]


def fly(scenario: Scenario, speed: float = SPEED, **parameters: float) -> None:
    port = free_port()

    async def run(aircraft: Fleet) -> None:
        async with rig(port, timing=QUICK) as it:
            await scenario(it, aircraft)

    with running_fleet([spec(7, port, **parameters)], speed=speed) as aircraft:
        asyncio.run(run(aircraft))


def begin(aircraft: Fleet, fault: str) -> None:
    aircraft.vehicle(7).faults.begin(fault, 0.0)


def clear(aircraft: Fleet, fault: str) -> None:
    aircraft.vehicle(7).faults.clear(fault)


FENCE_FAULTS = {
    "fence_upload_refused": "The upload failed: ",
    "fence_readback_differs": "Fence item 1 of 4 came back different",
    "fence_dropped": "PX4 stored the fence and ignores it: 'Geofence invalid",
}


def test_a_fence_that_is_not_on_board_is_not_said_to_be() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        for fault, why in FENCE_FAULTS.items():
            begin(aircraft, fault)
            outcome = await it.do(UploadFence(square(500.0)))
            assert outcome.kind is OutcomeKind.FAILED
            assert why in outcome.sentence
            assert it.telemetry().fence is None
            assert why in it.telemetry().fence_problem
            clear(aircraft, fault)
        assert (await it.do(UploadFence(square(500.0)))).kind is OutcomeKind.DONE
        assert it.telemetry().fence_problem == ""
        assert aircraft.vehicle(7).parameters["GF_MAX_VER_DIST"] == 100.0

    fly(scenario)


def test_the_upload_of_a_fence_shows_how_far_it_has_come() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        holes = [(200.0 + 20.0 * number, 0.0, 5.0) for number in range(40)]
        uploading = it.submit(UploadFence(square(1500.0, holes)))
        steps: list[str] = []
        while uploading not in it.outcomes:
            steps += [one.sentence for one in it.telemetry().progress if one.sentence not in steps[-1:]]
            await asyncio.sleep(0.02)
        assert it.outcomes[uploading].kind is OutcomeKind.DONE
        counted = [step for step in steps if not step.startswith(("Fence upload: 0 ", "Fence read-back: 0 "))]
        assert any(step.startswith("Fence upload: ") and step.endswith(" of 44 items.") for step in counted)
        assert any(step.startswith("Fence read-back: ") for step in counted)
        assert it.telemetry().progress == ()

    fly(scenario, speed=2.0)


def test_a_fence_without_the_aircraft_in_it_is_dropped() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        await it.do(GoTo(place(150.0, 0.0, 30.0), 9.0))
        outcome = await it.do(UploadFence(square(50.0)))
        assert "ignores it" in outcome.sentence
        assert it.telemetry().fence is None

    fly(scenario)


def test_a_flight_out_of_the_fence_is_accepted_and_dropped() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(UploadFence(square(300.0)))
        await it.do(LAUNCH)
        outcome = await it.do(GoTo(place(700.0, 0.0, 30.0), 9.0))
        assert outcome.kind is OutcomeKind.FAILED
        assert outcome.sentence.startswith(
            "PX4 accepted the flight there and dropped it: 'Reposition is outside geofence'."
        )

    fly(scenario)


FAR = GoTo(place(100.0, 0.0, 30.0), 9.0)
NOT_OBEYED: list[tuple[str, Command, str]] = [
    ("ack_then_ignore", FAR, "PX4 accepted the flight there and does not do it"),
    ("ack_then_ignore", ReturnHome(), "PX4 accepted the return home and has not begun it"),
    ("ack_then_ignore", Hold(), "SKY-7 holds."),  # it did already
    ("ack_never", FAR, "did not acknowledge DO_REPOSITION in 4 tries"),
]


def test_an_order_in_the_air_that_is_not_obeyed() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        for fault, command, why in NOT_OBEYED:
            begin(aircraft, fault)
            outcome = await it.do(command)
            assert why in outcome.sentence
            assert (outcome.kind is OutcomeKind.DONE) is isinstance(command, Hold)
            clear(aircraft, fault)

    fly(scenario)


NOT_LAUNCHED = {
    "ack_never": "did not acknowledge NAV_TAKEOFF",
    "ack_then_ignore": "PX4 accepted the launch, but SKY-7 is disarmed.",
    "not_armable": "SKY-7 does not arm, so it stays on the ground.",
}


def test_a_launch_that_does_not_happen() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        for fault, why in NOT_LAUNCHED.items():
            begin(aircraft, fault)
            outcome = await it.do(LAUNCH)
            assert outcome.kind is OutcomeKind.FAILED
            assert why in outcome.sentence
            assert not aircraft.vehicle(7).commander.armed
            clear(aircraft, fault)

    fly(scenario)


def test_a_link_that_drops_is_lost_and_comes_back() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        begin(aircraft, "link_drop")
        lost = await it.until(lambda seen: seen.link is LinkState.LOST)
        assert lost.kinematics is not None, "the last values stay, with their time"
        outcome = await it.do(ReturnHome())
        assert "it has not been heard for" in outcome.sentence
        clear(aircraft, "link_drop")
        back = await it.until(lambda seen: seen.link is LinkState.ONLINE)
        assert back.link_changed_s is not None
        assert lost.link_changed_s is not None
        assert back.link_changed_s > lost.link_changed_s
        assert (await it.do(ReturnHome())).kind is OutcomeKind.DONE

    fly(scenario)


def test_an_engine_that_hangs_brings_its_aircraft_home() -> None:
    """mavsdk's own threads go on, and its own heartbeat with them: PX4 must not take that for the engine's."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        await it.do(GoTo(place(60.0, 0.0, 30.0), 9.0))
        it.beat = False
        await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.RETURN)
        await it.on_ground()

    fly(scenario)


def test_parameters_that_differ_keep_it_on_the_ground_until_they_are_set() -> None:
    def differs(seen: Telemetry) -> bool:
        """That is all that is missing any more: position and home may be heard after the parameters."""
        return seen.health is not None and all("NAV_DLL_ACT is 0" in why for why in seen.health.value.missing or ("",))

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        seen = await it.until(differs)
        assert seen.health is not None
        assert not seen.health.value.armable
        assert seen.health.value.missing == (
            "NAV_DLL_ACT is 0 on the aircraft, 2 in x500_sitl: on link loss it would not come home. "
            "Set it with `param set NAV_DLL_ACT 2` or in the ground station.",
        )
        aircraft.vehicle(7).parameters.set("NAV_DLL_ACT", 2)
        await it.ready()

    fly(scenario, NAV_DLL_ACT=0)


def test_a_restarted_autopilot_has_no_verified_fence() -> None:
    """The next autopilot on the same port starts its clock anew."""
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            with running_fleet([spec(7, port)], speed=SPEED):
                await it.ready()
                await it.do(UploadFence(square(500.0)))
                assert it.telemetry().fence is not None
            with running_fleet([spec(7, port)], speed=SPEED):
                seen = await it.until(lambda seen: seen.fence is None)
                assert "restarted" in seen.fence_problem

    asyncio.run(run())


def test_stopping_ends_an_order_under_way_and_is_quick() -> None:
    """Also while a blocking call of mavsdk waits for an aircraft that is silent."""
    port = free_port()

    async def run(aircraft: Fleet) -> None:
        async with rig(port) as it:
            await it.ready()
            begin(aircraft, "link_drop")
            pending = it.submit(UploadFence(square(500.0)))
            await asyncio.sleep(0.2)
            async with asyncio.timeout(6.0):
                await it.fleet.stop()
            assert it.outcomes[pending].kind is OutcomeKind.SUPERSEDED

    with running_fleet([spec(7, port)], speed=SPEED) as aircraft:
        asyncio.run(run(aircraft))

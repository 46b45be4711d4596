"""What a controller gets wrong that trusts PX4's acknowledgements: the driver and the decisions cope with each of it.

The facts are those that were recorded on PX4 (tests/flight/px4_reference); the built-in autopilot shows every one.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable

from dfr.core.command import GoTo, Hold, Launch, LookAtHorizon, Orbit, OutcomeKind, ReturnHome, UploadFence
from dfr.core.fence import FencePlan, FencePolygon
from dfr.core.flight import Decision, Flight, FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position, distance_m
from dfr.core.telemetry import FlightMode, Telemetry
from dfr.dispatch.observe import RETURN_SETTLES_S, observe
from dfr.dispatch.table import Event
from dfr.fleet.mavlink.timing import Timing
from sim.autopilot import Fleet, running_fleet
from sim.autopilot.modes import Mode
from tests.protocol.fleet_rig import FRAME, HOME, Rig, free_port, place, rig, spec, square

LAUNCH = Launch(AboveTakeoff(30.0))
SPEED = 6.0
"""Slow enough that a busy machine's pauses are none to the aircraft."""
PATIENT = Timing(resend_s=2.0, stall_s=6.0, fence_watch_s=0.8)

DONE, FAILED = OutcomeKind.DONE, OutcomeKind.FAILED


def fly(scenario: Callable[[Rig, Fleet], Awaitable[None]]) -> None:
    port = free_port()

    async def run(aircraft: Fleet) -> None:
        async with rig(port, timing=PATIENT) as it:
            await scenario(it, aircraft)

    with running_fleet([spec(7, port)], speed=SPEED) as aircraft:
        asyncio.run(run(aircraft))


def where(seen: Telemetry) -> Position:
    assert seen.kinematics is not None
    return seen.kinematics.value.position


def speed_mps(seen: Telemetry) -> float:
    return 0.0 if seen.kinematics is None else seen.kinematics.value.velocity.ground_mps


def test_accepted_is_not_done() -> None:
    """1: a place above the ceiling or outside the fence is ACCEPTED and dropped; Return on the ground does nothing."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        home = await it.do(ReturnHome())
        assert (home.kind, home.sentence) == (DONE, "SKY-7 is on the ground, disarmed.")
        assert not aircraft.vehicle(7).commander.armed
        await it.do(UploadFence(square(300.0)))
        await it.do(LAUNCH)
        for target in (place(100.0, 0.0, 130.0), place(700.0, 0.0, 30.0)):
            outcome = await it.do(GoTo(target, 9.0))
            assert outcome.kind is FAILED
            assert outcome.sentence.startswith("PX4 accepted the flight there and dropped it: '")
            # Its mode is told once a second: the end of the climb may not have been told yet.
            assert outcome.sentence.endswith(("It holds.", "It takes off."))
        assert (await it.do(GoTo(place(100.0, 0.0, 40.0), 9.0))).kind is DONE

    fly(scenario)


def test_a_flight_that_is_accepted_on_the_ground_is_not_flown_and_that_is_said() -> None:
    """1: disarmed, PX4 answers ACCEPTED to DO_REPOSITION and DO_ORBIT as it does to Return, and stays where it is."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        center = place(100.0, 30.0, 0.0).position
        there = await it.do(GoTo(place(100.0, 0.0, 30.0), 9.0))
        assert (there.kind, there.sentence) == (FAILED, "PX4 accepted the flight there, but SKY-7 is disarmed.")
        around = await it.do(Orbit(center, Amsl(HOME[2] + 30.0), 30.0, 5.0))
        assert around.kind is FAILED
        assert around.sentence.startswith("PX4 accepted the orbit")
        assert not aircraft.vehicle(7).commander.armed

    fly(scenario)


def test_a_reposition_that_is_dropped_in_mid_climb_is_said_and_the_aircraft_stays_over_its_dock() -> None:
    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(UploadFence(square(300.0)))
        assert (await it.do(Launch(AboveTakeoff(60.0), AboveTakeoff(15.0)))).kind is DONE
        outcome = await it.do(GoTo(place(700.0, 0.0, 60.0), 9.0))
        assert outcome.kind is FAILED
        assert "outside geofence" in outcome.sentence
        assert (await it.do(Hold())).kind is DONE
        assert distance_m(where(it.telemetry()), Position(HOME[0], HOME[1])) < 10.0
        assert (await it.do(GoTo(place(100.0, 0.0, 60.0), 9.0))).kind is DONE

    fly(scenario)


def test_a_stored_fence_is_not_an_enforced_fence() -> None:
    """2: one that does not contain the aircraft is stored and ignored; two corners are refused."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        east = [FRAME.to_position(east, north) for east, north in ((200, -50), (300, -50), (300, 50), (200, 50))]
        ignored = await it.do(UploadFence(FencePlan((FencePolygon(tuple(east), inclusion=True),))))
        assert ignored.kind is FAILED
        assert "ignores it" in ignored.sentence
        refused = await it.do(UploadFence(FencePlan((FencePolygon(tuple(east[:2]), inclusion=True),))))
        assert refused.kind is FAILED
        assert it.telemetry().fence is None
        assert it.telemetry().fence_problem

    fly(scenario)


def test_failsafes_wait_and_the_line_is_crossed() -> None:
    """3: a breach is told when the line is crossed, and the order is not said to be done. PX4 stops beyond the line,
    17 m at 8 m/s and 33 m at 9.8 m/s, and flies back to where it crossed it."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(UploadFence(square(4000.0)))
        await it.do(LAUNCH)
        far = it.submit(GoTo(place(3000.0, 0.0, 30.0), 9.0))
        await it.until(lambda seen: speed_mps(seen) > 6.0)
        north_m = FRAME.to_local(where(it.telemetry()))[1]
        line_m = north_m + 400.0
        assert (await it.do(UploadFence(square(line_m)))).kind is DONE
        outcome = await it.outcome(far)
        assert outcome.kind is FAILED, "the line lies before the place"
        assert "geofence" in outcome.sentence.lower()
        overs_m: list[float] = []

        def back_and_still(seen: Telemetry) -> bool:
            overs_m.append(FRAME.to_local(where(seen))[1] - line_m)
            return max(overs_m) > 5.0 and overs_m[-1] < 5.0 and speed_mps(seen) < 0.5

        await it.until(back_and_still)
        assert 15.0 < max(overs_m) < 40.0
        assert overs_m[-1] > -3.0

    fly(scenario)


def test_link_loss_turns_into_return_only_after_its_times() -> None:
    """3: COM_DL_LOSS_T and then COM_FAIL_ACT_T; the mode is seen to change, nobody has to be told."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        await it.do(GoTo(place(60.0, 0.0, 30.0), 9.0))
        vehicle = aircraft.vehicle(7)
        it.beat = False
        silent_s = vehicle.commander.gcs_heard_s
        await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.RETURN)
        took_s = vehicle.commander.now_s - silent_s
        assert took_s > vehicle.parameters["COM_DL_LOSS_T"] + vehicle.parameters["COM_FAIL_ACT_T"]

    fly(scenario)


def test_return_flies_straight_home_also_through_a_closed_area() -> None:
    """4: it is stopped inside and hovers there; the flight says that nobody flies it home any more."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(UploadFence(square(600.0, holes=[(200.0, 0.0, 40.0)])))
        await it.do(LAUNCH)
        for corner in (place(200.0, 120.0, 50.0), place(400.0, 0.0, 50.0)):
            assert (await it.do(GoTo(corner, 9.0))).kind is DONE
        assert (await it.do(ReturnHome())).sentence == "SKY-7 flies home."
        hole = place(200.0, 0.0, 0.0).position
        seen = await it.until(
            lambda seen: seen.mode is not None and seen.mode.value is FlightMode.HOLD and speed_mps(seen) < 0.5
        )
        assert distance_m(where(seen), hole) < 40.0
        assert seen.mode is not None
        flight = Flight(
            "f", "i", "sky-7", FlightState.RETURNING, 0.0, Decision("r", "s"), hole, (place(400.0, 0.0, 50.0),)
        )
        assert observe(flight, seen, seen.mode.at_s - RETURN_SETTLES_S - 1.0) is Event.TAKEOVER

    fly(scenario)


def test_speeds_are_the_airframes_whatever_is_asked_for() -> None:
    """5: 15 m/s asked for, and no more than the parameters and the drag give."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        leg = it.submit(GoTo(place(500.0, 0.0, 30.0), 15.0))
        fastest = 0.0
        while leg not in it.outcomes:
            fastest = max(fastest, speed_mps(it.telemetry()))
            await asyncio.sleep(0.01)
        assert it.outcomes[leg].kind is DONE
        assert 8.0 < fastest < 10.6

    fly(scenario)


def test_the_mode_numbers_are_px4s_and_a_flight_may_begin_from_any_of_them() -> None:
    """6: Orbit is a sub mode of position control; an aircraft that landed from OFFBOARD still sits in it."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        aircraft.vehicle(7).commander.choose(Mode.OFFBOARD)
        await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.OFFBOARD)
        assert (await it.do(LAUNCH)).kind is DONE
        assert (await it.do(LookAtHorizon())).kind is DONE
        await it.do(GoTo(place(100.0, 0.0, 30.0), 9.0))
        center = place(100.0, 30.0, 0.0).position
        assert (await it.do(Orbit(center, Amsl(HOME[2] + 30.0), 30.0, 5.0))).kind is DONE
        seen = it.telemetry()
        assert seen.mode is not None
        assert seen.mode.value is FlightMode.ORBIT
        assert math.isclose(distance_m(where(seen), center), 30.0, abs_tol=6.0), "done is at its radius"

    fly(scenario)


def test_a_mode_is_believed_when_it_was_reported_after_the_order() -> None:
    """7: HEARTBEAT comes once a second, so what is known when an order is sent is the mode before it."""

    async def scenario(it: Rig, aircraft: Fleet) -> None:
        await it.ready()
        await it.do(LAUNCH)
        await it.do(GoTo(place(60.0, 0.0, 30.0), 9.0))
        before = it.telemetry().mode
        assert before is not None
        assert (await it.do(ReturnHome())).kind is DONE
        after = it.telemetry().mode
        assert after is not None
        assert after.value in (FlightMode.RETURN, FlightMode.LAND)
        assert after.at_s > before.at_s

    fly(scenario)

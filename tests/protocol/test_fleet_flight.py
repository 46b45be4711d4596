"""The whole job of one aircraft, and several at once, against the built-in autopilot."""

import asyncio

import pytest

from dfr.core.command import (
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
    UploadFence,
)
from dfr.core.geo import AboveTakeoff, Amsl, distance_m
from dfr.core.telemetry import FlightMode, LinkState, Telemetry
from dfr.fleet.mavlink import fleet as fleet_module
from sim.autopilot import running_fleet
from tests.protocol.fleet_rig import HOME, SPEED, free_port, place, rig, spec, square

SCENE = place(200.0, 50.0, 0.0).position
DONE = OutcomeKind.DONE


def test_who_is_told_of_an_orders_end_sees_what_it_led_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the telemetry was put together a moment before."""
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            monkeypatch.setattr(fleet_module, "TELEMETRY_KEPT_S", 1000.0)
            assert it.telemetry().fence is None
            assert (await it.do(UploadFence(square(300.0)))).kind is DONE
            assert it.telemetry().fence is not None

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())


def test_a_flight_from_the_fence_to_the_landing() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            ended: list[Outcome] = [
                await it.do(UploadFence(square(600.0, holes=[(200.0, -200.0, 60.0)]))),
                await it.do(Launch(AboveTakeoff(40.0))),
                await it.do(LookAtHorizon()),
                await it.do(GoTo(place(150.0, 50.0, 50.0), 9.0)),
                await it.do(LookAt(SCENE, Amsl(HOME[2]))),
                await it.do(Orbit(SCENE, Amsl(HOME[2] + 50.0), 40.0, 5.0)),
            ]
            assert [(outcome.kind, outcome.sentence) for outcome in ended] == [
                (DONE, "The fence is on board SKY-7: 5 items read back and equal."),
                (DONE, "SKY-7 is in the air, 40 m above take-off."),
                (DONE, "The camera of SKY-7 looks at the horizon."),
                (DONE, "SKY-7 is within 5 m of its waypoint."),
                (DONE, "The camera of SKY-7 looks at the place."),
                (DONE, "SKY-7 orbits at 40 m."),
            ]
            seen = it.telemetry()
            assert seen.mode is not None
            assert seen.mode.value is FlightMode.ORBIT
            assert seen.fence is not None
            assert (await it.do(Disarm())).kind is OutcomeKind.FAILED
            assert (await it.do(Hold())).kind is DONE
            assert (await it.do(ReturnHome())).sentence == "SKY-7 flies home."
            landed = await it.on_ground()
            assert landed.kinematics is not None
            assert landed.home is not None
            assert distance_m(landed.kinematics.value.position, landed.home.value.position) < 5.0
            assert (await it.do(Disarm())).kind is DONE

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())


def test_hold_stops_a_flight_under_way() -> None:
    """A flight to a waypoint is in Hold mode already: only its standing still shows that it was stopped."""
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            await it.do(Launch(AboveTakeoff(30.0)))
            far = it.submit(GoTo(place(2000.0, 0.0, 30.0), 9.0))
            await it.until(lambda seen: seen.kinematics is not None and seen.kinematics.value.velocity.ground_mps > 6)
            assert (await it.do(Hold())).sentence == "SKY-7 holds."
            assert (await it.outcome(far)).kind is OutcomeKind.SUPERSEDED
            stopped = it.telemetry()
            await asyncio.sleep(1.0)  # ten seconds of flight, 90 m if it went on
            now = it.telemetry()
            assert stopped.kinematics is not None
            assert now.kinematics is not None
            assert distance_m(stopped.kinematics.value.position, now.kinematics.value.position) < 30.0

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())


def test_aircraft_on_one_port_fly_beside_each_other_and_a_stranger_is_left_alone() -> None:
    """7 and 8 are declared; 9 is heard on the same port and never commanded."""
    port = free_port()

    async def run() -> None:
        async with rig(port, system_ids=(7, 8)) as it:
            await it.ready("sky-7")
            await it.ready("sky-8")
            ended = await asyncio.gather(
                it.do(Launch(AboveTakeoff(30.0)), "sky-7"), it.do(Launch(AboveTakeoff(40.0)), "sky-8")
            )
            assert [outcome.kind for outcome in ended] == [DONE, DONE]
            (stranger,) = it.fleet.strangers()
            assert stranger.system_id == 9
            assert stranger.position is not None
            assert "no asset of the site declares" in stranger.sentence

    with running_fleet([spec(7, port), spec(8, port, 50.0), spec(9, port, 100.0)], speed=SPEED) as aircraft:
        asyncio.run(run())
        assert not aircraft.vehicle(9).commander.armed


def test_two_aircraft_with_one_system_id_are_not_launched() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.until(
                lambda seen: seen.health is not None and any("Two aircraft" in why for why in seen.health.value.missing)
            )
            outcome = await it.do(Launch(AboveTakeoff(30.0)))
            assert outcome.kind is OutcomeKind.FAILED
            assert "Two aircraft claim system id 7" in outcome.sentence

    with running_fleet([spec(7, port), spec(7, port, 80.0)], speed=SPEED) as aircraft:
        asyncio.run(run())
        assert not any(vehicle.commander.armed for vehicle in aircraft.vehicles)


def test_an_aircraft_that_is_not_there_is_never_seen_and_blocks_nobody() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port, system_ids=(7, 8)) as it:
            await it.ready("sky-7")
            assert it.telemetry("sky-8").link is LinkState.NEVER_SEEN
            missing = await it.do(Launch(AboveTakeoff(30.0)), "sky-8")
            assert missing.kind is OutcomeKind.FAILED
            assert "is not known to be on the air" in missing.sentence
            assert (await it.do(Launch(AboveTakeoff(30.0)), "sky-7")).kind is DONE

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())


def test_a_launch_is_over_at_its_clear_height_and_the_way_to_the_scene_begins_in_mid_climb() -> None:
    """No stop in between: it climbs on while it flies, and its take-off never ends in a hover."""
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            outcome = await it.do(Launch(AboveTakeoff(60.0), AboveTakeoff(20.0)))
            assert outcome.sentence == "SKY-7 is in the air, 20 m above take-off."
            clear = it.telemetry().kinematics
            assert clear is not None
            assert clear.value.velocity.down_mps < -1.0, "still climbing"
            assert clear.value.height.m < 50.0
            leg = it.submit(GoTo(place(400.0, 0.0, 60.0), 9.0, 15.0))
            both = await it.until(lambda seen: seen.kinematics is not None and moves_up_and_along(seen))
            assert both.mode is not None
            assert (await it.outcome(leg)).kind is DONE

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())


def moves_up_and_along(seen: Telemetry) -> bool:
    assert seen.kinematics is not None
    velocity = seen.kinematics.value.velocity
    return velocity.ground_mps > 3.0 and velocity.down_mps < -0.2


def test_a_newer_leg_takes_over_from_the_former_without_a_stop() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            await it.do(Launch(AboveTakeoff(30.0)))
            first = it.submit(GoTo(place(300.0, 0.0, 30.0), 9.0))
            await it.until(lambda seen: seen.kinematics is not None and seen.kinematics.value.velocity.ground_mps > 8)
            second = it.submit(GoTo(place(500.0, 100.0, 30.0), 9.0))
            assert (await it.outcome(first)).kind is OutcomeKind.SUPERSEDED
            slowest = 99.0
            while second not in it.outcomes:
                now = it.telemetry().kinematics
                assert now is not None
                if distance_m(now.value.position, place(500.0, 100.0, 30.0).position) > 60.0:
                    slowest = min(slowest, now.value.velocity.ground_mps)
                await asyncio.sleep(0.01)
            assert (await it.outcome(second)).kind is DONE
            assert slowest > 5.0

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())

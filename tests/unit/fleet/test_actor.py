"""The lanes: what supersedes what, and that every order ends with one outcome."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from dfr.core.command import Command, Fly, GoTo, Hold, LookAt, LookAtHorizon, OutcomeKind, ReturnHome, UploadFence
from dfr.core.fence import FenceCircle, FencePlan
from dfr.core.geo import AboveTakeoff, Amsl, Waypoint, destination
from dfr.core.rally import RallyPoint
from dfr.core.telemetry import Velocity
from dfr.fleet.mavlink import actor
from dfr.fleet.mavlink.actor import INBOX
from dfr.fleet.mavlink.common import FRAME_GLOBAL, AckResult, Cmd
from dfr.fleet.mavlink.fence import PlanItem
from dfr.fleet.mavlink.wire import WireError
from tests.unit.fleet.scripted import HOME, HOME_ALTITUDE, RETURN, SQUARE, ScriptedAircraft

GO_TO = GoTo(Waypoint(destination(HOME, 0.0, 100.0), Amsl(768.0)), 12.0)
LOOK_AT = LookAt(HOME, HOME_ALTITUDE)


def ends(first: Command, second: Command) -> dict[str, OutcomeKind]:
    """Both submitted while the first is still on its way; the aircraft obeys Hold and Return."""
    aircraft = ScriptedAircraft().flying()

    def come_home(aircraft: ScriptedAircraft, fields: dict[str, int]) -> None:
        aircraft.custom_mode = RETURN
        aircraft.acknowledge(fields["command"])

    aircraft.on = {Cmd.NAV_RETURN_TO_LAUNCH: come_home}

    async def run() -> dict[str, OutcomeKind]:
        async with aircraft.alive():
            aircraft.submit(first, "first")
            await asyncio.sleep(0.05)
            aircraft.submit(second, "second")
            await aircraft.outcome("first")
            await aircraft.outcome("second")
        return {outcome.request_id: outcome.kind for outcome in aircraft.outcomes}

    return asyncio.run(run())


@pytest.mark.parametrize("second", [ReturnHome(), Hold()])
def test_a_newer_flight_order_takes_the_place_of_the_one_under_way(second: Command) -> None:
    assert ends(GO_TO, second) == {"first": OutcomeKind.SUPERSEDED, "second": OutcomeKind.DONE}


@pytest.mark.parametrize("second", [LOOK_AT, LookAtHorizon(), UploadFence(SQUARE)])
def test_camera_and_fence_do_not_disturb_a_flight(second: Command) -> None:
    kinds = ends(GO_TO, second)
    assert kinds == {"first": OutcomeKind.FAILED, "second": OutcomeKind.DONE}  # it never moved: failed, not superseded


def test_orders_submitted_in_one_breath_each_have_one_outcome() -> None:
    """Also those that are superseded before they began."""
    aircraft = ScriptedAircraft().flying()

    async def run() -> list[tuple[str, OutcomeKind]]:
        async with aircraft.alive():
            for index in range(5):
                aircraft.submit(Hold(), str(index))
            await aircraft.outcome("4")
        return [(outcome.request_id, outcome.kind) for outcome in aircraft.outcomes]

    superseded = [(str(index), OutcomeKind.SUPERSEDED) for index in range(4)]
    assert asyncio.run(run()) == [*superseded, ("4", OutcomeKind.DONE)]


OFFBOARD = 6 << 16


def velocities(aircraft: ScriptedAircraft) -> list[float]:
    """North, of each that was sent."""
    return [fields["vx"] for name, fields in aircraft.wire.sent if name == "SET_POSITION_TARGET_LOCAL_NED"]


def test_a_velocity_changes_under_one_request_and_none_is_sent_after_another_order() -> None:
    aircraft = ScriptedAircraft().flying()

    def into_mode(aircraft: ScriptedAircraft, fields: dict[str, float]) -> None:
        if fields["param2"] == 6.0:
            aircraft.custom_mode = OFFBOARD
        aircraft.acknowledge(int(fields["command"]))

    aircraft.on = {Cmd.DO_SET_MODE: into_mode}

    async def run() -> None:
        async with aircraft.alive():
            for north_mps in (1.0, 2.0, 3.0):
                aircraft.submit(Fly(Velocity(north_mps, 0.0, 0.0)), "stick")
                await asyncio.sleep(0.02)
            assert velocities(aircraft) == [1.0, 2.0, 3.0]
            assert (await aircraft.outcome("stick")).kind is OutcomeKind.DONE
            aircraft.submit(Fly(Velocity(4.0, 0.0, 0.0)), "stick")
            await asyncio.sleep(0.02)
            aircraft.submit(Hold(), "stop")
            await aircraft.outcome("stop")
            aircraft.submit(Fly(Velocity(5.0, 0.0, 0.0)), "stick")
            await asyncio.sleep(0.02)
            assert velocities(aircraft) == [1.0, 2.0, 3.0, 4.0]
            assert [outcome.request_id for outcome in aircraft.outcomes] == ["stick", "stop"]

    asyncio.run(run())


def test_a_stick_that_the_autopilot_refuses_sends_nothing_more() -> None:
    aircraft = ScriptedAircraft().flying()

    def refuse(aircraft: ScriptedAircraft, fields: dict[str, int]) -> None:
        aircraft.acknowledge(fields["command"], AckResult.DENIED)

    aircraft.on = {Cmd.DO_SET_MODE: refuse}

    async def run() -> None:
        async with aircraft.alive():
            aircraft.submit(Fly(Velocity(1.0, 0.0, 0.0)), "stick")
            assert (await aircraft.outcome("stick")).kind is OutcomeKind.FAILED
            aircraft.submit(Fly(Velocity(2.0, 0.0, 0.0)), "stick")
            await asyncio.sleep(0.02)
            assert velocities(aircraft) == [1.0]
            assert len(aircraft.outcomes) == 1

    asyncio.run(run())


def test_a_full_inbox_refuses_and_says_so() -> None:
    aircraft = ScriptedAircraft()

    async def run() -> None:
        for index in range(INBOX + 1):
            aircraft.submit(Hold(), str(index))  # nobody takes them: the actor does not run

    asyncio.run(run())
    assert [outcome.sentence for outcome in aircraft.outcomes] == [
        "SKY-1 has 32 orders waiting; this one was not sent."
    ]


def test_an_order_under_way_when_the_driver_stops_has_an_outcome() -> None:
    aircraft = ScriptedAircraft().flying()

    async def run() -> None:
        async with aircraft.alive():
            aircraft.submit(GO_TO)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert [outcome.sentence for outcome in aircraft.outcomes] == ["The service stopped before its goal was seen."]


# -- the fence --------------------------------------------------------------------------------------------------------


def uploaded(aircraft: ScriptedAircraft, plan: FencePlan = SQUARE) -> str:
    async def run() -> str:
        async with aircraft.alive():
            aircraft.submit(UploadFence(plan))
            return (await aircraft.outcome()).sentence

    return asyncio.run(run())


def test_a_fence_that_reads_back_equal_is_on_board() -> None:
    aircraft = ScriptedAircraft()
    plan = replace(SQUARE, max_height=AboveTakeoff(91.0))
    assert uploaded(aircraft, plan) == "The fence is on board SKY-1: 4 items read back and equal."
    telemetry = aircraft.commander.telemetry()
    assert telemetry.fence is not None
    assert telemetry.fence.digest == plan.digest
    assert telemetry.fence_problem == ""
    assert aircraft.wire.parameters["GF_MAX_VER_DIST"] == 91.0


PARK = RallyPoint("park", "The park", HOME, Amsl(731.5))


def test_rally_points_are_on_board_before_the_fence_counts_and_no_others() -> None:
    aircraft = ScriptedAircraft()
    uploaded(aircraft, replace(SQUARE, rally_points=(PARK,)))
    (point,) = aircraft.wire.rally_points
    assert (point.command, point.frame, point.z) == (Cmd.RALLY_POINT, FRAME_GLOBAL, 731.5)
    assert (point.x, point.y) == (round(HOME.latitude_deg * 1e7), round(HOME.longitude_deg * 1e7))
    other = ScriptedAircraft()
    other.wire.rally_points = [point]
    assert "The fence is on board" in uploaded(other, SQUARE)
    assert other.wire.rally_points == []


@pytest.mark.parametrize(
    ("plan", "damage"),
    [
        (replace(SQUARE, rally_points=(PARK,)), lambda items: [replace(items[0], z=0.0)]),
        (replace(SQUARE, rally_points=(PARK,)), lambda items: []),
        (SQUARE, lambda items: [PlanItem(Cmd.RALLY_POINT, 1, 2, 0.0)]),
    ],
)
def test_rally_points_that_read_back_different_leave_no_verified_fence(
    plan: FencePlan, damage: Callable[[list[PlanItem]], list[PlanItem]]
) -> None:
    aircraft = ScriptedAircraft()
    aircraft.wire.rally_damage = damage
    assert "The rally points on board SKY-1 are not those that were sent" in uploaded(aircraft, plan)
    assert aircraft.commander.telemetry().fence is None


def test_rally_points_are_part_of_what_a_plan_is_called() -> None:
    assert replace(SQUARE, rally_points=(PARK,)).digest != SQUARE.digest


def test_a_larger_fence_has_longer() -> None:
    """Its items go there and back one by one, over a slow radio as well."""
    small, large = ScriptedAircraft(), ScriptedAircraft()
    uploaded(small)
    uploaded(large, replace(SQUARE, circles=tuple(FenceCircle(HOME, 10.0 + i, False) for i in range(60))))
    timing = large.commander.timing
    for less_s, more_s in zip(small.wire.transfers_s, large.wire.transfers_s, strict=True):
        assert more_s - less_s == pytest.approx(60 * timing.fence_item_s)


def test_a_fence_that_px4_drops_is_not_on_board() -> None:
    aircraft = ScriptedAircraft()
    aircraft.wire.after_upload = lambda: aircraft.say("Geofence invalid, doesn't contain current vehicle position")
    assert "ignores it: 'Geofence invalid, doesn't contain current vehicle position'" in uploaded(aircraft)
    assert aircraft.commander.telemetry().fence is None
    assert "ignores it" in aircraft.commander.telemetry().fence_problem


def test_a_fence_that_reads_back_different_is_not_on_board() -> None:
    aircraft = ScriptedAircraft()
    aircraft.wire.damage = lambda items: [*items[:-1], replace(items[-1], x=items[-1].x + 2)]
    assert "Fence item 4 of 4 came back different" in uploaded(aircraft)
    assert aircraft.commander.telemetry().fence is None


def test_a_refused_upload_clears_the_fence_that_was_there() -> None:
    aircraft = ScriptedAircraft()
    aircraft.cache.fence_verified(SQUARE.digest, aircraft.clock.now_s())
    aircraft.wire.fail = WireError("The upload failed: denied.")
    assert uploaded(aircraft) == "SKY-1 has no verified fence: The upload failed: denied."
    assert aircraft.commander.telemetry().fence is None


def test_a_circle_without_radius_never_reaches_the_aircraft() -> None:
    aircraft = ScriptedAircraft()
    assert "radius of 0.0 m" in uploaded(aircraft, replace(SQUARE, circles=(FenceCircle(HOME, 0.0, True),)))
    assert aircraft.wire.on_board == []


# -- what is asked of it without an order -----------------------------------------------------------------------------


def test_what_does_not_come_is_asked_for_again_and_what_comes_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what the scripted aircraft reports, positions come often enough; wind and satellites never come."""
    monkeypatch.setattr(actor, "ASK_AGAIN_S", 0.1)
    aircraft = ScriptedAircraft()
    position, wind, satellites = 33.0, 231.0, 24.0

    def asked(number: float) -> int:
        return [fields["param1"] for fields in aircraft.wire.fields(Cmd.SET_MESSAGE_INTERVAL)].count(number)

    async def run() -> None:
        async with aircraft.alive(), asyncio.timeout(5.0):
            while min(asked(wind), asked(satellites)) < 3:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert asked(position) < asked(wind)

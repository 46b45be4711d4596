"""Rally points on board: put there and taken off over real sockets, and flown to when the link is lost."""

import asyncio
from dataclasses import replace

import pytest

from dfr.core.command import GoTo, Launch, OutcomeKind, ReturnHome, UploadFence
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, Amsl, distance_m
from dfr.core.rally import RallyPoint
from sim.autopilot import running_fleet
from tests.protocol.fleet_rig import HOME, SPEED, free_port, place, rig, spec, square

DONE = OutcomeKind.DONE
PARK = RallyPoint("park", "The park", place(300.0, 0.0, 0.0).position, Amsl(HOME[2]))


def with_park(plan: FencePlan) -> FencePlan:
    return replace(plan, rally_points=(PARK,))


def test_they_are_put_on_board_with_the_fence_and_taken_off_with_the_next() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            first = await it.do(UploadFence(with_park(square(600.0))))
            assert first.kind is DONE, first.sentence
            (point,) = fleet.vehicle(7).rally.items
            assert point.z == pytest.approx(HOME[2])
            second = await it.do(UploadFence(square(600.0)))
            assert second.kind is DONE, second.sentence
            assert fleet.vehicle(7).rally.items == []

    with running_fleet([spec(7, port)], speed=SPEED) as fleet:
        asyncio.run(run())


@pytest.mark.parametrize(("north_m", "ends_at"), [(250.0, "park"), (100.0, "home")])
def test_return_comes_down_at_the_nearest_of_home_and_the_rally_points(north_m: float, ends_at: str) -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            assert (await it.do(UploadFence(with_park(square(600.0))))).kind is DONE
            assert (await it.do(Launch(AboveTakeoff(40.0)))).kind is DONE
            assert (await it.do(GoTo(place(north_m, 30.0, 40.0), 9.0))).kind is DONE
            assert (await it.do(ReturnHome())).kind is DONE
            kinematics = (await it.on_ground()).kinematics
            assert kinematics is not None
            goal = PARK.position if ends_at == "park" else place(0.0, 0.0, 0.0).position
            assert distance_m(kinematics.value.position, goal) < 3.0

    with running_fleet([spec(7, port)], speed=SPEED):
        asyncio.run(run())

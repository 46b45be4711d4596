"""The guard stops an aircraft at its fastest before the fence on board has to, with positions as old as they are."""

import asyncio
import math

import pytest
from shapely.geometry import box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.guard import GuardAction, foresee
from dfr.airspace.layers import to_degrees
from dfr.core.clock import SystemClock
from dfr.core.command import GoTo, Hold, Launch, OutcomeKind, UploadFence
from dfr.core.geo import AboveTakeoff, Amsl, Position
from dfr.core.zone import Zone, ZoneKind
from dfr.fleet.firmware import load_airframe
from sim.autopilot import running_fleet
from tests.protocol.fleet_rig import FIRMWARE, FRAME, HOME, Rig, free_port, place, rig, spec, square

AIRFRAME = load_airframe(FIRMWARE)
MARGIN_M = float(math.ceil(AIRFRAME.stopping.fence_overshoot_m))
LINE_M = 260.0
"""The fence on board, north of home; the border lies the margin farther."""


async def stray(it: Rig) -> tuple[float, float]:
    """An order straight over the border, which no gate has seen, and the guard that sees it fly: the speed at which it
    is told to stop, and the farthest north that it comes."""
    half_m = LINE_M + MARGIN_M
    shape = to_degrees(box(-half_m, -half_m, half_m, half_m), FRAME)
    area = Zone("area", "the area", ZoneKind.OPERATING_AREA, shape)
    airspace = Airspace([area], FlatGround(Amsl(HOME[2])), Position(HOME[0], HOME[1]), MARGIN_M)
    clock = SystemClock()
    await it.ready()
    await it.do(UploadFence(square(4000.0)))
    await it.do(Launch(AboveTakeoff(20.0)))
    it.submit(GoTo(place(2000.0, 0.0, 20.0), AIRFRAME.asked_mps))
    await it.until(lambda seen: north_m(it) > 20.0)
    assert (await it.do(UploadFence(square(LINE_M)))).kind is OutcomeKind.DONE
    stopping, told_mps, farthest_m = "", 0.0, -math.inf
    async with asyncio.timeout(60.0):
        while True:
            here = it.telemetry().position_now(clock.now_s())
            assert here is not None
            farthest_m = max(farthest_m, north_m(it))
            if not stopping and foresee(here, airspace, AIRFRAME.stopping).action is GuardAction.HOLD:
                stopping, told_mps = it.submit(Hold()), here.velocity.ground_mps
            elif stopping and here.velocity.ground_mps < 0.3:
                break
            await asyncio.sleep(0.1)
    assert (await it.outcome(stopping)).kind is OutcomeKind.DONE
    return told_mps, farthest_m


def north_m(it: Rig) -> float:
    now = it.telemetry().kinematics
    assert now is not None
    return FRAME.to_local(now.value.position)[1]


@pytest.mark.slow
def test_a_stray_flight_at_full_speed_is_stopped_before_the_line_of_the_fence() -> None:
    port = free_port()

    async def run() -> tuple[float, float]:
        async with rig(port) as it:
            return await stray(it)

    with running_fleet([spec(7, port)], speed=1.0):
        told_mps, farthest_m = asyncio.run(run())
    assert told_mps > 9.0
    assert LINE_M - 30.0 < farthest_m < LINE_M

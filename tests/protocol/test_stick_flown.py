"""A stick held towards a border, on the built-in autopilot: it slides along, stays off, and stops when it ends."""

import asyncio
import math
import time
from dataclasses import dataclass, field

import pytest
from shapely.geometry import box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.layers import to_degrees
from dfr.airspace.steer import OnBoard, allowed_velocity
from dfr.core.clock import SystemClock
from dfr.core.command import Command, Fly, GoTo, Hold, Launch, Origin, OutcomeKind, Request, UploadFence
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Position
from dfr.core.telemetry import FlightMode, Kinematics, LinkState, Velocity
from dfr.core.zone import Zone, ZoneKind
from dfr.fleet.firmware import load_airframe
from sim.autopilot import running_fleet
from tests.protocol.fleet_rig import FIRMWARE, FRAME, HOME, Rig, asset, authorized, free_port, place, rig, spec, square

AIRFRAME = load_airframe(FIRMWARE)
BORDER_M, MARGIN_M = 200.0, 20.0
"""North and east of home, and all around."""
TOLERANCE_M = 0.5
"""What it may be short of the margin: positions are some tenths of a second old."""
EVERY_S = 0.1
KINDS = ("px4", "ardupilot")


@dataclass
class Hand:
    """Orders a velocity ten times a second under one request, limited as the gate does it."""

    it: Rig
    space: Airspace
    request_id: str
    farthest_m: float = -math.inf
    said: set[str] = field(default_factory=set)

    async def push(self, wanted: Velocity, seconds: float, turn_degps: float = 0.0) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            here = self.it.telemetry().position_now(SystemClock().now_s())
            assert here is not None
            east_m, north_m = FRAME.to_local(here.position)
            self.farthest_m = max(self.farthest_m, north_m, east_m)
            limits = (here, self.space, Agl(10.0), AIRFRAME.stopping)
            allowed = allowed_velocity(wanted, *limits, on_board=OnBoard(box(-180, -180, 180, 180), Amsl(HOME[2] + 60)))
            self.said.add(allowed.sentence)
            self.send(Fly(allowed.velocity, turn_degps))
            await asyncio.sleep(EVERY_S)

    def send(self, command: Command) -> None:
        self.it.fleet.submit(authorized(Request(self.request_id, "sky-7", command, Origin.PILOT, "a pilot")))


def airspace() -> Airspace:
    shape = to_degrees(box(-BORDER_M, -BORDER_M, BORDER_M, BORDER_M), FRAME)
    area = Zone("area", "the area", ZoneKind.OPERATING_AREA, shape)
    return Airspace([area], FlatGround(Amsl(HOME[2])), Position(HOME[0], HOME[1]), MARGIN_M)


async def up(it: Rig) -> None:
    await it.ready()
    assert (await it.do(UploadFence(square(BORDER_M - MARGIN_M)))).kind is OutcomeKind.DONE
    assert (await it.do(Launch(AboveTakeoff(30.0)))).kind is OutcomeKind.DONE
    assert (await it.do(GoTo(place(60.0, 0.0, 30.0), 9.0))).kind is OutcomeKind.DONE


def now(it: Rig) -> Kinematics:
    telemetry = it.telemetry()
    assert telemetry.kinematics is not None
    return telemetry.kinematics.value


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_it_slides_along_the_border_and_stops_when_it_is_told_to(kind: str) -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port, assets=[asset(7, kind)]) as it:
            await up(it)
            hand = Hand(it, airspace(), "stick")
            await hand.push(Velocity(6.0, 2.0, 0.0), 36.0)
            assert it.outcomes["stick"].kind is OutcomeKind.DONE, it.outcomes["stick"].sentence
            mode = it.telemetry().mode
            assert mode is not None
            assert mode.value is (FlightMode.OFFBOARD if kind == "px4" else FlightMode.HOLD)
            assert any(sentence.startswith("It slides along the border of") for sentence in hand.said)
            east_m, north_m = FRAME.to_local(now(it).position)
            assert east_m > 60.0
            assert north_m > BORDER_M - MARGIN_M - 8.0
            assert hand.farthest_m <= BORDER_M - MARGIN_M + TOLERANCE_M
            await stops(it)
            assert not [text for text in it.telemetry().texts if "eofence" in text.text]

    with running_fleet([spec(7, port, kind=kind)], speed=1.0):
        asyncio.run(run())


async def stops(it: Rig) -> None:
    """Told to hold, half a second after the last word at the latest, it comes to rest within its stopping distance."""
    before = now(it)
    await asyncio.sleep(0.5)
    assert (await it.do(Hold())).kind is OutcomeKind.DONE
    await it.until(lambda seen: now(it).velocity.ground_mps < 0.3)
    (east_m, north_m), (then_east_m, then_north_m) = FRAME.to_local(before.position), FRAME.to_local(now(it).position)
    speed_mps = before.velocity.ground_mps
    way_m = math.hypot(then_east_m - east_m, then_north_m - north_m)
    assert way_m <= (0.5 + EVERY_S) * speed_mps + AIRFRAME.stopping.way_m(speed_mps)
    mode = it.telemetry().mode
    assert mode is not None
    await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.HOLD)


@pytest.mark.parametrize("kind", KINDS)
def test_it_turns_climbs_and_ends_by_itself_when_words_cease(kind: str) -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port, assets=[asset(7, kind)]) as it:
            await up(it)
            hand, began = Hand(it, airspace(), "stick"), now(it)
            await hand.push(Velocity(0.0, 0.0, -1.5), 6.0, turn_degps=20.0)
            turned_deg = ((now(it).heading_deg or 0.0) - (began.heading_deg or 0.0)) % 360.0
            assert 70.0 < turned_deg < 130.0
            assert 4.0 < now(it).height.m - began.height.m < 10.0
            await hand.push(Velocity(5.0, 0.0, 0.0), 3.0)
            # Nothing more is sent: the autopilot does not fly on by the last word.
            await it.until(lambda seen: now(it).velocity.ground_mps < 0.5, timeout_s=12.0)
            assert it.telemetry().link is LinkState.ONLINE
            hand.send(Fly(Velocity(0.0, 0.0, 0.0)))
            assert (await it.do(Hold())).kind is OutcomeKind.DONE
            hand.send(Fly(Velocity(6.0, 0.0, 0.0)))
            await asyncio.sleep(2.0)
            assert now(it).velocity.ground_mps < 0.5

    with running_fleet([spec(7, port, kind=kind)], speed=1.0):
        asyncio.run(run())


def test_an_aircraft_on_the_ground_does_not_fly_by_stick() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            await it.ready()
            await it.do(Fly(Velocity(3.0, 0.0, -3.0)))
            await asyncio.sleep(1.5)
            assert now(it).height.m < 1.0

    with running_fleet([spec(7, port)], speed=1.0):
        asyncio.run(run())

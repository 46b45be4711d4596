"""The driver with an engine's heartbeat, flying the built-in autopilot over real UDP sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from dfr.core.asset import Asset, Dock
from dfr.core.clock import SystemClock
from dfr.core.command import Command, Origin, Outcome, Request
from dfr.core.fence import FenceCircle, FencePlan, FencePolygon
from dfr.core.geo import AboveTakeoff, Amsl, LocalFrame, Position, Waypoint
from dfr.core.telemetry import LandedState, Telemetry
from dfr.core.traffic import Intruder
from dfr.dispatch import gate
from dfr.fleet.firmware import load_airframe, load_parameters
from dfr.fleet.mavlink import MavlinkFleet
from dfr.fleet.mavlink.signing import Signer
from dfr.fleet.mavlink.timing import Timing
from sim.autopilot import VehicleSpec

CONFIGS = Path(__file__).parents[2] / "firmware_configs"
FIRMWARE = CONFIGS / "x500_sitl"
AIRFRAMES = {"px4": FIRMWARE, "ardupilot": CONFIGS / "x500_copter"}
"""By the kind of autopilot."""
HOME = (32.2217, -110.9265, 728.0)
SPEED = 20.0
HEARTBEAT_S = 0.1
FRAME = LocalFrame(Position(HOME[0], HOME[1]))


def authorized(request: Request) -> gate.Authorized:
    """What the gate would answer: these tests are about what comes after it."""
    return gate.Authorized(request, 0.0, key=gate._KEY)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spec(system_id: int, port: int, east_m: float = 0.0, kind: str = "px4", **parameters: float) -> VehicleSpec:
    """An aircraft with the airframe's parameters (and some of its own), at home or east of it."""
    where = FRAME.to_position(east_m, 0.0)
    home = (where.latitude_deg, where.longitude_deg, HOME[2])
    return VehicleSpec(
        system_id,
        home,
        ("127.0.0.1", port),
        parameters_file=AIRFRAMES[kind] / "parameters.toml",
        parameters=dict(parameters),
        autopilot=kind,
    )


def asset(system_id: int, kind: str = "px4") -> Asset:
    dock = Dock(f"dock-{system_id}", "Dock", Position(HOME[0], HOME[1]), Amsl(HOME[2]))
    return Asset(f"sky-{system_id}", f"SKY-{system_id}", system_id, dock, load_airframe(AIRFRAMES[kind]))


def place(north_m: float, east_m: float, height_m: float) -> Waypoint:
    return Waypoint(FRAME.to_position(east_m, north_m), Amsl(HOME[2] + height_m))


def square(half_m: float, holes: Sequence[tuple[float, float, float]] = ()) -> FencePlan:
    """An inclusion square around home with exclusion circles (north, east, radius) and a ceiling of 100 m."""
    corners = ((-half_m, -half_m), (-half_m, half_m), (half_m, half_m), (half_m, -half_m))
    polygon = FencePolygon(tuple(FRAME.to_position(east, north) for north, east in corners), inclusion=True)
    circles = tuple(FenceCircle(FRAME.to_position(east, north), radius, False) for north, east, radius in holes)
    return FencePlan((polygon,), circles, AboveTakeoff(100.0))


@dataclass
class Rig:
    """`beat` False is an engine that hangs."""

    fleet: MavlinkFleet
    outcomes: dict[str, Outcome]
    sent: list[tuple[str, str]]
    beat: bool = True
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def submit(self, command: Command, asset_id: str = "sky-7") -> str:
        request = Request(f"r{next(self._numbers)}", asset_id, command, Origin.PILOT, "a pilot")
        self.fleet.submit(authorized(request))
        return request.id

    async def do(self, command: Command, asset_id: str = "sky-7") -> Outcome:
        return await self.outcome(self.submit(command, asset_id))

    async def outcome(self, request_id: str) -> Outcome:
        async with asyncio.timeout(60.0):
            while True:
                if request_id in self.outcomes:
                    return self.outcomes[request_id]
                await asyncio.sleep(0.01)

    def telemetry(self, asset_id: str = "sky-7") -> Telemetry:
        return self.fleet.telemetry()[asset_id]

    async def until(
        self, seen: Callable[[Telemetry], bool], asset_id: str = "sky-7", timeout_s: float = 30.0
    ) -> Telemetry:
        """The telemetry in which it was seen. Raises TimeoutError with the last one in a note."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    if seen(now := self.telemetry(asset_id)):
                        return now
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            error.add_note(str(self.telemetry(asset_id)))
            raise

    async def ready(self, asset_id: str = "sky-7") -> Telemetry:
        return await self.until(lambda seen: seen.health is not None and seen.health.value.armable, asset_id)

    async def on_ground(self, asset_id: str = "sky-7") -> Telemetry:
        return await self.until(on_ground, asset_id)


def on_ground(seen: Telemetry) -> bool:
    down = seen.landed is not None and seen.landed.value is LandedState.ON_GROUND
    return down and seen.armed is not None and not seen.armed.value


@contextlib.asynccontextmanager
async def rig(
    port: int,
    system_ids: Sequence[int] = (7,),
    timing: Timing | None = None,
    links: Mapping[str, str] | None = None,
    signer: Signer | None = None,
    on_traffic: Callable[[Intruder, float], None] | None = None,
    assets: Sequence[Asset] | None = None,
) -> AsyncIterator[Rig]:
    """The driver for these aircraft, all on one port unless `links` (asset id to URL) says otherwise."""
    assets = assets or [asset(system_id) for system_id in system_ids]
    outcomes: dict[str, Outcome] = {}
    sent: list[tuple[str, str]] = []
    fleet = MavlinkFleet(
        assets,
        links or {one.id: f"udpin://127.0.0.1:{port}" for one in assets},
        on_outcome=lambda outcome: outcomes.__setitem__(outcome.request_id, outcome),
        clock=SystemClock(),
        parameter_files={folder.name: load_parameters(folder) for folder in AIRFRAMES.values()},
        on_sent=lambda request, what: sent.append((request.id, what)),
        timing=timing,
        signer=signer,
        on_traffic=on_traffic,
    )
    made = Rig(fleet, outcomes, sent)

    async def engine() -> None:
        while True:
            if made.beat:
                fleet.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)

    await fleet.start()
    beating = asyncio.create_task(engine())
    try:
        yield made
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await fleet.stop()

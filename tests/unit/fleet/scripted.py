"""An aircraft that answers as a test tells it to, without a socket: what the driver's orders are tried against."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from dfr.core.asset import Asset, Dock
from dfr.core.clock import SystemClock
from dfr.core.command import Command, Origin, Outcome, Request
from dfr.core.fence import FencePlan, FencePolygon
from dfr.core.geo import Amsl, Position, destination
from dfr.fleet.mavlink.actor import Actor
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.commander import Commander
from dfr.fleet.mavlink.common import Cmd
from dfr.fleet.mavlink.fence import PlanItem
from dfr.fleet.mavlink.timing import Timing
from dfr.fleet.mavlink.wire import UnknownParameter, WireError
from tests.support.airframes import airframe

HOME = Position(32.2217, -110.9265)
HOME_ALTITUDE = Amsl(728.0)
AIRFRAME = airframe("x500_sitl", 12.0, 3.0, 2.5)
ASSET = Asset("sky-1", "SKY-1", 7, Dock("d", "Dock", HOME, HOME_ALTITUDE), AIRFRAME)

HOLD, TAKEOFF, RETURN, LAND, ORBIT, POSITION = (
    main << 16 | sub << 24 for main, sub in ((4, 3), (4, 2), (4, 5), (4, 6), (3, 1), (3, 0))
)
ON_GROUND, IN_AIR = 1, 2

QUICK = Timing(
    ack_s=0.05,
    mode_s=0.4,
    heartbeat_s=0.1,
    arm_s=0.2,
    arm_pause_s=0.05,
    resend_s=0.2,
    stall_s=0.5,
    slack_s=1.0,
    stop_s=0.5,
    camera_s=0.3,
    fence_watch_s=0.1,
    in_progress_s=0.5,
)
SQUARE = FencePlan((FencePolygon(tuple(destination(HOME, bearing, 500.0) for bearing in (0, 90, 180, 270)), True),))

Answer = Callable[["ScriptedAircraft", Mapping[str, Any]], None]


class ScriptedAircraft:
    """The state that it reports 50 times a second, and what it does on a command (by default: accept, do nothing)."""

    def __init__(self, timing: Timing = QUICK) -> None:
        self.clock = SystemClock()
        self.cache = Cache(ASSET.id, ASSET.system_id, 245, timing.link_lost_s)
        self.wire = ScriptedWire(self)
        self.commander = Commander(ASSET, self.cache, self.clock, timing, (245, 191))
        self.commander.wire = self.wire
        self.outcomes: list[Outcome] = []
        self.actor = Actor(self.commander, self.outcomes.append, None, None)
        self.on: dict[int, Answer] = {}
        self.custom_mode, self.armed, self.landed = HOLD, False, ON_GROUND
        self.north_m, self.height_m, self.north_mps = 0.0, 0.0, 0.0
        self.gimbal_pitch_deg: float | None = None
        self.tells_position = True

    def tell(self, name: str, **fields: Any) -> None:
        self.cache.on_message(name, 1, fields, self.clock.now_s())

    def acknowledge(self, command: int, result: int = 0) -> None:
        self.tell("COMMAND_ACK", command=command, result=result)

    def say(self, text: str, severity: int = 2) -> None:
        self.tell("STATUSTEXT", text=text + "\t", severity=severity, id=0, chunk_seq=0)

    def report(self) -> None:
        self.tell("HEARTBEAT", autopilot=12, type=2, custom_mode=self.custom_mode, base_mode=128 * self.armed)
        self.tell("EXTENDED_SYS_STATE", landed_state=self.landed)
        if self.tells_position:
            self._report_position()
        self.tell(
            "HOME_POSITION",
            latitude=round(HOME.latitude_deg * 1e7),
            longitude=round(HOME.longitude_deg * 1e7),
            altitude=round(HOME_ALTITUDE.m * 1e3),
        )

    def _report_position(self) -> None:
        where = destination(HOME, 0.0, self.north_m)
        self.tell(
            "GLOBAL_POSITION_INT",
            time_boot_ms=int(self.clock.now_s() * 1e3) % 2**31,
            lat=round(where.latitude_deg * 1e7),
            lon=round(where.longitude_deg * 1e7),
            alt=round((HOME_ALTITUDE.m + self.height_m) * 1e3),
            relative_alt=round(self.height_m * 1e3),
            vx=round(self.north_mps * 100),
            vy=0,
            vz=0,
            hdg=0,
        )

    def flying(self) -> "ScriptedAircraft":
        self.armed, self.landed, self.height_m = True, IN_AIR, 40.0
        return self

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Reports, and its actor works."""

        async def reporting() -> None:
            while True:
                self.report()
                await asyncio.sleep(0.02)

        tasks = [asyncio.create_task(reporting()), asyncio.create_task(self.actor.run())]
        await asyncio.sleep(0.03)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, command: Command, request_id: str = "r1") -> None:
        self.actor.submit(Request(request_id, ASSET.id, command, Origin.PILOT, "a pilot"))

    async def outcome(self, request_id: str = "r1", timeout_s: float = 5.0) -> Outcome:
        async with asyncio.timeout(timeout_s):
            while True:
                for outcome in self.outcomes:
                    if outcome.request_id == request_id:
                        return outcome
                await asyncio.sleep(0.01)


class ScriptedWire:
    """Implements Wire."""

    def __init__(self, aircraft: ScriptedAircraft) -> None:
        self._aircraft = aircraft
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.parameters: dict[str, int | float] = {"GF_MAX_VER_DIST": 0.0}
        self.on_board: list[PlanItem] = []
        self.transfers_s: list[float] = []
        self.fail: WireError | None = None
        self.damage: Callable[[list[PlanItem]], list[PlanItem]] = list
        self.rally_points: list[PlanItem] = []
        self.rally_damage: Callable[[list[PlanItem]], list[PlanItem]] = list
        self.after_upload: Callable[[], None] = lambda: None

    def commands(self) -> list[int]:
        housekeeping = (Cmd.SET_MESSAGE_INTERVAL, Cmd.REQUEST_MESSAGE, Cmd.DO_GIMBAL_MANAGER_CONFIGURE)
        commands = (fields["command"] for _, fields in self.sent if "command" in fields)
        return [command for command in commands if command not in housekeeping]

    def fields(self, command: int) -> list[dict[str, Any]]:
        return [fields for _, fields in self.sent if fields.get("command") == command]

    def send(self, name: str, fields: Mapping[str, Any]) -> None:
        self.sent.append((name, dict(fields)))
        if "command" not in fields:
            return
        answer = self._aircraft.on.get(fields["command"])
        if answer is None:
            self._aircraft.acknowledge(fields["command"])
        else:
            answer(self._aircraft, fields)

    async def read_parameter(self, name: str, like: int | float, timeout_s: float) -> int | float:
        if name not in self.parameters:
            raise UnknownParameter(f"Reading {name} failed: does not exist.")
        return self.parameters[name]

    async def write_parameter(self, name: str, value: int | float, timeout_s: float) -> None:
        self.parameters[name] = value

    async def upload_fence(self, items: list[PlanItem], timeout_s: float) -> None:
        self.transfers_s.append(timeout_s)
        if self.fail is not None:
            raise self.fail
        self.on_board = list(items)
        self.after_upload()

    async def download_fence(self, timeout_s: float) -> list[PlanItem]:
        self.transfers_s.append(timeout_s)
        return self.damage(self.on_board)

    async def upload_rally_points(self, items: list[PlanItem], timeout_s: float) -> None:
        self.rally_points = list(items)

    async def download_rally_points(self, timeout_s: float) -> list[PlanItem]:
        return self.rally_damage(self.rally_points)

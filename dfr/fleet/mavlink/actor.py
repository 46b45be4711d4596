"""One aircraft's actor: takes its orders from a bounded inbox and works on them in lanes, side by side.

A newer order of a lane supersedes the one under way. Nothing that one aircraft does or leaves undone is waited for by
another.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from dfr.core.command import (
    Command,
    Fly,
    Hold,
    LookAt,
    LookAtHorizon,
    Outcome,
    OutcomeKind,
    Request,
    ReturnHome,
    SetPalette,
    TakePhotograph,
    TurnCamera,
    UploadFence,
    ZoomCamera,
)
from dfr.core.telemetry import LinkState
from dfr.fleet.firmware import ParameterFile
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.camera import look_at, look_at_horizon, turn
from dfr.fleet.mavlink.commander import Commander, OnSent, OrderFailed
from dfr.fleet.mavlink.common import Cmd
from dfr.fleet.mavlink.discovery import PayloadWatch
from dfr.fleet.mavlink.flying import fly, set_velocity
from dfr.fleet.mavlink.lens import photograph, set_palette, zoom, zoom_out
from dfr.fleet.mavlink.parameters import ParameterCheck
from dfr.fleet.mavlink.rates import fitting
from dfr.fleet.mavlink.safety import upload_fence
from dfr.fleet.mavlink.wire import WireError

log = logging.getLogger(__name__)

INBOX = 32
HOUSEKEEPING_S = 0.2
HOME_POSITION_ID = 242
SYSTEM_TIME_ID = 2
ASK_S = 1.0
"""An armed aircraft is asked this often for something, to know whether the way to it works."""
MESSAGE_RATES_HZ = {33: 10.0, 87: 2.0, 245: 5.0, 242: 1.0, 1: 2.0, 147: 1.0, 24: 1.0, 285: 10.0, 230: 1.0, 231: 1.0} | {
    281: 1.0,
    31: 10.0,
}
"""Position, setpoint, landed state, home, health, battery, satellites, gimbal, estimate, wind; gimbal manager,
attitude: MAVLink message ids."""
ON_GROUND_HZ = {285: 2.0, 31: 2.0}
"""While it is not armed: gimbal, attitude. Most of a fleet waits on its docks, and there nothing turns."""
STORAGE_INFORMATION_ID = 261
AUTOPILOT_VERSION_ID = 148
"""Whose serial number changes without a silence is two aircraft."""
ASK_AGAIN_S = 30.0
"""So often messages that come too seldom are asked for again: a request may have been lost, or a restart too short to
be noticed has forgotten it. And what no autopilot streams by itself."""
ENOUGH = 0.5
"""Of the messages that were asked for."""


class Lane(Enum):
    FLIGHT = auto()
    CAMERA = auto()
    LENS = auto()
    PALETTE = auto()
    PHOTOGRAPH = auto()
    FENCE = auto()


def lane_of(command: Command) -> Lane:
    """Orders of one lane supersede each other."""
    match command:
        case LookAt() | LookAtHorizon() | TurnCamera():
            return Lane.CAMERA
        case ZoomCamera():
            return Lane.LENS
        case SetPalette():
            return Lane.PALETTE
        case TakePhotograph():
            return Lane.PHOTOGRAPH
        case UploadFence():
            return Lane.FENCE
        case _:
            return Lane.FLIGHT


class Actor:
    """Runs in the event loop. `commander.wire` appears when the aircraft is heard."""

    def __init__(
        self,
        commander: Commander,
        on_outcome: Callable[[Outcome], None],
        parameters: ParameterFile | None,
        on_sent: OnSent | None,
    ) -> None:
        self.commander = commander
        self._on_outcome = on_outcome
        self._check = ParameterCheck(parameters)
        self._on_sent = on_sent
        self._inbox: asyncio.Queue[Request] = asyncio.Queue(INBOX)
        self._lanes: dict[Lane, asyncio.Task[str]] = {}
        self._ending: set[asyncio.Task[str]] = set()
        self._by_velocity = ""
        """The id of the request under which it flies by velocities; "" when it does not."""
        self._velocity_over = ""
        """The id of the last one that is over: later words of it are not sent."""
        self._stopping = False
        self._payload = PayloadWatch(commander)
        self._came: dict[str, int] = {}
        """How many messages of each name had come when they were last asked for."""

    @property
    def cache(self) -> Cache:
        return self.commander.cache

    def submit(self, request: Request) -> None:
        """Never blocks. An inbox that is full answers with FAILED."""
        try:
            self._inbox.put_nowait(request)
        except asyncio.QueueFull:
            name = self.commander.name
            self._report(request, OutcomeKind.FAILED, f"{name} has {INBOX} orders waiting; this one was not sent.")

    def let_go(self) -> None:
        """End what is under way and what waits, as superseded: somebody else commands the aircraft."""
        while not self._inbox.empty():
            self._report(self._inbox.get_nowait(), OutcomeKind.SUPERSEDED, "It was let go before this was sent.")
        self._velocity_ended()
        for task in self._lanes.values():
            task.cancel()

    async def run(self) -> None:
        """Take orders until cancelled; then end what is under way."""
        housekeeping = asyncio.gather(self._keep_house(), self._keep_asking())
        try:
            while True:
                self._begin(await self._inbox.get())
        finally:
            self._stopping = True
            self._payload.stop()
            tasks: list[asyncio.Future[Any]] = [housekeeping, *self._lanes.values(), *self._ending]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, request: Request) -> None:
        if isinstance(request.command, Fly) and request.id in (self._by_velocity, self._velocity_over):
            self._change_velocity(request.id, request.command)
            return
        lane = lane_of(request.command)
        if lane is Lane.FLIGHT:
            self._velocity_over = self._by_velocity
            self._by_velocity = request.id if isinstance(request.command, Fly) else ""
        previous = self._lanes.get(lane)
        if previous is not None and not previous.done():
            self._ending.add(previous)
            previous.add_done_callback(self._ending.discard)
            previous.cancel()
        task = asyncio.create_task(self._obey_after(previous, request))
        task.add_done_callback(partial(self._ended, request))
        self._lanes[lane] = task

    def _change_velocity(self, request_id: str, order: Fly) -> None:
        """The outcome of the request tells how it began; when velocities cease the autopilot stops or goes home."""
        twins = self.commander.cache.twins(self.commander.clock.now_s())
        if request_id != self._by_velocity or twins:
            log.warning("%s: a velocity was not sent, for its order is over. %s", self.commander.name, twins)
            return
        try:
            set_velocity(self.commander, order)
        except OrderFailed as error:
            log.warning("%s: a velocity was not sent: %s", self.commander.name, error)

    def _velocity_ended(self) -> None:
        if self._by_velocity:
            self._velocity_over, self._by_velocity = self._by_velocity, ""

    async def _obey_after(self, previous: asyncio.Task[str] | None, request: Request) -> str:
        if previous is not None and not previous.done():
            await asyncio.wait({previous})
        return await self._obey(request)

    def _ended(self, request: Request, task: asyncio.Task[str]) -> None:
        """Every order that was taken has one outcome, also one that was cancelled before it began."""
        name = self.commander.name
        if task.cancelled():
            why = "The service stopped" if self._stopping else f"A newer order for {name} took its place"
            self._report(request, OutcomeKind.SUPERSEDED, f"{why} before its goal was seen.")
            return
        error = task.exception()
        if error is not None and request.id == self._by_velocity:
            self._velocity_ended()
        if error is None:
            self._report(request, OutcomeKind.DONE, task.result())
        elif isinstance(error, OrderFailed):
            self._report(request, OutcomeKind.FAILED, str(error))
        else:
            log.error("The order %s failed inside the driver.", request, exc_info=error)
            self._report(request, OutcomeKind.FAILED, f"The driver failed on this order; {name} was left as it is.")

    async def _obey(self, request: Request) -> str:
        commander, command = self.commander, request.command
        commander.connected()
        twins = commander.cache.twins(commander.clock.now_s())
        if twins and not isinstance(command, Hold | ReturnHome):
            raise OrderFailed(f"Nothing was sent to {commander.name}. {twins}")
        match command:
            case UploadFence():
                return await upload_fence(commander, request, command, self._on_sent)
            case LookAt():
                return await look_at(commander, request, command)
            case LookAtHorizon():
                await zoom_out(commander, request)
                return await look_at_horizon(commander, request)
            case TurnCamera():
                return await turn(commander, request, command)
            case ZoomCamera():
                return await zoom(commander, request, command)
            case SetPalette():
                return await set_palette(commander, request, command)
            case TakePhotograph():
                return await photograph(commander, request)
            case _:
                return await fly(commander, request, command)

    def _report(self, request: Request, kind: OutcomeKind, sentence: str) -> None:
        now_s = self.commander.clock.now_s()
        self._on_outcome(Outcome(request.id, self.commander.asset.id, kind, sentence, now_s))

    # -- what is asked of an aircraft without an order -----------------------------------------------------------

    async def _keep_house(self) -> None:
        """After every connect and restart: message rates, home, and the safety parameters."""
        known: tuple[int, float | None] | None = None
        checked = was_armed = False
        check_at_s = ask_at_s = 0.0
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            self._payload.tend()
            link, since_s = self.commander.cache.link(self.commander.clock.now_s())
            if link is not LinkState.ONLINE or self.commander.wire is None:
                continue
            connection = (self.commander.cache.boots, since_s)
            if connection != known:
                known, checked, check_at_s, ask_at_s = connection, False, 0.0, 0.0
            if self.commander.cache.last("home") is None:
                self._ask(Cmd.REQUEST_MESSAGE, float(HOME_POSITION_ID))
            armed = self._is_armed()
            if self.commander.clock.now_s() >= ask_at_s or armed != was_armed:
                again = ask_at_s > 0.0 and armed == was_armed
                ask_at_s, was_armed = self.commander.clock.now_s() + ASK_AGAIN_S, armed
                self._ask_for_messages(armed, again)
            turns = self.commander.parameter_turns
            if not checked and self.commander.clock.now_s() >= check_at_s and not turns.locked():
                async with turns:
                    missing = await self._check.missing(self.commander)
                self.commander.cache.parameters_checked(missing)
                checked = not missing
                check_at_s = self.commander.clock.now_s() + self.commander.timing.parameters_again_s

    def _is_armed(self) -> bool:
        armed = self.commander.cache.last("armed")
        return armed is not None and armed.value

    def _ask_for_messages(self, armed: bool, again: bool) -> None:
        wished = MESSAGE_RATES_HZ if armed else MESSAGE_RATES_HZ | ON_GROUND_HZ
        for message_id, rate_hz in fitting(wished, self.commander.link_bytes_a_second()).items():
            name = dialect.mavlink_map[message_id].msgname
            before, now = self._came.get(name, 0), self.commander.cache.came(name)
            self._came[name] = now
            # All aircraft of a fleet ask at the same time, and what comes needs no asking.
            if not again or now - before <= ENOUGH * rate_hz * ASK_AGAIN_S:
                self._ask(Cmd.SET_MESSAGE_INTERVAL, float(message_id), 1e6 / rate_hz if rate_hz else -1.0)
        self._ask(Cmd.REQUEST_MESSAGE, float(STORAGE_INFORMATION_ID))
        self._ask(Cmd.REQUEST_MESSAGE, float(AUTOPILOT_VERSION_ID))

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(ASK_S)
            cache, now_s = self.commander.cache, self.commander.clock.now_s()
            online = cache.link(now_s)[0] is LinkState.ONLINE
            if self._is_armed() and online and self.commander.wire is not None:
                cache.asked(now_s)
                self._ask(Cmd.REQUEST_MESSAGE, float(SYSTEM_TIME_ID))

    def _ask(self, command: Cmd, *params: float) -> None:
        """Ask once, without waiting: what does not come is asked for again."""
        try:
            self.commander.ask(command, params)
        except WireError as error:
            log.warning("%s: %s", self.commander.name, error)

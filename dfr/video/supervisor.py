"""Starts the video process, watches it, and starts it again; flight never waits for it."""

import asyncio
import contextlib
import logging
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dfr.core.clock import Clock, SystemClock
from dfr.core.stream import Stream, StreamState
from dfr.video.client import VideoClient
from dfr.video.errors import VideoError, VideoProcessDown
from dfr.video.wanted import WantedStream

BUDGET_RESTARTS = 10
BUDGET_PERIOD_S = 60.0
SLOW_RESTART_S = 30.0
START_TIMEOUT_S = 20.0
HEALTH_PERIOD_S = 2.0
UNANSWERED_BEFORE_KILL = 3
NICENESS = 5
STOP_TIMEOUT_S = 4.0

logger = logging.getLogger(__name__)


def restart_delay_s(restarts_s: Sequence[float], now_s: float) -> float:
    """How long to wait before the next start, given when the earlier restarts were.

    Within the budget (10 a minute) it doubles from 0.2 s to 5 s; beyond it, half a minute each.
    """
    recent = sum(1 for restart_s in restarts_s if now_s - restart_s < BUDGET_PERIOD_S)
    if recent >= BUDGET_RESTARTS:
        return SLOW_RESTART_S
    return float(min(0.2 * 2**recent, 5.0))


class VideoSupervisor:
    """One video process and the client to it.

    `start` returns at once when the process answers, or after a while with its restart under way: a service without
    video still flies. `stop` leaves nothing behind.
    """

    def __init__(self, socket_path: Path | None = None, clock: Clock | None = None) -> None:
        self._socket_path = socket_path or _private_folder() / "control.sock"
        self._clock = clock or SystemClock()
        self._wanted: tuple[WantedStream, ...] = ()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._restarts_s: list[float] = []
        self._ready = asyncio.Event()
        self._down_since_s: float | None = None
        self.sentence = "Live video is starting."
        """Why there is no video, for people ("" while the process answers)."""
        self.client = VideoClient(self._socket_path)

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def restarts(self) -> int:
        """How often the process had to be started again."""
        return len(self._restarts_s)

    async def start(self) -> None:
        self._socket_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._task = asyncio.create_task(self._supervise(), name="video supervisor")
        self._task.add_done_callback(self._supervision_ended)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), START_TIMEOUT_S)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._end_process()
        await self.client.close()
        with contextlib.suppress(OSError):  # a folder that holds more than the socket is somebody else's
            self._socket_path.unlink(missing_ok=True)
            self._socket_path.parent.rmdir()

    async def set_streams(self, wanted: Sequence[WantedStream]) -> None:
        """Relay exactly these from now on, also after a restart of the process. Raises VideoError for a bad list."""
        self._wanted = tuple(wanted)
        with contextlib.suppress(VideoProcessDown):  # the supervisor hands them over when it is back
            await self.client.set_streams(self._wanted)

    async def streams(self) -> tuple[Stream, ...]:
        """Every declared stream as it stands; while the process is down, each as lost, with the reason."""
        try:
            return await self.client.streams()
        except VideoError as error:
            sentence = self.sentence or str(error)
            since_s = self._clock.now_s() if self._down_since_s is None else self._down_since_s
            return tuple(Stream(w.id, w.asset_id, w.name, StreamState.LOST, sentence, since_s) for w in self._wanted)

    async def _supervise(self) -> None:
        while True:
            reason = await self._run_once()
            self._ready.clear()
            now_s = self._clock.now_s()
            self._down_since_s = now_s
            delay_s = restart_delay_s(self._restarts_s, now_s)
            self._restarts_s.append(now_s)
            self.sentence = (
                f"Live video has stopped ({reason}); it is started again in {delay_s:.1f} s. Flight goes on."
            )
            logger.warning(self.sentence)
            await asyncio.sleep(delay_s)

    def _supervision_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.sentence = "Live video is no longer watched over; restart the service when no aircraft is in the air."
            logger.critical(self.sentence, exc_info=task.exception())

    async def _run_once(self) -> str:
        """One life of the process; why it ended."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "dfr.video", "--socket", str(self._socket_path)),
                *("--nice", str(NICENESS), "--exit-with-stdin"),
                stdin=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            return f"it cannot be started: {error.strerror}"
        ended = asyncio.create_task(self._process.wait())
        watch = asyncio.create_task(self._watch())
        try:
            await asyncio.wait((ended, watch), return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return _exit_text(ended.result())
            return watch.result()
        finally:
            watch.cancel()
            ended.cancel()
            await self._end_process()

    async def _watch(self) -> str:
        """Hands the streams over once the process answers, then sees that it keeps answering; why it is given up."""
        if not await self._becomes_healthy():
            return f"it did not answer within {START_TIMEOUT_S:.0f} s of its start"
        try:
            await self.client.set_streams(self._wanted)
        except VideoError as error:
            logger.error("The video process did not take its streams: %s", error)
        self.sentence, self._down_since_s = "", None
        self._ready.set()
        unanswered = 0
        while unanswered < UNANSWERED_BEFORE_KILL:
            await asyncio.sleep(HEALTH_PERIOD_S)
            unanswered = 0 if await self.client.is_healthy() else unanswered + 1
        return "it hangs"

    async def _becomes_healthy(self) -> bool:
        deadline_s = self._clock.now_s() + START_TIMEOUT_S
        while self._clock.now_s() < deadline_s:
            if await self.client.is_healthy():
                return True
            await asyncio.sleep(0.05)
        return False

    async def _end_process(self) -> None:
        """Closing its standard input ends it; killed when it does not."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _private_folder() -> Path:
    """In the system's folder for temporary files: the path of a socket may be 107 bytes long at the most."""
    return Path(tempfile.gettempdir()) / f"dfr-video-{secrets.token_hex(8)}"


def _exit_text(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"it ended with code {code}"

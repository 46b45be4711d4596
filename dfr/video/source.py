"""Reads one camera (RTSP, or RTP described by an SDP) in a thread of its own; packets are demuxed, never decoded.

The only place that reconnects: a ladder from 0.2 s doubling to 5 s, with jitter, starting over once pictures have come.
"""

import asyncio
import contextlib
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

import av

from dfr.core.clock import Clock
from dfr.video.h264 import AccessUnit, Assembler, SequenceParameters, UnplayableError
from dfr.video.timeline import CLOCK_HZ

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 3.0
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
_MAILBOX_PICTURES = 256
_MAILBOX_EVENTS = 16

# Two lines of demuxer settings decide the delay. A small probe starts with the first packet and keeps it ("nobuffer"
# would throw the first keyframe away); with TCP nothing is reordered, with UDP for 50 ms at the most.
_LOW_DELAY = {"flags": "low_delay", "probesize": "32", "analyzeduration": "0", "max_delay": "50000"}
_RTSP = {"rtsp_transport": "tcp", "allowed_media_types": "video", "timeout": str(int(OPEN_TIMEOUT_S * 1e6))}


@dataclass(frozen=True, slots=True)
class Connected:
    """The camera answered and described H.264; its clock starts anew."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One access unit, the source's time stamp (90 kHz, None when it gave none) and when it came (UTC seconds)."""

    unit: AccessUnit
    timestamp: int | None
    arrival_s: float
    sequence_parameters: SequenceParameters | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Pictures were dropped here because they were not fetched in time."""

    pictures: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Why the connection is not there; the next attempt follows by itself."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why what the camera sends cannot be shown; it is tried again later, the setting may have been changed."""

    sentence: str


Item = Connected | Picture | Gap | Disconnected | Rejected


def delays_s(random_fraction: Callable[[], float] = random.random) -> Iterator[float]:
    """The ladder of waits between attempts, each shortened by up to a half so that many cameras do not come at once."""
    delay_s = FIRST_DELAY_S
    while True:
        yield delay_s * (1 - 0.5 * random_fraction())
        delay_s = min(2 * delay_s, LONGEST_DELAY_S)


def open_arguments(url: str) -> dict[str, Any]:
    """What the demuxer needs for this address. Raises UnplayableError for one that is not supported."""
    if url.startswith("data:application/sdp"):
        return {"format": "sdp", "options": {**_LOW_DELAY, "protocol_whitelist": "data,rtp,udp"}}
    parts = urlsplit(url)
    if parts.scheme in ("rtsp", "rtsps"):
        return {"options": {**_LOW_DELAY, **_RTSP}}
    if parts.scheme in ("", "file") and parts.path.endswith(".sdp"):
        return {"format": "sdp", "options": {**_LOW_DELAY, "protocol_whitelist": "file,rtp,udp"}}
    raise UnplayableError(
        f"A camera's address begins with rtsp:// or rtsps://, or names a .sdp file; {parts.scheme or 'this'} is "
        "neither. Correct the camera's url in the site's configuration."
    )


def failure_sentence(error: Exception) -> str:
    """What went wrong at the camera, for people. Never holds the address: it may carry a password."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return "The camera does not accept the name and password; correct them in the camera's url."
        case av.error.HTTPNotFoundError():
            return "The camera answers but has no stream at this path; correct the camera's url."
        case ConnectionRefusedError():
            return "The camera's machine refuses the connection; see that the camera is on and its stream server runs."
        case av.error.ExitError() | TimeoutError():
            return "The camera does not answer; see that it is on and that the network reaches it."
        case av.error.InvalidDataError():
            return "The camera answers, but not with a video stream; correct the camera's url."
        case _:
            reason = getattr(error, "strerror", None) or type(error).__name__
            return f"The camera cannot be read ({reason}); see that it is on and that the network reaches it."


class Mailbox:
    """Carries items from the reading thread into the event loop; when full it drops its pictures and says so."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Item], None]) -> None:
        self._loop, self._deliver = loop, deliver
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()
        self._is_closed = False

    def put(self, item: Item) -> None:
        """Called by the thread."""
        with self._lock:
            if len(self._items) >= _MAILBOX_PICTURES:
                self._drop_pictures()
            self._items.append(item)
            wakes = len(self._items) == 1
        if wakes:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
                self._loop.call_soon_threadsafe(self._drain)

    def close(self) -> None:
        """Called in the loop: nothing is delivered from now on."""
        self._is_closed = True

    def _drop_pictures(self) -> None:
        dropped = sum(_pictures_in(item) for item in self._items)
        kept = [item for item in self._items if not _pictures_in(item)][-_MAILBOX_EVENTS:]
        self._items.clear()
        self._items.extend([*kept, Gap(dropped)])

    def _drain(self) -> None:
        with self._lock:
            items = list(self._items)
            self._items.clear()
        for item in items:
            if not self._is_closed:
                self._deliver(item)


def _pictures_in(item: Item) -> int:
    match item:
        case Picture():
            return 1
        case Gap(pictures):
            return pictures
        case _:
            return 0


class SourceReader:
    """One camera's thread. Items arrive in the event loop, in order, through `deliver`."""

    def __init__(self, url: str, clock: Clock, deliver: Callable[[Item], None]) -> None:
        self._url, self._clock = url, clock
        self._mailbox = Mailbox(asyncio.get_running_loop(), deliver)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends delivery at once; the thread ends at its next packet or time-out and is not waited for."""
        self._stopped.set()
        self._mailbox.close()

    def _run(self) -> None:
        ladder = delays_s()
        while not self._stopped.is_set():
            try:
                if self._read_once():
                    ladder = delays_s()
                ended: Item = Disconnected("The camera closed the stream; connecting again.")
            except UnplayableError as error:
                ended = Rejected(str(error))
                ladder = iter(lambda: LONGEST_DELAY_S, None)
            except _CameraLost as error:
                ladder = delays_s()
                ended = Disconnected(failure_sentence(error.reason))
            except (av.error.FFmpegError, OSError, ValueError) as error:
                ended = Disconnected(failure_sentence(error))
            self._mailbox.put(ended)
            self._stopped.wait(next(ladder))

    def _read_once(self) -> bool:
        """One connection from beginning to end; whether any picture came of it."""
        with _open(self._url) as container:
            video = _h264_stream(container)
            assembler = Assembler(video.codec_context.extradata or b"")
            self._mailbox.put(Connected())
            pictures = 0
            try:
                for packet in container.demux(video):
                    if self._stopped.is_set():
                        break
                    unit = assembler.assemble(bytes(packet)) if packet.size else None
                    if unit is not None:
                        pictures += 1
                        timestamp = _in_clock_hz(packet.dts if packet.pts is None else packet.pts, packet.time_base)
                        self._mailbox.put(Picture(unit, timestamp, self._clock.now_s(), assembler.sequence_parameters))
            except (av.error.FFmpegError, OSError) as error:
                if pictures:
                    raise _CameraLost(error) from error
                raise
            return pictures > 0


def _open(url: str) -> Any:
    """Raises TimeoutError when the camera keeps silent: FFmpeg calls an open that was cut short "invalid data"."""
    began_s = time.monotonic()
    try:
        return av.open(url, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S), **open_arguments(url))
    except av.error.InvalidDataError as error:
        if time.monotonic() - began_s >= OPEN_TIMEOUT_S:
            raise TimeoutError from error
        raise


class _CameraLost(Exception):
    """A connection that had carried pictures broke."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


def _h264_stream(container: Any) -> Any:
    if not container.streams.video:
        raise UnplayableError("The camera's stream holds no video; choose a video stream in the camera's url.")
    video = container.streams.video[0]
    name = video.codec_context.name
    if name != "h264":
        raise UnplayableError(
            f"The camera sends {name.upper()} video, which this service does not pass to browsers; set it to H.264."
        )
    return video


def _in_clock_hz(timestamp: int | None, time_base: Fraction) -> int | None:
    return None if timestamp is None else int(timestamp * time_base * CLOCK_HZ)

"""Fan-out: the current group of pictures, and one bounded queue a viewer."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dfr.video.h264 import AccessUnit

MAX_GROUP_FRAMES = 600
MAX_GROUP_BYTES = 4_000_000
MAX_LIVE_FRAMES = 30
"""Frames that may wait for one viewer: about a second. One that is slower loses pictures and gains no delay."""
BURST_BYTES_PER_S = 10_000_000
"""How fast a group is sent to a joiner: faster bursts overflow the receiver's socket."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture on the viewers' time line (90 kHz)."""

    unit: AccessUnit
    timestamp: int


class GroupCache:
    """The pictures since the last keyframe: what a joiner needs to see one at once."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._bytes = 0

    @property
    def frames(self) -> tuple[Frame, ...]:
        return tuple(self._frames)

    def add(self, frame: Frame) -> None:
        """A group that grows beyond its bounds is forgotten: its joiners wait for the next keyframe."""
        if frame.unit.is_keyframe:
            self.clear()
        elif not self._frames:
            return
        self._frames.append(frame)
        self._bytes += len(frame.unit.data)
        if len(self._frames) > MAX_GROUP_FRAMES or self._bytes > MAX_GROUP_BYTES:
            self.clear()

    def clear(self) -> None:
        self._frames.clear()
        self._bytes = 0


class ViewerClosed(Exception):
    """No more pictures: the stream or the session has ended."""


class Viewer:
    """What waits for one viewer: first the cached group, then live pictures, always beginning with a keyframe."""

    def __init__(self, group: Sequence[Frame]) -> None:
        self._burst = deque(group)
        self._live: deque[Frame] = deque()
        self._needs_keyframe = not group
        self._last_timestamp: int | None = None
        self._wakes = asyncio.Event()
        self._is_closed = False
        self.sent_frames = 0
        self.dropped_frames = 0

    def offer(self, frame: Frame) -> None:
        """A new picture of the stream. When too many wait, all are dropped up to the next keyframe, and counted."""
        if self._needs_keyframe and not frame.unit.is_keyframe:
            self.dropped_frames += bool(self.sent_frames)
            return
        self._needs_keyframe = False
        if len(self._live) >= MAX_LIVE_FRAMES:
            self._drop(also_this_one=not frame.unit.is_keyframe)
            if not frame.unit.is_keyframe:
                return
        self._live.append(frame)
        self._wakes.set()

    def skip_to_keyframe(self) -> None:
        """The stream has a hole here: what follows cannot be decoded before the next keyframe."""
        self._needs_keyframe = True

    def repeat(self, group: Sequence[Frame]) -> None:
        """The viewer lost its picture (PLI): send the whole current group again, unless one is on its way."""
        if group and not self._burst:
            self._live.clear()
            self._burst.extend(group)
            self._needs_keyframe = False
            self._wakes.set()

    def close(self) -> None:
        self._is_closed = True
        self._wakes.set()

    async def next(self) -> Frame:
        """The next picture to send, its time stamp later than any before. Raises ViewerClosed."""
        while not self._is_closed:
            if self._burst:
                frame = self._burst.popleft()
                await asyncio.sleep(len(frame.unit.data) / BURST_BYTES_PER_S)
                return self._stamped(frame)
            if self._live:
                return self._stamped(self._live.popleft())
            self._wakes.clear()
            await self._wakes.wait()
        raise ViewerClosed

    def _stamped(self, frame: Frame) -> Frame:
        """Repeated pictures come after what was sent before: a tick later each, so that no time stamp goes back."""
        if self._last_timestamp is not None and frame.timestamp <= self._last_timestamp:
            frame = replace(frame, timestamp=self._last_timestamp + 1)
        self._last_timestamp = frame.timestamp
        self.sent_frames += 1
        return frame

    def _drop(self, also_this_one: bool) -> None:
        self.dropped_frames += len(self._burst) + len(self._live) + also_this_one
        self._burst.clear()
        self._live.clear()
        self._needs_keyframe = also_this_one

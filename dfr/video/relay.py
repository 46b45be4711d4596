"""One stream of the relay: its source, where it stands, the cached group, and its viewers."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from dfr.core.clock import Clock
from dfr.core.stream import Stream, StreamState
from dfr.video import status as states
from dfr.video.h264 import SequenceParameters
from dfr.video.source import Connected, Disconnected, Gap, Item, Picture, Rejected, SourceReader
from dfr.video.timeline import Timeline
from dfr.video.viewer import Frame, GroupCache, Viewer
from dfr.video.wanted import WantedStream


@dataclass(slots=True)
class Counters:
    """What has happened since the stream was declared."""

    frames: int = 0
    keyframes: int = 0
    bytes: int = 0
    connections: int = 0
    source_dropped_frames: int = 0
    viewer_dropped_frames: int = 0
    joins: int = 0


OpenSource = Callable[[str, Clock, Callable[[Item], None]], SourceReader]


class RelayedStream:
    """Everything of one stream happens in the event loop; only its source reads in a thread."""

    def __init__(self, wanted: WantedStream, clock: Clock, open_source: OpenSource = SourceReader) -> None:
        self.wanted = wanted
        self.counters = Counters()
        self.sequence_parameters: SequenceParameters | None = None
        self._clock = clock
        self._status = states.first_status(clock.now_s())
        self._timeline = Timeline()
        self._group = GroupCache()
        self._needs_keyframe = True
        self._arrivals_s: deque[float] = deque(maxlen=60)
        self._viewers: set[Viewer] = set()
        self._source = open_source(wanted.url, clock, self._receive)
        self._source.start()

    @property
    def state(self) -> StreamState:
        return self._status.state

    @property
    def sentence(self) -> str:
        return self._status.sentence

    def describe(self) -> Stream:
        size = self.sequence_parameters
        return Stream(
            id=self.wanted.id,
            asset_id=self.wanted.asset_id,
            name=self.wanted.name,
            state=self._status.state,
            sentence=self._status.sentence,
            changed_s=self._status.changed_s,
            viewers=len(self._viewers),
            width_px=size.width_px if size else None,
            height_px=size.height_px if size else None,
            frames_per_second=self._frames_per_second(),
            last_frame_s=self._status.last_frame_s,
        )

    def tick(self) -> None:
        """Called several times a second: silence is noticed here."""
        self._advance(states.Tick())

    def join(self) -> Viewer:
        """A new viewer; it begins with the cached group, or, while the stream is lost, with the next keyframe."""
        viewer = Viewer(self._fresh_group())
        self._viewers.add(viewer)
        self.counters.joins += 1
        return viewer

    def leave(self, viewer: Viewer) -> None:
        if viewer in self._viewers:
            self._viewers.remove(viewer)
            self.counters.viewer_dropped_frames += viewer.dropped_frames
            viewer.close()

    def repeat_group(self, viewer: Viewer) -> None:
        """Browsers ask for a keyframe (PLI) when pictures stop, too: then there is nothing new to show."""
        viewer.repeat(self._fresh_group())

    def _fresh_group(self) -> tuple[Frame, ...]:
        """Never the group of a lost stream: old pictures that move would be taken for live ones."""
        return self._group.frames if self._status.state is StreamState.LIVE else ()

    def dropped_for_viewers(self) -> int:
        return self.counters.viewer_dropped_frames + sum(viewer.dropped_frames for viewer in self._viewers)

    def close(self) -> None:
        self._source.stop()
        for viewer in list(self._viewers):
            self.leave(viewer)

    def _receive(self, item: Item) -> None:
        match item:
            case Picture():
                self._relay(item)
            case Connected():
                self.counters.connections += 1
                self._timeline.restart()
                self._start_over()
                self._advance(states.Opened())
            case Gap(pictures):
                self.counters.source_dropped_frames += pictures
                self._start_over()
            case Disconnected(sentence):
                self._advance(states.Ended(sentence))
            case Rejected(sentence):
                self._start_over()
                self._advance(states.Unplayable(sentence))

    def _relay(self, picture: Picture) -> None:
        if self._needs_keyframe and not picture.unit.is_keyframe:
            self._advance(states.PacketArrived())
            return
        self._needs_keyframe = False
        self.sequence_parameters = picture.sequence_parameters
        frame = Frame(picture.unit, self._timeline.rewrite(picture.timestamp, picture.arrival_s))
        self._group.add(frame)
        for viewer in self._viewers:
            viewer.offer(frame)
        self.counters.frames += 1
        self.counters.keyframes += picture.unit.is_keyframe
        self.counters.bytes += len(picture.unit.data)
        self._arrivals_s.append(picture.arrival_s)
        self._advance(states.FrameArrived())

    def _start_over(self) -> None:
        """Nothing that follows can be decoded before the next keyframe."""
        self._needs_keyframe = True
        self._group.clear()
        self._arrivals_s.clear()
        for viewer in self._viewers:
            viewer.skip_to_keyframe()

    def _advance(self, event: states.Event) -> None:
        self._status = states.next_status(self._status, event, self._clock.now_s())
        if self._status.state is not StreamState.LIVE:
            self._arrivals_s.clear()

    def _frames_per_second(self) -> float | None:
        if len(self._arrivals_s) < 10:
            return None
        passed_s = self._arrivals_s[-1] - self._arrivals_s[0]
        return round((len(self._arrivals_s) - 1) / passed_s, 1) if passed_s > 0 else None

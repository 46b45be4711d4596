"""The states of one stream: a pure table of what is known of its source (DESIGN.md rule 9: three different states)."""

from dataclasses import dataclass, replace

from dfr.core.stream import StreamState

SILENCE_S = 1.0
"""A live stream without a frame for so long is lost."""
KEYFRAME_WAIT_S = 10.0
"""A source that sends pictures but no keyframe for so long cannot be shown."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a stream stands, since when (UTC seconds), and why, for people ("" when it is live)."""

    state: StreamState
    sentence: str
    changed_s: float
    first_packet_s: float | None = None
    """First packet of this connection, while no keyframe has come."""
    last_frame_s: float | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The source answered and described its stream."""


@dataclass(frozen=True, slots=True)
class PacketArrived:
    """A packet came that cannot be shown yet: no keyframe has come before it."""


@dataclass(frozen=True, slots=True)
class FrameArrived:
    """A picture was passed on."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection could not be made or was lost; the next attempt follows by itself."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Unplayable:
    """The source answered, but browsers cannot show what it sends."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = Opened | PacketArrived | FrameArrived | Ended | Unplayable | Tick


def first_status(now_s: float) -> Status:
    return Status(StreamState.CONNECTING, "Connecting to the camera.", now_s)


def next_status(status: Status, event: Event, now_s: float) -> Status:
    """The status after an event. Total: every event means something in every state."""
    match event:
        case FrameArrived():
            live = _moved(status, StreamState.LIVE, "", now_s)
            return replace(live, first_packet_s=None, last_frame_s=now_s)
        case Unplayable(sentence):
            return replace(_moved(status, StreamState.FAILED, sentence, now_s), first_packet_s=None)
        case Opened():
            # Failed stays failed until a frame shows otherwise: a retry must not blink on the consoles.
            if status.state is StreamState.CONNECTING:
                return replace(status, sentence="Connected to the camera; waiting for its first keyframe.")
            return status
        case PacketArrived():
            return status if status.first_packet_s is not None else replace(status, first_packet_s=now_s)
        case Ended(sentence):
            was_live = status.state in (StreamState.LIVE, StreamState.LOST)
            after = StreamState.LOST if was_live else StreamState.CONNECTING
            return replace(_moved(status, after, sentence, now_s), first_packet_s=None)
        case Tick():
            return _after_silence(status, now_s)


def _after_silence(status: Status, now_s: float) -> Status:
    if status.state is StreamState.LIVE and status.last_frame_s is not None:
        if now_s - status.last_frame_s > SILENCE_S:
            sentence = (
                "No picture has come from the camera for more than a second; the last one is shown until it does."
            )
            return _moved(status, StreamState.LOST, sentence, now_s)
    elif status.first_packet_s is not None and now_s - status.first_packet_s > KEYFRAME_WAIT_S:
        sentence = (
            f"The camera has sent no keyframe for {KEYFRAME_WAIT_S:.0f} seconds, so nobody can start watching; "
            "set a keyframe interval of one or two seconds in the camera."
        )
        return _moved(status, StreamState.FAILED, sentence, now_s)
    return status


def _moved(status: Status, state: StreamState, sentence: str, now_s: float) -> Status:
    changed_s = status.changed_s if status.state is state else now_s
    return replace(status, state=state, sentence=sentence, changed_s=changed_s)

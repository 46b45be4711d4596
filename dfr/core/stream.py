"""Live video: what is known of one stream."""

from dataclasses import dataclass
from enum import StrEnum


class StreamState(StrEnum):
    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    """Was live; frames have stopped."""
    FAILED = "failed"
    """The source answered, but it cannot be shown (for instance it is not H.264)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One live video of one asset. `sentence` says why it is not live, for people ("" when it is)."""

    id: str
    asset_id: str
    name: str
    state: StreamState
    sentence: str
    changed_s: float
    viewers: int = 0
    width_px: int | None = None
    height_px: int | None = None
    frames_per_second: float | None = None
    last_frame_s: float | None = None

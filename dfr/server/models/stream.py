"""Live video streams."""

from pydantic import Field

from dfr.core.stream import Stream, StreamState
from dfr.server.models.base import Answer, Time


class StreamModel(Answer):
    """One live video of one asset; watched by WHEP at `whep_path`."""

    id: str
    asset_id: str
    name: str
    state: StreamState
    sentence: str = Field(description='Why it is not live; "" when it is.')
    changed_s: Time
    viewers: int
    width_px: int | None
    height_px: int | None
    frames_per_second: float | None
    last_frame_s: Time | None
    whep_path: str = Field(description="Post an SDP offer here.")

    @classmethod
    def of(cls, stream: Stream) -> "StreamModel":
        values = {name: getattr(stream, name) for name in cls.model_fields if name != "whep_path"}
        return cls(**values, whep_path=f"/api/v1/streams/{stream.id}/whep")

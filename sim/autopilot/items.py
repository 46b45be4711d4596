"""One item of a mission or a fence, as MISSION_ITEM_INT carries it."""

from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

RELATIVE_FRAMES = (
    mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT,
    mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT,
)
GLOBAL_FRAMES = (mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT, *RELATIVE_FRAMES)
KNOWN_FRAMES = (*GLOBAL_FRAMES, mavlink.MAV_FRAME_MISSION)


@dataclass(frozen=True, slots=True)
class Item:
    frame: int
    command: int
    current: int
    autocontinue: int
    params: tuple[float, float, float, float]
    x: int
    """Latitude, 1e-7 degrees, in a global frame."""
    y: int
    z: float

    @classmethod
    def from_message(cls, message: Any) -> "Item":
        return cls(
            message.frame,
            message.command,
            message.current,
            message.autocontinue,
            (message.param1, message.param2, message.param3, message.param4),
            message.x,
            message.y,
            message.z,
        )

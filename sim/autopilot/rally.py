"""Rally points on board, and which of them and home Return flies to: PX4's RTL_TYPE 0."""

import math
from dataclasses import dataclass

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.frames import LocalFrame
from sim.autopilot.items import Item

TOO_NEAR_HOME_M = 10.0
"""One that lies nearer to home is not looked at."""
NEARER_BY_M = 2.0
"""One must be so much nearer than home, or than the one before it, to be preferred."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where Return comes down: metres north and east of home, and above it."""

    north_m: float
    east_m: float
    height_m: float


HOME = Destination(0.0, 0.0, 0.0)


class RallyPoints:
    """As they were uploaded last."""

    def __init__(self, frame: LocalFrame) -> None:
        self._frame = frame
        self.items: list[Item] = []

    def take(self, items: list[Item]) -> int:
        """The MAV_MISSION_RESULT; what is refused changes nothing."""
        if any(item.command != mavlink.MAV_CMD_NAV_RALLY_POINT for item in items):
            return int(mavlink.MAV_MISSION_UNSUPPORTED)
        self.items = list(items)
        return int(mavlink.MAV_MISSION_ACCEPTED)

    def nearest(self, north_m: float, east_m: float) -> Destination:
        """Home, unless a rally point is nearer over the ground."""
        best, least_m = HOME, math.hypot(north_m, east_m)
        for item in self.items:
            place = self._destination(item)
            away_m = math.hypot(north_m - place.north_m, east_m - place.east_m)
            if math.hypot(place.north_m, place.east_m) > TOO_NEAR_HOME_M and away_m + NEARER_BY_M < least_m:
                best, least_m = place, away_m
        return best

    def _destination(self, item: Item) -> Destination:
        north, east = self._frame.to_local(item.x / 1e7, item.y / 1e7)
        relative = item.frame == mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
        return Destination(north, east, item.z if relative else item.z - self._frame.altitude_amsl_m)

"""The fence on board: what is stored, whether it is enforced, and whether a point is inside."""

import math
from dataclasses import dataclass

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.frames import LocalFrame
from sim.autopilot.items import Item
from sim.autopilot.parameters import Parameters

POLYGON_COMMANDS = (
    mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
    mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
)
CIRCLE_COMMANDS = (mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION)
INCLUSIONS = (POLYGON_COMMANDS[0], CIRCLE_COMMANDS[0])

NOT_AROUND_VEHICLE = "Geofence invalid, doesn't contain current vehicle position\t"
NOT_AROUND_HOME = "Geofence invalid, doesn't contain home position\t"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon of at least three corners, or a circle (its centre and a radius). North and east in metres."""

    inclusion: bool
    corners: tuple[Point, ...]
    radius_m: float | None = None

    def contains(self, north_m: float, east_m: float) -> bool:
        if self.radius_m is not None:
            return math.hypot(north_m - self.corners[0][0], east_m - self.corners[0][1]) <= self.radius_m
        inside = False
        for (n1, e1), (n2, e2) in zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True):
            if (e1 > east_m) != (e2 > east_m) and north_m < (n2 - n1) * (east_m - e1) / (e2 - e1) + n1:
                inside = not inside
        return inside


def areas_of(items: list[Item], frame: LocalFrame) -> list[Area] | None:
    """The areas that fence items describe; None when they describe none that PX4 accepts."""
    areas: list[Area] = []
    corners: list[Point] = []
    for item in items:
        if not math.isfinite(item.params[0]):
            return None
        point = frame.to_local(item.x / 1e7, item.y / 1e7)
        if item.command in CIRCLE_COMMANDS and not corners:
            areas.append(Area(item.command in INCLUSIONS, (point,), item.params[0]))
        elif item.command in POLYGON_COMMANDS:
            corners.append(point)
            if len(corners) == int(item.params[0]):
                if len(corners) < 3:
                    return None
                areas.append(Area(item.command in INCLUSIONS, tuple(corners)))
                corners = []
        else:
            return None
    return None if corners else areas


class Fence:
    """Stored is not enforced: PX4 looks half a second later, and drops one that leaves the aircraft outside."""

    dropped_text = NOT_AROUND_VEHICLE
    """What is said where the fence is dropped on purpose."""

    def __init__(self, frame: LocalFrame, parameters: Parameters) -> None:
        self._frame = frame
        self._parameters = parameters
        self.items: list[Item] = []
        self.areas: list[Area] = []
        self.enforced = False

    def store(self, items: list[Item]) -> bool:
        """Replace the fence; False (and nothing changed) when PX4 answers MAV_MISSION_ERROR."""
        areas = areas_of(items, self._frame)
        if areas is None:
            return False
        self.items, self.areas, self.enforced = list(items), areas, False
        return True

    def check_after_upload(self, position: Point) -> str | None:
        """What PX4 finds half a second after an upload: the sentence with which it drops the fence, or None."""
        self.enforced = bool(self.areas)
        for place, sentence in ((position, NOT_AROUND_VEHICLE), ((0.0, 0.0), NOT_AROUND_HOME)):
            if self.enforced and not self._inside_areas(*place):
                self.enforced = False
                return sentence
        return None

    def allows(self, north_m: float, east_m: float, height_m: float) -> bool:
        """Whether the point is inside every inclusion, outside every exclusion, and within GF_MAX_*_DIST."""
        ceiling_m, radius_m = self._parameters["GF_MAX_VER_DIST"], self._parameters["GF_MAX_HOR_DIST"]
        if ceiling_m > 0 and height_m > ceiling_m:
            return False
        if radius_m > 0 and math.hypot(north_m, east_m) > radius_m:
            return False
        return not self.enforced or self._inside_areas(north_m, east_m)

    def _inside_areas(self, north_m: float, east_m: float) -> bool:
        return all(area.contains(north_m, east_m) == area.inclusion for area in self.areas)

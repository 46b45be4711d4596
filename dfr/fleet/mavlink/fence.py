"""A fence plan as the items of the mission protocol (mission type 1), and whether what came back is the same."""

from dataclasses import dataclass

from dfr.core.fence import FencePlan
from dfr.core.geo import Position
from dfr.fleet.mavlink.common import FRAME_GLOBAL_INT, Cmd


@dataclass(frozen=True, slots=True)
class FenceItem:
    """One MISSION_ITEM_INT of the fence: a corner (param1 = corners of its polygon) or a circle (param1 = radius, m).

    x, y: latitude and longitude in 1e-7 degrees.
    """

    command: int
    x: int
    y: int
    param1: float
    frame: int = FRAME_GLOBAL_INT


def encode(plan: FencePlan) -> list[FenceItem]:
    """Polygons first, then circles: older PX4 breaks a polygon that follows a circle.

    Raises ValueError, with a sentence, for a plan that an autopilot would refuse or misread.
    """
    items: list[FenceItem] = []
    for polygon in plan.polygons:
        if len(polygon.corners) < 3:
            raise ValueError(f"A fence polygon has {len(polygon.corners)} corners; it needs at least three.")
        command = Cmd.FENCE_POLYGON_INCLUSION if polygon.inclusion else Cmd.FENCE_POLYGON_EXCLUSION
        items.extend(_item(command, corner, len(polygon.corners)) for corner in polygon.corners)
    for circle in plan.circles:
        if circle.radius_m <= 0:
            raise ValueError(f"A fence circle has a radius of {circle.radius_m} m; that would break the whole fence.")
        command = Cmd.FENCE_CIRCLE_INCLUSION if circle.inclusion else Cmd.FENCE_CIRCLE_EXCLUSION
        items.append(_item(command, circle.center, circle.radius_m))
    if not items:
        raise ValueError("The fence plan is empty: an aircraft without a fence is not flown.")
    return items


def _item(command: Cmd, position: Position, param1: float) -> FenceItem:
    return FenceItem(command, round(position.latitude_deg * 1e7), round(position.longitude_deg * 1e7), float(param1))


def difference(sent: list[FenceItem], read_back: list[FenceItem]) -> str:
    """ "" when the fence on board is the one that was sent, else a sentence with the first difference."""
    if len(sent) != len(read_back):
        return f"{len(sent)} fence items were sent and {len(read_back)} came back."
    for index, (ours, theirs) in enumerate(zip(sent, read_back, strict=True)):
        same = ours.command == theirs.command and abs(ours.x - theirs.x) <= 1 and abs(ours.y - theirs.y) <= 1
        if not same or abs(ours.param1 - theirs.param1) > 0.01:
            return (
                f"Fence item {index + 1} of {len(sent)} came back different: sent {_text(ours)}, read {_text(theirs)}."
            )
    return ""


def _text(item: FenceItem) -> str:
    return f"{item.command} at {item.x / 1e7:.7f}, {item.y / 1e7:.7f} ({item.param1:g})"

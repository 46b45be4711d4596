"""A fence plan as items of the mission protocol (types 1 and 2), and whether what came back is the same."""

from dataclasses import dataclass

from dfr.core.fence import FencePlan
from dfr.core.geo import Position
from dfr.fleet.mavlink.common import FRAME_GLOBAL, FRAME_GLOBAL_INT, Cmd


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One MISSION_ITEM_INT: a fence's corner (param1 = corners of its polygon) or circle (param1 = radius, m), or a
    rally point.

    x, y: latitude and longitude in 1e-7 degrees; z: a rally point's altitude, metres above mean sea level.
    """

    command: int
    x: int
    y: int
    param1: float
    frame: int = FRAME_GLOBAL_INT
    z: float = 0.0


def encode(plan: FencePlan) -> list[PlanItem]:
    """Polygons first, then circles: older PX4 breaks a polygon that follows a circle.

    Raises ValueError, with a sentence, for a plan that an autopilot would refuse or misread.
    """
    items: list[PlanItem] = []
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


def encode_rally_points(plan: FencePlan) -> list[PlanItem]:
    """In MAV_FRAME_GLOBAL: PX4 (`RTL::setSafepointAsDestination`) takes no rally point in another one that is above
    sea level."""
    return [
        PlanItem(
            Cmd.RALLY_POINT,
            round(point.position.latitude_deg * 1e7),
            round(point.position.longitude_deg * 1e7),
            0.0,
            FRAME_GLOBAL,
            point.altitude.m,
        )
        for point in plan.rally_points
    ]


def _item(command: Cmd, position: Position, param1: float) -> PlanItem:
    return PlanItem(command, round(position.latitude_deg * 1e7), round(position.longitude_deg * 1e7), float(param1))


def difference(sent: list[PlanItem], read_back: list[PlanItem], what: str = "fence item") -> str:
    """ "" when what is on board is what was sent, else a sentence with the first difference."""
    if len(sent) != len(read_back):
        return f"{len(sent)} {what}s were sent and {len(read_back)} came back."
    for index, (ours, theirs) in enumerate(zip(sent, read_back, strict=True)):
        same = ours.command == theirs.command and abs(ours.x - theirs.x) <= 1 and abs(ours.y - theirs.y) <= 1
        if not same or abs(ours.param1 - theirs.param1) > 0.01 or abs(ours.z - theirs.z) > 0.1:
            which = f"{what.capitalize()} {index + 1} of {len(sent)}"
            return f"{which} came back different: sent {_text(ours)}, read {_text(theirs)}."
    return ""


def _text(item: PlanItem) -> str:
    return f"{item.command} at {item.x / 1e7:.7f}, {item.y / 1e7:.7f} ({item.param1:g})"

"""The fence that goes on board, and where it may come down inside it: what an autopilot can hold, as plain data."""

import hashlib
import json
from dataclasses import dataclass, field

from dfr.core.geo import AboveTakeoff, Position
from dfr.core.rally import RallyPoint


@dataclass(frozen=True, slots=True)
class FencePolygon:
    """At least three corners, not closed (the first is not repeated)."""

    corners: tuple[Position, ...]
    inclusion: bool


@dataclass(frozen=True, slots=True)
class FenceCircle:
    center: Position
    radius_m: float
    inclusion: bool


@dataclass(frozen=True, slots=True)
class FencePlan:
    """Polygons are uploaded before circles (older PX4 breaks a polygon that follows a circle)."""

    polygons: tuple[FencePolygon, ...]
    circles: tuple[FenceCircle, ...] = ()
    max_height: AboveTakeoff | None = None
    rally_points: tuple[RallyPoint, ...] = ()
    """On board with the fence, and no others: Return goes to the nearest of home and these."""
    digest: str = field(init=False)
    """Names this plan: equal plans have equal digests. Corners to 1e-7 degrees, as the wire carries them."""

    def __post_init__(self) -> None:
        plain: dict[str, object] = {
            "polygons": [[p.inclusion, [_e7(c) for c in p.corners]] for p in self.polygons],
            "circles": [[c.inclusion, _e7(c.center), round(c.radius_m, 2)] for c in self.circles],
            "max_height_m": None if self.max_height is None else round(self.max_height.m, 2),
        }
        if self.rally_points:
            # Only then, so that plans without any keep the digests that are in journals.
            plain["rally_points"] = [[_e7(r.position), round(r.altitude.m, 2)] for r in self.rally_points]
        digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
        object.__setattr__(self, "digest", digest)

    def __hash__(self) -> int:
        return hash(self.digest)


def _e7(position: Position) -> list[int]:
    return [round(position.latitude_deg * 1e7), round(position.longitude_deg * 1e7)]

"""Zones that people add while the service runs: a flight restriction, or the bubble around an incident."""

import math
from dataclasses import dataclass

from shapely.geometry import Polygon
from shapely.validation import explain_validity

from dfr.core.geo import LocalFrame, Position
from dfr.core.times import TimeRange, Times
from dfr.core.zone import Zone, ZoneKind

LEAST_RADIUS_M = 10.0
GREATEST_RADIUS_M = 60_000.0
"""30 nautical miles and a little: the outer ring of the largest restrictions that are published."""
LONGEST_S = 90 * 86_400.0
_CIRCLE_CORNERS = 64


@dataclass(frozen=True, slots=True)
class TemporaryZone:
    """Nothing flies in here from `start_s` to `end_s`, at no height; flights for `incident_id` may.

    Either `corners` (three or more, not closed) or `center` with `radius_m`. `reason` is what people read. A zone that
    was lifted before its end says when and by whom. Raises ValueError, with a sentence, for what is no zone.
    """

    id: str
    name: str
    start_s: float
    end_s: float
    made_by: str
    made_s: float
    corners: tuple[Position, ...] = ()
    center: Position | None = None
    radius_m: float | None = None
    reason: str = ""
    incident_id: str | None = None
    lifted_s: float | None = None
    lifted_by: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("The zone has no name; write one that people will know it by.")
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s)) or self.end_s <= self.start_s:
            raise ValueError("The zone ends before it begins.")
        if self.end_s - self.start_s > LONGEST_S:
            raise ValueError(
                "The zone would hold for more than 90 days; what holds for longer belongs in the site's files."
            )
        if bool(self.corners) == (self.center is not None):
            raise ValueError("Give the zone either corners, or a centre with a radius.")
        if self.center is None:
            _check_corners(self.corners)
        elif self.radius_m is None or not LEAST_RADIUS_M <= self.radius_m <= GREATEST_RADIUS_M:
            raise ValueError(
                f"The radius must be {LEAST_RADIUS_M:.0f} to {GREATEST_RADIUS_M:.0f} m, and is "
                f"{'missing' if self.radius_m is None else f'{self.radius_m:g} m'}."
            )

    def is_over(self, now_s: float) -> bool:
        return self.lifted_s is not None or now_s >= self.end_s

    @property
    def zone(self) -> Zone:
        """As the rules see it."""
        return Zone(
            id=self.id,
            name=self.name,
            kind=ZoneKind.TEMPORARY,
            shape=self._shape(),
            source=f"added by {self.made_by}",
            note=self.reason,
            authority=self.made_by,
            times=Times((TimeRange(self.start_s, self.end_s),)),
            incident_id=self.incident_id,
        )

    def _shape(self) -> Polygon:
        if self.center is None or self.radius_m is None:
            return Polygon([(corner.longitude_deg, corner.latitude_deg) for corner in self.corners])
        # Drawn around the circle, so that nothing of it is lost.
        around_m = self.radius_m / math.cos(math.pi / _CIRCLE_CORNERS)
        angles = [2.0 * math.pi * corner / _CIRCLE_CORNERS for corner in range(_CIRCLE_CORNERS)]
        ring = [(around_m * math.cos(angle), around_m * math.sin(angle)) for angle in angles]
        return Polygon(LocalFrame(self.center).array_to_longitude_latitude(ring))


def _check_corners(corners: tuple[Position, ...]) -> None:
    if len(corners) < 3:
        raise ValueError(f"The zone has {len(corners)} corners; it needs at least three.")
    shape = Polygon([(corner.longitude_deg, corner.latitude_deg) for corner in corners])
    west, _, east, _ = shape.bounds
    if east - west > 180.0:
        raise ValueError("The zone crosses the antimeridian; make two of it.")
    if not shape.is_valid:
        raise ValueError(f"The zone's outline crosses itself ({explain_validity(shape)}); draw it again.")
    if shape.area < 1e-10:
        raise ValueError("The zone has no area.")

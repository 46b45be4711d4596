"""The fence on board of each aircraft, as GeoJSON (RFC 7946: longitude before latitude)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import Field

from dfr.core.fence import FencePlan
from dfr.core.geo import Position, destination
from dfr.server.models.base import Answer
from dfr.server.models.site import PolygonGeometry

CIRCLE_CORNERS = 64


class FenceProperties(Answer):
    asset_id: str
    inclusion: bool = Field(description="True: the aircraft stays inside; false: it stays out.")
    max_height_above_takeoff_m: float | None = Field(description="The lid of the whole fence; null when it has none.")
    digest: str = Field(description="Names the fence; telemetry's `fence` has the same once it is on board.")


class FenceFeature(Answer):
    """One polygon or circle of a fence. Circles are drawn with 64 corners."""

    type: Literal["Feature"]
    geometry: PolygonGeometry
    properties: FenceProperties


class FenceCollection(Answer):
    """The fence of every asset, as it is made for its dock."""

    type: Literal["FeatureCollection"]
    features: list[FenceFeature]

    @classmethod
    def of(cls, fences: Mapping[str, FencePlan]) -> "FenceCollection":
        features = [feature for asset_id, plan in fences.items() for feature in _features(asset_id, plan)]
        return cls(type="FeatureCollection", features=features)


def _features(asset_id: str, plan: FencePlan) -> Iterator[FenceFeature]:
    max_height_m = None if plan.max_height is None else plan.max_height.m
    shapes = [(polygon.corners, polygon.inclusion) for polygon in plan.polygons]
    shapes += [(_circle(circle.center, circle.radius_m), circle.inclusion) for circle in plan.circles]
    for corners, inclusion in shapes:
        yield FenceFeature(
            type="Feature",
            geometry=PolygonGeometry(type="Polygon", coordinates=[_ring(corners)]),
            properties=FenceProperties(
                asset_id=asset_id,
                inclusion=inclusion,
                max_height_above_takeoff_m=max_height_m,
                digest=plan.digest,
            ),
        )


def _circle(center: Position, radius_m: float) -> tuple[Position, ...]:
    """Counterclockwise, as outer rings are (RFC 7946, 3.1.6)."""
    return tuple(
        destination(center, -360.0 * corner / CIRCLE_CORNERS % 360.0, radius_m) for corner in range(CIRCLE_CORNERS)
    )


def _ring(corners: Iterable[Position]) -> list[list[float]]:
    """Closed: the first corner again at the end."""
    ring = [[corner.longitude_deg, corner.latitude_deg] for corner in corners]
    return [*ring, ring[0]]

"""Temporary zones: what people write to add one, and what is told of it."""

from pydantic import Field

from dfr.core.geo import Position
from dfr.core.temporary_zone import GREATEST_RADIUS_M, LEAST_RADIUS_M, LONGEST_S, TemporaryZone
from dfr.dispatch.memory import new_id
from dfr.server.models.base import Answer, Latitude, Longitude, PositionModel, Question, Time


class CornerModel(Question):
    latitude_deg: Latitude
    longitude_deg: Longitude

    def plain(self) -> Position:
        return Position(self.latitude_deg, self.longitude_deg)


class TemporaryZoneOrder(Question):
    """Either `center` with `radius_m`, or `corners`; it holds for `lasts_s` from now, or from `start_s` on."""

    name: str = Field(min_length=1, max_length=80, description="What people know it by.")
    reason: str = Field(default="", max_length=200)
    center: CornerModel | None = None
    radius_m: float | None = Field(default=None, ge=LEAST_RADIUS_M, le=GREATEST_RADIUS_M)
    corners: tuple[CornerModel, ...] = Field(default=(), max_length=200)
    start_s: Time | None = Field(default=None, description="UTC seconds since 1970; now when it is left out.")
    lasts_s: float = Field(gt=0, le=LONGEST_S)
    incident_id: str | None = Field(default=None, description="Flights for this incident may enter.")

    def plain(self, user: str, now_s: float) -> TemporaryZone:
        """Raises ValueError, with a sentence, for what is no zone."""
        start_s = now_s if self.start_s is None else self.start_s
        return TemporaryZone(
            id=new_id("zone"),
            name=self.name.strip(),
            start_s=start_s,
            end_s=start_s + self.lasts_s,
            made_by=user,
            made_s=now_s,
            corners=tuple(corner.plain() for corner in self.corners),
            center=None if self.center is None else self.center.plain(),
            radius_m=self.radius_m,
            reason=self.reason.strip(),
            incident_id=self.incident_id,
        )


class TemporaryZoneModel(Answer):
    id: str
    name: str
    reason: str
    center: PositionModel | None
    radius_m: float | None
    corners: list[PositionModel]
    start_s: Time
    end_s: Time
    made_by: str
    incident_id: str | None
    lifted_s: Time | None
    lifted_by: str

    @classmethod
    def of(cls, zone: TemporaryZone) -> "TemporaryZoneModel":
        return cls(
            id=zone.id,
            name=zone.name,
            reason=zone.reason,
            center=PositionModel.maybe(zone.center),
            radius_m=zone.radius_m,
            corners=[PositionModel.of(corner) for corner in zone.corners],
            start_s=zone.start_s,
            end_s=zone.end_s,
            made_by=zone.made_by,
            incident_id=zone.incident_id,
            lifted_s=zone.lifted_s,
            lifted_by=zone.lifted_by,
        )

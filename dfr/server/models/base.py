"""What all shapes share."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from dfr.core.geo import Position, Waypoint

Item = TypeVar("Item")

Time = Annotated[float, Field(description="UTC seconds since 1970-01-01.")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="WGS 84, degrees.")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="WGS 84, degrees.")]


class Answer(BaseModel):
    """Something the service says: every field is always there, unknown is null."""

    model_config = ConfigDict(frozen=True)


class Question(BaseModel):
    """Something the service is asked: unknown fields are errors, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Items(Answer, Generic[Item]):
    """A list."""

    items: list[Item]


class PositionModel(Answer):
    """A place on the ground."""

    latitude_deg: Latitude
    longitude_deg: Longitude

    @classmethod
    def of(cls, position: Position) -> "PositionModel":
        return cls(latitude_deg=position.latitude_deg, longitude_deg=position.longitude_deg)

    @classmethod
    def maybe(cls, position: Position | None) -> "PositionModel | None":
        return None if position is None else cls.of(position)


class WaypointModel(PositionModel):
    """A place in the air."""

    altitude_amsl_m: float = Field(description="Metres above mean sea level.")

    @classmethod
    def at(cls, waypoint: Waypoint) -> "WaypointModel":
        place = waypoint.position
        return cls(
            latitude_deg=place.latitude_deg, longitude_deg=place.longitude_deg, altitude_amsl_m=waypoint.altitude.m
        )

"""Other aircraft, and the receivers that hear them."""

import math
from typing import Literal

from pydantic import Field

from dfr.airspace.encounter import Level
from dfr.core.traffic import TrafficCategory
from dfr.server.models.base import Answer, Latitude, Longitude, Time
from dfr.server.traffic import ShownIntruder, TrafficShown

_LEVELS: dict[Level, Literal["clear", "advise", "avoid"]] = {
    Level.CLEAR: "clear",
    Level.ADVISE: "advise",
    Level.AVOID: "avoid",
}


class IntruderModel(Answer):
    """One aircraft that is not ours, as it was last heard."""

    id: str = Field(description="ICAO address, hexadecimal.")
    name: str
    category: TrafficCategory
    latitude_deg: Latitude
    longitude_deg: Longitude
    seen_s: Time = Field(description="The time of the position.")
    altitude_amsl_m: float | None
    altitude_error_m: float | None = Field(description="95 of 100 errors are smaller.")
    speed_mps: float | None
    track_deg: float | None = Field(description="Clockwise from true north.")
    climb_mps: float | None
    on_ground: bool
    source: str
    level: Literal["clear", "advise", "avoid"] = Field(description="How grave its gravest encounter with ours is.")

    @classmethod
    def of(cls, shown: ShownIntruder) -> "IntruderModel":
        one = shown.intruder
        speed_mps = track_deg = None
        if one.velocity is not None:
            speed_mps = math.hypot(one.velocity.north_mps, one.velocity.east_mps)
            track_deg = math.degrees(math.atan2(one.velocity.east_mps, one.velocity.north_mps)) % 360.0
        return cls(
            id=one.id,
            name=one.name,
            category=one.category,
            latitude_deg=one.position.latitude_deg,
            longitude_deg=one.position.longitude_deg,
            seen_s=one.seen_s,
            altitude_amsl_m=None if shown.altitude is None else shown.altitude.m,
            altitude_error_m=shown.altitude_error_m,
            speed_mps=speed_mps,
            track_deg=track_deg,
            climb_mps=one.climb_mps,
            on_ground=one.on_ground,
            source=one.source,
            level=_LEVELS[shown.level],
        )


class TrafficModel(Answer):
    """All traffic that is shown; `problems` are sentences about receivers that are silent."""

    aircraft: list[IntruderModel]
    problems: list[str]

    @classmethod
    def of(cls, traffic: TrafficShown) -> "TrafficModel":
        return cls(
            aircraft=[IntruderModel.of(one) for one in traffic.aircraft],
            problems=[source.sentence for source in traffic.sources if source.sentence],
        )

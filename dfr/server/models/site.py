"""The site: its name, its zones and its base map (GeoJSON, RFC 7946: longitude before latitude)."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from shapely.geometry import mapping

from dfr.core.geo import Agl, Altitude, Amsl, Ellipsoid
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone, ZoneKind, altitude_text
from dfr.server.models.base import Answer, PositionModel, Time
from dfr.server.models.regime import RegimeModel
from dfr.server.services import ZonesShown

Point2 = Annotated[list[float], Field(min_length=2, max_length=3, description="Longitude, latitude in degrees.")]


class PointGeometry(Answer):
    type: Literal["Point"]
    coordinates: Point2


class LineStringGeometry(Answer):
    type: Literal["LineString"]
    coordinates: list[Point2]


class MultiLineStringGeometry(Answer):
    type: Literal["MultiLineString"]
    coordinates: list[list[Point2]]


class PolygonGeometry(Answer):
    type: Literal["Polygon"]
    coordinates: list[list[Point2]]


class MultiPolygonGeometry(Answer):
    type: Literal["MultiPolygon"]
    coordinates: list[list[list[Point2]]]


AreaGeometry = Annotated[PolygonGeometry | MultiPolygonGeometry, Field(discriminator="type")]
MapGeometry = Annotated[
    PointGeometry | LineStringGeometry | MultiLineStringGeometry | PolygonGeometry | MultiPolygonGeometry,
    Field(discriminator="type"),
]


class AltitudeModel(Answer):
    """A height with its datum."""

    value_m: float
    datum: Literal["agl", "amsl", "above_takeoff", "ellipsoid"]
    text: str = Field(description="As people say it.")

    @classmethod
    def maybe(cls, altitude: Altitude | None) -> "AltitudeModel | None":
        if altitude is None:
            return None
        match altitude:
            case Agl():
                return cls(value_m=altitude.m, datum="agl", text=altitude_text(altitude))
            case Amsl():
                return cls(value_m=altitude.m, datum="amsl", text=altitude_text(altitude))
            case Ellipsoid():
                return cls(value_m=altitude.m, datum="ellipsoid", text=altitude_text(altitude))
            case _:
                return cls(value_m=altitude.m, datum="above_takeoff", text=altitude_text(altitude))


class ZoneProperties(Answer):
    name: str
    kind: ZoneKind
    bottom: AltitudeModel | None = Field(description="Null is unbounded below.")
    top: AltitudeModel | None = Field(description="Null is unbounded above; of a ceiling, what a flight keeps below.")
    source: str
    authority: str = Field(description="Who is asked about it.")
    note: str = Field(description="Shown beside the zone on every map.")
    times: str = Field(description="When it holds, as people say it.")
    in_force: bool = Field(description="Whether flights are judged by it now.")
    ends_s: Time | None = Field(description="Of a temporary zone that people added.")
    incident_id: str | None = Field(description="Flights for this incident may enter.")


class ZoneFeature(Answer):
    type: Literal["Feature"]
    id: str
    geometry: AreaGeometry
    properties: ZoneProperties

    @classmethod
    def of(cls, zone: Zone, in_force: bool, added: TemporaryZone | None) -> "ZoneFeature":
        properties = ZoneProperties(
            name=zone.name,
            kind=zone.kind,
            bottom=AltitudeModel.maybe(zone.bottom),
            top=AltitudeModel.maybe(zone.top),
            source=zone.source,
            authority=zone.authority,
            note=zone.note,
            times="always" if zone.times is None else str(zone.times),
            in_force=in_force,
            ends_s=None if added is None else added.end_s,
            incident_id=zone.incident_id,
        )
        return cls.model_validate(
            {"type": "Feature", "id": zone.id, "geometry": mapping(zone.shape), "properties": properties}
        )


class ZoneCollection(Answer):
    """All zones of the site, and those that people added."""

    type: Literal["FeatureCollection"]
    features: list[ZoneFeature]

    @classmethod
    def of(cls, shown: ZonesShown) -> "ZoneCollection":
        features = [
            ZoneFeature.of(zone, zone.id in shown.in_force, shown.temporary.get(zone.id)) for zone in shown.zones
        ]
        return cls(type="FeatureCollection", features=features)


class BasemapProperties(Answer):
    """`kind` names what it is (street, building, water, park, …); the site's own further properties are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str = ""
    name: str | None = None
    height_m: float | None = Field(default=None, description="A building's height above the ground.")


class BasemapFeature(Answer):
    type: Literal["Feature"]
    geometry: MapGeometry
    properties: BasemapProperties


class BasemapCollection(Answer):
    """What is drawn under everything else."""

    type: Literal["FeatureCollection"]
    features: list[BasemapFeature]


class BoundsModel(Answer):
    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float


class SiteModel(Answer):
    name: str
    title: str
    center: PositionModel
    bounds: BoundsModel
    time_zone: str = Field(description="IANA name, for showing times.")
    notes: list[str] = Field(description="Shown on the map, for instance that the ceilings are synthetic.")
    regimes: list[RegimeModel] = Field(description="What flights may be flown under, the default first.")
    version: str

"""Incidents, and what CAD may post."""

from pydantic import Field

from dfr.core.incident import Incident, IncidentState
from dfr.server.models.base import Answer, Latitude, Longitude, PositionModel, Question, Time


class IncidentModel(Answer):
    """One CAD event."""

    id: str
    source: str = Field(description="The feed it came from.")
    source_id: str = Field(description="The event's number in that feed.")
    type: str
    priority: int = Field(ge=1, le=5, description="Normalised: 1 is highest, 5 lowest.")
    source_priority: str = Field(description="What the source wrote.")
    position: PositionModel | None = Field(description="Null while CAD has no usable one.")
    uncertainty_m: float | None = Field(description="Radius in which the true position lies; null when not told.")
    address: str
    description: str
    state: IncidentState
    note: str = Field(description='What is wrong with the report, for people; "" when nothing is.')
    received_s: Time
    updated_s: Time
    source_updated_s: Time | None = Field(description="The source's own time of its newest report.")

    @classmethod
    def of(cls, incident: Incident) -> "IncidentModel":
        return cls(**incident_fields(incident))  # type: ignore[arg-type]


def incident_fields(incident: Incident) -> dict[str, object]:
    """The values of IncidentModel's fields."""
    plain: dict[str, object] = {name: getattr(incident, name) for name in IncidentModel.model_fields}
    return plain | {"position": PositionModel.maybe(incident.position)}


class ReportedIncident(IncidentModel):
    """The incident that a reported call became, and what was done about it."""

    flight_id: str | None = Field(description="The flight sent for it; null when none was, or none yet.")
    duplicate: bool = Field(description="True when this report was known already and changed nothing.")
    sentence: str = Field(description="What was decided, in words, or that an aircraft is still being chosen.")


class PlainCall(Question):
    """A call in the plain form."""

    source: str = Field(min_length=1, description="Names the sender, the same in every report.")
    source_id: str = Field(min_length=1, description="The event's number there: repeats and updates carry the same.")
    type: str = Field(min_length=1)
    priority: int = Field(ge=1, le=5, description="1 is highest, 5 lowest.")
    latitude_deg: Latitude | None = None
    longitude_deg: Longitude | None = None
    uncertainty_m: float | None = Field(default=None, ge=0)
    description: str = ""
    address: str = ""
    status: IncidentState = IncidentState.OPEN
    updated: str | None = Field(default=None, description="ISO 8601 time of this report at the source, with its zone.")


class LaunchOrder(Question):
    """Send an aircraft to an incident."""

    asset_id: str | None = Field(default=None, description="Null lets the service choose.")
    regime_id: str = Field(default="", description='What it is flown under; "" is the site\'s default.')

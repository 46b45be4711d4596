"""Incidents, and sending an aircraft to one."""

from fastapi import APIRouter

from dfr.server.context import Caller, ServicesHere
from dfr.server.models.base import Items
from dfr.server.models.flight import FlightModel
from dfr.server.models.incident import IncidentModel, LaunchOrder
from dfr.server.routes.find import find

router = APIRouter(prefix="/incidents", tags=["incidents"])


@router.get("")
async def list_incidents(services: ServicesHere) -> Items[IncidentModel]:
    """All incidents the service holds, open ones and those of the day."""
    return Items(items=[IncidentModel.of(incident) for incident in services.desk.snapshot().incidents])


@router.get("/{incident_id}")
async def get_incident(incident_id: str, services: ServicesHere) -> IncidentModel:
    """One incident."""
    incidents = services.desk.snapshot().incidents
    return IncidentModel.of(find("incident", incident_id, incidents, lambda incident: incident.id))


@router.post("/{incident_id}/launch", status_code=201)
async def launch(incident_id: str, order: LaunchOrder, services: ServicesHere, caller: Caller) -> FlightModel:
    """Send an aircraft: the named one, or the one the service chooses. Answers the flight, or every reason why not."""
    return FlightModel.of(await services.desk.launch(incident_id, order.asset_id, caller.name, order.regime_id))

"""Flights, the pilot's commands to them, and their reports."""

from fastapi import APIRouter

from dfr.server.context import Caller, ServicesHere
from dfr.server.models.base import Items
from dfr.server.models.command import CommandAccepted, FlightCommand
from dfr.server.models.flight import FlightModel, FlightReportModel
from dfr.server.routes.find import find
from dfr.server.services import DeskRefusal

router = APIRouter(prefix="/flights", tags=["flights"])


@router.get("")
async def list_flights(services: ServicesHere) -> Items[FlightModel]:
    """All flights the service holds, with why each aircraft was chosen."""
    return Items(items=[FlightModel.of(flight) for flight in services.desk.snapshot().flights])


@router.get("/{flight_id}")
async def get_flight(flight_id: str, services: ServicesHere) -> FlightModel:
    """One flight."""
    return FlightModel.of(find("flight", flight_id, services.desk.snapshot().flights, lambda flight: flight.id))


@router.post("/{flight_id}/commands", status_code=202)
async def command_flight(
    flight_id: str, command: FlightCommand, services: ServicesHere, caller: Caller
) -> CommandAccepted:
    """Ask something of a flight. Accepted is not done: the flight shows when it is."""
    result = await services.desk.command(flight_id, command.plain(), caller.name)
    if not result.accepted:
        raise DeskRefusal(409, "Command refused", " ".join(result.sentences), sentences=result.sentences)
    return CommandAccepted(accepted=True, sentences=list(result.sentences))


@router.get("/{flight_id}/report")
async def get_flight_report(flight_id: str, services: ServicesHere) -> FlightReportModel:
    """The flight as the journal tells it: times, track, commands, refusals, decision."""
    report = await services.desk.flight_report(flight_id)
    if report is None:
        raise DeskRefusal(404, "No such flight", f"The journal holds no flight {flight_id!r}.")
    return FlightReportModel.of(report)

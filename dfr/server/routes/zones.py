"""Zones and fences of now, and the temporary zones that people add and lift."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dfr.server.context import Caller, ServicesHere
from dfr.server.models.fence import FenceCollection
from dfr.server.models.site import ZoneCollection
from dfr.server.models.zone import TemporaryZoneModel, TemporaryZoneOrder
from dfr.server.prepared import PreparedMap
from dfr.server.services import DeskRefusal

router = APIRouter(tags=["zones"])


@router.get("/zones", response_model=ZoneCollection)
async def get_zones(request: Request, services: ServicesHere) -> Response:
    """All zones, also those that do not hold now, as GeoJSON (RFC 7946)."""
    prepared: PreparedMap = request.app.state.map
    return prepared.answer("zones", services.desk.zones(), request)


@router.get("/fences", response_model=FenceCollection)
async def get_fences(request: Request, services: ServicesHere) -> Response:
    """The fence that belongs on board of each asset, as GeoJSON (RFC 7946)."""
    prepared: PreparedMap = request.app.state.map
    return prepared.answer("fences", services.desk.zones(), request)


@router.post("/zones/temporary", status_code=201)
async def add_zone(order: TemporaryZoneOrder, services: ServicesHere, caller: Caller) -> TemporaryZoneModel:
    """Nothing flies in here from now on (or from its start on) until its end; aircraft that are in it leave it."""
    try:
        zone = order.plain(caller.name, services.clock.now_s())
    except ValueError as fault:
        raise DeskRefusal(422, "Zone refused", str(fault)) from fault
    return TemporaryZoneModel.of(await services.desk.add_zone(zone))


@router.delete("/zones/temporary/{zone_id}")
async def lift_zone(zone_id: str, services: ServicesHere, caller: Caller) -> TemporaryZoneModel:
    """End a temporary zone before its time; one that is over stays as it is."""
    return TemporaryZoneModel.of(await services.desk.lift_zone(zone_id, caller.name))

"""The site: its name and its base map; and what was refused."""

from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dfr.server.context import ServicesHere
from dfr.server.models.base import Items, PositionModel
from dfr.server.models.refusal import RefusalModel
from dfr.server.models.regime import RegimeModel
from dfr.server.models.site import BasemapCollection, BoundsModel, SiteModel
from dfr.server.prepared import Prepared

router = APIRouter(tags=["site"])


@router.get("/site")
async def get_site(services: ServicesHere) -> SiteModel:
    """What the pages say about the site."""
    site = services.site
    west, south, east, north = site.bounds_deg
    return SiteModel(
        name=site.name,
        title=site.title,
        center=PositionModel.of(site.center),
        bounds=BoundsModel(west_deg=west, south_deg=south, east_deg=east, north_deg=north),
        time_zone=site.time_zone,
        notes=list(site.notes),
        regimes=[RegimeModel.of(regime) for regime in site.regimes],
        version=version("dfr"),
    )


@router.get("/basemap", response_model=BasemapCollection)
async def get_basemap(request: Request) -> Response:
    """What is drawn under everything else, as GeoJSON (RFC 7946)."""
    basemap: Prepared = request.app.state.basemap
    return basemap.answer(request)


@router.get("/refusals", tags=["refusals"])
async def list_refusals(services: ServicesHere) -> Items[RefusalModel]:
    """What was asked for and not done, and why; newest first."""
    refusals = sorted(services.desk.snapshot().refusals, key=lambda refusal: refusal.at_s, reverse=True)
    return Items(items=[RefusalModel.of(refusal) for refusal in refusals])

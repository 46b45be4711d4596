"""The site's aircraft."""

from fastapi import APIRouter

from dfr.server.context import ServicesHere
from dfr.server.models.asset import AssetModel
from dfr.server.models.base import Items
from dfr.server.routes.find import find

router = APIRouter(prefix="/assets", tags=["assets"])


@router.get("")
async def list_assets(services: ServicesHere) -> Items[AssetModel]:
    """Every asset of the site with its telemetry and whether it is ready."""
    return Items(items=[AssetModel.of(status) for status in services.desk.snapshot().assets])


@router.get("/{asset_id}")
async def get_asset(asset_id: str, services: ServicesHere) -> AssetModel:
    """One asset."""
    return AssetModel.of(find("asset", asset_id, services.desk.snapshot().assets, lambda status: status.asset.id))

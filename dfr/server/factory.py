"""Puts the HTTP face together."""

import json
import re
from importlib.metadata import version
from typing import Any, Literal

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dfr.server import problems
from dfr.server.access import API, PUBLIC, rule_for
from dfr.server.door import Door
from dfr.server.models.incident import PlainCall
from dfr.server.models.live import LiveMessage
from dfr.server.models.problem import Problem
from dfr.server.models.site import BasemapCollection
from dfr.server.pages import SecurityHeaders, page_routes
from dfr.server.prepared import GEOJSON, Prepared, PreparedMap
from dfr.server.routes import assets, cad, flights, incidents, live, session, site, streams, zones
from dfr.server.services import Services
from dfr.server.viewers import Viewers

_TITLE = "Drone as first responder"
_ROUTERS = (session, cad, incidents, assets, flights, site, zones, streams, live)
_REF = "#/components/schemas/{model}"


def create_app(services: Services) -> FastAPI:
    """The ASGI application. Raises pydantic.ValidationError when the base map is no GeoJSON FeatureCollection."""
    app = FastAPI(title=_TITLE, version=version("dfr"), openapi_url=None, docs_url=None, redoc_url=None)
    app.state.services = services
    app.state.viewers = Viewers()
    app.state.map = PreparedMap()
    app.state.basemap = Prepared.of(BasemapCollection.model_validate(services.basemap), GEOJSON)
    app.include_router(api_routes())
    app.include_router(page_routes(services.web_dist))
    problems.install(app)
    # The last added stands outermost: headers on everything, then the door, then the rest.
    app.add_middleware(problems.Mistakes)
    app.add_middleware(Door, auth=services.auth, public_origins=services.public_origins)
    app.add_middleware(SecurityHeaders, strict_transport=services.secure_cookies)
    return app


def api_routes() -> APIRouter:
    """Everything under /api/v1."""
    router = APIRouter(prefix=API)
    for module in _ROUTERS:
        router.include_router(module.router)
    document: dict[str, Any] = {}

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        if not document:
            document.update(openapi_document())
        return JSONResponse(document)

    return router


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, with the live socket's messages and the roles that each operation needs."""
    app = FastAPI()
    app.include_router(api_routes())
    document = get_openapi(title=_TITLE, version=version("dfr"), routes=app.routes, description=_DESCRIPTION)
    schemas = document["components"]["schemas"]
    unreferenced: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        (LiveMessage, "serialization"),
        (Problem, "serialization"),
        (PlainCall, "validation"),
    ]
    schemas.update(models_json_schema(unreferenced, ref_template=_REF)[1]["$defs"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "dfr_session"},
        "token": {"type": "http", "scheme": "bearer"},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _finish(operation, method.upper(), path)
    return _plainly_named(document)


def _plainly_named(document: dict[str, Any]) -> dict[str, Any]:
    """On the wire an IncidentModel is called Incident, and Items_IncidentModel_ IncidentItems."""
    text = json.dumps(document)
    text = re.sub(r"\bItems_(\w+?)Model_", r"\1Items", text)
    named: dict[str, Any] = json.loads(re.sub(r"\b([A-Z]\w+)Model\b", r"\1", text))
    return named


_DESCRIPTION = (
    "Every time is UTC seconds since 1970-01-01. Errors are problem documents (RFC 9457). "
    f"`{API}/live` is a WebSocket: its messages are the schema LiveMessage."
)


def _finish(operation: dict[str, Any], method: str, path: str) -> None:
    """Name the operation by its function, its roles, and its errors as problem documents."""
    operation["operationId"] = operation["operationId"].split("_api_v1")[0]
    allowed = rule_for(method, path).allowed
    operation["security"] = [] if allowed is PUBLIC else [{"session": []}, {"token": []}]
    operation["x-roles"] = [] if allowed is PUBLIC else sorted(allowed)
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "Not done; `detail` says why.",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }

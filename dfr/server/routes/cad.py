"""Calls coming in from CAD."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from dfr.cad import eido, plain
from dfr.cad.feed import CadError, Feed
from dfr.core.report import Report
from dfr.server.context import Caller, ServicesHere
from dfr.server.models.incident import PlainCall, ReportedIncident, incident_fields
from dfr.server.problems import cad_problem
from dfr.server.services import Services

router = APIRouter(prefix="/cad", tags=["cad"])

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": ReportedIncident, "description": "An incident that was known: updated, or a duplicate."},
    201: {"model": ReportedIncident, "description": "A new incident."},
}
_PLAIN_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{PlainCall.__name__}"}}},
    }
}
_EIDO_BODY = {
    "requestBody": {
        "required": True,
        "description": "A NENA EIDO 1.0 document (NENA-STA-021.1b).",
        "content": {"application/json": {"schema": {"type": "object", "title": "Eido", "additionalProperties": True}}},
    }
}


@router.post("/incidents", status_code=201, responses=_ANSWERS, openapi_extra=_PLAIN_BODY)
async def report_plain(request: Request, services: ServicesHere, caller: Caller) -> Response:
    """Report a call, or news of one, in the plain form."""
    return await _take(request, services, caller.name, plain.parse, services.plain_feed)


@router.post("/eido", status_code=201, responses=_ANSWERS, openapi_extra=_EIDO_BODY)
async def report_eido(request: Request, services: ServicesHere, caller: Caller) -> Response:
    """Report a call, or news of one, as an EIDO document."""
    return await _take(request, services, caller.name, eido.parse, services.eido_feed)


async def _take(
    request: Request, services: Services, sender: str, parse: Callable[[str, Feed], Report], feed: Feed
) -> Response:
    """The raw document goes to the desk whatever becomes of it: the journal keeps it."""
    body = await request.body()
    raw = body.decode(errors="replace")
    try:
        report = parse(raw, feed)
    except CadError as error:
        return cad_problem(error, await services.desk.unreadable_call(error, raw, sender))
    result = await services.desk.report_call(report, raw, sender)
    answer = ReportedIncident.model_validate(
        incident_fields(result.incident)
        | {"flight_id": result.flight_id, "duplicate": result.duplicate, "sentence": result.sentence}
    )
    return JSONResponse(json.loads(answer.model_dump_json()), 201 if result.created and not result.duplicate else 200)

"""Writes an Emergency Incident Data Object (NENA-STA-021.1b) for one made-up call."""

import copy
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TEMPLATE = json.loads((Path(__file__).parent / "template.json").read_text(encoding="utf-8"))

_PIDF_LO = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" '
    'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" entity="pres:incident@psap.example.az.us">'
    '<dm:device id="loc1"><gp:geopriv><gp:location-info>'
    '<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{latitude_deg} {longitude_deg}</gml:pos>'
    '<gs:radius uom="urn:ogc:def:uom:EPSG::9001">{radius_m}</gs:radius></gs:Circle>'
    "</gp:location-info><gp:usage-rules/><gp:method>Manual</gp:method></gp:geopriv>"
    "<dm:timestamp>{time}</dm:timestamp></dm:device></presence>"
)


def write_eido(
    type_code: str,
    priority: int,
    latitude_deg: float,
    longitude_deg: float,
    *,
    note: str = "",
    radius_m: float = 25.0,
    status: str = "Active",
    incident: str | None = None,
) -> dict[str, Any]:
    """A document as a CAD pushes it. `type_code` is an APCO 2.103.2 code; `priority` counts 0 to 10, 10 highest.

    `incident` continues an earlier one (its `$id`); None makes a new one.
    """
    document = copy.deepcopy(_TEMPLATE)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    document["$id"] = incident or f"urn:emergency:uid:incidentid:{uuid.uuid4().hex[:11]}:psap.example.az.us"
    for part in _parts(document):
        part["lastUpdateTimeStamp"] = now
    document["locationComponent"][0]["locationByValue"] = _PIDF_LO.format(
        latitude_deg=latitude_deg, longitude_deg=longitude_deg, radius_m=radius_m, time=now
    )
    document["notesComponent"][0]["notesActionComments"] = note
    component = document["incidentComponent"]
    component["incidentTypeCommonRegistryText"] = type_code
    component["incidentStatusCommonRegistryText"] = [status]
    component["incidentCommonPriorityNumber"] = priority
    component["internalIncidentId"] = f"P{now[2:16].replace('-', '').replace('T', '').replace(':', '')}"
    return document


def _parts(document: dict[str, Any]) -> list[dict[str, Any]]:
    lists = [value for value in document.values() if isinstance(value, list)]
    return [document, document["incidentComponent"], *(part for parts in lists for part in parts)]

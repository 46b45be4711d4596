"""NENA EIDO 1.0 (NENA-STA-021.1b): the emergency incident data object that one CAD sends to another, as JSON.

The shapes of older drafts that still arrive are read too: `incidentComponent` as a list,
`locationInformationComponent`, `incidentTrackingIdentifier`, `LastUpdateTimeStamp`.
"""

from typing import Any

from lxml import etree, html

from dfr.cad import pidf
from dfr.cad.document import json_object, objects_at, text_at, whole_number
from dfr.cad.feed import LOWEST_PRIORITY, CadError, Feed, utc_seconds
from dfr.core.incident import IncidentState
from dfr.core.report import Report

_SCENE = "CurrentIncident"
_NOWHERE = pidf.Place(None, None, "", "")


def parse(raw: str, feed: Feed) -> Report:
    """A report from an EIDO document; raises CadError when it is none.

    A missing position, priority or time leaves it a report, with a note: the event is real.
    """
    document = json_object(raw)
    source, source_id = _identity(document)
    incident, at = _incident(document)
    notes: list[str] = []
    source_priority, priority = _priority(incident, feed, notes)
    place = _place(document, incident, at, notes)
    return Report(
        source=source,
        source_id=source_id,
        type=_type(incident, at),
        source_priority=source_priority,
        priority=priority,
        position=place.position,
        uncertainty_m=place.uncertainty_m,
        address=place.address,
        description=_description(document, incident, at),
        source_updated_s=_updated(document, notes),
        status=_status(incident, at, notes),
        note=" ".join(notes),
    )


def _identity(document: dict[str, Any]) -> tuple[str, str]:
    """(source, source id). The incident's id is unique among all agencies and ends with the one that gave it."""
    incident_id = text_at(document, "incidentTrackingIdentifier") or text_at(document, "$id")
    if not incident_id:
        raise CadError("This EIDO has no incident id ($id).", "/$id")
    parts = incident_id.split(":")
    if len(parts) == 6 and parts[3].lower() == "incidentid" and parts[5]:
        return parts[5], incident_id
    issuer = text_at(document, "issuingElementIdentification")
    if not issuer:
        raise CadError("This EIDO does not say who sent it.", "/issuingElementIdentification")
    return issuer, incident_id


def _incident(document: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The incident component and its JSON pointer."""
    incidents = objects_at(document, "incidentComponent")
    if not incidents:
        raise CadError("This EIDO carries no incident: it has no incidentComponent.", "/incidentComponent")
    if len(incidents) > 1:
        raise CadError("This EIDO carries several incidents; send one document for each.", "/incidentComponent/1")
    return incidents[0], "/incidentComponent/0" if isinstance(
        document["incidentComponent"], list
    ) else "/incidentComponent"


def _type(incident: dict[str, Any], at: str) -> str:
    names = ("incidentTypeCommonRegistryText", "incidentTypeInternalCode", "incidentTypeInternalText")
    for name in names:
        if found := text_at(incident, name, at):
            return found
    raise CadError("This incident has no type.", f"{at}/{names[0]}")


def _priority(incident: dict[str, Any], feed: Feed, notes: list[str]) -> tuple[str, int]:
    """(as written, normalised). What cannot be ranked ranks lowest, as nothing may fly by itself for it."""
    value = incident.get("incidentCommonPriorityNumber")
    written = str(incident.get("incidentPriorityInternalText") or "") if value is None else str(value)
    if value is None:
        notes.append("The source gave no common priority, so this counts as the lowest.")
        return written, LOWEST_PRIORITY
    try:
        return written, feed.normalised(whole_number(value))
    except ValueError:
        notes.append(
            f"The priority {written!r} is not on the feed's scale, {feed.highest} (highest) to {feed.lowest}, "
            "so this counts as the lowest."
        )
        return written, LOWEST_PRIORITY


def _status(incident: dict[str, Any], at: str, notes: list[str]) -> IncidentState:
    """Several statuses hold at once. An end counts, unless the source says that it was opened again and is active."""
    name = "incidentStatusCommonRegistryText"
    value = incident.get(name) or []
    statuses = {value} if isinstance(value, str) else value
    if not isinstance(statuses, (list, set)) or not all(isinstance(status, str) for status in statuses):
        raise CadError(f"The field {name} has to be a list of texts.", f"{at}/{name}")
    ends = {"Cancelled": IncidentState.CANCELLED, "Closed": IncidentState.CLOSED}
    ended = [ends[status] for status in ("Cancelled", "Closed") if status in statuses]
    if not ended:
        return IncidentState.OPEN
    if {"Active", "ReOpened"} <= set(statuses):
        notes.append(f"The source says both that this was {ended[0]} and that it is active again; it counts as open.")
        return IncidentState.OPEN
    return ended[0]


def _place(document: dict[str, Any], incident: dict[str, Any], at: str, notes: list[str]) -> pidf.Place:
    """The scene: the location of type CurrentIncident, never where the caller was routed from or the tower stands."""
    locations = _locations(document)
    referred = _referred(incident, "locationReference", at)
    known = {text_at(location, "$id", pointer): (location, pointer) for location, pointer in locations}
    for lost in [reference for reference in referred if reference not in known]:
        notes.append(f"The incident refers to the location {lost!r}, which the document does not hold.")
    wanted = [known[reference] for reference in referred if reference in known] or locations
    scenes = [one for one in wanted if one[0].get("locationTypeDescriptionRegistryText") == _SCENE]
    if not scenes:
        kinds = sorted({str(location.get("locationTypeDescriptionRegistryText")) for location, _ in wanted})
        only = f", only {', '.join(kinds)}" if kinds else ""
        notes.append(f"The source gave no location of the incident itself ({_SCENE}){only}.")
        return _NOWHERE
    location, pointer = max(scenes, key=lambda one: utc_seconds(_stamp(one[0])) or 0.0)
    xml = text_at(location, "locationByValue", pointer)
    if not xml:
        by_reference = "only as a link to a location server" if location.get("locationByReferenceUrl") else "empty"
        notes.append(f"The incident's location ({pointer}) is {by_reference}.")
        return _NOWHERE
    place = pidf.parse(xml)
    if place.note:
        notes.append(f"{place.note} ({pointer}/locationByValue)")
    return place


def _locations(document: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Every location component with its JSON pointer."""
    return [
        (location, f"/{name}/{index}")
        for name in ("locationComponent", "locationInformationComponent")
        for index, location in enumerate(objects_at(document, name))
    ]


def _description(document: dict[str, Any], incident: dict[str, Any], at: str) -> str:
    """The incident's own words for its type, then the notes it refers to, oldest first as the source lists them."""
    notes = {text_at(note, "$id", "/notesComponent"): note for note in objects_at(document, "notesComponent")}
    referred = [notes[one] for one in _referred(incident, "notesReference", at) if one in notes]
    texts = [text_at(incident, "incidentTypeInternalText", at)]
    texts += [_plain_text(text_at(note, "notesActionComments", "/notesComponent")) for note in referred]
    return "\n".join(text for text in texts if text)


def _plain_text(note: str) -> str:
    """Notes are HTML5 by the standard; people read their text."""
    if "<" not in note and "&" not in note:
        return note
    try:
        words = html.fragment_fromstring(note, create_parent="div").text_content().split()
    except (ValueError, etree.LxmlError):
        return note  # Broken HTML is still somebody's words.
    return " ".join(words)


def _referred(component: dict[str, Any], name: str, at: str) -> list[str]:
    """The `$ref` values: ids of components of the same document, not JSON pointers."""
    return [text_at(reference, "$ref", f"{at}/{name}") for reference in objects_at(component, name, at)]


def _updated(document: dict[str, Any], notes: list[str]) -> float | None:
    stamp = _stamp(document)
    time_s = utc_seconds(stamp)
    if time_s is None:
        notes.append(f"The document's time {stamp!r} is no ISO 8601 time with its zone, so it was left out.")
    return time_s


def _stamp(component: dict[str, Any]) -> str:
    return str(component.get("lastUpdateTimeStamp") or component.get("LastUpdateTimeStamp") or "")

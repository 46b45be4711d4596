"""The plain form: one JSON object a report, for whoever has no EIDO."""

import math
from typing import Any

from dfr.cad.document import json_object, text_at, whole_number
from dfr.cad.feed import CadError, Feed, usable_position, utc_seconds
from dfr.core.geo import Position
from dfr.core.incident import IncidentState
from dfr.core.report import Report

_REQUIRED = ("source", "source_id", "type", "priority")
_KNOWN = frozenset(
    (*_REQUIRED, "latitude_deg", "longitude_deg", "uncertainty_m", "description", "address", "status", "updated")
)


def parse(raw: str, feed: Feed) -> Report:
    """A report from JSON text.

    A position that is missing or cannot be used leaves `position` None with a note, as the event is still one. Raises
    CadError for everything else that is wrong. Fields that are not known are ignored and named in the note.
    """
    document = json_object(raw)
    for name in _REQUIRED:
        if name not in document:
            raise CadError(f"The field {name} is missing.", f"/{name}")
    position, notes = _position(document)
    updated_s = _updated(document, notes)
    unknown = sorted(set(document) - _KNOWN)
    if unknown:
        notes.append(f"Fields that are not known were left out: {', '.join(unknown)}.")
    number = _priority(document["priority"], feed)
    return Report(
        source=_named(document, "source"),
        source_id=_named(document, "source_id"),
        type=_named(document, "type"),
        source_priority=str(document["priority"]),
        priority=number,
        position=position,
        uncertainty_m=_uncertainty(document),
        address=text_at(document, "address"),
        description=text_at(document, "description"),
        source_updated_s=updated_s,
        status=_status(document),
        note=" ".join(notes),
    )


def _named(document: dict[str, Any], name: str) -> str:
    """The text of a required field; a number counts, as many systems count their events. Raises CadError."""
    value = document[name]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    found = text_at(document, name)
    if not found:
        raise CadError(f"The field {name} is empty.", f"/{name}")
    return found


def _priority(value: object, feed: Feed) -> int:
    """Normalised; a number written as text counts."""
    try:
        return feed.normalised(whole_number(value))
    except ValueError:
        sentence = f"The priority has to be a whole number from {feed.highest} (highest) to {feed.lowest} (lowest)."
        raise CadError(sentence, "/priority") from None


def _position(document: dict[str, Any]) -> tuple[Position | None, list[str]]:
    latitude, longitude = _number(document, "latitude_deg"), _number(document, "longitude_deg")
    if latitude is None or longitude is None:
        return None, ["The source gave no position."]
    position, note = usable_position(latitude, longitude)
    return position, [note] if note else []


def _uncertainty(document: dict[str, Any]) -> float | None:
    value = _number(document, "uncertainty_m")
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise CadError("The uncertainty has to be a number of metres, 0 or more.", "/uncertainty_m")
    return value


def _number(document: dict[str, Any], name: str) -> float | None:
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CadError(f"The field {name} has to be a number.", f"/{name}")
    try:
        return float(value)
    except OverflowError:
        raise CadError(f"The field {name} is too large a number.", f"/{name}") from None


def _status(document: dict[str, Any]) -> IncidentState:
    value = document.get("status")
    if value is None:
        return IncidentState.OPEN
    try:
        return IncidentState(value)
    except ValueError:
        raise CadError("The status has to be open, cancelled or closed.", "/status") from None


def _updated(document: dict[str, Any], notes: list[str]) -> float | None:
    """A time without its zone may be hours off, so it orders nothing."""
    value = document.get("updated")
    if value is None:
        return None
    if not isinstance(value, str):
        raise CadError("The field updated has to be an ISO 8601 time with its zone.", "/updated")
    time_s = utc_seconds(value)
    if time_s is None:
        notes.append(f"The time {value!r} is no ISO 8601 time with its zone, so it was left out.")
    return time_s

"""Reading a JSON document that somebody else wrote: each look says where it looked when it finds the wrong thing."""

import json
from collections.abc import Mapping
from typing import Any

from dfr.cad.feed import CadError


def json_object(raw: str) -> dict[str, Any]:
    """The JSON object in the text. Raises CadError."""
    try:
        document = json.loads(raw)
    except json.JSONDecodeError as error:
        raise CadError(f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        raise CadError("This JSON is nested too deeply, or holds a number too long, to be a call.") from error
    if not isinstance(document, dict):
        raise CadError("A call is a JSON object, and this is not one.")
    if "\\ud" in raw.lower():
        # Half a surrogate pair is legal JSON and illegal text: no file, socket or database takes it.
        whole: dict[str, Any] = json.loads(json.dumps(document, ensure_ascii=False).encode(errors="replace"))
        return whole
    return document


def text_at(document: Mapping[str, Any], name: str, at: str = "") -> str:
    """The text of a field, stripped; "" when it is absent. Raises CadError when it is something else than text."""
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CadError(f"The field {name} has to be text.", f"{at}/{name}")
    return value.strip()


def objects_at(document: Mapping[str, Any], name: str, at: str = "") -> list[dict[str, Any]]:
    """The objects of a field that may be one object, a list of them, or absent. Raises CadError."""
    value = document.get(name)
    if value is None:
        return []
    members = value if isinstance(value, list) else [value]
    for index, member in enumerate(members):
        if not isinstance(member, dict):
            raise CadError(f"The field {name} has to hold objects.", f"{at}/{name}/{index}")
    return members


def whole_number(value: object) -> int:
    """A whole number, also when it is written as text. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(f"{value!r} is no whole number.")
    return int(value)

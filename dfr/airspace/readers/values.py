"""Single values as files write them. All raise ValueError with what is wrong, to be told with file and feature."""

import math
import re
from collections.abc import Mapping
from typing import Any

from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid
from dfr.core.zone import ZoneKind

FOOT_M = 0.3048
DATUMS: Mapping[str, type[Altitude]] = {
    "agl": Agl,
    "amsl": Amsl,
    "ellipsoid": Ellipsoid,
    "above_takeoff": AboveTakeoff,
}
FLIGHT_LEVEL = (
    "is a flight level, which moves with the air pressure by hundreds of metres; write it in feet or metres above mean "
    "sea level, as low as it comes"
)

_KINDS = {kind.value: kind for kind in ZoneKind}
Properties = Mapping[str, Any]
"""By name in small letters: see `properties_of`."""


def properties_of(feature: Any) -> dict[str, Any]:
    """The properties of a GeoJSON feature with their names in small letters; empty where it has none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return lowered(properties) if isinstance(properties, dict) else {}


def lowered(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The same by names in small letters. Raises ValueError for two that differ only in that and have two values."""
    found: dict[str, Any] = {}
    for name, value in properties.items():
        small = str(name).lower()
        if not is_blank(found.get(small)) and not is_blank(value) and found[small] != value:
            raise ValueError(f"it says {small} twice, as {found[small]!r} and as {value!r}")
        if not is_blank(value) or small not in found:
            found[small] = value
    return found


def text(properties: Properties, name: str) -> str:
    """A text on one line; it must be there."""
    value = properties.get(name)
    words = one_line(value) if isinstance(value, str) else ""
    if not words:
        raise ValueError(f"it has no {name}")
    return words


def optional_text(properties: Properties, name: str) -> str:
    """A text on one line, or a number as text; "" where there is none."""
    value = properties.get(name)
    return one_line(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def one_line(value: str) -> str:
    """Without line breaks and what cannot be printed, so that it fits beside a zone on a map."""
    printable = value if value.isprintable() else "".join(c if c.isprintable() else " " for c in value)
    return " ".join(printable.split())


def words_of(value: Any) -> str:
    """A text that is written plainly, or as a list of {text, lang}: the English one, else the first."""
    if isinstance(value, str):
        return one_line(re.sub(r"<[^>]{0,200}>", " ", value))
    texts = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    english = [entry for entry in texts if str(entry.get("lang", "")).lower().startswith("en")]
    for entry in (*english, *texts):
        if isinstance(entry.get("text"), str) and entry["text"].strip():
            return one_line(entry["text"])
    return ""


def number(value: Any, name: str, *, written: bool = False) -> float:
    """A finite number; `written` says that the format writes numbers as text too."""
    if written and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise ValueError(f"its {name} is {value!r}, not a number") from None
    try:
        if not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise ValueError(
        f"its {name} is {str(value)[:80] if not isinstance(value, str) else repr(value[:80])}, not a number"
    )


def kind_of(properties: Properties) -> ZoneKind:
    value = text(properties, "kind").lower()
    if value not in _KINDS:
        raise ValueError(f"its kind {value!r} is unknown; known are {', '.join(ZoneKind)}")
    return _KINDS[value]


def is_blank(value: Any) -> bool:
    """None and empty text: not said."""
    return value is None or (isinstance(value, str) and not value.strip())

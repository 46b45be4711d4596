"""Zone files made for tests."""

import json
from pathlib import Path
from typing import Any

import pytest

from dfr.airspace.readers import READERS, ZoneError, ZoneFile
from dfr.core.geo import Position
from dfr.core.zone import Zone

DATA = Path(__file__).parents[3] / "data" / "zones"
TUCSON = Position(32.22, -110.93)
SQUARE = [[-110.93, 32.22], [-110.92, 32.22], [-110.92, 32.23], [-110.93, 32.23], [-110.93, 32.22]]
SMALL = [[-110.928, 32.222], [-110.922, 32.222], [-110.922, 32.228], [-110.928, 32.228], [-110.928, 32.222]]
CROSSING = [[-110.93, 32.22], [-110.92, 32.23], [-110.92, 32.22], [-110.93, 32.23], [-110.93, 32.22]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def text(*features: tuple[dict[str, Any], Any]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": p, "geometry": g} for p, g in features],
        }
    )


def read(reader: str, content: str | bytes, near: Position | None = None, name: str = "file") -> list[Zone]:
    """By the reader of that name."""
    return READERS[reader](ZoneFile(name, content.encode() if isinstance(content, str) else content), near)


def faults(reader: str, content: str | bytes, near: Position | None = None, name: str = "file") -> tuple[str, ...]:
    """What is wrong with it; it must be something."""
    with pytest.raises(ZoneError) as error:
        read(reader, content, near, name)
    return error.value.faults


def fault(reader: str, content: str | bytes, near: Position | None = None) -> str:
    """The one thing that is wrong with it."""
    (found,) = faults(reader, content, near)
    return found

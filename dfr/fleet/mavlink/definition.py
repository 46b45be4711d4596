"""The camera's definition file: which of its parameters is the thermal palette, and what its values are called.

MAVLink has no command for a palette. A camera names an XML file (CAMERA_INFORMATION.cam_definition_uri, "Camera
Definition") that describes its settings, and each is set by the extended parameter protocol (PARAM_EXT_SET). The
palette is the first setting with a list of options whose name or description speaks of a palette.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx

MOST_BYTES = 262_144
FETCH_TIMEOUT_S = 3.0
WORDS = ("palette", "colormap", "colourmap")
TYPES = {"uint8": 1, "int8": 2, "uint16": 3, "int16": 4, "uint32": 5, "int32": 6, "custom": 11}
"""MAV_PARAM_EXT_TYPE of the types that can stand for one of a list."""
SIZES = {"uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "uint32": 4, "int32": 4}
VALUE_BYTES = 128
"""PARAM_EXT_SET.param_value."""


class DefinitionError(Exception):
    """The file cannot be used; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class PaletteSetting:
    """`values` is the camera's name of a palette to the value's bytes."""

    parameter: str
    type: int
    values: Mapping[str, bytes]

    def name_of(self, value: Sequence[int]) -> str | None:
        """The palette of a PARAM_EXT_VALUE; None for one that the definition does not know."""
        said = bytes(value).rstrip(b"\0")
        return next((name for name, known in self.values.items() if known.rstrip(b"\0") == said), None)

    def on_wire(self, name: str) -> list[int]:
        """What PARAM_EXT_SET carries."""
        return list(self.values[name].ljust(VALUE_BYTES, b"\0"))


async def fetch_palette(uri: str) -> PaletteSetting | None:
    """Read the definition at `uri`; None when the camera has no palette. Raises DefinitionError."""
    if urlsplit(uri).scheme not in ("http", "https"):
        raise DefinitionError("The camera's definition is not at an http address, so its palettes are not known.")
    try:
        async with asyncio.timeout(FETCH_TIMEOUT_S):
            return palette_in(await _fetch(uri))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise DefinitionError(f"The camera's definition cannot be read ({type(error).__name__}).") from error


async def _fetch(uri: str) -> bytes:
    content = b""
    async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_S) as client, client.stream("GET", uri) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > MOST_BYTES:
                raise DefinitionError("The camera's definition is too large, so its palettes are not known.")
    return content


def palette_in(content: bytes) -> PaletteSetting | None:
    """The palette setting of a definition. Raises DefinitionError for what is no definition."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DefinitionError("The camera's definition declares entities, which none needs; it was not read.")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise DefinitionError(f"The camera's definition is not XML: {error}.") from error
    for parameter in root.iter("parameter"):
        setting = _palette(parameter)
        if setting is not None:
            return setting
    return None


def _palette(parameter: ElementTree.Element) -> PaletteSetting | None:
    name, kind = parameter.get("name", ""), parameter.get("type", "")
    said = f"{name} {parameter.findtext('description', '')}".lower()
    if kind not in TYPES or not any(word in said for word in WORDS):
        return None
    values = {
        option.get("name", ""): value
        for option in parameter.iter("option")
        if (value := _on_wire(kind, option.get("value", ""))) is not None
    }
    return PaletteSetting(name, TYPES[kind], values) if values else None


def _on_wire(kind: str, text: str) -> bytes | None:
    """The value's bytes: integers little-endian, "custom" as text. None for what is no value of the type."""
    if kind == "custom":
        raw = text.encode()
        return raw if len(raw) <= VALUE_BYTES else None
    try:
        return int(text, 0).to_bytes(SIZES[kind], "little", signed=kind.startswith("int"))
    except (ValueError, OverflowError):
        return None

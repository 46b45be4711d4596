"""PIDF-LO (RFC 4119, RFC 5491, OGC 06-142r1): a place with its uncertainty, or an address, out of foreign XML."""

import math
from dataclasses import dataclass

from lxml import etree
from shapely.geometry import Polygon

from dfr.cad.feed import usable_position
from dfr.core.geo import LocalFrame, Position, distance_m

_CIVIC_STREET = ("HNO", "HNS", "PRD", "RD", "A6", "STS", "POD")
_CIVIC_PLACE = ("A3", "A1")
_RADII = {
    "Point": (),
    "Circle": ("radius",),
    "Sphere": ("radius",),
    "Ellipse": ("semiMajorAxis",),
    "Ellipsoid": ("semiMajorAxis", "verticalAxis"),
}
_METRE = "9001"
"""The EPSG code of the metre, the only unit that RFC 5491 allows."""
_WGS84 = ("4326", "4979")


@dataclass(frozen=True, slots=True)
class Place:
    """What a PIDF-LO told. `note` says why there is no position ("" when there is one)."""

    position: Position | None
    uncertainty_m: float | None
    address: str
    note: str


def parse(xml: str) -> Place:
    """The first geodetic shape (RFC 5491, rule 8: the first location is the one to use) and the first address.

    Never raises: what cannot be read is a place without position, and a note. Nothing is fetched, no entity resolved.
    """
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(xml.strip().encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return Place(None, None, "", f"The location's XML cannot be read: {error}.")
    if root.getroottree().docinfo.internalDTD is not None:
        return Place(None, None, "", "The location's XML brings a document type of its own, which no PIDF-LO has.")
    address = _address(root)
    for element in root.iter("{*}Point", *(f"{{*}}{name}" for name in ("Polygon", "Prism", *_RADII))):
        position, uncertainty_m, note = _shape(element)
        return Place(position, uncertainty_m, address, note)
    if address:
        return Place(None, None, address, "The location is an address without coordinates.")
    return Place(None, None, "", "The location's XML holds neither a shape that is known nor an address.")


def _shape(element: etree._Element) -> tuple[Position | None, float | None, str]:
    """(position, uncertainty in metres, note) of one geodetic shape."""
    system = element.get("srsName", "")
    if system and not system.endswith(_WGS84):
        return None, None, f"The location is in the coordinate system {system}, not in WGS 84."
    name = etree.QName(element).localname
    try:
        if name in _RADII:
            corners = _numbers(element, "pos")
            position, note = usable_position(corners[0], corners[1])
            return position, _uncertainty(element, _RADII[name]), note
        return _polygon(element, dimensions=3 if system.endswith("4979") or name == "Prism" else 2)
    except (ValueError, IndexError):
        return None, None, f"The {name} in the location has coordinates that are no numbers or too few."


def _numbers(element: etree._Element, name: str) -> list[float]:
    """The numbers of all descendants of that name, in order. Raises ValueError."""
    return [float(number) for found in element.iter(f"{{*}}{name}") for number in (found.text or "").split()]


def _uncertainty(element: etree._Element, names: tuple[str, ...]) -> float | None:
    """The largest of the shape's half axes; None when there is none or it is not in metres."""
    lengths = []
    for name in names:
        found = element.find(f"{{*}}{name}")
        if found is None or not found.get("uom", _METRE).endswith(_METRE):
            return None
        lengths.append(float(found.text or ""))
    usable = [length for length in lengths if math.isfinite(length) and length >= 0]
    return max(usable, default=None) if len(usable) == len(lengths) else None


def _polygon(element: etree._Element, dimensions: int) -> tuple[Position | None, float | None, str]:
    """Centroid, and the distance to the farthest corner."""
    exterior = element.find(".//{*}exterior")
    ring = element if exterior is None else exterior
    numbers = _numbers(ring, "posList") or _numbers(ring, "pos")
    corners: list[Position] = []
    for index in range(0, len(numbers) - dimensions + 1, dimensions):
        corner, note = usable_position(numbers[index], numbers[index + 1])
        if corner is None:
            return None, None, note
        corners.append(corner)
    if len(set(corners)) < 3:
        return None, None, "The polygon in the location has fewer than three corners."
    frame = LocalFrame(corners[0])
    centroid = Polygon([frame.to_local(corner) for corner in corners]).centroid
    position = frame.to_position(centroid.x, centroid.y)
    return position, max(distance_m(position, corner) for corner in corners), ""


def _address(root: etree._Element) -> str:
    """The first civic address (RFC 5139) on one line: `200 S Example Ave, Tucson, AZ`."""
    civic = next(root.iter("{*}civicAddress"), None)
    if civic is None:
        return ""
    parts = {etree.QName(part).localname: (part.text or "").strip() for part in civic if isinstance(part.tag, str)}
    street = " ".join(parts[name] for name in _CIVIC_STREET if parts.get(name))
    place = [parts[name] for name in _CIVIC_PLACE if parts.get(name)]
    return ", ".join(part for part in (parts.get("LMK", ""), street, *place) if part)

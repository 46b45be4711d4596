"""KML 2.2 and KMZ (OGC 07-147r2). What a zone does stands in a Placemark's ExtendedData, by the names of own.py, as
Data or as SimpleData; styles, folders and what is shown are left."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from dfr.airspace.readers.archive import is_archive, unpack
from dfr.airspace.readers.file import ZoneError, ZoneFile, collect
from dfr.airspace.readers.own import zone_of
from dfr.airspace.readers.times import times_to_json
from dfr.airspace.readers.values import is_blank, lowered, one_line
from dfr.core.geo import Position
from dfr.core.times import TimeRange, Times
from dfr.core.zone import Zone, ZoneKind

_DATUM_OF_MODE = {"relativeToGround": "agl", "absolute": "amsl"}
_GEOMETRIES = ("Polygon", "LineString", "LinearRing", "Point", "MultiGeometry", "Model", "Track", "MultiTrack")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


def read_kml(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """One zone a Placemark: Polygon, LineString with width_m, MultiGeometry of either, Point with radius_m.

    Without an id in its ExtendedData its own id or its name is taken, and numbered. A height of the outline counts
    where it is extruded and nothing else says the top; altitudeMode gives the datum (relativeToGround: above ground,
    absolute: above mean sea level). Raises ZoneError.
    """
    root = _root(file)
    links = [element for element in root.iter() if _name(element) == "NetworkLink"]
    if links:
        raise ZoneError(
            [f"{file.name} links to other files (NetworkLink), and nothing is fetched: save what it shows."]
        )
    return collect(
        file, _placemarks(root), _label, lambda placemark: [_zone(placemark, near, file.kind)], numbered=True
    )


def _root(file: ZoneFile) -> Any:
    content = file.content
    if is_archive(file):
        entries = unpack(file, (".kml",))
        if not entries:
            raise ZoneError([f"{file.name} has no .kml file in it."])
        first = min(entries, key=lambda name: (name.count("/"), name.lower() != "doc.kml", name))
        content = entries[first]
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise ZoneError([f"{file.name} is not KML: {one_line(str(fault))}."]) from fault
    tree: Any = root.getroottree()
    if tree.docinfo.doctype:
        raise ZoneError([f"{file.name} declares a document type of its own, which KML has not; it is not read."])
    return root


def _placemarks(root: Any) -> Iterator[Any]:
    return (element for element in root.iter() if _name(element) == "Placemark")


def _label(index: int, placemark: Any) -> str:
    return f"placemark {index} ({one_line(_child_text(placemark, 'name'))[:80] or 'no name'})"


def _zone(placemark: Any, near: Position | None, default: ZoneKind | None) -> Zone:
    properties = _properties(placemark)
    geometries = [child for child in placemark if _name(child) in _GEOMETRIES]
    if len(geometries) != 1:
        raise ValueError(
            "it has no geometry" if not geometries else "it has several geometries outside a MultiGeometry"
        )
    leaves = list(_leaves(geometries[0]))
    if not leaves:
        raise ValueError("it has no geometry: its MultiGeometry is empty")
    _add_heights(properties, leaves)
    return zone_of(properties, _geometry(leaves), near, default, written=True)


def _properties(placemark: Any) -> dict[str, Any]:
    """Its ExtendedData, with what KML says in elements of its own where ExtendedData does not."""
    pairs: dict[str, Any] = {}
    for element in placemark.iter():
        kind = _name(element)
        if kind in ("Data", "SimpleData"):
            value = _child_text(element, "value") if kind == "Data" else (element.text or "")
            name = str(element.get("name") or "").strip()
            if pairs.get(name, value.strip()) != value.strip():
                raise ValueError(f"it says {name} twice, as {pairs[name]!r} and as {value.strip()!r}")
            pairs[name] = value.strip()
    properties = lowered(pairs)
    name = one_line(_child_text(placemark, "name"))
    if is_blank(properties.get("name")):
        properties["name"] = name
    if is_blank(properties.get("id")):
        slug = _NOT_IN_NAMES.sub("-", (placemark.get("id") or name).lower()).strip("-")
        properties["id"] = f"kml-{slug or 'zone'}"
    if is_blank(properties.get("times")) and (times := _time_span(placemark)) is not None:
        properties["times"] = times
    return properties


def _time_span(placemark: Any) -> dict[str, Any] | None:
    """A TimeSpan as times; a TimeStamp says when something was noted, and no time that a zone holds."""
    span = next((child for child in placemark if _name(child) == "TimeSpan"), None)
    if span is None:
        return None
    start, end = (_moment_s(_child_text(span, name), is_end=name == "end") for name in ("begin", "end"))
    return None if start is None and end is None else times_to_json(Times((TimeRange(start, end),)))


def _moment_s(value: str, *, is_end: bool) -> float | None:
    """A KML dateTime, date, gYearMonth or gYear; those without a clock time in UTC, an end with all of its day."""
    value = value.strip()
    if not value:
        return None
    try:
        if "T" in value:
            at = dt.datetime.fromisoformat(value)
            return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()
        year, month, day = (*(int(part) for part in value.split("-")), 0, 0)[:3]
        if not is_end:
            return dt.datetime(year, month or 1, day or 1, tzinfo=dt.UTC).timestamp()
        first = dt.datetime(year, month or 12, day or 1, tzinfo=dt.UTC)
        days = 1 if day else 31
        last = first + dt.timedelta(days=days)
        return (last if day else last.replace(day=1)).timestamp()
    except (ValueError, OverflowError) as fault:
        raise ValueError(f"its TimeSpan has {value!r}, which is no date") from fault


def _leaves(geometry: Any, depth: int = 0) -> Iterator[Any]:
    if _name(geometry) != "MultiGeometry":
        yield geometry
        return
    if depth > 20:
        raise ValueError("its MultiGeometry is nested too deeply")
    for child in geometry:
        if _name(child) in _GEOMETRIES:
            yield from _leaves(child, depth + 1)


def _geometry(leaves: list[Any]) -> dict[str, Any]:
    """As GeoJSON."""
    kinds = {_name(leaf) for leaf in leaves}
    if kinds == {"Polygon"}:
        polygons = [_rings(leaf) for leaf in leaves]
        return {"type": "MultiPolygon", "coordinates": polygons}
    if kinds in ({"LineString"}, {"LinearRing"}):
        return {"type": "MultiLineString", "coordinates": [_coordinates(leaf) for leaf in leaves]}
    if kinds == {"Point"} and len(leaves) == 1:
        return {"type": "Point", "coordinates": _coordinates(leaves[0])[0]}
    raise ValueError(
        f"its geometry is {' with '.join(sorted(kinds))}; polygons, lines with width_m and "
        "one point with radius_m are known"
    )


def _rings(polygon: Any) -> list[list[list[float]]]:
    outer, inner = [], []
    for boundary in polygon:
        rings = [_coordinates(ring) for ring in boundary if _name(ring) == "LinearRing"]
        if _name(boundary) == "outerBoundaryIs":
            outer += rings
        elif _name(boundary) == "innerBoundaryIs":
            inner += rings
    if len(outer) != 1:
        raise ValueError(f"a polygon has {len(outer)} outer boundaries; it needs one")
    return [*outer, *inner]


def _coordinates(geometry: Any) -> list[list[float]]:
    """`longitude,latitude[,height]` separated by blanks, and by files that write blanks after the commas."""
    written = re.sub(r"\s*,\s*", ",", _child_text(geometry, "coordinates")).split()
    try:
        places = [[float(part) for part in place.split(",") if part] for place in written]
    except ValueError as fault:
        raise ValueError(f"its coordinates cannot be read: {one_line(str(fault))}") from fault
    if not places:
        raise ValueError("it has no coordinates")
    short = next((place for place in places if not 2 <= len(place) <= 3), None)
    if short is not None:
        raise ValueError(f"its coordinates cannot be read: {short} is no longitude, latitude and height")
    return places


def _add_heights(properties: dict[str, Any], leaves: list[Any]) -> None:
    """Datum and top, as far as the outline says them and the ExtendedData does not. Raises ValueError for a height that
    could mean anything."""
    modes = {_child_text(leaf, "altitudeMode").strip() or "clampToGround" for leaf in leaves}
    if len(modes) != 1:
        raise ValueError(f"its parts have different altitudeModes: {', '.join(sorted(modes))}")
    (mode,) = modes
    if mode == "clampToGround":
        return
    if mode not in _DATUM_OF_MODE:
        raise ValueError(f"its altitudeMode is {mode!r}; known are clampToGround, {', '.join(_DATUM_OF_MODE)}")
    said = [end for end in ("bottom", "top") if not all(is_blank(properties.get(f"{end}_{u}")) for u in ("m", "ft"))]
    for end in said:
        if is_blank(properties.get(f"{end}_datum")):
            properties[f"{end}_datum"] = _DATUM_OF_MODE[mode]
    if said:
        return
    heights = {place[2] if len(place) > 2 else 0.0 for leaf in leaves for place in _all_coordinates(leaf)}
    if heights == {0.0} and mode == "relativeToGround":
        return
    if len(heights) != 1 or any(_child_text(leaf, "extrude").strip() not in ("1", "true") for leaf in leaves):
        raise ValueError(
            "its outline has heights that do not say where it begins and ends; write bottom_m and top_m in its "
            "ExtendedData"
        )
    properties |= {"top_m": str(heights.pop()), "top_datum": _DATUM_OF_MODE[mode]}


def _all_coordinates(leaf: Any) -> list[list[float]]:
    return [place for ring in _rings(leaf) for place in ring] if _name(leaf) == "Polygon" else _coordinates(leaf)


def _name(element: Any) -> str:
    """An element's name without its namespace: real files have Google's, the OGC's, or none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child_text(element: Any, name: str) -> str:
    return next((child.text or "" for child in element if _name(child) == name), "")

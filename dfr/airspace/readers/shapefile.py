"""ESRI shapefiles: .shp with .dbf and .prj beside it, or all in one .zip. The properties are those of own.py, where the
format leaves ten letters of a name (bottom_dat, incident_i)."""

import io
import struct
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import shapefile
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from dfr.airspace.readers.archive import is_archive, unpack
from dfr.airspace.readers.file import ZoneError, ZoneFile, collect
from dfr.airspace.readers.own import zone_of
from dfr.airspace.readers.values import one_line, words_of
from dfr.core.geo import Position
from dfr.core.zone import Zone

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
WORST_ACCURACY_M = 5.0
"""A datum that is known to WGS 84 only more coarsely than this is refused."""
_Record = tuple[dict[str, Any], Any]
"""Properties, and a GeoJSON geometry."""
_DAMAGED = (
    shapefile.ShapefileException,
    shapefile.GeoJSON_Error,
    shapefile.RingSamplingError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    OSError,
)
"""What reading a damaged shapefile ends in."""
_SHORTENED = {"bottom_dat": "bottom_datum", "incident_i": "incident_id"}


def read_shapefile(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """One zone a record: polygons, lines with width_m, points with radius_m. The projection is that of the .prj file,
    never guessed. Raises ZoneError."""
    parts = _parts(file)
    missing = [suffix for suffix in (".shp", ".dbf", ".prj") if suffix not in parts]
    if missing:
        why = {
            ".prj": "without it nobody knows where on earth it lies",
            ".dbf": "without it nobody knows what its zones do",
        }
        raise ZoneError([f"{file.name} has no {s} file: {why.get(s, 'it has the shapes')}." for s in missing])
    transformer = _to_wgs84(file.name, parts[".prj"])
    return collect(
        file,
        _records(file.name, parts),
        _label,
        lambda record: [zone_of(record[0], _projected(record[1], transformer), near, file.kind, written=True)],
    )


def _parts(file: ZoneFile) -> dict[str, bytes]:
    if not is_archive(file):
        return {".shp": file.content, **file.beside}
    entries = unpack(file, PARTS)
    shapes = [name for name in entries if name.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise ZoneError([f"{file.name} holds {len(shapes)} .shp files; a zipped shapefile has one."])
    stem = shapes[0][:-4]
    return {PurePosixPath(name).suffix.lower(): content for name, content in entries.items() if name[:-4] == stem}


def _to_wgs84(name: str, prj: bytes) -> Transformer:
    try:
        system = CRS.from_wkt(prj.decode("utf-8-sig"))
        transformer = Transformer.from_crs(system, "EPSG:4326", always_xy=True, allow_ballpark=False)
    except (ProjError, UnicodeDecodeError, ValueError) as fault:
        raise ZoneError([f"{name}: its .prj file is not understood: {one_line(str(fault))[:200]}."]) from fault
    if not 0.0 <= transformer.accuracy <= WORST_ACCURACY_M:
        known = "not known" if transformer.accuracy < 0.0 else f"known to {transformer.accuracy:g} m only"
        raise ZoneError(
            [f"{name}: where its system {system.name} lies on WGS 84 is {known}; convert it to WGS 84 first."]
        )
    return transformer


def _records(name: str, parts: dict[str, bytes]) -> list[_Record]:
    streams = {suffix[1:]: io.BytesIO(parts[suffix]) for suffix in (".shp", ".shx", ".dbf") if suffix in parts}
    try:
        encoding = parts.get(".cpg", b"").decode("ascii").strip() or "utf-8"
        with shapefile.Reader(**streams, encoding=encoding, encodingErrors="replace") as reader:
            shapes = [
                None if shape.shapeType == shapefile.NULL else shape.__geo_interface__ for shape in reader.shapes()
            ]
            records = [record.as_dict() for record in reader.records()]
    except _DAMAGED as fault:
        raise ZoneError([f"{name} is not a shapefile that can be read: {one_line(str(fault))[:200]}."]) from fault
    if len(shapes) != len(records):
        raise ZoneError([f"{name} has {len(shapes)} shapes and {len(records)} records; it is damaged."])
    return [(_named(record), shape) for record, shape in zip(records, shapes, strict=True)]


def _named(record: dict[str, Any]) -> dict[str, Any]:
    """Its properties by our names."""
    return {
        _SHORTENED.get(key.lower(), key.lower()): value.strip() if isinstance(value, str) else value
        for key, value in record.items()
    }


def _label(index: int, record: _Record) -> str:
    name = words_of(record[0].get("name")) or words_of(record[0].get("id")) or "no name"
    return f"record {index} ({name[:80]})"


def _projected(geometry: Any, transformer: Transformer) -> Any:
    """The same geometry in WGS 84 degrees."""
    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        raise ValueError("it has no shape")
    return {"type": geometry["type"], "coordinates": _transformed(geometry["coordinates"], transformer)}


def _transformed(coordinates: Any, transformer: Transformer) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return _transformed([coordinates], transformer)[0]
    if coordinates and isinstance(coordinates[0][0], int | float):
        x, y = np.asarray([point[:2] for point in coordinates], dtype=np.float64).T
        return np.column_stack(transformer.transform(x, y)).tolist()
    return [_transformed(part, transformer) for part in coordinates]

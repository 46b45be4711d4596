"""Which reader a file is for, where nobody says."""

from pathlib import PurePath
from typing import Any

from dfr.airspace.readers.archive import is_archive, unpack
from dfr.airspace.readers.file import ZoneError, ZoneFile, json_of
from dfr.airspace.readers.values import lowered


def guess_reader(file: ZoneFile) -> str:
    """A key of READERS. Raises ZoneError for what is no zone file at all."""
    suffix = PurePath(file.name).suffix.lower()
    if suffix in (".kml", ".kmz"):
        return "kml"
    if suffix == ".shp":
        return "shapefile"
    if is_archive(file):
        return "shapefile" if unpack(file, (".shp",)) else "kml"
    if file.content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return "kml"
    return _of_json(json_of(file))


def _of_json(document: Any) -> str:
    if isinstance(document, list) or (isinstance(document, dict) and not isinstance(document.get("features"), list)):
        if isinstance(document, list) or any(name in document for name in ("UASZoneList", "UASZoneVersion")):
            return "ed269"
        raise ZoneError(["It is JSON, and not of a format that is known; name the reader."])
    features = document["features"] if isinstance(document, dict) else []
    first = next((feature for feature in features if isinstance(feature, dict)), {})
    if isinstance(first.get("geometry"), list):
        return "ed269"
    properties = first.get("properties")
    try:
        names = set(lowered(properties)) if isinstance(properties, dict) else set()
    except ValueError:
        names = set()
    if names & {"zoneauthority", "uaszone"}:
        return "ed318"
    if "ceiling" in names and "kind" not in names:
        return "faa_facility_map"
    if names & {"lowalt", "lower_val"}:
        return "faa_class"
    return "zones"

"""Readers of zone files, one file a format: bytes in, zones out. A file with anything wrong gives no zones, but all its
faults."""

from collections.abc import Mapping

from dfr.airspace.readers.ed269 import read_ed269
from dfr.airspace.readers.ed318 import read_ed318
from dfr.airspace.readers.faa_class import read_class_airspace
from dfr.airspace.readers.faa_facility_map import read_facility_map
from dfr.airspace.readers.file import Reader, ZoneError, ZoneFile
from dfr.airspace.readers.geojson import read_zones, write_zones
from dfr.airspace.readers.guess import guess_reader
from dfr.airspace.readers.kml import read_kml
from dfr.airspace.readers.shapefile import read_shapefile

READERS: Mapping[str, Reader] = {
    "zones": read_zones,
    "kml": read_kml,
    "ed318": read_ed318,
    "ed269": read_ed269,
    "shapefile": read_shapefile,
    "faa_facility_map": read_facility_map,
    "faa_class": read_class_airspace,
}
"""By the name that a site's file gives."""

__all__ = ["READERS", "Reader", "ZoneError", "ZoneFile", "guess_reader", "read_zones", "write_zones"]

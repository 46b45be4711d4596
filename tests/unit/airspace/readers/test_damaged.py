"""Damaged files of every format: a reader gives zones that can be flown by, or ZoneError with sentences."""

import copy
import io
import json
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dfr.airspace.readers import READERS, ZoneError, ZoneFile, guess_reader
from dfr.core.zone import Zone
from tests.unit.airspace.readers.files import DATA, SMALL, SQUARE, TUCSON
from tests.unit.airspace.readers.test_ed import VERSION
from tests.unit.airspace.readers.test_kml import KIND, data, kml, kmz, outline, placemark
from tests.unit.airspace.readers.test_shapefile import parts
from tests.unit.test_example_site import TUCSON as SITE

FAST = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
KML = kml(
    placemark(KIND, outline(hole=SMALL)),
    placemark(data(kind="floor", bottom_m="30", bottom_datum="agl"), outline()),
)
OWN = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "id": "z",
                    "name": "Zone",
                    "kind": "corridor",
                    "width_m": 50,
                    "top_m": 60,
                    "top_datum": "agl",
                    "times": {"ranges": [{"start": "2026-01-01T00:00:00Z"}]},
                },
                "geometry": {"type": "LineString", "coordinates": SQUARE},
            }
        ],
    }
)


def zipped(found: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for suffix, content in found.items():
            packed.writestr(f"zones{suffix}", content)
    return stream.getvalue()


def small(path: Path, count: int) -> bytes:
    """The first features of a real file."""
    document = json.loads(path.read_bytes())
    return json.dumps(document | {"features": document["features"][:count]}).encode()


REAL: dict[str, tuple[str, bytes]] = {
    "own": ("zones", OWN.encode()),
    "schools": ("zones", (SITE / "schools.geojson").read_bytes()),
    "ed318 collection": ("ed318", (DATA / "Example_Collection.json").read_bytes()),
    "ed318 spain": ("ed318", (DATA / "spain_aero_two_zones.geojson").read_bytes()),
    "ed269": ("ed269", json.dumps({"features": [VERSION, VERSION]}).encode()),
    "facility map": ("faa_facility_map", small(SITE / "facility_map_SYNTHETIC.geojson", 5)),
    "class": ("faa_class", small(DATA / "faa_class_2014.geojson", 2)),
    "kml": ("kml", KML.encode()),
    "kmz": ("kml", kmz(KML)),
    "shapefile": ("shapefile", zipped(parts({}, {"id": "y"}))),
}


def reads_or_refuses(reader: str, file: ZoneFile) -> None:
    faults: tuple[str, ...] = ()
    try:
        zones = READERS[reader](file, TUCSON)
    except ZoneError as error:
        faults, zones = error.faults, []
    assert bool(zones) is not bool(faults)
    assert all(fault.endswith(".") and fault.encode() for fault in faults)
    assert len({zone.id for zone in zones}) == len(zones)
    for zone in zones:
        can_be_flown_by(zone)


def can_be_flown_by(zone: Zone) -> None:
    assert zone.id
    assert zone.name
    assert zone.name.isprintable()
    assert zone.shape.is_valid
    assert zone.shape.area > 0.0
    assert all(math.isfinite(value) for value in shapely.get_coordinates(zone.shape).ravel())
    for altitude in (zone.bottom, zone.top):
        assert altitude is None or math.isfinite(altitude.m)


@pytest.mark.parametrize("name", REAL)
def test_the_whole_files_are_read_and_guessed(name: str) -> None:
    reader, content = REAL[name]
    suffix = {"kmz": ".kmz"}.get(name, "")
    assert READERS[reader](ZoneFile(name, content), None)
    assert guess_reader(ZoneFile(f"file{suffix}", content)) == reader


@pytest.mark.parametrize("name", REAL)
@FAST
@given(st.data())
def test_bytes_that_were_damaged(name: str, data: st.DataObject) -> None:
    reader, content = REAL[name]
    damaged = bytearray(content[: data.draw(st.integers(1, len(content)))] if data.draw(st.booleans()) else content)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    reads_or_refuses(reader, ZoneFile("file", bytes(damaged)))


@FAST
@given(st.data())
def test_parts_of_a_shapefile_that_were_damaged(data: st.DataObject) -> None:
    """Inside the archive, whose checksums would tell."""
    found = {suffix: bytearray(content) for suffix, content in parts({}, {"id": "y"}).items()}
    for _ in range(data.draw(st.integers(1, 5))):
        part = found[data.draw(st.sampled_from(sorted(found)))]
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    content = {suffix: bytes(part) for suffix, part in found.items()}
    reads_or_refuses("shapefile", ZoneFile("file", content.pop(".shp"), content))


_NAN, _HUGE = float("nan"), 10**400
_NOTHINGS = [
    None,
    True,
    0,
    -1,
    1e308,
    _NAN,
    float("inf"),
    _HUGE,
    "",
    " ",
    "NaN",
    "\ud800",
    "FL65",
    [],
    [[]],
    {},
    [None],
]
_ODDITIES = [[_NAN] * 2, [1e308] * 2, [200.0, 95.0], "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-12:00", {"text": 3}]
ODD = st.sampled_from([*_NOTHINGS, *_ODDITIES]) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all that stands in a JSON document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key)
        yield from places(inner, (*path, key))


def change(document: Any, path: tuple[Any, ...], edit: Callable[[Any, Any], None]) -> None:
    for key in path[:-1]:
        document = document[key]
    edit(document, path[-1])


@pytest.mark.parametrize("name", [name for name, (reader, _) in REAL.items() if reader not in ("kml", "shapefile")])
@FAST
@given(st.data())
def test_json_that_says_odd_things(name: str, data: st.DataObject) -> None:
    reader, content = REAL[name]
    document = json.loads(content)
    for _ in range(data.draw(st.integers(1, 3))):
        paths = list(places(document))
        if not paths:
            break
        path = data.draw(st.sampled_from(paths))
        if data.draw(st.booleans()):
            change(document, path, lambda inside, key: inside.pop(key))
        else:
            odd = copy.deepcopy(data.draw(ODD))
            change(document, path, lambda inside, key, odd=odd: inside.__setitem__(key, odd))  # type: ignore[misc]
    reads_or_refuses(reader, ZoneFile("file", json.dumps(document).encode()))


@pytest.mark.parametrize("reader", READERS)
@FAST
@given(st.binary(max_size=300))
def test_anything_at_all(reader: str, content: bytes) -> None:
    reads_or_refuses(reader, ZoneFile("file", content))

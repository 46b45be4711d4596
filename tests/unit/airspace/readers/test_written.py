"""What is written as our own GeoJSON is read back the same, whatever the zones are."""

import datetime as dt
import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.load import load_zones
from dfr.airspace.readers import ZoneFile, read_zones, write_zones
from dfr.airspace.readers.values import one_line
from dfr.config import read_config
from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid
from dfr.core.times import SunEvent, TimeRange, Times, WeeklyWindow
from dfr.core.zone import Zone, ZoneKind
from tests.unit.test_example_site import TUCSON

WORDS = st.text(min_size=1, max_size=30).map(one_line).filter(bool)
DATUMS = (Agl, Amsl, Ellipsoid, AboveTakeoff)


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """A polygon with corners all round its middle, and perhaps a hole."""
    count = draw(st.integers(3, 12))
    radii = np.array(draw(st.lists(st.floats(0.002, 0.01), min_size=count, max_size=count)))
    angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    x, y = draw(st.floats(-179.0, 179.0)), draw(st.floats(-89.0, 89.0))
    corners = np.column_stack((x + radii * np.cos(angles), y + radii * np.sin(angles)))
    hole = Point(x, y).buffer(0.0004).exterior.coords if draw(st.booleans()) else None
    return Polygon(corners, [hole] if hole else None)


SHAPES: st.SearchStrategy[BaseGeometry] = stars() | stars().map(
    lambda star: MultiPolygon([star, affinity.translate(star, 0.05 if star.centroid.x < 0 else -0.05)])
)
MOMENTS = st.integers(0, 4_000_000_000).map(float)
EDGES = st.sampled_from(SunEvent) | st.times().map(lambda at: at.replace(tzinfo=None))
RANGES = st.tuples(MOMENTS, st.integers(1, 10_000_000)).map(
    lambda pair: TimeRange(pair[0], pair[0] + pair[1])
) | MOMENTS.map(lambda at_s: TimeRange(None, at_s))
WINDOWS = st.builds(WeeklyWindow, st.frozensets(st.integers(0, 6), min_size=1), EDGES, EDGES)
TIMES = st.builds(
    Times,
    st.lists(RANGES, max_size=3).map(tuple),
    st.lists(WINDOWS, min_size=1, max_size=3).map(tuple),
    st.sampled_from(["UTC", "America/Phoenix", "Europe/Madrid", "Etc/GMT-2"]),
)


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    kind = draw(st.sampled_from(ZoneKind))
    low_m, high_m = draw(st.floats(-400.0, 3000.0)), draw(st.floats(3001.0, 20_000.0))
    bottom: Altitude | None = draw(st.sampled_from(DATUMS))(low_m)
    top: Altitude | None = draw(st.sampled_from(DATUMS))(high_m)
    if kind is not ZoneKind.FLOOR and (kind is ZoneKind.CEILING or draw(st.booleans())):
        bottom = None
    if kind is not ZoneKind.CEILING and (kind is ZoneKind.FLOOR or draw(st.booleans())):
        top = None
    return Zone(
        draw(WORDS),
        draw(WORDS),
        kind,
        draw(SHAPES),
        bottom,
        top,
        source=draw(st.just("") | WORDS),
        note=draw(st.just("") | WORDS),
        authority=draw(st.just("") | WORDS),
        times=draw(st.none() | TIMES),
        incident_id=draw(st.none() | WORDS) if kind is ZoneKind.TEMPORARY else None,
    )


@settings(deadline=None, max_examples=300)
@given(st.lists(zones(), min_size=1, max_size=4, unique_by=lambda zone: zone.id))
def test_what_is_written_is_read_back_the_same(written: list[Zone]) -> None:
    text = write_zones(written, kept_s=1.5)
    assert read_zones(ZoneFile("file", text.encode())) == written
    assert json.loads(text)["kept_s"] == 1.5


def test_the_example_site_is_read_back_the_same() -> None:
    config = read_config(TUCSON)
    zones = load_zones([(config.file(entry.file), entry.reader) for entry in config.airspace.files])
    assert len(zones) > 600
    assert read_zones(ZoneFile("file", write_zones(zones).encode())) == zones


def test_a_zone_that_holds_from_a_time_on_is_read_back_the_same() -> None:
    times = Times((TimeRange(1.0, None),), (WeeklyWindow(frozenset({0}), dt.time(7, 30, 15, 250), SunEvent.DUSK),))
    zone = Zone("z", "Zone", ZoneKind.NO_FLY, box(0, 0, 1, 1), times=times)
    assert read_zones(ZoneFile("file", write_zones([zone]).encode())) == [zone]

"""Polygons that are made all at once are those that are made one by one, and whatever is odd is left to that."""

import gc
import json
from pathlib import Path
from typing import Any

import pytest

from dfr.airspace.load import load_zones
from dfr.airspace.readers import ZoneError
from dfr.airspace.readers.geometry import plain_polygons, shape_of

SQUARE = [[-110.9, 32.2], [-110.8, 32.2], [-110.8, 32.3], [-110.9, 32.3], [-110.9, 32.2]]
PENTAGON_OPEN = [[-110.9, 32.2], [-110.8, 32.2], [-110.75, 32.25], [-110.8, 32.3], [-110.9, 32.3]]
HOLE = [[-110.88, 32.22], [-110.82, 32.22], [-110.82, 32.28], [-110.88, 32.28], [-110.88, 32.22]]
BOW = [[-110.9, 32.2], [-110.8, 32.3], [-110.8, 32.2], [-110.9, 32.25], [-110.9, 32.2]]
FLAT = [[-110.9, 32.2], [-110.8, 32.2], [-110.7, 32.2], [-110.6, 32.2], [-110.9, 32.2]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


PLAIN = [polygon(SQUARE), polygon(PENTAGON_OPEN), polygon(SQUARE[::-1])]
ODD = [
    polygon(SQUARE, HOLE),
    polygon(SQUARE[:3]),
    polygon(BOW),
    polygon(FLAT),
    polygon(),
    polygon("a ring!"),
    {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
    {"type": "Point", "coordinates": [-110.9, 32.2]},
    None,
]


def test_plain_ones_are_made_as_they_are_one_by_one() -> None:
    made = plain_polygons([*PLAIN, *ODD])
    for shape, geometry in zip(made, PLAIN, strict=False):
        assert shape is not None
        assert shape.equals_exact(shape_of(geometry), 0.0)
    assert made[len(PLAIN) :] == [None] * len(ODD)


def test_heights_behind_some_places_are_left_out() -> None:
    high = polygon([[*place, 700.0] for place in SQUARE])
    for shape in plain_polygons([high, polygon(PENTAGON_OPEN), polygon([[*SQUARE[0], 1.0], *SQUARE[1:]])]):
        assert shape is not None
        assert not shape.has_z
    assert plain_polygons([high])[0] == shape_of(polygon(SQUARE))


@pytest.mark.parametrize("place", [[-110.9], ["west", 32.2], [float("nan"), 32.2], None, {"east": 1}])
def test_one_that_cannot_be_read_leaves_all_to_be_looked_at_one_by_one(place: Any) -> None:
    assert plain_polygons([polygon(SQUARE), polygon([place, *SQUARE[1:]])]) == [None, None]


def test_every_fault_is_told_and_the_collector_goes_on(tmp_path: Path) -> None:
    bad = [polygon(BOW), polygon(SQUARE[:2]), polygon([["west", 32.2], *SQUARE[1:]])]
    features = [
        {"type": "Feature", "geometry": one, "properties": {"id": f"z{i}", "name": f"z{i}", "kind": "no_fly"}}
        for i, one in enumerate([*PLAIN, *bad])
    ]
    file = tmp_path / "zones.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(ZoneError) as caught:
        load_zones([(file, "zones")])
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        f"zones.geojson, feature {i} (z{i})" for i in (3, 4, 5)
    ]
    assert gc.isenabled()

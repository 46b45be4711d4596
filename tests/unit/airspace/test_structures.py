"""Structures: what stands at a place, how near the next one is, and what their files must say."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point, Polygon, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.layers import to_degrees
from dfr.airspace.structures import Structure, StructureError, Structures, load_structures
from dfr.core.geo import Agl, Amsl
from tests.unit.airspace.places import AREA, FRAME, ORIGIN, place


def square(east_m: float, north_m: float, half_m: float) -> Polygon:
    """A footprint in degrees around a place in local metres."""
    return to_degrees(box(east_m - half_m, north_m - half_m, east_m + half_m, north_m + half_m), FRAME)


GROUND = FlatGround(Amsl(700.0), 4.0)
TOWER = Structure("tower", square(0.0, 0.0, 20.0), Agl(60.0), 2.0)
MAST = Structure("mast", Point(place(300.0, 0.0).longitude_deg, place(300.0, 0.0).latitude_deg), Amsl(850.0), 5.0, 1.0)


def structures(*all_of_them: Structure) -> Structures:
    return Structures(all_of_them or (TOWER, MAST), GROUND, FRAME, position_error_m=5.0)


def test_the_highest_that_may_stand_there() -> None:
    """Errors of height, ground and place are added: 60 + 2 + 4 above the ground, and 5 m farther out."""
    places = np.array([(0.0, 0.0), (24.0, 0.0), (26.0, 0.0), (305.0, 0.0), (307.0, 0.0)])
    assert structures().tops_m(places) == pytest.approx([766.0, 766.0, -math.inf, 855.0, -math.inf])


def test_how_near_the_next_one_is() -> None:
    """Errors are on the far side: it may be 5 m farther, and 2 + 4 m lower."""
    distances_m, tops_m = structures().near_m(np.array([(0.0, 0.0), (120.0, 0.0), (280.0, 0.0)]))
    assert distances_m == pytest.approx([0.0, 105.0, 24.0], abs=0.1)
    assert tops_m == pytest.approx([754.0, 754.0, 845.0])
    nothing = Structures((), GROUND, FRAME)
    assert nothing.near_m(np.zeros((2, 2)))[0].tolist() == [math.inf, math.inf]
    assert nothing.tops_m(np.zeros((2, 2))).tolist() == [-math.inf, -math.inf]


def test_the_tallest_within_a_distance() -> None:
    places = np.array([(150.0, 0.0)])
    assert structures().tallest_m(places, 134.0).tolist() == [-math.inf]
    assert structures().tallest_m(places, 136.0).tolist() == [754.0]
    assert structures().tallest_m(places, 155.0).tolist() == [845.0]


def test_flights_keep_the_least_height_above_them() -> None:
    airspace = Airspace([AREA], GROUND, ORIGIN, structures=structures())
    floors_m = airspace.floors_m(np.array([(0.0, 0.0), (500.0, 0.0)]), Agl(30.0))
    assert floors_m == pytest.approx([796.0, 734.0])
    assert airspace.highest_ground(box(-100.0, -100.0, 100.0, 100.0).boundary).m == pytest.approx(704.0)


def test_ten_thousand_agree_with_one_by_one() -> None:
    rng = np.random.default_rng(2)
    corners = rng.uniform(-10_000.0, 10_000.0, (10_000, 2))
    many = [
        Structure("", square(east, north, 10.0), Agl(float(height)), 1.0)
        for (east, north), height in zip(corners, rng.uniform(5.0, 90.0, 10_000), strict=True)
    ]
    all_of_them = structures(*many)
    places = np.concatenate((corners[:50] + 3.0, rng.uniform(-10_000.0, 10_000.0, (50, 2))))
    footprints = [box(*(corner - 10.0), *(corner + 10.0)) for corner in corners]
    for spot, top_m in zip(places, all_of_them.tops_m(places), strict=True):
        near = [i for i, one in enumerate(footprints) if one.distance(Point(spot)) <= 5.0]
        expected = max((700.0 + many[i].top.m + 5.0 for i in near), default=-math.inf)
        assert top_m == pytest.approx(expected)


def feature(**properties: Any) -> dict[str, Any]:
    spot = [ORIGIN.longitude_deg, ORIGIN.latitude_deg]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": spot}}


def shaped(kind: str, coordinates: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {**feature(height_m=4, radius_m=1, error_m=1), "geometry": geometry}


def write(folder: Path, *features: Any) -> Path:
    path = folder / "structures.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    path = write(tmp_path, feature(name="a", height_m=40, radius_m=10, error_m=2), feature(top_amsl_m=800, radius_m=5))
    first, second = load_structures([path], ORIGIN, error_m=7.0)
    assert (first.name, first.top, first.error_m, first.radius_m) == ("a", Agl(40.0), 2.0, 10.0)
    assert (second.top, second.error_m) == (Amsl(800.0), 7.0)


BOW = [[-110.9, 32.2], [-110.8, 32.3], [-110.8, 32.2], [-110.9, 32.3], [-110.9, 32.2]]


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({}, "no geometry"),
        (feature(radius_m=5, error_m=1), "height_m"),
        (feature(height_m=5, top_amsl_m=700, radius_m=5, error_m=1), "either"),
        (feature(height_m=40, error_m=1), "radius_m"),
        (feature(height_m=40, radius_m=5), "error_m is missing"),
        (feature(height_m="40", radius_m=5, error_m=1), "no number"),
        (feature(height_m=-3, radius_m=5, error_m=1), "more than 0"),
        (feature(height_m=40, radius_m=5, error_m=-1), "less than 0"),
        (shaped("LineString", BOW), "LineString"),
        (shaped("Polygon", [BOW]), "Self-intersection"),
        (shaped("Point", [32.2, -89]), "swap"),
    ],
)
def test_faults_name_file_and_feature(tmp_path: Path, spoiled: dict[str, Any], said: str) -> None:
    path = write(tmp_path, feature(height_m=40, radius_m=10, error_m=2), spoiled)
    with pytest.raises(StructureError, match=said) as raised:
        load_structures([path], ORIGIN)
    assert raised.value.faults[0].startswith("structures.geojson, feature 2: ")
    assert len(raised.value.faults) == 1

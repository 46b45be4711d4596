"""The example site: its files are read, its docks can start, and its calls are answered as the map says."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Point

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import MOST_POINTS, on_board_fence
from dfr.airspace.ground import SurveyedGround
from dfr.airspace.ground_files import load_ground, read_ground_points
from dfr.airspace.load import load_zones
from dfr.airspace.route import NoRoute, Route, plan_route
from dfr.airspace.structures import Structures, load_structures
from dfr.airspace.terrain import Terrain, closed_where_unknown
from dfr.core.geo import Amsl, LocalFrame, Position, Waypoint, destination
from dfr.core.zone import ZoneKind

SITE = Path(__file__).parents[3] / "launch" / "sites" / "tucson"
CONFIG = tomllib.loads((SITE / "dfr.toml").read_text())
ORIGIN = Position(CONFIG["site"]["origin_latitude_deg"], CONFIG["site"]["origin_longitude_deg"])
DOCKS = {
    dock["id"]: Waypoint(Position(dock["latitude_deg"], dock["longitude_deg"]), Amsl(dock["altitude_amsl_m"]))
    for dock in CONFIG["docks"]
}
CITY_HALL = Position(32.2226, -110.9747)


@pytest.fixture(scope="module")
def tucson() -> Airspace:
    files = [(SITE / entry["file"], entry["reader"]) for entry in CONFIG["airspace"]["files"]]
    ground = load_ground([SITE / name for name in CONFIG["airspace"]["ground"]], ORIGIN)
    structures = load_structures([SITE / name for name in CONFIG["airspace"]["structures"]], ORIGIN)
    return Airspace(
        load_zones(files, ORIGIN),
        ground,
        ORIGIN,
        CONFIG["airspace"]["margin_m"],
        structures=Structures(structures, ground, LocalFrame(ORIGIN)),
    )


def test_invented_old_and_approximate_data_say_so(tucson: Airspace) -> None:
    for zone in tucson.zones:
        if zone.id.startswith("facility-map"):
            assert "SYNTHETIC" in zone.note
        elif zone.id.startswith("class-"):
            assert "2014" in zone.note
        else:
            assert "approximate" in zone.note


def test_every_surface_area_is_covered_by_cells(tucson: Airspace) -> None:
    assert not [zone.name for zone in tucson.zones if "-gap-" in zone.id]


def test_the_ground_is_known_all_over_the_operating_area(tucson: Airspace) -> None:
    """The tile has no heights beyond the outermost points, of which their error says nothing."""
    assert isinstance(tucson.ground, Terrain)
    assert closed_where_unknown(tucson.ground, tucson.zones) == []
    assert 5.0 < tucson.ground.error_m < 15.0


def test_the_tile_is_what_its_points_say(tucson: Airspace) -> None:
    points = read_ground_points((SITE / "ground.csv").read_text(), "ground.csv")
    surveyed = SurveyedGround(points, ORIGIN)
    places = np.array([(point.position.longitude_deg, point.position.latitude_deg) for point in points])
    inside = tucson.operating.union().covers
    known = np.array([inside(Point(tucson.frame.to_local(point.position))) for point in points])
    off_m = tucson.ground.altitudes_m(places)[known] - surveyed.altitudes_m(places)[known]
    assert known.sum() > 50
    assert np.abs(off_m).max() < tucson.ground.error_m - surveyed.error_m + 0.1


@pytest.mark.parametrize("dock", DOCKS)
def test_every_dock_has_a_fence_and_stands_on_a_roof(tucson: Airspace, dock: str) -> None:
    plan = on_board_fence(tucson, DOCKS[dock])
    assert sum(len(p.corners) for p in plan.polygons) + len(plan.circles) <= MOST_POINTS
    roof_m = DOCKS[dock].altitude.m - tucson.ground.altitude(DOCKS[dock].position).m
    assert 3.0 <= roof_m <= 40.0


@pytest.mark.parametrize(("dock", "bearing"), [(dock, b) for dock in DOCKS for b in (0, 90, 180, 270)])
def test_calls_a_kilometre_from_each_dock(tucson: Airspace, dock: str, bearing: float) -> None:
    scene = destination(DOCKS[dock].position, bearing, 1000.0)
    answer = plan_route(tucson, DOCKS[dock], scene)
    if dock == "downtown" and bearing in (90, 180):
        assert isinstance(answer, NoRoute)
        assert "200 ft cell" in answer.sentence
        assert "SYNTHETIC" in answer.sentence
    else:
        assert isinstance(answer, Route)
        assert tucson.segment(answer.waypoints[0], answer.waypoints[-1]).allowed


def test_a_call_downtown_is_reached_from_the_downtown_dock(tucson: Airspace) -> None:
    for scene in (Position(32.2265, -110.9385), Position(32.22211, -110.96288), CITY_HALL):
        assert isinstance(plan_route(tucson, DOCKS["downtown"], scene), Route)


def test_a_call_on_the_air_base_is_refused_with_what_closes_it(tucson: Airspace) -> None:
    answer = plan_route(tucson, DOCKS["downtown"], Position(32.17, -110.88))
    assert isinstance(answer, NoRoute)
    surface_area = "m inside Tucson Davis-Monthan AFB class C surface area (ceiling 0 ft on the facility map; SYNTHETIC"
    assert surface_area in answer.sentence
    assert answer.nearest is not None
    assert tucson.open.covers(Point(tucson.frame.to_local(answer.nearest)))


def test_the_base_map_has_what_people_find_their_way_by() -> None:
    features = json.loads((SITE / "basemap.geojson").read_text())["features"]
    classes = {feature["properties"]["class"] for feature in features}
    assert classes == {"motorway", "arterial", "river", "runway", "park"}
    names = {feature["properties"]["name"] for feature in features}
    assert {"Interstate 10", "Interstate 19", "Speedway Boulevard", "Rillito River", "Reid Park"} <= names


def test_the_schools_are_private(tucson: Airspace) -> None:
    assert len(tucson.zones_of(ZoneKind.PRIVACY)) >= 12

"""The synthetic city is the same each time and makes sense, and the picture shows it where the pinhole says."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.camera.encoder import VideoFormat
from sim.camera.pose import Attitude, View
from sim.camera.render import Renderer, World
from sim.camera.scenes import Scene, SceneFile, parse_scene
from sim.camera.site import CameraSpec, Place, SiteError, read_site
from sim.world.city import City
from sim.world.frame import LocalFrame
from sim.world.ground import read_ground
from sim.world.traffic import moving_cars

DOCK = Place(32.2217, -110.9265, 768.0)
SPEC = CameraSpec("sky-1", "SKY-1", DOCK, "sky-1", video=VideoFormat(480, 270))


@pytest.fixture(scope="module")
def world() -> World:
    return World([DOCK])


@pytest.fixture(scope="module")
def renderer(world: World) -> Renderer:
    return Renderer(SPEC, world)


def view(
    pitch_deg: float, yaw_deg: float = 0.0, height_m: float = 60.0, north_m: float = 0.0, roll_deg: float = 0.0
) -> View:
    camera = Attitude(*(math.radians(angle) for angle in (roll_deg, pitch_deg, yaw_deg)))
    return View(DOCK.latitude_deg + north_m / 110_900, DOCK.longitude_deg, 756.0 + height_m, camera)


def test_the_same_seed_makes_the_same_city_and_another_another() -> None:
    frame = LocalFrame(32.22, -110.92)
    first, again, other = (City(frame, seed).superblocks(0, 0, 900, 900) for seed in (1, 1, 2))
    assert all(np.array_equal(a.buildings.rect_m, b.buildings.rect_m) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0].buildings.rect_m, other[0].buildings.rect_m)


def test_no_building_stands_on_a_main_road(world: World) -> None:
    city = world.city
    for block in city.superblocks(-2500, -2500, 2500, 2500):
        west, south, east, north = block.buildings.rect_m.T
        assert (west < east).all()
        assert (south < north).all()
        for road in city.north_south:
            assert not ((west < road.at_m + road.width_m / 2) & (east > road.at_m - road.width_m / 2)).any(), road
        for road in city.east_west:
            assert not ((south < road.at_m + road.width_m / 2) & (north > road.at_m - road.width_m / 2)).any(), road


def test_named_streets_are_where_the_real_ones_are(world: World) -> None:
    broadway = next(road for road in world.city.east_west if road.name == "Broadway Boulevard")
    speedway = next(road for road in world.city.east_west if road.name == "Speedway Boulevard")
    assert speedway.at_m - broadway.at_m == pytest.approx(1609, abs=60)
    assert abs(broadway.at_m) < 100, "the dock is a block from Broadway"


def test_each_dock_stands_on_a_roof(world: World) -> None:
    x, y = world.frame.xy(DOCK.latitude_deg, DOCK.longitude_deg)
    below = [
        height
        for block in world.city.superblocks(x - 1, y - 1, x + 1, y + 1)
        for (west, south, east, north), height in zip(block.buildings.rect_m, block.buildings.height_m, strict=True)
        if west < x < east and south < y < north
    ]
    assert below == [pytest.approx(11.7)]


def test_traffic_depends_on_time_alone_and_moves(world: World) -> None:
    here, same, later = (moving_cars(world.city, 0, 0, 400, t) for t in (1e9, 1e9, 1e9 + 1))
    assert len(here.at_m) > 20
    assert np.array_equal(here.at_m, same.at_m)
    ahead = np.stack([np.sin(here.heading_rad), np.cos(here.heading_rad)], axis=1)
    missed_m = [
        np.linalg.norm((here.at_m + ahead * speed_mps)[:, None] - later.at_m[None], axis=2).min(axis=1)
        for speed_mps in (13.0, 14.3, 15.6)
    ]
    assert (np.min(missed_m, axis=0) < 0.01).mean() > 0.9, "all but those that left the circle are a second farther on"


def test_the_ground_passes_through_its_points_and_is_flat_without(tmp_path: Path) -> None:
    frame = LocalFrame(32.22, -110.92)
    points = [
        (32.22, -110.92, 750.0),
        (32.25, -110.92, 760.0),
        (32.22, -110.88, 790.0),
        (32.19, -110.95, 740.0),
        (32.24, -110.9, 770.0),
    ]
    file = tmp_path / "ground.csv"
    rows = [f"{latitude},{longitude},{altitude},a place" for latitude, longitude, altitude in points]
    file.write_text("latitude_deg,longitude_deg,altitude_amsl_m,name\n" + "\n".join(rows))
    ground = read_ground(tmp_path, frame, [1.0])
    for latitude, longitude, altitude in points:
        x, y = frame.xy(latitude, longitude)
        assert float(ground.altitude_amsl_m(np.array(x), np.array(y))) == pytest.approx(altitude, abs=1.0)
    assert float(ground.altitude_amsl_m(np.array(90_000.0), np.array(0.0))) <= 810.0
    flat = read_ground(tmp_path / "none", frame, [700.0, 710.0])
    assert float(flat.altitude_amsl_m(np.array(5.0), np.array(7.0))) == 705.0


@settings(max_examples=60, deadline=None)
@given(st.floats(-85, -10), st.floats(-180, 180), st.floats(10, 120))
def test_the_middle_of_the_picture_is_the_point_that_the_camera_looks_at(
    world: World, renderer: Renderer, pitch: float, yaw: float, height: float
) -> None:
    ray = renderer.ray(view(pitch, yaw, height))
    ahead_m = ray.height_m / math.tan(-ray.pitch_rad)
    target = ray.x_m + math.sin(ray.yaw_rad) * ahead_m, ray.y_m + math.cos(ray.yaw_rad) * ahead_m, 0.0, 1.0
    u, v, depth = ray.matrix @ np.array(target)
    assert (u / depth, v / depth) == (pytest.approx(240, abs=0.01), pytest.approx(135, abs=0.01))
    assert depth == pytest.approx(ray.height_m / math.sin(-ray.pitch_rad))


def test_right_is_right_and_up_is_up(renderer: Renderer) -> None:
    ray = renderer.ray(view(-20, yaw_deg=90))
    east_south_low = ray.matrix @ np.array([ray.x_m + 200, ray.y_m - 20, 0.0, 1.0])
    east_north_high = ray.matrix @ np.array([ray.x_m + 200, ray.y_m + 20, 30.0, 1.0])
    assert east_south_low[0] / east_south_low[2] > 240 > east_north_high[0] / east_north_high[2]
    assert east_north_high[1] / east_north_high[2] < east_south_low[1] / east_south_low[2]


def test_sky_above_and_ground_below_the_horizon(renderer: Renderer) -> None:
    picture = renderer.paint(view(0.0, yaw_deg=200, height_m=110), 1000.0, ())[..., :3].astype(int)
    blueness = (picture[..., 0] - picture[..., 2]).mean(axis=1)
    assert (blueness[:100] > 20).all()
    assert blueness[180:].mean() < 10


def test_roll_turns_the_picture_against_the_camera(renderer: Renderer) -> None:
    picture = renderer.paint(view(0.0, yaw_deg=200, height_m=110, roll_deg=20), 1000.0, ())[..., :3].astype(int)
    sky = picture[..., 0] - picture[..., 2] > 20
    assert sky[:, :20].sum() > sky[:, -20:].sum() + 1000, "right side down: it sees more ground on the right"


def test_a_scene_is_seen_where_it_is(renderer: Renderer) -> None:
    look = view(-45, north_m=-60.0)
    bare = renderer.paint(look, 1000.0, ()).astype(int)
    scene = renderer.paint(look, 1000.0, (Scene(DOCK.latitude_deg - 0.0, DOCK.longitude_deg + 0.0005, "fire"),)).astype(
        int
    )
    at_the_middle = renderer.paint(look, 1000.0, (Scene(DOCK.latitude_deg, DOCK.longitude_deg),)).astype(int)
    changed = np.abs(at_the_middle - bare).max(axis=2) > 30
    assert changed[100:170, 180:300].mean() > 0.3
    assert changed[:, :20].mean() < 0.05
    assert (np.abs(scene - bare).max(axis=2) > 30)[:, 300:].mean() > 0.02


def test_lights_flash(renderer: Renderer) -> None:
    look, scene = view(-45, north_m=-60.0), (Scene(DOCK.latitude_deg, DOCK.longitude_deg),)
    one, other = (renderer.paint(look, at_s, scene).astype(int) for at_s in (1000.0, 1000.25))
    assert (np.abs(one - other).max(axis=2) > 60).sum() > 20


@pytest.mark.parametrize("pitch", [-120.0, -90.0, -89.0, -45.0, 0.0, 30.0, 89.0])
@pytest.mark.parametrize("height", [-50.0, 0.5, 60.0, 3000.0])
def test_no_view_breaks_the_painter(renderer: Renderer, pitch: float, height: float) -> None:
    assert renderer.paint(view(pitch, 33.0, height), 1000.0, ()).shape == (270, 480, 4)


def test_a_docked_camera_rests_but_a_flying_one_does_not(renderer: Renderer) -> None:
    def cars_moved(look: View) -> bool:
        first = renderer.paint(look, 2000.0, ())
        return not np.array_equal(first, renderer.paint(look, 2000.1, ()))

    assert not cars_moved(view(-10, yaw_deg=180, height_m=30))
    assert cars_moved(view(-10, yaw_deg=180, height_m=30, north_m=30))


def test_a_scene_file_is_read_again_and_a_broken_one_keeps_what_was(tmp_path: Path) -> None:
    file = tmp_path / "scenes.json"
    scenes = SceneFile(file)
    assert scenes.read() == ()
    for number, (text, expected) in enumerate(
        [
            (json.dumps([{"latitude_deg": 1, "longitude_deg": 2, "kind": "fire"}]), (Scene(1, 2, "fire"),)),
            ("[{", (Scene(1, 2, "fire"),)),
            (json.dumps([{"latitude_deg": 3, "longitude_deg": 4}]), (Scene(3, 4, "police"),)),
            ("7", (Scene(3, 4, "police"),)),
        ]
    ):
        file.write_text(text)
        os.utime(file, ns=(number, number))
        assert scenes.read() == expected
    file.unlink()
    assert scenes.read() == ()
    assert parse_scene("32.5,-110.5,crash") == Scene(32.5, -110.5, "crash")


def test_a_site_gives_each_asset_its_camera(tmp_path: Path) -> None:
    (tmp_path / "dfr.toml").write_text(
        """
        [[docks]]
        id = "d"
        latitude_deg = 32.2
        longitude_deg = -110.9
        altitude_amsl_m = 760.0
        [[assets]]
        id = "tethered"
        dock = "d"
        video = "https://192.168.2.4/zoom"
        [[assets]]
        id = "sky-8"
        dock = "d"
        [[assets]]
        id = "sky-7"
        name = "SKY-7"
        dock = "d"
        video = "rtsp://127.0.0.1:8600/cams/sky-7"
        """
    )
    (found, spec), docks = read_site(tmp_path, 14030, VideoFormat())
    assert (found.asset_id, found.path, found.payload_port) == ("sky-8", "sky-8", 14031), "it tells its address itself"
    assert (spec.asset_id, spec.name, spec.path, spec.rtsp_port) == ("sky-7", "SKY-7", "cams/sky-7", 8600)
    assert spec.payload_port == 14032, "the port goes by the place in the file, cameras or not"
    assert docks == [spec.dock]


def test_a_site_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="--site"):
        read_site(tmp_path, 0, VideoFormat())
    (tmp_path / "dfr.toml").write_text("x = ")
    with pytest.raises(SiteError, match="not TOML"):
        read_site(tmp_path, 0, VideoFormat())
    (tmp_path / "dfr.toml").write_text('[[assets]]\nid = "a"\ndock = "none"\nvideo = "rtsp://h/a"\n')
    with pytest.raises(SiteError, match="none"):
        read_site(tmp_path, 0, VideoFormat())
    dock = '[[docks]]\nid = "d"\nlatitude_deg = 1\nlongitude_deg = 2\naltitude_amsl_m = 3\n'
    asset = '[[assets]]\nid = "a"\ndock = "d"\nvideo = "rtsp://h/a"\n'
    (tmp_path / "dfr.toml").write_text(dock + asset + asset)
    with pytest.raises(SiteError, match="same video URL"):
        read_site(tmp_path, 0, VideoFormat())

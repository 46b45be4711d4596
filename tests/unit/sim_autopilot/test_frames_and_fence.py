"""The autopilot's metres agree with pyproj's ellipsoid, and its fence with shapely's geometry."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink
from pyproj import Geod
from shapely.geometry import Point, Polygon

from sim.autopilot.fence import Area, Fence, areas_of
from sim.autopilot.frames import LocalFrame
from sim.autopilot.items import Item
from sim.autopilot.parameters import Parameters

FRAME = LocalFrame(32.2217, -110.9265, 728.0)
METRES = st.floats(-3000, 3000)


@settings(deadline=None)
@given(METRES, METRES)
def test_metres_agree_with_the_ellipsoid(north: float, east: float) -> None:
    latitude, longitude = FRAME.to_global(north, east)
    _, _, distance = Geod(ellps="WGS84").inv(FRAME.longitude_deg, FRAME.latitude_deg, longitude, latitude)
    assert distance == pytest.approx(math.hypot(north, east), rel=1e-4, abs=0.01)
    assert FRAME.to_local(latitude, longitude) == pytest.approx((north, east), abs=1e-5)


@settings(deadline=None)
@given(st.lists(st.tuples(METRES, METRES), min_size=3, max_size=8, unique=True), METRES, METRES)
def test_a_polygon_contains_what_shapely_says(corners: list[tuple[float, float]], north: float, east: float) -> None:
    polygon = Polygon(corners)
    if not polygon.is_valid or polygon.exterior.distance(Point(north, east)) < 0.01:
        return
    assert Area(True, tuple(corners)).contains(north, east) == polygon.contains(Point(north, east))


def item(command: int, first: float, north: float, east: float) -> Item:
    latitude, longitude = FRAME.to_global(north, east)
    place = (round(latitude * 1e7), round(longitude * 1e7))
    return Item(mavlink.MAV_FRAME_GLOBAL_INT, command, 0, 1, (first, 0.0, 0.0, 0.0), *place, 0.0)


def square(half_m: float, inclusion: bool = True, north: float = 0.0) -> list[Item]:
    name = "INCLUSION" if inclusion else "EXCLUSION"
    command = getattr(mavlink, f"MAV_CMD_NAV_FENCE_POLYGON_VERTEX_{name}")
    corners = [(-half_m, -half_m), (-half_m, half_m), (half_m, half_m), (half_m, -half_m)]
    return [item(command, 4.0, north + n, e) for n, e in corners]


@pytest.mark.parametrize(
    "items",
    [
        square(50.0)[:3],
        square(50.0)[:2],
        [item(mavlink.MAV_CMD_NAV_WAYPOINT, 0.0, 0.0, 0.0)],
        [square(50.0)[0], item(mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, 50.0, 0.0, 0.0), *square(50.0)[1:]],
    ],
)
def test_what_is_no_fence_is_refused(items: list[Item]) -> None:
    assert areas_of(items, FRAME) is None


def test_every_inclusion_holds_at_once_and_no_exclusion_is_entered() -> None:
    fence = Fence(FRAME, Parameters())
    hole = item(mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION, 20.0, 60.0, 0.0)
    assert fence.store([*square(100.0), *square(100.0, north=50.0), hole])
    assert fence.allows(900.0, 0.0, 10.0), "stored is not enforced"
    assert fence.check_after_upload((0.0, 0.0)) is None
    assert fence.allows(0.0, 0.0, 10.0)
    assert fence.allows(90.0, 0.0, 10.0)
    assert not fence.allows(-80.0, 0.0, 10.0), "in the first square alone"
    assert not fence.allows(120.0, 0.0, 10.0), "in the second square alone"
    assert not fence.allows(65.0, 5.0, 10.0), "in the hole"


@pytest.mark.parametrize(("north", "where"), [(500.0, "vehicle"), (90.0, "home")])
def test_a_fence_that_leaves_vehicle_or_home_out_is_dropped(north: float, where: str) -> None:
    fence = Fence(FRAME, Parameters())
    assert fence.store(square(50.0, north=north))
    vehicle = (0.0, 0.0) if where == "vehicle" else (north, 0.0)
    sentence = fence.check_after_upload(vehicle)
    assert sentence is not None
    assert where in sentence
    assert fence.allows(5000.0, 0.0, 10.0)


def test_limits_of_height_and_distance_need_no_upload() -> None:
    parameters = Parameters()
    parameters.set("GF_MAX_VER_DIST", 50.0)
    parameters.set("GF_MAX_HOR_DIST", 200.0)
    fence = Fence(FRAME, parameters)
    assert fence.allows(150.0, 100.0, 50.0)
    assert not fence.allows(0.0, 0.0, 50.1)
    assert not fence.allows(150.0, 150.0, 10.0)

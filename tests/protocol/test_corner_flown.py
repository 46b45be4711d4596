"""A route with a corner, flown: the corner is cut without a stop, and the flight stays inside what was checked."""

import asyncio

import pytest
from shapely.geometry import LineString, Point, Polygon, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.layers import to_degrees
from dfr.airspace.route import Route, RouteRequest, plan_route
from dfr.core.command import GoTo, Launch, OutcomeKind, UploadFence
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.zone import Zone, ZoneKind
from dfr.fleet.firmware import load_airframe
from sim.autopilot import running_fleet
from tests.protocol.fleet_rig import FIRMWARE, FRAME, HOME, Rig, free_port, rig, spec, square

SPEED = 3.0
BESIDE_M = 5.0
"""A leg is not flown to the metre."""
SCHOOL = Point(300.0, 10.0).buffer(70.0)
AIRFRAME = load_airframe(FIRMWARE)


def planned() -> Route:
    """Round a school: east of home, and on."""
    area = Zone("area", "the area", ZoneKind.OPERATING_AREA, to_degrees(box(-1500, -1500, 1500, 1500), FRAME))
    school = Zone("school", "the school", ZoneKind.PRIVACY, to_degrees(SCHOOL, FRAME))
    home = Position(HOME[0], HOME[1])
    airspace = Airspace([area, school], FlatGround(Amsl(HOME[2] - 5.0)), home)
    route = plan_route(airspace, Waypoint(home, Amsl(HOME[2])), FRAME.to_position(700.0, 0.0), RouteRequest())
    assert isinstance(route, Route)
    return route


async def fly(it: Rig, route: Route) -> list[tuple[float, float, float]]:
    """East, north and speed over ground from the first leg on, ten times a second."""
    await it.ready()
    await it.do(UploadFence(square(1400.0)))
    height_m = route.waypoints[0].altitude.m - HOME[2]
    assert (await it.do(Launch(AboveTakeoff(height_m)))).kind is OutcomeKind.DONE
    track: list[tuple[float, float, float]] = []
    last = len(route.waypoints) - 1
    for leg in range(1, last + 1):
        reach_m = 15.0 if leg == last else route.passing_m[leg]
        order = it.submit(GoTo(route.waypoints[leg], AIRFRAME.asked_mps, reach_m))
        async with asyncio.timeout(90.0):
            while order not in it.outcomes:
                now = it.telemetry().kinematics
                assert now is not None
                track.append((*FRAME.to_local(now.value.position), now.value.velocity.ground_mps))
                await asyncio.sleep(0.05)
        assert it.outcomes[order].kind is OutcomeKind.DONE
    return track


@pytest.mark.slow
def test_a_corner_is_cut_without_a_stop_inside_the_area_that_was_checked() -> None:
    route, port = planned(), free_port()
    places = [FRAME.to_local(waypoint.position) for waypoint in route.waypoints]
    assert len(places) > 2, "no corner"

    async def run() -> list[tuple[float, float, float]]:
        async with rig(port) as it:
            return await fly(it, route)

    with running_fleet([spec(7, port)], speed=SPEED):
        track = asyncio.run(run())
    checked = LineString(places).buffer(BESIDE_M)
    for before, corner, after, reach_m in zip(places, places[1:], places[2:], route.passing_m[1:], strict=False):
        leg = LineString((before, corner))
        cut = Polygon((leg.interpolate(leg.length - reach_m).coords[0], corner, after))
        checked = checked.union(cut.buffer(BESIDE_M))
    farthest_m = max(checked.distance(Point(east, north)) for east, north, _ in track)
    assert farthest_m == 0.0, "beside what was checked"
    assert min(SCHOOL.distance(Point(east, north)) for east, north, _ in track) > 0.0
    fast = [index for index, (_, _, speed_mps) in enumerate(track) if speed_mps > 6.0]
    slowest_mps = min(speed_mps for _, _, speed_mps in track[fast[0] : fast[-1] + 1])
    assert slowest_mps > 3.0, "it stopped at a corner"

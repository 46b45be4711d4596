"""A whole flight that meets a helicopter, with and without the logic: what separates them in truth."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dfr.journal.journal import Journal
from sim.traffic.encounters import Meeting, crossing
from sim.traffic.receiver import GroundReceiver, running_receiver
from tests.support.world import World, running_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SCENE = (32.2265, -110.9385)
"""1.3 km from the downtown dock."""
GEOID_HEIGHT_M = -29.4
HORIZONTAL_M, VERTICAL_M = 609.6, 76.2
MEETING_S = 20.0
CROSSING_ABOVE_M = 30.0
"""What `crossing` adds; here it comes at our height."""
SETTINGS = """
[traffic]
geoid_height_m = {geoid_height_m}
altimeter_hpa = 1013.25
{bubble}
[[traffic.receivers]]
id = "roof"
url = "{url}"
"""
NO_BUBBLE = "horizontal_m = 0.001\nvertical_m = 0.001\navoid_s = 0.001\nlook_ahead_s = 0.002\n"


@dataclass(frozen=True, slots=True)
class Met:
    """How an encounter went: the least true separation in bubbles, and what was kept of it."""

    least: float
    ordered: list[str]


def meet(folder: Path, bubble: str) -> Met:
    """Fly towards a scene, let a helicopter cross where ours would be, and see."""
    with running_receiver(geoid_height_m=GEOID_HEIGHT_M) as ground:
        settings = SETTINGS.format(geoid_height_m=GEOID_HEIGHT_M, bubble=bubble, url=ground.url)
        with running_world(folder, speed=1.0, settings=settings) as world:
            service = world.service
            service.until_ready("sky-1")
            flight_id = service.report_call("one", SCENE).json()["flight_id"]
            service.until_state(flight_id, "en_route")
            service.until("it flies steadily", lambda: is_steady(world), 30.0)
            least = least_separation(world, ground)
            service.until_state(flight_id, "en_route", "on_scene", within_s=60.0)
            with Journal(service.journal, read_only=True) as journal:
                kept = [entry.content["ordered"] for entry in journal.read(kinds=("encounter",))]
            return Met(least, kept)


def is_steady(world: World) -> bool:
    """Whether it flies at a speed that does not change any more."""
    body = world.fleet.vehicles[0].body
    before_mps = math.hypot(*body.velocity[:2])
    time.sleep(0.5)
    return before_mps > 4.0 and abs(math.hypot(*body.velocity[:2]) - before_mps) < 0.1


def least_separation(world: World, ground: GroundReceiver) -> float:
    """A helicopter begins to cross now; the least that is between the two until it is past."""
    vehicle = world.fleet.vehicles[0]
    north_m, east_m, _ = vehicle.body.position
    vn, ve, _ = vehicle.body.velocity
    meeting = Meeting(
        vehicle.frame,
        north_m + vn * MEETING_S,
        east_m + ve * MEETING_S,
        vehicle.altitude_amsl_m - CROSSING_ABOVE_M,
        math.degrees(math.atan2(ve, vn)),
        MEETING_S,
    )
    began_s = ground.sky.now_s()
    helicopter = replace(crossing(meeting), begins_s=began_s)
    ground.sky.add(helicopter)
    least = math.inf
    while (now_s := ground.sky.now_s()) < began_s + MEETING_S + 10.0:
        there = helicopter.state(now_s)
        if there is not None:
            north_m, east_m, _ = vehicle.body.position
            sideways = math.hypot(there.north_m - north_m, there.east_m - east_m)
            upwards = abs(there.amsl_m - vehicle.altitude_amsl_m)
            least = min(least, max(sideways / HORIZONTAL_M, upwards / VERTICAL_M))
        time.sleep(0.05)
    return least


def test_it_keeps_farther_away_with_the_logic_than_without_and_goes_on_afterwards(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        on = both.submit(meet, tmp_path / "on", "")
        off = both.submit(meet, tmp_path / "off", NO_BUBBLE)
        with_logic, without = on.result(), off.result()
    print(f"least true separation in bubbles: {with_logic.least:.2f} with the logic, {without.least:.2f} without")
    assert with_logic.ordered in (["hold"], ["descend"])
    assert without.ordered == []
    assert without.least < 0.2, "without the logic they all but meet"
    assert with_logic.least > without.least + 0.15

"""Other aircraft on the pilot's map: symbol, tag, list, old positions, a receiver that is silent."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dfr.airspace.encounter import Level
from dfr.core.asset import Readiness
from dfr.core.flight import FlightState
from dfr.core.geo import Amsl, Position
from dfr.core.traffic import GroundVelocity, Intruder, TrafficCategory, TrafficSource
from dfr.server.traffic import ShownIntruder, TrafficShown
from tests.web.conftest import OpenPage
from tests.web.stand_in import CLOCK, StandIn, asset, flight, incident, telemetry

PLACE = Position(32.2286, -110.9176)
OWN_AMSL_M = 800.0
HEARD = TrafficSource("roof", 0.0)
SILENT = TrafficSource("roof", 0.0, "The traffic receiver roof is silent for 23 s. It does not answer in time.")


def seen(
    callsign: str, north_deg: float, east_deg: float, above_m: float | None, level: Level, age_s: float = 0.0,
    category: TrafficCategory = TrafficCategory.AEROPLANE, climb_mps: float = 0.0,
) -> ShownIntruder:  # fmt: skip
    place = Position(PLACE.latitude_deg + north_deg, PLACE.longitude_deg + east_deg)
    intruder = Intruder(
        f"a{abs(hash(callsign)) % 0xFFFFF:05x}", place, 30.0, CLOCK.now_s() - age_s, "roof", callsign, category,
        velocity=GroundVelocity(-30.0, 20.0), climb_mps=climb_mps,
    )  # fmt: skip
    altitude = None if above_m is None else Amsl(OWN_AMSL_M + above_m)
    return ShownIntruder(intruder, altitude, None if altitude is None else 50.0, level)


def sky(*sources: TrafficSource, age_s: float = 0.0) -> TrafficShown:
    return TrafficShown(
        (
            seen("N123AB", 0.006, -0.006, 65.0, Level.AVOID, age_s, TrafficCategory.ROTORCRAFT, climb_mps=-3.0),
            seen("N44QP", -0.010, -0.022, -95.0, Level.ADVISE, age_s),
            seen("SKW3412", 0.012, 0.018, 2400.0, Level.CLEAR, age_s),
            seen("N7NA", -0.008, 0.020, None, Level.CLEAR, age_s),
        ),
        sources or (HEARD,),
    )


@pytest.fixture
def on_scene(service: StandIn, open_page: OpenPage) -> Page:
    """SKY-1 on scene at 60 m, with four aircraft around."""
    service.show(incident(), asset(1, Readiness.BUSY, "flight-1"), asset(2), asset(3), flight(FlightState.ON_SCENE))
    service.show(telemetry("sky-1", PLACE, 60.0, 0.4, pitch_deg=-42.0))
    service.show(sky())
    page = open_page("/pilot")
    expect(page.locator("[data-map-ready]")).to_be_attached(timeout=30_000)
    return page


def keep_picture(page: Page, name: str, folder: Path) -> None:
    page.screenshot(path=folder / f"{name}.png")


def test_beside_the_video_those_in_an_encounter_are_listed(on_scene: Page, tmp_path: Path) -> None:
    rows = on_scene.get_by_role("list", name="Other aircraft").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_have_text(re.compile(r"\+02 ↓\s+Helicopter N123AB, 0\.9 km NW"))
    expect(rows.nth(0)).to_have_class(re.compile("avoid"))
    expect(rows.nth(1)).to_have_text(re.compile(r"−03\s+Aeroplane N44QP, 2\.3 km SW"))
    expect(rows.nth(1)).to_have_class(re.compile("advise"))
    keep_picture(on_scene, "small", tmp_path)


def test_on_the_large_map_the_nearest_are_listed_the_gravest_first(on_scene: Page, tmp_path: Path) -> None:
    on_scene.keyboard.press("m")
    rows = on_scene.get_by_role("list", name="Other aircraft").get_by_role("listitem")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("N123AB")
    expect(on_scene.get_by_text(re.compile(r"\?\s+Aeroplane N7NA"))).to_be_visible()
    expect(on_scene.get_by_text(re.compile(r"\+79\s+Aeroplane SKW3412"))).to_be_visible()
    keep_picture(on_scene, "large", tmp_path)


@pytest.mark.parametrize("large", [False, True])
def test_the_list_hides_nothing_of_the_map(service: StandIn, on_scene: Page, large: bool) -> None:
    """Also with a receiver's sentence in it."""
    if large:
        on_scene.keyboard.press("m")
        expect(on_scene.get_by_role("list", name="Other aircraft").get_by_role("listitem")).to_have_count(4)
    service.show(sky(SILENT))
    expect(on_scene.get_by_text(SILENT.sentence)).to_be_visible()
    listed = on_scene.get_by_role("list", name="Other aircraft").bounding_box()
    button = on_scene.get_by_role("button", name="Show all").bounding_box()
    assert listed is not None
    assert button is not None
    assert button["y"] + button["height"] <= listed["y"]


def test_old_positions_look_old(service: StandIn, on_scene: Page, tmp_path: Path) -> None:
    service.show(sky(age_s=12.0))
    rows = on_scene.get_by_role("list", name="Other aircraft").get_by_role("listitem")
    expect(rows.nth(0)).to_have_class(re.compile("stale"))
    expect(rows.nth(0)).to_contain_text(re.compile(r"1\d s old"))
    keep_picture(on_scene, "old", tmp_path)


def test_a_silent_receiver_is_told_and_one_that_is_back_is_not(
    service: StandIn, on_scene: Page, tmp_path: Path
) -> None:
    service.show(TrafficShown((), (SILENT,)))
    sentence = on_scene.get_by_text("The traffic receiver roof is silent for 23 s. It does not answer in time.")
    expect(sentence).to_be_visible()
    keep_picture(on_scene, "silent", tmp_path)
    service.show(sky())
    expect(sentence).to_have_count(0)

"""The video wall in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from dfr.core.asset import Readiness
from dfr.core.flight import FlightState
from dfr.server.auth_store import Role
from tests.web.conftest import Complaints, OpenPage
from tests.web.stand_in import StandIn, asset, flight, incident, telemetry


@pytest.fixture
def wall(service: StandIn, open_page: OpenPage) -> Page:
    service.show(incident(), asset(1, Readiness.BUSY, "flight-1"), asset(2), asset(3), flight(FlightState.EN_ROUTE))
    service.show(telemetry("sky-1", height_m=60.0))
    page = open_page("/rtcc", Role.RTCC)
    expect(page.locator("[data-tile][data-picture=live]")).to_have_count(3)
    return page


def test_every_stream_has_its_tile_in_a_fixed_order(wall: Page) -> None:
    names = wall.locator("[data-tile] footer b").all_text_contents()
    assert names == ["SKY-1", "SKY-2", "SKY-3"]
    first = wall.locator("[data-tile=sky-1] footer")
    expect(first).to_contain_text("On the way")
    expect(first).to_contain_text("ROBBERY")
    expect(wall.locator("[data-map-ready]")).to_be_attached()


def test_a_stream_that_stops_says_so_and_comes_back_by_itself(service: StandIn, wall: Page) -> None:
    camera = service.backstage.cameras[1]
    camera.paused = True
    tile = wall.locator("[data-tile=sky-2]")
    expect(tile).to_have_attribute("data-picture", "stopped")
    expect(tile.get_by_role("status")).to_contain_text("Stopped")
    expect(wall.locator("[data-tile][data-picture=live]")).to_have_count(2)
    camera.paused = False
    expect(tile).to_have_attribute("data-picture", "live")


def test_a_tile_grows_and_shrinks_by_click_and_by_key(wall: Page) -> None:
    tile = wall.locator("[data-tile=sky-3]")
    small = tile.bounding_box()
    assert small is not None
    tile.get_by_role("button").click()
    expect(wall.locator("[data-tile=sky-1]")).to_be_hidden()
    large = tile.bounding_box()
    assert large is not None
    assert large["width"] > small["width"] * 1.5
    wall.keyboard.press("Escape")
    expect(wall.locator("[data-tile=sky-1]")).to_be_visible()
    wall.locator("[data-tile=sky-1]").get_by_role("button").focus()
    wall.keyboard.press("Enter")
    expect(tile).to_be_hidden()
    expect(wall.locator("[data-tile=sky-1][data-picture=live]")).to_be_visible()


def test_videos_come_back_after_the_video_process_was_killed(
    service: StandIn, wall: Page, complaints: Complaints
) -> None:
    complaints.expected += ["503", "404"]
    before = wall.locator("[data-tile=sky-1] video").element_handle()
    service.backstage.kill_video()
    expect(wall.locator("[data-tile][data-picture=stopped]")).to_have_count(3)
    expect(wall.locator("[data-tile][data-picture=live]")).to_have_count(3, timeout=40_000)
    assert wall.locator("[data-tile=sky-1] video").evaluate("(now, then) => now === then", before)


def test_a_viewer_may_not_open_the_console(open_page: OpenPage, complaints: Complaints) -> None:
    complaints.expected += ["403", "favicon.ico"]
    page = open_page("/pilot", Role.VIEWER)
    expect(page.get_by_role("heading")).to_have_text("Not for this account")

"""Closing airspace for a time from the console, in a real browser."""

import os

import pytest
from playwright.sync_api import Page, expect

from dfr.core.asset import Readiness
from dfr.core.flight import FlightState
from dfr.core.geo import distance_m
from dfr.server.auth_store import Role
from dfr.server.services import DeskRefusal
from tests.web.conftest import Complaints, OpenPage
from tests.web.stand_in import CENTER, StandIn, asset, flight, incident, telemetry


@pytest.fixture
def console(service: StandIn, open_page: OpenPage) -> Page:
    service.show(incident(), asset(1, Readiness.BUSY, "flight-1"), asset(2), asset(3), flight(FlightState.EN_ROUTE))
    service.show(telemetry("sky-1", CENTER, 60.0, 9.0))
    page = open_page("/pilot")
    expect(page.locator("[data-map-ready]")).to_be_attached()
    return page


def picked(page: Page) -> None:
    """Z, then the middle of the map by Enter."""
    page.keyboard.press("z")
    expect(page.get_by_text("Click the middle of the zone on the map.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_pilot_closes_airspace_and_lifts_it_again(service: StandIn, console: Page) -> None:
    picked(console)
    close = console.get_by_role("button", name="Close this airspace")
    expect(close).to_be_disabled()
    expect(console.get_by_text("Give it a name that people will know it by.")).to_be_visible()
    console.get_by_label("Name").fill("Fire on 4th Avenue")
    console.get_by_label("Radius, m").fill("400")
    console.get_by_label("For, minutes").fill("90")
    if folder := os.environ.get("PICTURES"):
        console.screenshot(path=f"{folder}/zone_dialog.png")
    close.click()
    expect(console.locator("[data-answer=accepted]")).to_contain_text("Fire on 4th Avenue: closed")
    (zone,) = service.desk.temporary.values()
    assert (zone.name, zone.radius_m, zone.end_s - zone.start_s) == ("Fire on 4th Avenue", 400.0, 5400.0)
    assert zone.center is not None
    assert distance_m(zone.center, CENTER) < 5000.0

    # Where it is, is on the map when the service says that zones have changed; a click there tells of it.
    canvas = console.locator("canvas.maplibregl-canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(console.get_by_text("Temporary: Fire on 4th Avenue")).to_be_visible()
    if folder := os.environ.get("PICTURES"):
        console.screenshot(path=f"{folder}/zone_on_map.png")
    console.get_by_role("button", name="Lift this zone").click()
    expect(console.locator("[data-answer=accepted]").first).to_contain_text("Fire on 4th Avenue: lifted")
    assert not service.desk.temporary


def test_a_refused_zone_says_why(service: StandIn, console: Page, complaints: Complaints) -> None:
    complaints.expected.append("404")
    picked(console)
    console.get_by_label("Name").fill("Fire")
    service.desk.refusal = DeskRefusal(404, "Zone refused", "There is no incident x, so no flight could enter it.")
    console.get_by_role("button", name="Close this airspace").click()
    expect(console.get_by_text("There is no incident x").first).to_be_visible()


def test_who_only_watches_is_offered_nothing(service: StandIn, open_page: OpenPage) -> None:
    service.show(incident(), asset(1))
    page = open_page("/rtcc", Role.RTCC)
    page.keyboard.press("z")
    expect(page.get_by_role("dialog")).to_have_count(0)

"""The pilot's console in a real browser."""

from collections.abc import Iterator

import pytest
from dfr.core.asset import Readiness
from dfr.core.flight import FlightState
from dfr.core.geo import Position
from playwright.sync_api import Page, expect

from tests.web.conftest import OpenPage
from tests.web.stand_in import StandIn, asset, flight, incident, telemetry


@pytest.fixture
def on_scene(service: StandIn, open_page: OpenPage) -> Iterator[Page]:
    """SKY-1 on scene, the others on their docks."""
    service.show(
        incident(),
        asset(1, Readiness.BUSY, "flight-1"),
        asset(2),
        asset(3),
        flight(FlightState.ON_SCENE),
        telemetry("sky-1", Position(32.2286, -110.9176), 60.0, 0.4, pitch_deg=-42.0),
    )
    yield open_page("/pilot")


def test_shows_the_flight_and_its_video(on_scene: Page) -> None:
    expect(on_scene.locator("[data-flight-state]")).to_have_text("On scene")
    expect(on_scene.locator("[data-picture=live]")).to_be_visible()
    first_frame_ms = on_scene.locator("video").get_attribute("data-first-frame-ms")
    assert first_frame_ms is not None
    assert int(first_frame_ms) > 0
    expect(on_scene.locator("[data-map-ready]")).to_be_attached()
    on_scene.wait_for_timeout(2000)
    on_scene.screenshot(path="/tmp/pilot.png")
    on_scene.keyboard.press("m")
    on_scene.wait_for_timeout(1500)
    on_scene.screenshot(path="/tmp/pilot2.png")

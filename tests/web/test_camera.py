"""The camera's controls on the pilot's console: only what the camera can do, by key, button and dragging."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from dfr.core.asset import Readiness
from dfr.core.camera import GimbalLimits, GimbalManager, PayloadCamera, Photograph, VideoStream
from dfr.core.flight import FlightState
from dfr.core.geo import Position
from dfr.core.look import HorizonProof
from dfr.core.pilot import PilotAction, Turn, ZoomStep
from dfr.core.telemetry import Telemetry
from tests.web.conftest import OpenPage
from tests.web.stand_in import CLOCK, StandIn, asset, flight, incident, telemetry

PLACE = Position(32.2286, -110.9176)
CAMERA = PayloadCamera(
    100,
    "Acme Eye",
    can_zoom=True,
    can_photograph=True,
    palettes=("White hot", "Lava"),
    palette="White hot",
    zoom_percent=40.0,
    horizontal_fov_deg=33.0,
    wide_fov_deg=66.0,
    streams=(VideoStream("sky-1", "Zoom", "rtsp://10.0.0.8/zoom"),),
)
MANAGER = GimbalManager(GimbalLimits((-90.0, 30.0), (-180.0, 180.0)))
PROOF = "On the way out, 84 s: camera within 10 degrees of the horizon at all times; lowest 3.1 degrees below."


def equipped(camera: PayloadCamera | None = CAMERA) -> Telemetry:
    return replace(telemetry("sky-1", PLACE, 60.0, 0.4, pitch_deg=-42.0), camera=camera, gimbal_manager=MANAGER)


@pytest.fixture
def console(service: StandIn, open_page: OpenPage) -> Page:
    """SKY-1 on scene with a camera that zooms, photographs and has palettes."""
    now_s = CLOCK.now_s()
    service.desk.horizon = (HorizonProof(now_s - 100, now_s - 16, True, True, PROOF),)
    taken = Photograph(0, now_s, now_s, PLACE, None, -42.0, 40.0, "http://127.0.0.1:9/0.jpg")
    service.desk.photographs = (taken,)
    service.show(incident(), asset(1, Readiness.BUSY, "flight-1"), asset(2), asset(3), flight(FlightState.ON_SCENE))
    service.show(equipped())
    return open_page("/pilot")


def test_keys_and_buttons_use_the_camera(service: StandIn, console: Page) -> None:
    expect(console.locator(".video-stage [data-zoom]")).to_have_text("2.0×")
    console.keyboard.press("w")
    console.keyboard.press("+")
    console.locator("[data-camera=zoom_out]").click()
    console.keyboard.press("t")
    console.keyboard.press("k")
    expect(console.locator("[data-answer=accepted]")).to_have_count(5)
    sent = [(one.action, one.turn, one.zoom, one.palette) for _, one, _ in service.desk.commands]
    assert sent == [
        (PilotAction.TURN, Turn(6.6, 0.0), None, ""),
        (PilotAction.ZOOM, None, ZoomStep.IN, ""),
        (PilotAction.ZOOM, None, ZoomStep.OUT, ""),
        (PilotAction.PALETTE, None, None, "Lava"),
        (PilotAction.PHOTOGRAPH, None, None, ""),
    ]


def test_dragging_the_picture_turns_the_camera(service: StandIn, console: Page) -> None:
    grip = console.locator("[data-camera-grip]")
    box = grip.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    console.mouse.move(*middle)
    console.mouse.down()
    console.mouse.move(middle[0] + box["width"] / 10, middle[1])
    console.mouse.up()
    expect(console.locator("[data-answer=accepted]")).to_have_count(1)
    ((_, command, _),) = service.desk.commands
    assert command.turn is not None
    assert command.turn.right_deg == pytest.approx(-3.3, abs=0.2), "the picture follows the hand"


def test_only_what_the_camera_can_do_is_there(service: StandIn, console: Page) -> None:
    service.show(equipped(replace(CAMERA, can_zoom=False, palettes=(), can_photograph=False)))
    expect(console.locator("[data-camera=zoom_in]")).to_have_count(0)
    expect(console.locator("[data-camera=photograph]")).to_have_count(0)
    expect(console.locator("[data-camera=up]")).to_be_visible()
    service.show(flight(FlightState.EN_ROUTE))
    expect(console.locator("[data-camera=up]")).to_have_attribute("aria-disabled", "true")
    expect(console.locator("[data-camera=up]")).to_have_attribute("title", "Horizon until on scene.")
    expect(console.locator("[data-camera-grip]")).to_have_count(0)
    console.keyboard.press("w")
    assert service.desk.commands == []


def test_the_proof_and_the_photographs_stand_with_the_flight(console: Page) -> None:
    expect(console.locator("[data-proof=proven]")).to_have_text(PROOF)
    expect(console.get_by_role("link", name="Photo 1")).to_have_attribute("href", "http://127.0.0.1:9/0.jpg")

"""The pilot's console in a real browser, against the real HTTP face and the real relay."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dfr.core.asset import Readiness
from dfr.core.flight import FlightState
from dfr.core.geo import Position
from dfr.core.incident import IncidentState
from dfr.core.pilot import LookTarget, PilotAction
from dfr.core.record import Alarm, Severity
from dfr.core.telemetry import FenceOnBoard
from dfr.server.services import DeskRefusal
from tests.web.conftest import Complaints, OpenPage
from tests.web.stand_in import CLOCK, FENCES, StandIn, asset, flight, incident, telemetry

PLACE = Position(32.2286, -110.9176)


@pytest.fixture
def on_scene(service: StandIn, open_page: OpenPage) -> Page:
    """SKY-1 on scene, the others on their docks."""
    service.show(incident(), asset(1, Readiness.BUSY, "flight-1"), asset(2), asset(3), flight(FlightState.ON_SCENE))
    service.show(telemetry("sky-1", PLACE, 60.0, 0.4, pitch_deg=-42.0))
    return open_page("/pilot")


def test_shows_the_flight_its_video_and_the_map(on_scene: Page) -> None:
    expect(on_scene.locator("[data-flight-state]")).to_have_text("On scene")
    expect(on_scene.locator("[data-stream=sky-1][data-picture=live]")).to_be_visible()
    expect(on_scene.locator("video")).to_have_attribute("data-first-frame-ms", re.compile(r"^[1-9]\d*$"))
    expect(on_scene.locator("[data-reading=Height]")).to_contain_text("60 m")
    expect(on_scene.locator("[data-reading=Altitude]")).to_contain_text("800 m")
    expect(on_scene.get_by_text("SKY-3", exact=True).last).to_be_visible()
    expect(on_scene.get_by_text("the way there and back needs 41 %")).to_be_visible()
    expect(on_scene.locator("[data-map-ready]")).to_be_attached()
    expect(on_scene.get_by_text("Ceilings: SYNTHETIC: not FAA data, not for flight")).to_be_visible()


def test_old_values_look_old(service: StandIn, on_scene: Page) -> None:
    service.show(telemetry("sky-1", PLACE, 60.0, now_s=CLOCK.now_s() - 10))
    reading = on_scene.locator("[data-reading=Speed]")
    expect(reading).to_contain_text(re.compile(r"1\d s old"))
    expect(reading.locator("dd").first).to_have_class(re.compile("stale"))


def test_buttons_and_keys_send_commands(service: StandIn, on_scene: Page) -> None:
    on_scene.locator("[data-command=orbit]").click()
    expect(on_scene.locator("[data-answer=accepted]")).to_contain_text("SKY-1: Orbit")
    on_scene.keyboard.press("h")
    on_scene.keyboard.press("c")
    expect(on_scene.locator("[data-answer=accepted]")).to_have_count(3)
    sent = [(flight_id, command.action, command.look_at) for flight_id, command, _ in service.desk.commands]
    assert sent == [
        ("flight-1", PilotAction.ORBIT, None),
        ("flight-1", PilotAction.HOLD, None),
        ("flight-1", PilotAction.LOOK, LookTarget.SCENE),
    ]


def test_a_button_that_cannot_be_used_says_why_and_sends_nothing(service: StandIn, on_scene: Page) -> None:
    resume = on_scene.locator("[data-command=resume]")
    expect(resume).to_have_attribute("aria-disabled", "true")
    expect(resume).to_contain_text("It is not holding.")
    resume.click(force=True)
    on_scene.keyboard.press("g")
    on_scene.locator("[data-command=hold]").click()
    expect(on_scene.locator("[data-answer=accepted]")).to_have_count(1)
    assert [command.action for _, command, _ in service.desk.commands] == [PilotAction.HOLD]


def test_a_refusal_is_shown_in_its_own_words_and_kept(service: StandIn, on_scene: Page, complaints: Complaints) -> None:
    complaints.expected.append("409")
    reasons = ("The circle leaves the operating area by 40 m.", "Move closer to the scene first.")
    service.desk.refusal = DeskRefusal(409, "Not cleared", reasons[0], None, reasons)
    on_scene.locator("[data-command=orbit]").click()
    for reason in reasons:
        expect(on_scene.locator("[data-answer=refused]")).to_contain_text(reason)
    on_scene.locator("[data-command=hold]").click()
    expect(on_scene.locator("[data-answer=accepted]")).to_be_visible()
    expect(on_scene.locator("[data-answer=refused]")).to_be_visible()


def test_a_move_is_picked_on_the_map_and_confirmed(service: StandIn, on_scene: Page) -> None:
    expect(on_scene.locator("[data-map-ready]")).to_be_attached()
    on_scene.locator("[data-command=move]").click()
    on_scene.locator(".map-stage canvas").click(position={"x": 150, "y": 120})
    expect(on_scene.get_by_text("from the aircraft")).to_be_visible()
    assert service.desk.commands == []
    on_scene.get_by_role("button", name="Confirm").click()
    expect(on_scene.locator("[data-answer=accepted]")).to_contain_text("Move")
    ((_, command, _),) = service.desk.commands
    assert command.action is PilotAction.MOVE
    assert isinstance(command.to, Position)
    assert abs(command.to.latitude_deg - PLACE.latitude_deg) < 0.05


def test_a_move_by_keyboard_takes_the_middle_and_can_be_cancelled(service: StandIn, on_scene: Page) -> None:
    expect(on_scene.locator("[data-map-ready]")).to_be_attached()
    on_scene.keyboard.press("v")
    on_scene.keyboard.press("Enter")
    expect(on_scene.get_by_text("from the aircraft")).to_be_visible()
    on_scene.keyboard.press("Escape")
    expect(on_scene.get_by_text("from the aircraft")).to_have_count(0)
    on_scene.keyboard.press("v")
    on_scene.keyboard.press("Enter")
    on_scene.keyboard.press("Enter")
    expect(on_scene.locator("[data-answer=accepted]")).to_have_count(1)
    assert len(service.desk.commands) == 1


def test_an_advised_call_is_launched_only_after_a_second_click(service: StandIn, on_scene: Page) -> None:
    service.show(incident("incident-2", 2, type="FSTRU", address="44 Stone Ave"))
    row = on_scene.locator("[data-incident=incident-2]")
    row.get_by_role("button", name="Launch").click()
    row.get_by_role("button", name="Confirm launch").click()
    expect(row).to_contain_text("SKY-2: Preparing")
    expect(row.get_by_role("button", name="aunch")).to_have_count(0)
    assert service.desk.launches == ["incident-2"]


def test_calls_that_nothing_is_launched_for_say_so_instead(service: StandIn, on_scene: Page) -> None:
    outside = "The call is outside this site's operating area. It is kept and shown."
    service.show(
        incident("incident-2", 2, position=None),
        incident("incident-3", 2, position=Position(33.0, -110.9), note=outside),
        incident("incident-4", 2, state=IncidentState.CANCELLED),
        incident("incident-5", 2, note="The source gave no common priority, so this counts as the lowest."),
    )
    expect(on_scene.locator("[data-incident=incident-2]")).to_contain_text("no usable position")
    expect(on_scene.locator("[data-incident=incident-3]")).to_contain_text(outside)
    for number in (2, 3, 4):
        expect(on_scene.locator(f"[data-incident=incident-{number}] .launch")).to_have_count(0)
    noted = on_scene.locator("[data-incident=incident-5]")
    expect(noted).to_contain_text("counts as the lowest")
    expect(noted.locator(".launch")).not_to_have_class(re.compile("primary"))


def fence_pixels(page: Page) -> int:
    """How many pixels of the map, below its legend, are of the fence's colour."""
    picture = cv2.imdecode(np.frombuffer(page.locator(".map-stage").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    blue, green, red = 0xA8, 0xD0, 0x5F
    off = np.abs(picture[80:].astype(int) - (blue, green, red)).max(axis=2)
    return int((off < 40).sum())


def test_the_fence_on_board_is_on_the_map_and_says_whether_it_was_verified(service: StandIn, on_scene: Page) -> None:
    seen = telemetry("sky-1", PLACE, 60.0)
    said = on_scene.locator("[data-fence]")
    expect(said).to_have_text("Fence of SKY-1, lid 54 m above take-off, not verified on board")
    service.show(replace(seen, fence=FenceOnBoard(FENCES["sky-1"].digest, CLOCK.now_s())))
    expect(said).to_have_text("Fence on board SKY-1, lid 54 m above take-off")
    expect(said).to_have_attribute("data-fence", "verified")
    service.show(replace(seen, fence_problem="It answered with another fence."))
    expect(said).to_contain_text("not verified on board: It answered with another fence.")
    expect(on_scene.locator("[data-map-ready]")).to_be_attached()
    on_scene.keyboard.press("m")
    drawn = 0
    for _ in range(50):
        drawn = fence_pixels(on_scene)
        if drawn > 200:
            break
        on_scene.wait_for_timeout(100)
    assert drawn > 200
    on_scene.keyboard.press("2")
    expect(said).to_contain_text("No fence could be made for SKY-2")
    on_scene.wait_for_timeout(600)
    assert fence_pixels(on_scene) < 50


def test_the_page_says_that_it_is_not_live_and_comes_back(
    service: StandIn, on_scene: Page, complaints: Complaints
) -> None:
    complaints.expected += ["ERR_CONNECTION_REFUSED", "WebSocket connection", "ERR_CONNECTION_RESET", "ERR_EMPTY"]
    expect(on_scene.locator("[data-map-ready]")).to_be_attached()
    expect(on_scene.locator("[data-live=true]")).to_be_visible()
    service.stop()
    expect(on_scene.get_by_text("Live connection lost for")).to_be_visible()
    expect(on_scene.locator("[data-lost-for]")).to_have_text(re.compile(r"[2-9] s"))
    expect(on_scene.locator("[data-command=orbit]")).to_have_attribute("aria-disabled", "true")
    expect(on_scene.locator("[data-command=return]")).to_have_attribute("aria-disabled", "false")
    service.start()
    expect(on_scene.locator("[data-live=true]")).to_be_visible()
    expect(on_scene.get_by_text("Live connection lost")).to_have_count(0)
    service.show(flight(FlightState.RETURNING))
    expect(on_scene.locator("[data-flight-state]")).to_have_text("Returning")


def test_alarms_are_listed(service: StandIn, on_scene: Page) -> None:
    service.show(Alarm("a", Severity.CRITICAL, "SKY-1 is not heard any more.", CLOCK.now_s(), "sky-1", "flight-1"))
    expect(on_scene.locator("[data-alarm=a]")).to_contain_text("SKY-1 is not heard any more.")


def test_map_and_video_change_places_without_a_new_connection(on_scene: Page) -> None:
    expect(on_scene.locator("[data-picture=live]")).to_be_visible()
    before = on_scene.locator(".video-stage").bounding_box()
    video = on_scene.locator("video").element_handle()
    on_scene.keyboard.press("m")
    after = on_scene.locator(".map-stage").bounding_box()
    assert before == after
    assert on_scene.locator("video").evaluate("(now, then) => now === then", video)
    expect(on_scene.locator("[data-picture=live]")).to_be_visible()


def test_shortcuts_are_listed_and_nothing_flies_while_they_are(service: StandIn, on_scene: Page) -> None:
    expect(on_scene.locator("[data-flight-state]")).to_have_text("On scene")
    on_scene.keyboard.press("?")
    dialog = on_scene.get_by_role("dialog")
    expect(dialog).to_contain_text("Return home")
    on_scene.keyboard.press("r")
    on_scene.keyboard.press("Escape")
    expect(on_scene.locator("dialog")).to_have_count(0)
    on_scene.keyboard.press("h")
    expect(on_scene.locator("[data-answer=accepted]")).to_have_count(1)
    assert [command.action for _, command, _ in service.desk.commands] == [PilotAction.HOLD]

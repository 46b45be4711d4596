"""The stick on the pilot's console: keys that are held fly, and nothing keeps flying when the page is left."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dfr.core.asset import Readiness
from dfr.core.flight import FlightState
from dfr.core.geo import Position
from dfr.core.pilot import PilotAction, Stick
from dfr.server.services import DeskRefusal
from tests.web.conftest import Complaints, OpenPage
from tests.web.stand_in import StandIn, asset, flight, incident, telemetry

PLACE = Position(32.2286, -110.9176)


@pytest.fixture
def console(service: StandIn, open_page: OpenPage) -> Page:
    service.show(incident(), asset(1, Readiness.BUSY, "flight-1"), asset(2), asset(3), flight(FlightState.ON_SCENE))
    service.show(telemetry("sky-1", PLACE, 60.0, 0.4))
    page = open_page("/pilot")
    expect(page.locator("[data-command=move]")).to_have_attribute("aria-disabled", "false")
    return page


def words(service: StandIn) -> list[Stick]:
    commands = [command for _, command, _ in service.desk.commands if command.action is PilotAction.FLY]
    return [command.stick for command in commands if command.stick is not None]


def said_last(page: Page, run: Callable[[], None]) -> None:
    """Do it, and wait for the word that the stick is let go."""
    with page.expect_request(lambda request: '"released":true' in (request.post_data or "")) as last:
        run()
    last.value.response()


def test_a_held_key_flies_and_its_release_lets_go(service: StandIn, console: Page) -> None:
    with console.expect_request(lambda request: '"sequence":5' in (request.post_data or "")):
        console.keyboard.down("ArrowUp")
        expect(console.locator("[data-stick=held]")).to_contain_text("Stick: SKY-1")
    said_last(console, lambda: console.keyboard.up("ArrowUp"))
    expect(console.locator("[data-stick=free]")).to_have_count(1)
    said = words(service)
    assert said[0].forward_mps > 0.0
    assert [one.released for one in said] == [False] * (len(said) - 1) + [True]
    assert len({one.hold_id for one in said}) == 1


def test_a_page_that_loses_the_focus_lets_go(service: StandIn, console: Page) -> None:
    console.keyboard.down("u")
    expect(console.locator("[data-stick=held]")).to_have_count(1)
    said_last(console, lambda: console.evaluate("window.dispatchEvent(new Event('blur'))"))
    expect(console.locator("[data-stick=free]")).to_have_count(1)
    assert words(service)[0].up_mps > 0.0
    assert words(service)[-1].released


def test_what_the_service_refuses_is_said_where_the_pilot_looks(
    service: StandIn, console: Page, complaints: Complaints
) -> None:
    complaints.expected.append("409")
    sentence = "Where the aircraft is, is not known now; it cannot be flown by stick."
    service.desk.refusal = DeskRefusal(409, "Command refused", sentence, sentences=(sentence,))
    console.keyboard.down("q")
    expect(console.locator("[data-stick]")).to_contain_text(sentence)
    expect(console.locator("[data-stick=free]")).to_have_count(1)
    console.keyboard.up("q")

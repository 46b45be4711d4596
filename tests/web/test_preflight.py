"""The pre-flight list on the pilot's console: opened by a key, what fails first."""

from dataclasses import replace

from dfr.core.asset import Readiness
from dfr.core.telemetry import Battery, Timed
from dfr.core.weather import Wind
from dfr.dispatch.preflight import preflight
from dfr.dispatch.readiness import readiness
from tests.unit.dispatch.test_preflight import FILMED, FINE, NOW_S, fine_picture
from tests.web.conftest import OpenPage
from tests.web.stand_in import StandIn, asset


def test_a_key_opens_the_list_and_what_fails_comes_first(service: StandIn, open_page: OpenPage) -> None:
    picture = fine_picture()
    weak = replace(picture.telemetry["sky-1"], battery=Timed(Battery(0.41, 15.0), NOW_S))
    windy = replace(FINE, wind=Wind(12.4, 280.0, 17.0))
    picture = replace(picture, telemetry={**picture.telemetry, "sky-1": weak}, weather=windy)
    state, sentences = readiness(FILMED, picture)
    assert state is Readiness.NOT_READY
    status = replace(asset(1, state), sentences=sentences, checks=preflight(FILMED, picture))
    service.desk.show(status)
    page = open_page("/pilot")
    button = page.locator("[data-preflight]")
    button.get_by_text("3 checks keep it on the ground").wait_for()
    page.keyboard.press("p")
    rows = page.locator("[data-check]")
    rows.first.wait_for()
    found = [(row.get_attribute("data-check"), row.get_attribute("data-result")) for row in rows.all()]
    assert len(found) == len(status.checks)
    assert found[:4] == [("Battery", "Fails"), ("Wind", "Fails"), ("Gusts", "Fails"), ("Battery cells", "Unknown")]
    rows.first.get_by_text("SKY-1's battery is at 41%; 50% is the least for a launch.").wait_for()
    page.keyboard.press("Escape")
    rows.first.wait_for(state="detached")
    service.desk.show(
        replace(status, readiness=Readiness.READY, sentences=(), checks=preflight(FILMED, fine_picture()))
    )
    button.get_by_text("in order").wait_for()

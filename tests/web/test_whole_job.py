"""The whole job in a real browser: a call over HTTP, the flight on the map, live video of it, and the way home."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dfr.core.clock import SystemClock
from dfr.server.auth import Authenticator
from dfr.server.auth_store import Role
from dfr.state import auth_path
from tests.support.world import NEAR_DOWNTOWN, Service, running_world
from tests.web.conftest import Complaints

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def signed_in(browser: Browser, service: Service, path: str) -> tuple[Page, Complaints]:
    """A page of its own, signed in by a one-time link."""
    authenticator = Authenticator(auth_path(service.state), SystemClock())
    link = authenticator.add_link("pilot", Role)
    authenticator.close()
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    complaints = Complaints()
    page.on("console", lambda m: complaints.seen.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.seen.append(str(error)))
    page.goto(f"{service.url}/sign-in?link={link}&next={path}")
    page.wait_for_url(f"{service.url}{path}")
    return page, complaints


def test_a_call_becomes_live_video_in_the_browser(browser: Browser, tmp_path: Path) -> None:
    with running_world(tmp_path, speed=4.0, cameras=True) as world:
        service = world.service
        service.until_ready("sky-1")
        pilot, pilot_complaints = signed_in(browser, service, "/pilot")
        wall, wall_complaints = signed_in(browser, service, "/rtcc")
        # The map draws in software here: what a graphics driver says of its own speed is not the page's fault.
        for complaints in (pilot_complaints, wall_complaints):
            complaints.expected += ["GPU stall", "GL Driver Message"]
        flight_id = service.report_call("web", NEAR_DOWNTOWN).json()["flight_id"]
        state = pilot.locator("[data-flight-state]")
        expect(state).to_have_text("On scene", timeout=60_000)
        expect(pilot.get_by_text("SKY-1 goes").first).to_be_visible()
        for page in (pilot, wall):
            expect(page.locator("[data-stream=sky-1][data-picture=live]").first).to_be_visible(timeout=20_000)

        world.cameras["sky-1"].freeze()
        expect(wall.locator("[data-stream=sky-1][data-picture=live]")).to_have_count(0, timeout=10_000)
        world.cameras["sky-1"].freeze(False)
        expect(wall.locator("[data-stream=sky-1][data-picture=live]").first).to_be_visible(timeout=20_000)

        pilot.locator("[data-command=return]").click()
        service.until_state(flight_id, "returning", "landing", "completed")
        expect(state).not_to_have_text("On scene", timeout=10_000)
        service.until_state(flight_id, "completed", within_s=120.0)
        assert pilot_complaints.unexpected() == []
        assert wall_complaints.unexpected() == []
        pilot.context.close()
        wall.context.close()

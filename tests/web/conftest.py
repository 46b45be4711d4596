"""Chromium, and the service that its pages come from."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from dfr.server.auth_store import Role
from tests.web.stand_in import Backstage, StandIn

DIST = Path(__file__).parents[2] / "web" / "dist"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.web)


@dataclass
class Complaints:
    """What a page's console said as a warning or an error. A test names what it provokes."""

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.seen.append(f"{said.text} ({said.location['url']})")

    def unexpected(self) -> list[str]:
        return [text for text in self.seen if not any(part in text for part in self.expected)]


# Not for the whole session: Playwright keeps an event loop running in this thread, which other tests cannot use.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        # Continuous integration installs it (launch/test, as root), and must not pass without these tests.
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"There is no Chromium at {CHROMIUM}. Install it (apt-get install chromium) or set CHROMIUM.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def backstage() -> Iterator[Backstage]:
    running = Backstage()
    yield running
    running.close()


@pytest.fixture
def service(backstage: Backstage, tmp_path: Path) -> Iterator[StandIn]:
    if not (DIST / "pilot.html").exists():
        pytest.fail("The pages are not built. Run: npm --prefix web ci && npm --prefix web run build")
    running = StandIn(backstage, DIST, tmp_path)
    running.start()
    yield running
    running.close()
    for camera in backstage.cameras:
        camera.paused = False


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, service: StandIn, complaints: Complaints) -> Iterator[OpenPage]:
    """`open_page("/pilot")` signs in by a one-time link and opens a page; complaints fail the test at its end."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)

    def opened(path: str, role: Role | None = Role.PILOT) -> Page:
        page = context.new_page()
        page.on("console", complaints.hear)
        page.on("pageerror", lambda error: complaints.seen.append(f"page error: {error}"))
        if role is not None:
            context.clear_cookies()
            link = service.link(role)
            answer = context.request.post(
                f"{service.url}/api/v1/session", data={"link": link}, headers={"Origin": service.url}
            )
            assert answer.ok, answer.text()
        page.goto(f"{service.url}{path}")
        return page

    yield opened
    context.close()
    assert complaints.unexpected() == []

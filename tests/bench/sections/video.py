"""How long a page takes to its first picture, and how old pictures are when they reach the screen."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.bench.processes import free_udp_ports, module, started
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.support.world import FIRMWARE, NEAR_DOWNTOWN, Service, copy_site, free_port
from tests.web.conftest import ARGUMENTS, CHROMIUM

CAMERAS = 3
FIRST_PICTURE_S, AGE_MS = 1.5, 300.0
GIVE_UP_MS = 30_000
SETTLE_S = 2.0
READ_CODES = (Path(__file__).parents[1] / "in_page.js").read_text(encoding="utf-8")
FIRST_PICTURES_MS = "[...document.querySelectorAll('video[data-first-frame-ms]')].map(v => +v.dataset.firstFrameMs)"


def measure(run: Run) -> Iterator[Row]:
    if not Path(CHROMIUM).exists():
        raise RuntimeError(f"There is no Chromium at {CHROMIUM}: apt-get install chromium, or set CHROMIUM.")
    with _world(run) as service, _chromium() as browser:
        signed_in = _sign_in(browser, service)
        run.note(f"{CAMERAS} cameras, one page at a time in a browser without cache, SKY-1 in flight")
        yield from _first_pictures(run, browser, service, signed_in)
        yield _ages(run, browser, service, signed_in)


def _first_pictures(run: Run, browser: Browser, service: Service, signed_in: Any) -> Iterator[Row]:
    for path, videos in (("/rtcc", CAMERAS), ("/pilot", 1)):
        first_s: list[float] = []
        last_s: list[float] = []
        plain_s: list[float] = []
        while run.goes_on(len(first_s), run.samples(full=10, quick=4)):
            with _opened(browser, service, signed_in, "/sign-in") as page:
                plain_s.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000)
            with _opened(browser, service, signed_in, path) as page:
                _until_shown(page, videos)
                shown_ms = page.evaluate(FIRST_PICTURES_MS)
            first_s.append(min(shown_ms) / 1000)
            last_s.append(max(shown_ms) / 1000)
        plain = percentile(plain_s, 50)
        ratio = number(percentile(first_s, 50) / plain)
        run.note(f"{path}: {ratio} times as long as /sign-in takes to load (p50 {number(plain)} s)")
        if videos > 1:
            run.note(f"{path}: all {videos} pictures after p95 {number(percentile(last_s, 95))} s")
        yield at_most(f"{path} open to the first picture", first_s, FIRST_PICTURE_S, "s")


def _until_shown(page: Page, videos: int) -> None:
    """Wait until so many videos have shown a picture; the page itself notes when."""
    page.locator("video[data-first-frame-ms]").nth(videos - 1).wait_for(state="attached")


def _ages(run: Run, browser: Browser, service: Service, signed_in: Any) -> Row:
    with _opened(browser, service, signed_in, "/rtcc") as page:
        _until_shown(page, CAMERAS)
        page.wait_for_timeout(SETTLE_S * 1000)
        page.evaluate(READ_CODES)
        begun_s = time.monotonic()
        page.wait_for_timeout(run.samples(full=30, quick=6) * 1000)
        seen, unread, ages = page.evaluate("[window.picturesSeen, window.picturesUnread, window.pictureAges]")
        rate_hz = seen / (time.monotonic() - begun_s) / CAMERAS
    for stream in sorted({one["stream"] for one in ages}):
        own = [one["age_ms"] for one in ages if one["stream"] == stream]
        run.note(f"{stream}: p50 {number(percentile(own, 50))} ms, p95 {number(percentile(own, 95))} ms")
    run.note(f"{number(rate_hz)} pictures a second and stream were shown; {unread} time codes could not be read")
    return at_most("camera to screen, by the time code", [one["age_ms"] for one in ages], AGE_MS, "ms")


@contextmanager
def _world(run: Run) -> Iterator[Service]:
    """Service, aircraft and cameras, each in a process of its own, with one aircraft on its way."""
    site = copy_site(run.folder, CAMERAS, rtsp_port=free_port())
    (state := run.folder / "state").mkdir()
    payload = ("--payload-base", str(free_udp_ports(CAMERAS)))
    here = ("--site", str(site))
    with ExitStack() as stack:
        for name, words in (("autopilot", ("--airframe-root", str(FIRMWARE))), ("camera", ())):
            stack.enter_context(started(module(f"sim.{name}", *here, *payload, *words), run.folder / f"{name}.log"))
        service = stack.enter_context(Service(site, state))
        run.say("waiting for aircraft and cameras")
        service.until_ready("sky-1")
        service.report_call("bench", NEAR_DOWNTOWN).raise_for_status()
        service.until("every stream is live", lambda: {one["state"] for one in service.items("streams")} == {"live"})
        run.say("every stream is live")
        yield service


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def _sign_in(browser: Browser, service: Service) -> Any:
    """The session's cookie, for every context after this."""
    context: BrowserContext = browser.new_context()
    answer = context.request.post(
        f"{service.url}/api/v1/session",
        data={"user": "test", "password": "correct horse battery"},
        headers={"Origin": service.url},
    )
    if not answer.ok:
        raise RuntimeError(f"Signing in failed: {answer.text()}")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def _opened(browser: Browser, service: Service, signed_in: Any, path: str) -> Iterator[Page]:
    """A page in a context of its own: nothing is cached."""
    context = browser.new_context(storage_state=signed_in, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(GIVE_UP_MS)
    page = context.new_page()
    page.goto(f"{service.url}{path}")
    try:
        yield page
    finally:
        context.close()

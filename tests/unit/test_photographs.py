"""Photographs are fetched whole from cameras and kept by their digest, or it is said why not."""

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dfr import photographs
from dfr.core.camera import KeptPhotograph, Photograph
from dfr.core.clock import ManualClock
from dfr.core.flight import Flight, FlightState
from dfr.photographs import PhotographKeeper
from tests.unit.dispatch.small import a_flight

FLIGHT = a_flight(FlightState.ON_SCENE, ManualClock())
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20


class Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/elsewhere.jpg":
            self.send_response(302)
            self.send_header("Location", "/good.jpg")
            self.end_headers()
            return
        self.send_response(200 if self.path != "/gone.jpg" else 404)
        self.end_headers()
        self.wfile.write(b"<html>" if self.path == "/page.jpg" else JPEG)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def kept(folder: Path, photograph: Photograph) -> KeptPhotograph:
    """What becomes of one photograph."""
    told: list[KeptPhotograph] = []

    async def story() -> None:
        keeper = PhotographKeeper(folder, lambda _, what: told.append(what))
        working = asyncio.create_task(keeper.run())
        keeper.take(FLIGHT, photograph)
        async with asyncio.timeout(10.0):
            while not told:
                await asyncio.sleep(0.01)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    asyncio.run(story())
    (only,) = told
    return only


def taken(url: str) -> Photograph:
    return Photograph(3, 1_700_000_000.0, None, None, None, None, None, url)


def test_a_picture_is_kept_with_its_flight(tmp_path: Path, base: str) -> None:
    what = kept(tmp_path, taken(f"{base}/good.jpg"))
    assert what.sentence == ""
    assert (tmp_path / what.file).read_bytes() == JPEG
    assert what.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert what.size_bytes == len(JPEG)
    assert what.file.startswith(f"{FLIGHT.id}/")
    assert [one.suffix for one in (tmp_path / FLIGHT.id).iterdir()] == [".jpg"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "does not say where it is"),
        ("mftp://DCIM/1.jpg", "offers it by mftp"),
        ("file:///etc/passwd", "offers it by file"),
        ("http://127.0.0.1:1/x.jpg", "could not be fetched"),
        ("BASE/gone.jpg", "could not be fetched"),
        ("BASE/elsewhere.jpg", "could not be fetched"),
        ("BASE/page.jpg", "no JPEG, PNG or TIFF"),
    ],
)
def test_what_cannot_be_kept_says_why(tmp_path: Path, base: str, url: str, why: str) -> None:
    what = kept(tmp_path, taken(url.replace("BASE", base)))
    assert why in what.sentence
    assert what.sha256 == ""
    assert list(tmp_path.rglob("*")) == []


def test_one_that_failed_or_is_too_large_is_not_kept(
    tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = taken(f"{base}/good.jpg")
    assert "taking it failed" in kept(tmp_path, replace(good, succeeded=False)).sentence
    monkeypatch.setattr(photographs, "MOST_BYTES", 1000)
    assert "larger than" in kept(tmp_path, good).sentence


def test_too_many_at_once_are_told_of_and_not_waited_for(tmp_path: Path) -> None:
    told: list[tuple[Flight, KeptPhotograph]] = []
    keeper = PhotographKeeper(tmp_path, lambda *what: told.append(what))
    for _ in range(photographs.WAITING + 1):
        keeper.take(FLIGHT, taken(""))
    assert len(told) == 1
    assert "were waiting already" in told[0][1].sentence

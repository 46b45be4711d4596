"""Fetches the photographs that cameras tell of and keeps them with their flights, as evidence.

A file lies in the state directory under `photographs/<flight>/`; the journal holds its SHA-256, or the sentence why
there is none. What a camera tells is untrusted: http and https alone, no redirects, pictures alone, bounded size and
time. One after the other, so that photographs never crowd the aircraft's link.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from dfr.core.camera import KeptPhotograph, Photograph
from dfr.core.flight import Flight

log = logging.getLogger(__name__)

MOST_BYTES = 50_000_000
WITHIN_S = 30.0
WAITING = 100
"""Photographs; when more wait, the newest is not fetched, and the journal says so."""
KINDS = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"II*\x00": "tif", b"MM\x00*": "tif"}
"""First bytes of a picture; DNG is a TIFF."""

OnKept = Callable[[Flight, KeptPhotograph], None]


class NotFetched(Exception):
    """The message is a sentence: why, and what it means."""


class PhotographKeeper:
    """Used in the event loop. `on_kept` is told of each photograph once, whether it was kept or not."""

    def __init__(self, folder: Path, on_kept: OnKept) -> None:
        self._folder = folder
        self._on_kept = on_kept
        self._waiting: asyncio.Queue[tuple[Flight, Photograph]] = asyncio.Queue(WAITING)

    def take(self, flight: Flight, photograph: Photograph) -> None:
        """Never blocks."""
        try:
            self._waiting.put_nowait((flight, photograph))
        except asyncio.QueueFull:
            sentence = f"{WAITING} photographs were waiting already; it was not fetched and is on the camera alone."
            self._on_kept(flight, KeptPhotograph(photograph.index, photograph.at_s, sentence=sentence))

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            flight, photograph = await self._waiting.get()
            self._on_kept(flight, await self._keep(flight, photograph))

    async def _keep(self, flight: Flight, photograph: Photograph) -> KeptPhotograph:
        try:
            picture = await fetch(photograph)
            name = f"{flight.id}/{photograph.at_s:.0f}-{photograph.index:05d}.{_kind(picture)}"
            await asyncio.to_thread(_write, self._folder / name, picture)
        except NotFetched as error:
            return KeptPhotograph(photograph.index, photograph.at_s, sentence=str(error))
        except OSError as error:
            sentence = f"It could not be written ({error.strerror}) and is on the camera alone; make room on the disk."
            log.error("A photograph of %s: %s", flight.id, sentence)
            return KeptPhotograph(photograph.index, photograph.at_s, sentence=sentence)
        digest = hashlib.sha256(picture).hexdigest()
        return KeptPhotograph(photograph.index, photograph.at_s, name, len(picture), digest)


async def fetch(photograph: Photograph) -> bytes:
    """The picture. Raises NotFetched."""
    if not photograph.succeeded:
        raise NotFetched("The camera said that taking it failed; there is nothing to keep.")
    scheme = urlsplit(photograph.url).scheme if photograph.url else ""
    if scheme not in ("http", "https"):
        where = f"offers it by {scheme}, which is not read" if scheme else "does not say where it is"
        raise NotFetched(f"The camera {where}, so it is on the camera alone; take it from its storage card.")
    try:
        async with asyncio.timeout(WITHIN_S):
            picture = await _get(photograph.url)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise NotFetched(
            f"It could not be fetched from the camera ({type(error).__name__}) and is on the camera alone."
        ) from error
    if not _kind(picture):
        raise NotFetched("What the camera gave is no JPEG, PNG or TIFF; it was not kept.")
    return picture


async def _get(url: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    # A camera is on the aircraft's own network: no proxy of the machine stands between.
    async with httpx.AsyncClient(timeout=WITHIN_S, trust_env=False) as client, client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > MOST_BYTES:
                raise NotFetched(f"It is larger than {MOST_BYTES // 1_000_000} MB and is on the camera alone.")
            parts.append(part)
    return b"".join(parts)


def _kind(picture: bytes) -> str:
    """The ending of its file name; "" for what is no picture."""
    return next((ending for begins, ending in KINDS.items() if picture.startswith(begins)), "")


def _write(path: Path, picture: bytes) -> None:
    """Whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(picture)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)

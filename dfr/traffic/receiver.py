"""Ground receivers: polled for `aircraft.json` (HTTP or a file), or read as BaseStation lines over TCP.

The only place that tries again: a ladder from half a second doubling to 15 s, with jitter, starting over once
something has come.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from dfr.core.clock import Clock
from dfr.core.traffic import Intruder, TrafficSource
from dfr.traffic import aircraft_json, sbs

log = logging.getLogger(__name__)

POLL_S = 1.0
TIMEOUT_S = 3.0
SILENT_S = 10.0
"""A receiver whose document grows older than this, or that sends no line for so long, is silent: it says so."""
LINE_TIMEOUT_S = 30.0
"""SBS: with nothing in the air nothing is sent; the connection is made anew then, as a dead one looks the same."""
LARGEST_BYTES = 8_000_000
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0

Take = Callable[[tuple[Intruder, ...], float], None]


class ReceiverError(Exception):
    """Why nothing comes, as a sentence."""


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """One `[[traffic.receivers]]` of the site: `url` is http(s)://.../aircraft.json, file:PATH or sbs://host:port."""

    id: str
    url: str


class Receiver:
    """One receiver. `run` until cancelled; `take` gets what was heard, with the time."""

    def __init__(self, settings: ReceiverSettings, take: Take, clock: Clock) -> None:
        self._settings = settings
        self._take = take
        self._clock = clock
        self._since_s = clock.now_s()
        self._heard_s: float | None = None
        self._problem = ""
        self._bad = 0
        self._wait_s = FIRST_WAIT_S

    def health(self, now_s: float) -> TrafficSource:
        """How it is, for people."""
        sentence = ""
        silent_s = now_s - (self._since_s if self._heard_s is None else self._heard_s)
        if silent_s > SILENT_S or self._problem:
            never = " since the service was started" if self._heard_s is None else ""
            sentence = f"The traffic receiver {self._settings.id} is silent for {silent_s:.0f} s{never}."
            sentence += f" {self._problem}" if self._problem else ""
        return TrafficSource(self._settings.id, self._heard_s, sentence, self._bad)

    async def run(self) -> None:
        scheme = urlsplit(self._settings.url).scheme
        session = {"sbs": self._read_lines, "file": self._poll_file}.get(scheme, self._poll_http)
        while True:
            try:
                await session()
            except (ReceiverError, OSError, TimeoutError, httpx.HTTPError) as error:
                self._problem = _words(error)
                log.warning("Traffic receiver %s: %s", self._settings.id, self._problem)
            await asyncio.sleep(self._wait_s * random.uniform(0.5, 1.0))
            self._wait_s = min(self._wait_s * 2.0, LONGEST_WAIT_S)

    def _heard(self, now_s: float) -> None:
        self._heard_s, self._problem, self._wait_s = now_s, "", FIRST_WAIT_S

    # -- aircraft.json ---------------------------------------------------------------------------------------------

    async def _poll_http(self) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            while True:
                self._document(await _get(client, self._settings.url))
                await asyncio.sleep(POLL_S)

    async def _poll_file(self) -> None:
        path = Path(self._settings.url.removeprefix("file://").removeprefix("file:"))
        while True:
            self._document(await asyncio.to_thread(path.read_bytes))
            await asyncio.sleep(POLL_S)

    def _document(self, content: bytes) -> None:
        now_s = self._clock.now_s()
        try:
            found, bad, age_s = aircraft_json.parse(content, self._settings.id, now_s)
        except ValueError as error:
            self._bad += 1
            raise ReceiverError(str(error)) from error
        self._bad += bad
        self._take(found, now_s)
        if age_s > SILENT_S:
            self._problem = "It answers, but its list is not renewed: its decoder has stopped."
            return
        self._heard(now_s - age_s)

    # -- BaseStation ----------------------------------------------------------------------------------------------

    async def _read_lines(self) -> None:
        parts = urlsplit(self._settings.url)
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2 * sbs.LONGEST_LINE)
        station = sbs.BaseStation(self._settings.id)
        try:
            while True:
                async with asyncio.timeout(LINE_TIMEOUT_S):
                    line = await _line(reader)
                now_s = self._clock.now_s()
                bad = station.bad_lines
                intruder = station.take(line, now_s)
                self._bad += station.bad_lines - bad
                self._heard(now_s)
                if intruder is not None:
                    self._take((intruder,), now_s)
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.wait_closed()


async def _line(reader: asyncio.StreamReader) -> str:
    """One line; an overlong one comes as an empty bad one. Raises ReceiverError at the end of the stream."""
    try:
        line = await reader.readline()
    except ValueError:
        return "too long"  # asyncio has thrown the buffer away; the next line end starts anew
    if not line:
        raise ReceiverError("It closed the connection.")
    return line.decode("ascii", "replace")


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    """Raises ReceiverError, httpx.HTTPError, TimeoutError (the whole answer must come in time)."""
    content = bytearray()
    async with asyncio.timeout(2.0 * TIMEOUT_S), client.stream("GET", url) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ReceiverError(f"It answers with HTTP {answer.status_code}.")
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > LARGEST_BYTES:
                raise ReceiverError(f"Its answer is larger than {LARGEST_BYTES / 1e6:.0f} MB.")
    return bytes(content)


def _words(error: Exception) -> str:
    if isinstance(error, ReceiverError):
        return str(error)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "It does not answer in time."
    if isinstance(error, FileNotFoundError):
        return f"The file {error.filename} is not there."
    return f"It cannot be reached: {str(error) or type(error).__name__}."

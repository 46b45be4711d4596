"""Where the reports come from: a file or an address, asked again and again; an answer that is none changes nothing."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from dfr.core.clock import Clock
from dfr.core.weather import Weather
from dfr.weather.metar import MetarError, parse, report_in

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0
LONGEST_ANSWER = 100_000
"""Bytes; a report has some hundred."""


class WeatherUnavailable(Exception):
    """Nothing that can be used came; the message is a sentence."""


class WeatherWatch:
    """Asks `source` every `every_s` seconds and hands on each report that is newer than the one before.

    `source` is a file's path or an http(s) address. Both hold METAR text, as the National Weather Service's files do,
    or JSON as the Aviation Weather Center's data API gives it: a list of objects with `rawOb`, newest first.
    """

    def __init__(self, source: str, every_s: float, clock: Clock, on_weather: Callable[[Weather], None]) -> None:
        self._source = source
        self._every_s = every_s
        self._clock = clock
        self._on_weather = on_weather
        self._newest: Weather | None = None
        self.problem = ""
        """A sentence while the last attempt failed."""

    async def run(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=True) as client:
            while True:
                try:
                    self.take(await self._read(client))
                except WeatherUnavailable as error:
                    if str(error) != self.problem:
                        log.warning("%s", error)
                    self.problem = str(error)
                await asyncio.sleep(self._every_s)

    def take(self, text: str) -> None:
        """One answer. Raises WeatherUnavailable."""
        try:
            weather = parse(newest_report(text), self._clock.now_s())
        except MetarError as error:
            raise WeatherUnavailable(
                f"The weather source {self._source} answered, but not with a report: {error}"
            ) from error
        self.problem = ""
        if self._newest is None or weather.observed_s >= self._newest.observed_s:
            self._newest = weather
            self._on_weather(weather)

    async def _read(self, client: httpx.AsyncClient) -> str:
        if not self._source.startswith(("http://", "https://")):
            try:
                return await asyncio.to_thread(Path(self._source).read_text, encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise WeatherUnavailable(f"The weather file {self._source} cannot be read: {error}.") from error
        try:
            async with asyncio.timeout(TIMEOUT_S), client.stream("GET", self._source) as response:
                response.raise_for_status()
                content = b""
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > LONGEST_ANSWER:
                        raise WeatherUnavailable(f"The weather source {self._source} sends more than a report.")
        except (httpx.HTTPError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise WeatherUnavailable(f"The weather source {self._source} does not answer: {why}.") from error
        return content.decode("utf-8", "replace")


def newest_report(text: str) -> str:
    """The newest METAR of an answer, JSON or text. Raises MetarError."""
    if not text.lstrip().startswith(("[", "{")):
        return report_in(text)
    try:
        content: Any = json.loads(text)
    except ValueError as error:
        raise MetarError(f"it is neither METAR nor JSON ({error}).") from error
    rows = content if isinstance(content, list) else [content]
    reports = [row for row in rows if isinstance(row, dict) and isinstance(row.get("rawOb"), str)]
    if not reports:
        raise MetarError("its JSON has no report with a rawOb.")
    return str(max(reports, key=_observed)["rawOb"])


def _observed(row: dict[str, Any]) -> float:
    said = row.get("obsTime")
    return float(said) if isinstance(said, int | float) else 0.0

"""The weather source over HTTP on this machine: answers as the Aviation Weather Center gives them, and bad ones."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from dfr.core.clock import ManualClock
from dfr.core.weather import Weather
from dfr.weather.source import LONGEST_ANSWER, WeatherWatch

NOW_S = datetime(2026, 7, 1, 20, 30, tzinfo=UTC).timestamp()
REPORT = "METAR KTUS 011953Z 28012G22KT 10SM FEW120 SCT200 39/04 A2981 RMK AO2 SLP052 T03890044"
OLDER = "METAR KTUS 011853Z 27008KT 10SM CLR 38/04 A2983"
ANSWER = json.dumps(
    [
        {"icaoId": "KTUS", "obsTime": 1782932000, "wdir": 270, "wspd": 8, "rawOb": OLDER},
        {"icaoId": "KTUS", "obsTime": 1782935580, "wdir": 280, "wspd": 12, "wgst": 22, "visib": "10+", "rawOb": REPORT},
    ]
)


@contextmanager
def served(*answers: tuple[int, str]) -> Iterator[str]:
    """These answers one after the other, the last one again and again; the address."""
    waiting = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/data/metar?ids=KTUS&format=json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def heard(source: str, count: int = 1, problem: str = "") -> tuple[list[Weather], WeatherWatch]:
    """What a watch hands on until there are so many, or until its problem has these words."""
    taken: list[Weather] = []
    watch = WeatherWatch(source, 0.01, ManualClock(NOW_S), taken.append)

    async def listen() -> None:
        running = asyncio.create_task(watch.run())
        deadline_s = time.monotonic() + 10.0
        while (problem not in watch.problem or not watch.problem) if problem else len(taken) < count:
            assert time.monotonic() < deadline_s, (taken, watch.problem)
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(listen())
    return taken, watch


def test_the_newest_report_of_the_answer_is_taken() -> None:
    with served((200, ANSWER)) as address:
        taken, watch = heard(address)
    assert taken[0].text == REPORT
    assert watch.problem == ""


def test_a_source_that_fails_is_asked_again_and_says_so_meanwhile() -> None:
    with served((500, "down"), (200, "<html>"), (200, "[]"), (200, REPORT)) as address:
        taken, _ = heard(address)
    assert taken[0].text == REPORT


def test_each_way_to_fail_has_its_sentence() -> None:
    for answer, words in (
        ((503, "down"), "does not answer: Server error '503"),
        ((200, "<html>sorry</html>"), "not with a report"),
        ((200, "[]"), "no report with a rawOb"),
        ((200, "[{"), "neither METAR nor JSON"),
        ((200, "x" * (LONGEST_ANSWER + 1)), "sends more than a report"),
    ):
        with served(answer) as address:
            taken, _ = heard(address, problem=words)
        assert taken == []


def test_an_older_report_does_not_take_the_place_of_a_newer_one() -> None:
    with served((200, REPORT), (200, OLDER), (200, OLDER), (200, REPORT)) as address:
        taken, _ = heard(address, count=2)
    assert [weather.text for weather in taken] == [REPORT, REPORT]


def test_nobody_there_is_said() -> None:
    with served((200, REPORT)) as address:
        pass
    taken, _ = heard(address, problem="does not answer")
    assert taken == []


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "KTUS.TXT"
    file.write_text(f"2026/07/01 19:53\n{REPORT}\n", encoding="utf-8")
    taken, _ = heard(str(file))
    assert taken[0].source == "METAR KTUS"
    taken, _ = heard(str(tmp_path / "none.txt"), problem="cannot be read")
    assert taken == []

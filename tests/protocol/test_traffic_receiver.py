"""Ground receivers over sockets of this machine: well ones, and every way in which one is not well."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from dfr.core.clock import SystemClock
from dfr.core.traffic import Datums, Intruder
from dfr.traffic import receiver as under_test
from dfr.traffic.receiver import LONGEST_WAIT_S, SILENT_S, Receiver, ReceiverSettings
from dfr.traffic.room import TrafficRoom
from sim.autopilot.frames import LocalFrame
from sim.traffic.encounters import overflights
from sim.traffic.receiver import GroundReceiver, Sky, running_receiver

FRAME = LocalFrame(32.2217, -110.9265, 768.0)
SKY = overflights(FRAME)
LINE = b"MSG,3,1,1,A1B2C3,1,,,,,,3000,,,32.22,-110.92,,,0,,0,0\r\n"
WITHIN_S = 10.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ladder, faster."""
    monkeypatch.setattr(under_test, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(under_test, "LONGEST_WAIT_S", 0.2)
    monkeypatch.setattr(under_test, "POLL_S", 0.02)


class Listening:
    """A receiver's client with what it took."""

    def __init__(self, url: str, clock: SystemClock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.taken: list[Intruder] = []
        self.client = Receiver(ReceiverSettings("roof", url), lambda heard, _: self.taken.extend(heard), self.clock)

    def until(self, holds: Callable[[], object], then: Callable[[], None] | None = None) -> None:
        """Listen until it holds; once it does, do `then` and come back at once."""

        async def listen() -> None:
            running = asyncio.create_task(self.client.run())
            try:
                async with asyncio.timeout(WITHIN_S):
                    while not holds():
                        assert not running.done(), running.exception()
                        await asyncio.sleep(0.01)
                if then is not None:
                    then()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        asyncio.run(listen())

    @property
    def sentence(self) -> str:
        return self.client.health(self.clock.now_s()).sentence

    @property
    def bad(self) -> int:
        return self.client.health(self.clock.now_s()).bad_messages


@contextmanager
def answering(*answers: bytes, stay_s: float = 0.0) -> Iterator[tuple[int, list[float]]]:
    """A TCP peer that sends each connection its answer, the last again and again, and cuts it; when they came."""
    came: list[float] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0.1)
        open_ = True

        def serve() -> None:
            waiting = list(answers)
            while open_:
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                came.append(time.monotonic())
                with peer:
                    try:
                        peer.sendall(waiting.pop(0) if len(waiting) > 1 else waiting[0])
                        time.sleep(stay_s)
                    except OSError:
                        pass

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], came
        open_ = False
        thread.join(5.0)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


def http(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


@pytest.mark.parametrize("scheme", ["http", "sbs"])
def test_what_flies_is_heard(scheme: str) -> None:
    with running_receiver(SKY, -29.0, sbs_port=0) as ground:
        url = ground.url if scheme == "http" else f"sbs://127.0.0.1:{ground.sbs_port}"
        listening = Listening(url)
        listening.until(lambda: {one.id for one in listening.taken} == {one.address for one in SKY})
        listening.until(lambda: listening.sentence == "")
    assert listening.bad == 0
    assert {one.source for one in listening.taken} == {"roof"}


@pytest.mark.parametrize("scheme", ["http", "sbs"])
def test_nobody_is_there_and_it_starts_late(scheme: str) -> None:
    port = free_port()
    path = "/data/aircraft.json" if scheme == "http" else ""
    listening = Listening(f"{scheme}://127.0.0.1:{port}{path}")
    late: list[GroundReceiver] = []

    def start() -> None:
        late.append(GroundReceiver(Sky(SKY), *((port, None) if scheme == "http" else (None, port))))
        late[0].start()

    listening.until(lambda: "cannot be reached" in listening.sentence, start)
    assert "since the service was started" in listening.sentence
    try:
        listening.until(lambda: listening.taken and not listening.sentence)
    finally:
        late[0].close()


@pytest.mark.parametrize("scheme", ["http", "sbs"])
def test_one_that_goes_away_and_comes_back(scheme: str) -> None:
    with running_receiver(SKY, sbs_port=0) as ground:
        listening = Listening(ground.url if scheme == "http" else f"sbs://127.0.0.1:{ground.sbs_port}")
        listening.until(lambda: listening.taken)
        ground.fail("refuses")
        said = "HTTP 503" if scheme == "http" else "closed the connection"
        listening.until(lambda: said in listening.sentence)
        assert "since the service" not in listening.sentence
        ground.fail("")
        listening.until(lambda: not listening.sentence)


def test_a_decoder_that_has_stopped_is_told_from_an_empty_sky() -> None:
    with running_receiver(SKY) as ground:
        clock = Ahead()
        listening = Listening(ground.url, clock)
        listening.until(lambda: listening.taken)
        ground.fail("stopped")
        clock.ahead_s = SILENT_S + 2.0
        listening.until(lambda: "not renewed" in listening.sentence)
    with running_receiver() as ground:
        listening = Listening(ground.url)
        listening.until(lambda: listening.client.health(time.time()).heard_s is not None)
        assert listening.sentence == ""
        assert listening.taken == []


class Ahead(SystemClock):
    """A machine clock that can be moved."""

    ahead_s = 0.0

    def now_s(self) -> float:
        return super().now_s() + self.ahead_s


@pytest.mark.parametrize("scheme", ["http", "sbs"])
def test_one_that_answers_nothing_is_given_up_in_time(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(under_test, "LINE_TIMEOUT_S", 0.2)
    with running_receiver(SKY, sbs_port=0) as ground:
        ground.fail("silent")
        listening = Listening(ground.url if scheme == "http" else f"sbs://127.0.0.1:{ground.sbs_port}")
        listening.until(lambda: "does not answer in time" in listening.sentence)


def test_an_answer_that_drips_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes before the time-out; the whole answer does not."""
    monkeypatch.setattr(under_test, "TIMEOUT_S", 0.2)

    async def serve() -> None:
        async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _byte in range(100):
                writer.write(b" ")
                await asyncio.sleep(0.05)
            writer.close()

        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        listening = Listening(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        running = asyncio.create_task(listening.client.run())
        async with asyncio.timeout(WITHIN_S):
            while "in time" not in listening.sentence:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()

    asyncio.run(serve())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(b"", "404 Not Found"), "HTTP 404"),
        (http(b"", "500 Internal Server Error"), "HTTP 500"),
        (http(b"<html>"), "does not send JSON"),
        (http(b"\xff\xfe\x00"), "does not send JSON"),
        (http(b'{"now": 1}'), 'without a list "aircraft"'),
        (http(b"[]"), 'without a list "aircraft"'),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "cannot be reached"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
    ],
)
def test_answers_that_are_none(answer: bytes, said: str) -> None:
    with answering(answer) as (port, _):
        listening = Listening(f"http://127.0.0.1:{port}/data/aircraft.json")
        listening.until(lambda: said in listening.sentence)
    assert listening.taken == []


def test_an_endless_answer_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "LARGEST_BYTES", 1_000_000)
    body = b" " * 1_200_000
    with answering(http(body)) as (port, _):
        listening = Listening(f"http://127.0.0.1:{port}/")
        listening.until(lambda: "larger than 1 MB" in listening.sentence)


def test_a_bad_entry_costs_only_itself() -> None:
    body = b'{"aircraft": [{"hex": "a1b2c3", "lat": "no", "lon": 1}, 7, {"hex": "a1b2c4", "lat": 32.2, "lon": -110.9}]}'
    with answering(http(body)) as (port, _):
        listening = Listening(f"http://127.0.0.1:{port}/")
        listening.until(lambda: listening.taken)
    assert {one.id for one in listening.taken} == {"a1b2c4"}
    assert listening.bad >= 2


def test_lines_that_are_cut_garbled_or_endless_are_counted_and_the_next_are_read() -> None:
    garbage = b"\x00\xff" * 300 + b"\r\nMSG,3,1\r\nHTTP/1.1 400 Bad Request\r\n" + b"x" * 20_000 + b"\r\n"
    with answering(garbage + LINE + LINE[:30], LINE, stay_s=0.1) as (port, came):
        listening = Listening(f"sbs://127.0.0.1:{port}")
        listening.until(lambda: len(came) >= 3 and len(listening.taken) >= 2)
        assert listening.bad >= 4
    assert {one.id for one in listening.taken} == {"a1b2c3"}
    assert {one.position.latitude_deg for one in listening.taken} == {32.22}, "half a line is no position"


def test_a_peer_that_hangs_up_at_once_is_not_called_without_end() -> None:
    """The ladder: each wait is longer than the one before, up to the longest; with jitter of half."""
    with answering(b"") as (port, came):
        listening = Listening(f"sbs://127.0.0.1:{port}")
        listening.until(lambda: len(came) >= 8)
    waits = [later - earlier for earlier, later in pairwise(came)]
    assert waits[-1] > 0.09, "half of the longest wait at least"
    assert sum(waits[:2]) < sum(waits[-2:])
    assert under_test.LONGEST_WAIT_S < LONGEST_WAIT_S


def test_what_has_come_starts_the_ladder_over() -> None:
    with answering(LINE) as (port, came):
        listening = Listening(f"sbs://127.0.0.1:{port}")
        listening.until(lambda: len(came) >= 5)
        assert listening.client._wait_s <= 2 * under_test.FIRST_WAIT_S


def test_a_file_that_is_not_there_is_half_written_and_vanishes(tmp_path: Path) -> None:
    path = tmp_path / "aircraft.json"
    listening = Listening(f"file:{path}")
    listening.until(lambda: "is not there" in listening.sentence)
    path.write_bytes(b'{"aircraft": [{"hex": "a1b')
    listening.until(lambda: "does not send JSON" in listening.sentence)
    path.write_bytes(b'{"aircraft": [{"hex": "a1b2c4", "lat": 32.2, "lon": -110.9}]}')
    listening.until(lambda: listening.taken and not listening.sentence)
    path.unlink()
    listening.until(lambda: "is not there" in listening.sentence)


def test_a_receiver_that_fails_does_not_silence_another() -> None:
    with running_receiver(SKY) as ground:
        settings = (ReceiverSettings("gone", f"sbs://127.0.0.1:{free_port()}"), ReceiverSettings("roof", ground.url))
        room = TrafficRoom(settings, Datums(), SystemClock())

        async def listen() -> None:
            running = asyncio.create_task(room.run())
            async with asyncio.timeout(WITHIN_S):
                while len(room.picture(time.time()).intruders) < len(SKY):
                    await asyncio.sleep(0.01)
                while not room.picture(time.time()).sources[0].sentence:
                    await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        asyncio.run(listen())
        gone, roof = room.picture(time.time()).sources
        assert "gone is silent" in gone.sentence
        assert roof.sentence == ""

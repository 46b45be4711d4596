"""Stands on the wire between service and aircraft, hands everything on, and notes when a command passes."""

import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

Address = tuple[str, int]


@dataclass
class Line:
    """One aircraft's link: it talks to `front`, the service hears and answers `back`."""

    service: Address
    front: socket.socket = field(default_factory=lambda: _socket())
    back: socket.socket = field(default_factory=lambda: _socket())
    aircraft: Address | None = None
    codec: Any = None

    def __post_init__(self) -> None:
        self.codec = mavlink.MAVLink(None)
        self.codec.robust_parsing = True

    @property
    def port(self) -> int:
        """Where the aircraft sends to instead of to the service."""
        return int(self.front.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Passed:
    """A command on its way to an aircraft: `at_s` is `time.monotonic` when its datagram was taken from the socket."""

    system_id: int
    command: int
    at_s: float


class Tap:
    """Watches from a thread of its own while the block lasts."""

    def __init__(self, services: list[Address], command: int = mavlink.MAV_CMD_NAV_TAKEOFF) -> None:
        self.lines = [Line(address) for address in services]
        self._command = command
        self._passed: deque[Passed] = deque(maxlen=1000)
        self._news = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tap", daemon=True)

    def __enter__(self) -> "Tap":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=5.0)
        for line in self.lines:
            line.front.close()
            line.back.close()

    def first(self, system_id: int, after_s: float, within_s: float) -> float | None:
        """When the command passed to this aircraft for the first time since `after_s`; None when it did not in time."""

        def look() -> float | None:
            return next((p.at_s for p in self._passed if p.system_id == system_id and p.at_s >= after_s), None)

        with self._news:
            self._news.wait_for(lambda: look() is not None, within_s)
            return look()

    def _run(self) -> None:
        ends = {end: line for line in self.lines for end in (line.front, line.back)}
        while not self._ended.is_set():
            for end in select.select(list(ends), [], [], 0.2)[0]:
                line = ends[end]
                # A side that is not there (yet, or any more) loses its datagrams, as on a radio.
                with suppress(BlockingIOError, ConnectionRefusedError):
                    data, address = end.recvfrom(65535)
                    if end is line.front:
                        line.aircraft = address
                        line.back.sendto(data, line.service)
                    else:
                        self._to_aircraft(line, data, time.monotonic())

    def _to_aircraft(self, line: Line, data: bytes, at_s: float) -> None:
        if line.aircraft is not None:
            line.front.sendto(data, line.aircraft)
        for message in line.codec.parse_buffer(data) or []:
            if message.get_type() in ("COMMAND_LONG", "COMMAND_INT") and message.command == self._command:
                with self._news:
                    self._passed.append(Passed(message.target_system, message.command, at_s))
                    self._news.notify_all()


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind(("127.0.0.1", 0))
    return made

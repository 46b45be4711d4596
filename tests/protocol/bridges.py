"""Other ways to a simulated aircraft: its UDP carried on over a serial line (a pseudo-terminal) or a TCP call."""

import os
import socket
import threading
import time
import tty
from collections import deque
from pathlib import Path
from typing import Self

BUFFER_BYTES = 4096
"""As a radio has: what does not fit is lost."""


class _Bridge:
    """One thread between the aircraft's socket and the other side; `pace` is bytes a second each way."""

    def __init__(self, pace: float | None = None) -> None:
        self.aircraft = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.aircraft.bind(("127.0.0.1", 0))
        self.aircraft.setblocking(False)
        self.lost_bytes = 0
        self.carried_bytes = 0
        self._pace = pace
        self._address: tuple[str, int] | None = None
        self._down: deque[int] = deque()
        self._credit = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def port(self) -> int:
        """Where the aircraft sends to."""
        return int(self.aircraft.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(5.0)
        self.aircraft.close()

    def _read(self) -> bytes:
        raise NotImplementedError

    def _write(self, data: bytes) -> None:
        raise NotImplementedError

    def _run(self) -> None:
        last = time.monotonic()
        while not self._stopping.wait(0.005):
            now = time.monotonic()
            self._credit = min(self._credit + (now - last) * (self._pace or 1e9), self._pace or 1e9)
            last = now
            self._from_aircraft()
            count = min(len(self._down), int(self._credit))
            if count:
                self._credit -= count
                self.carried_bytes += count
                self._write(bytes(self._down.popleft() for _ in range(count)))
            up = self._read()
            if up and self._address is not None:
                self.aircraft.sendto(up, self._address)

    def _from_aircraft(self) -> None:
        while True:
            try:
                data, self._address = self.aircraft.recvfrom(65535)
            except BlockingIOError:
                return
            if self._pace is not None and len(self._down) + len(data) > BUFFER_BYTES:
                self.lost_bytes += len(data)
            else:
                self._down.extend(data)


class SerialBridge(_Bridge):
    """`path` is the serial port: a link to a pseudo-terminal, that `unplug` takes away and `plug` gives anew."""

    def __init__(self, path: Path, pace: float | None = None) -> None:
        super().__init__(pace)
        self.path = path
        self._lock = threading.Lock()
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        with self._lock:
            self._ends = (ours, theirs)
        self.path.symlink_to(os.ttyname(theirs))

    def unplug(self) -> None:
        self.path.unlink()
        with self._lock:
            ends, self._ends = self._ends, None
        for end in ends or ():
            os.close(end)

    def _read(self) -> bytes:
        with self._lock:
            try:
                return b"" if self._ends is None else os.read(self._ends[0], 65535)
            except (BlockingIOError, OSError):
                return b""

    def _write(self, data: bytes) -> None:
        with self._lock:
            if self._ends is not None:
                try:
                    os.write(self._ends[0], data)
                except BlockingIOError:
                    self.lost_bytes += len(data)


class TcpBridge(_Bridge):
    """Listens when `call` is None, or calls that port; `hang_up` ends the call (and the listening) until `up`."""

    def __init__(self, port: int, calls: bool) -> None:
        super().__init__()
        self._tcp_port = port
        self._calls = calls
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._call: socket.socket | None = None

    def up(self) -> None:
        with self._lock:
            if self._calls:
                self._call = socket.create_connection(("127.0.0.1", self._tcp_port), 5.0)
                self._call.setblocking(False)
            else:
                self._listener = socket.create_server(("127.0.0.1", self._tcp_port))
                self._listener.setblocking(False)

    def hang_up(self) -> None:
        with self._lock:
            for one in (self._call, self._listener):
                if one is not None:
                    one.close()
            self._call = self._listener = None

    def _read(self) -> bytes:
        with self._lock:
            if self._listener is not None and self._call is None:
                try:
                    self._call, _ = self._listener.accept()
                    self._call.setblocking(False)
                except BlockingIOError:
                    return b""
            try:
                return self._call.recv(65535) if self._call is not None else b""
            except (BlockingIOError, ConnectionError):
                return b""

    def _write(self, data: bytes) -> None:
        with self._lock:
            if self._call is not None:
                try:
                    self._call.sendall(data)
                except (BlockingIOError, ConnectionError):
                    self.lost_bytes += len(data)

"""Open links: UDP and TCP sockets and serial ports, read by one thread, written to from any, never waited for.

A line has a channel for each sender at its other end: one for a serial port or a TCP call, one an address for a
listening UDP port. What cannot be written at once waits in a bounded queue; its oldest frames are dropped and counted.
"""

import contextlib
import logging
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

import serial

from dfr.fleet.link_url import LinkUrl
from dfr.fleet.mavlink.frames import Deframer
from dfr.fleet.ports import device_of

log = logging.getLogger(__name__)

CONNECT_S = 5.0
READ_BYTES = 65536
WAITING_BYTES = 16384
DATAGRAMS_A_TURN = 64
"""Read in one go before another line has its turn."""
MOST_CHANNELS = 512
FORGET_S = 600.0
"""An address that was silent for this long is not written to any more."""

Address = tuple[str, int]


class Channel:
    """One sender at the other end of a line; `place` says where, for people."""

    def __init__(self, line: "Line", place: str, write: Callable[[bytes], None]) -> None:
        self.line = line
        self.place = place
        self.write = write
        self.deframer = Deframer()
        self.heard_s = 0.0
        self.frames = 0
        self.sequence = 0
        """Of the last frame that was sent."""


Take = Callable[[Channel, list[bytes]], None]
"""Called by the reading thread with the frames that a channel brought."""
Ended = Callable[[str], None]
"""Called by the reading thread when a line has ended by itself, with why."""


class Reader:
    """The one thread that waits for all lines."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._nothing)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="mavlink-links", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Lines must be closed before."""
        self._stopping = True
        self._wake.send(b"x")
        self._thread.join(CONNECT_S)
        self._selector.close()
        self._wake.close()
        self._woken.close()

    def watch(self, descriptor: int, on_ready: Callable[[], None], writing: bool = False) -> None:
        """Call `on_ready` when there is something to read (or room to write); anew for a changed wish."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
        try:
            self._selector.modify(descriptor, events, on_ready)
        except KeyError:
            self._selector.register(descriptor, events, on_ready)

    def forget(self, descriptor: int) -> None:
        with contextlib.suppress(KeyError, ValueError, OSError):
            self._selector.unregister(descriptor)

    def _nothing(self) -> None:
        self._woken.recv(64)

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(1.0):
                try:
                    key.data()
                except Exception:
                    log.exception("A link failed inside the driver.")
                    self.forget(key.fd)


class Line:
    """A link that is open."""

    def __init__(self, url: LinkUrl, number: int, reader: Reader, take: Take, ended: Ended) -> None:
        """`number` is the link's own, and that of its signatures."""
        self.url = url
        self.number = number
        self.dropped = 0
        """Frames that were not sent because the line was full."""
        self.sending = threading.Lock()
        """Held while a frame is numbered, signed and written, so that frames leave in that order."""
        self._reader = reader
        self._take = take
        self._ended = ended
        self._open = True

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Who is to hear what is meant for all."""
        return ()

    def close(self) -> None:
        """Idempotent; nothing is read or written any more."""
        self._open = False

    def _end(self, why: str) -> None:
        if self._open:
            self.close()
            self._ended(why)


class UdpListener(Line):
    """udpin: answers each address that has spoken."""

    def __init__(self, url: LinkUrl, number: int, reader: Reader, take: Take, ended: Ended) -> None:
        super().__init__(url, number, reader, take, ended)
        family, kind, _, _, address = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind)
        self._socket.setblocking(False)
        try:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._by_address: dict[Address, Channel] = {}
        reader.watch(self._socket.fileno(), self._read)

    @property
    def channels(self) -> tuple[Channel, ...]:
        oldest = time.monotonic() - FORGET_S
        return tuple(channel for channel in list(self._by_address.values()) if channel.heard_s > oldest)

    def _read(self) -> None:
        now_s = time.monotonic()
        for _ in range(DATAGRAMS_A_TURN):
            try:
                data, address = self._socket.recvfrom(READ_BYTES)
            except (BlockingIOError, ConnectionRefusedError):
                return
            except OSError as error:
                self._end(error.strerror or str(error))
                return
            channel = self._by_address.get(address) or self._channel(address)
            frames = list(channel.deframer.datagram(data))
            if frames:
                channel.heard_s = now_s
                self._by_address[address] = channel
                self._take(channel, frames)

    def _channel(self, address: Address) -> Channel:
        """Remembered when it has said something that is MAVLink; the one silent for longest makes room."""
        if len(self._by_address) >= MOST_CHANNELS:
            del self._by_address[min(self._by_address, key=lambda known: self._by_address[known].heard_s)]
        return Channel(
            self, f"{self.url.text} from {address[0]}:{address[1]}", lambda frame: self._write(frame, address)
        )

    def _write(self, frame: bytes, address: Address) -> None:
        try:
            self._socket.sendto(frame, address)
        except OSError:
            self.dropped += 1

    def close(self) -> None:
        if self._open:
            super().close()
            self._reader.forget(self._socket.fileno())
            self._socket.close()


class StreamLine(Line):
    """A file descriptor with one sender behind it: a TCP call, a serial port, or a UDP socket with one peer."""

    def __init__(
        self, url: LinkUrl, number: int, place: str, descriptor: int, close: Callable[[], None], reader: Reader,
        take: Take, ended: Ended,
    ) -> None:  # fmt: skip
        super().__init__(url, number, reader, take, ended)
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._close = close
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self.datagrams = url.scheme == "udpout"
        self.channel = Channel(self, place, self._write)
        reader.watch(descriptor, self._ready)

    @property
    def channels(self) -> tuple[Channel, ...]:
        return (self.channel,)

    def _ready(self) -> None:
        self._flush()
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except (BlockingIOError, ConnectionRefusedError):
            return
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        if not data:
            if not self.datagrams:
                self._end("the other end has closed it")
            return
        deframer = self.channel.deframer
        frames = list(deframer.datagram(data) if self.datagrams else deframer.feed(data))
        if frames:
            self.channel.heard_s = time.monotonic()
            self._take(self.channel, frames)

    def _write(self, frame: bytes) -> None:
        with self._lock:
            if not self._open:
                return
            self._waiting.append(frame)
            while sum(map(len, self._waiting)) > WAITING_BYTES:
                self._waiting.popleft()
                self.dropped += 1
        self._flush()

    def _flush(self) -> None:
        """Frames go out whole: one that was begun is ended before the next."""
        with self._lock:
            while self._open and (self._rest or self._waiting):
                self._rest = self._rest or self._waiting.popleft()
                try:
                    self._rest = self._rest[os.write(self._descriptor, self._rest) :]
                except BlockingIOError:
                    self._reader.watch(self._descriptor, self._ready, writing=True)
                    return
                except OSError:
                    self._rest = b""
                    self.dropped += 1
                    if not self.datagrams:
                        return  # reading finds out why
            if self._open:
                self._reader.watch(self._descriptor, self._ready)

    def close(self) -> None:
        with self._lock:
            if self._open:
                super().close()
                self._reader.forget(self._descriptor)
                self._close()


class TcpListener(Line):
    """tcpin: takes every call; a call that ends leaves the others."""

    def __init__(self, url: LinkUrl, number: int, reader: Reader, take: Take, ended: Ended) -> None:
        super().__init__(url, number, reader, take, ended)
        self._socket = socket.create_server((url.host, url.port), reuse_port=False)
        self._socket.setblocking(False)
        self._calls: dict[int, StreamLine] = {}
        reader.watch(self._socket.fileno(), self._accept)

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(call.channel for call in list(self._calls.values()))

    def _accept(self) -> None:
        try:
            call, address = self._socket.accept()
        except OSError as error:
            log.info("A call on %s ended before it was taken: %s", self.url.text, error)
            return
        if len(self._calls) >= MOST_CHANNELS:
            call.close()
            return
        _no_delay(call)
        descriptor, place = call.fileno(), f"{self.url.text} from {address[0]}:{address[1]}"
        self._calls[descriptor] = StreamLine(
            self.url, self.number, place, descriptor, call.close, self._reader, self._take,
            lambda _: self._hung_up(descriptor),
        )  # fmt: skip

    def _hung_up(self, descriptor: int) -> None:
        self._calls.pop(descriptor, None)

    def close(self) -> None:
        if self._open:
            super().close()
            self._reader.forget(self._socket.fileno())
            self._socket.close()
            for call in list(self._calls.values()):
                call.close()


def open_line(url: LinkUrl, number: int, reader: Reader, take: Take, ended: Ended) -> Line:
    """May take CONNECT_S: not for the event loop. Raises OSError."""
    match url.scheme:
        case "udpin":
            return UdpListener(url, number, reader, take, ended)
        case "tcpin":
            return TcpListener(url, number, reader, take, ended)
        case "serial":
            port = _open_serial(url)
            return StreamLine(url, number, url.text, port.fileno(), port.close, reader, take, ended)
    kind = socket.SOCK_DGRAM if url.scheme == "udpout" else socket.SOCK_STREAM
    family, _, _, _, address = socket.getaddrinfo(url.host, url.port, type=kind)[0]
    peer = socket.socket(family, kind)
    try:
        peer.settimeout(CONNECT_S)
        peer.connect(address)
    except OSError:
        peer.close()
        raise
    if kind == socket.SOCK_STREAM:
        _no_delay(peer)
    return StreamLine(url, number, url.text, peer.fileno(), peer.close, reader, take, ended)


def _open_serial(url: LinkUrl) -> serial.Serial:
    try:
        return serial.Serial(device_of(url), url.baud, timeout=0, write_timeout=0, exclusive=True)
    except (ValueError, serial.SerialException) as error:
        raise OSError(str(error)) from error


def _no_delay(call: socket.socket) -> None:
    """Commands go out at once, and a peer that is gone without a word is noticed within half a minute."""
    call.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    call.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 20_000)):
        if hasattr(socket, option):
            call.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

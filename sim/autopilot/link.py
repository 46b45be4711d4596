"""One UDP socket of an aircraft: MAVLink 2 out to a target, and in from whoever answers on it."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.radio import Address, Radio
from sim.autopilot.schedule import Schedule
from sim.autopilot.wire import frame, whole_frames

DATAGRAM_BYTES = 1200


class UdpLink:
    """`target` None: nothing is sent before somebody spoke (the aircraft listens at `bind`)."""

    def __init__(self, system_id: int, target: Address | None, bind: Address = ("0.0.0.0", 0)) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(bind)
        self._listening = target is None
        self.target = target
        self.codec = mavlink.MAVLink(None, srcSystem=system_id, srcComponent=1)
        self.codec.robust_parsing = True
        self.schedule = Schedule()
        self._waiting = bytearray()
        self.radio = Radio()
        self.heard: set[tuple[int, int]] = set()
        """System and component ids that spoke here."""

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: Any) -> None:
        """Queue it for the next `flush`: like PX4, one datagram carries what is due together."""
        signed = self.codec.signing.sign_outgoing
        packed = bytes(message.pack(self.codec)) if signed else frame(message, self.codec)
        self.codec.seq = (self.codec.seq + 1) % 256
        self.forward(packed)

    def forward(self, packed: bytes) -> None:
        """The same for another component's message, as it is: an autopilot passes them on to its links."""
        if self.target is None:
            return
        if len(self._waiting) + len(packed) > DATAGRAM_BYTES:
            self.flush()
        self._waiting += packed

    @property
    def waits(self) -> bool:
        return bool(self._waiting) or not self.radio.is_clear

    def flush(self) -> None:
        """Send what waits as one datagram; a peer that is not there, or a full buffer, loses it as a radio does."""
        waiting, self._waiting = bytes(self._waiting), bytearray()
        if self.target is None:
            return
        for data in (waiting,) if self.radio.is_clear else self.radio.outward(waiting):
            if data:
                with suppress(ConnectionRefusedError, BlockingIOError):
                    self._socket.sendto(data, self.target)

    def received(self) -> Iterator[Any]:
        """Every message that waits."""
        while True:
            try:
                came = self._socket.recvfrom(65535)
            except BlockingIOError:
                break
            except ConnectionRefusedError:
                continue
            yield from self._read([came] if self.radio.is_clear else self.radio.inward(came))
        if not self.radio.is_clear:
            yield from self._read(self.radio.inward(None))

    def _read(self, datagrams: list[tuple[bytes, Address]]) -> Iterator[Any]:
        for data, address in datagrams:
            messages = self._messages(data)
            if messages and self._listening:
                self.target = address
            yield from messages

    def _messages(self, data: bytes) -> list[Any]:
        frames = whole_frames(data)
        if frames is None or self.codec.buf_len():
            found = self.codec.parse_buffer(data) or []
        else:
            found = [message for one in frames if (message := self._decoded(one)) is not None]
        return [message for message in found if message.get_msgId() >= 0]

    def _decoded(self, one: bytes) -> Any:
        with suppress(mavlink.MAVError):
            return self.codec.decode(bytearray(one))
        return None

    def close(self) -> None:
        self._socket.close()


def link_for(system_id: int, service_url: str) -> UdpLink:
    """The aircraft's end of a link that the site writes from the service's side. Raises ValueError."""
    parts = urlsplit(service_url)
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"{service_url!r} is no link: write udpin://ADDRESS:PORT or udpout://ADDRESS:PORT.")
    host = "127.0.0.1" if parts.hostname == "0.0.0.0" else parts.hostname
    if parts.scheme == "udpin":
        return UdpLink(system_id, (host, parts.port))
    if parts.scheme == "udpout":
        return UdpLink(system_id, None, bind=(host, parts.port))
    raise ValueError(f"{service_url!r}: the built-in autopilot speaks UDP alone (udpin:// or udpout://).")

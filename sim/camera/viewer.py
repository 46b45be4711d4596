"""One receiver of a stream, over the RTSP connection itself or over UDP.

A slow one loses pictures up to the next IDR; it never gains delay.
"""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Sequence
from typing import Protocol

from sim.camera.encoder import AccessUnit
from sim.camera.rtp import RtpSender

REPORT_EACH_S = 5.0
MOST_BYTES_WAITING = 48_000


class Carrier(Protocol):
    """How packets reach a receiver."""

    def ready(self) -> bool:
        """Whether what was sent before has left, so that a picture sent now is not late."""

    def send_rtp(self, packets: Sequence[bytes]) -> None: ...

    def send_rtcp(self, packet: bytes) -> None: ...

    def close(self) -> None: ...


class InterleavedCarrier:
    """RTP and RTCP inside the RTSP connection (RFC 2326, section 10.12)."""

    def __init__(self, transport: asyncio.WriteTransport, rtp_channel: int, rtcp_channel: int) -> None:
        self._transport, self._rtp_channel, self._rtcp_channel = transport, rtp_channel, rtcp_channel

    def ready(self) -> bool:
        return self._transport.get_write_buffer_size() < MOST_BYTES_WAITING

    def send_rtp(self, packets: Sequence[bytes]) -> None:
        self._transport.write(b"".join(self._framed(self._rtp_channel, packet) for packet in packets))

    def send_rtcp(self, packet: bytes) -> None:
        self._transport.write(self._framed(self._rtcp_channel, packet))

    def close(self) -> None:
        """Nothing of its own to close: the connection belongs to the session."""

    @staticmethod
    def _framed(channel: int, packet: bytes) -> bytes:
        return struct.pack("!cBH", b"$", channel, len(packet)) + packet


class UdpCarrier:
    """RTP and RTCP on a pair of UDP ports; what the kernel does not take at once is lost, as on a radio link."""

    def __init__(self, local_host: str, peer_host: str, peer_ports: tuple[int, int]) -> None:
        self._rtp, self._rtcp = _bind_port_pair(local_host)
        self._peers = [(peer_host, port) for port in peer_ports]
        self.local_ports = (self._rtp.getsockname()[1], self._rtcp.getsockname()[1])

    def ready(self) -> bool:
        return True

    def send_rtp(self, packets: Sequence[bytes]) -> None:
        for packet in packets:
            self._send(self._rtp, packet, self._peers[0])

    def send_rtcp(self, packet: bytes) -> None:
        self._send(self._rtcp, packet, self._peers[1])

    def heard(self) -> bool:
        """Whether the receiver has sent a report since the last question: a sign of life besides RTSP."""
        heard = False
        with contextlib.suppress(OSError):
            while self._rtcp.recv(2048):
                heard = True
        return heard

    def close(self) -> None:
        self._rtp.close()
        self._rtcp.close()

    @staticmethod
    def _send(sock: socket.socket, packet: bytes, peer: tuple[str, int]) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            sock.sendto(packet, peer)


def _bind_port_pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Two sockets on an even port and the odd one above it (RFC 3550, section 11); OSError after 50 attempts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(50):
        rtp, rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        rtp.setblocking(False)
        rtcp.setblocking(False)
        try:
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            if port % 2 == 0:
                rtcp.bind((host, port + 1))
                return rtp, rtcp
        except OSError:
            pass  # the odd port is taken: try another pair
        rtp.close()
        rtcp.close()
    raise OSError(f"No free pair of UDP ports for RTP on {host}. Close programs that hold many ports and try again.")


class Viewer:
    """One playing receiver: starts at an IDR, drops to the next one when its carrier is not ready, reports by RTCP."""

    def __init__(self, carrier: Carrier, sender: RtpSender) -> None:
        self.carrier, self.sender = carrier, sender
        self.pictures_sent = 0
        self.pictures_dropped = 0
        self._waits_for_idr = True
        self._next_report_s = 0.0

    def start_at_idr(self) -> None:
        """Drops pictures up to the next IDR."""
        self._waits_for_idr = True

    def send(self, unit: AccessUnit, unit_payloads: Sequence[bytes]) -> None:
        """Sends one picture, or drops it."""
        if not self.carrier.ready():
            self.start_at_idr()
        if self._waits_for_idr and not (unit.is_idr and self.carrier.ready()):
            self.pictures_dropped += 1
            return
        self._waits_for_idr = False
        if (now_s := time.monotonic()) >= self._next_report_s:
            self._next_report_s = now_s + REPORT_EACH_S
            self.carrier.send_rtcp(self.sender.sender_report(unit, unit.utc_s))
        self.carrier.send_rtp(self.sender.packets(unit, unit_payloads))
        self.pictures_sent += 1

    def close(self) -> None:
        """Says goodbye and frees the carrier."""
        self.carrier.send_rtcp(self.sender.bye())
        self.carrier.close()

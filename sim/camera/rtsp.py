"""A small RTSP 1.0 server (RFC 2326) for live H.264: several streams, several receivers each, over TCP or UDP."""

import asyncio
import base64
import re
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sim.camera.encoder import AccessUnit, VideoFormat
from sim.camera.rtp import PAYLOAD_TYPE, RtpSender, payloads
from sim.camera.viewer import Carrier, InterleavedCarrier, UdpCarrier, Viewer

SESSION_TIMEOUT_S = 60
SEND_BUFFER_BYTES = 64 * 1024
_MOST_HEADER_BYTES = 8 * 1024
_MOST_BODY_BYTES = 64 * 1024
_TRACK = "trackID=0"
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    505: "RTSP Version Not Supported",
}


class LiveStream:
    """One stream of the server. Lives in the server's event loop.

    `on_viewers` is told how many watch, after each change.
    """

    def __init__(
        self, name: str, video: VideoFormat, sets: tuple[bytes, bytes], on_viewers: Callable[[int], None]
    ) -> None:
        self.name, self.viewers = name, set[Viewer]()
        self._video, self._sets, self._on_viewers = video, sets, on_viewers

    def publish(self, unit: AccessUnit) -> None:
        """Sends one picture to every viewer."""
        unit_payloads = payloads(unit)
        for viewer in self.viewers:
            viewer.send(unit, unit_payloads)

    def add(self, viewer: Viewer) -> None:
        """Starts sending to a viewer."""
        self.viewers.add(viewer)
        self._on_viewers(len(self.viewers))

    def remove(self, viewer: Viewer) -> None:
        """Stops sending to a viewer."""
        self.viewers.discard(viewer)
        self._on_viewers(len(self.viewers))

    def description(self, host: str) -> str:
        """The session description (SDP, RFC 8866; H.264 parameters by RFC 6184, section 8.1)."""
        sps, pps = self._sets
        sprop = ",".join(base64.b64encode(nal).decode() for nal in (sps, pps))
        video, profile = self._video, sps[1:4].hex()
        lines = [
            "v=0",
            f"o=- {int(time.time())} 1 IN {'IP6' if ':' in host else 'IP4'} {host}",
            f"s={self.name}",
            f"c=IN {'IP6 ::' if ':' in host else 'IP4 0.0.0.0'}",
            "t=0 0",
            "a=control:*",
            "a=range:npt=now-",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            f"b=AS:{video.bits_per_second // 1000}",
            f"a=rtpmap:{PAYLOAD_TYPE} H264/90000",
            f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sprop}",
            f"a=framerate:{video.frames_per_second}",
            f"a=framesize:{PAYLOAD_TYPE} {video.width_px}-{video.height_px}",
            f"a=control:{_TRACK}",
        ]
        return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One RTSP request; header names in lower case."""

    method: str
    url: str
    version: str
    headers: dict[str, str]


@dataclass(slots=True)
class Session:
    """What SETUP made: a stream, how it is carried, and whether it plays."""

    stream: LiveStream
    viewer: Viewer
    id: str = field(default_factory=lambda: secrets.token_hex(8))


class RtspServer:
    """Serves `streams` (path without slash to stream).

    Add and remove streams in the event loop that runs the server.
    """

    def __init__(self) -> None:
        self.streams: dict[str, LiveStream] = {}
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self, host: str, port: int) -> None:
        """Listens; port 0 lets the system pick (then read `port`). OSError when the port is taken."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=_MOST_HEADER_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Ends every session and stops listening."""
        for path in list(self.streams):
            self.remove(path)
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.close()

    def add(self, path: str, stream: LiveStream) -> None:
        """Serves a stream at rtsp://host:port/path."""
        self.streams[path] = stream

    def remove(self, path: str) -> None:
        """Takes a stream away; whoever watches it is disconnected, whoever asks for it hears 404."""
        stream = self.streams.pop(path, None)
        for connection in list(self._connections):
            if connection.session and connection.session.stream is stream:
                connection.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # the receiver went away, or does not speak RTSP: either way this connection is over
        finally:
            connection.close()
            self._connections.discard(connection)


class _Connection:
    """One receiver's RTSP connection; it carries one session at most."""

    def __init__(self, server: RtspServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.session: Session | None = None
        self._server, self._reader, self._writer = server, reader, writer
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def run(self) -> None:
        """Answers requests until the receiver leaves, or until nothing is heard of it for the session's timeout."""
        last_heard_s = time.monotonic()
        while not self._writer.is_closing():
            try:
                first = await asyncio.wait_for(self._reader.readexactly(1), SESSION_TIMEOUT_S / 4)
            except TimeoutError:
                if self._alive():
                    last_heard_s = time.monotonic()
                if time.monotonic() - last_heard_s > SESSION_TIMEOUT_S:
                    return
                continue
            last_heard_s = time.monotonic()
            request = await asyncio.wait_for(self._read(first), SESSION_TIMEOUT_S / 4)
            if request is None:
                continue
            self._answer(request)
            if request.method == "TEARDOWN":
                return

    def close(self) -> None:
        """Ends the session and the connection. May be called again."""
        if self.session:
            session, self.session = self.session, None
            session.stream.remove(session.viewer)
            session.viewer.close()
        self._writer.close()

    def _alive(self) -> bool:
        """Signs of life besides requests: RTCP on UDP; on TCP the open connection itself takes what we send."""
        if self.session is None:
            return False
        carrier = self.session.viewer.carrier
        return carrier.heard() if isinstance(carrier, UdpCarrier) else carrier.ready()

    async def _read(self, first: bytes) -> Request | None:
        """The request that starts with that byte; None for an interleaved RTCP packet, which is dropped."""
        if first == b"$":
            head = await self._reader.readexactly(3)
            await self._reader.readexactly(int.from_bytes(head[1:], "big"))
            return None
        text = (first + await self._reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
        line, *header_lines = text.strip().split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (item.partition(":") for item in header_lines)
        }
        length = int(headers.get("content-length", "0")) if headers.get("content-length", "0").isdigit() else -1
        if not 0 <= length <= _MOST_BODY_BYTES:
            raise ConnectionError("an RTSP request with an impossible Content-Length")
        await self._reader.readexactly(length)
        parts = line.split()
        if len(parts) != 3:
            return Request("", "", "RTSP/1.0", headers)
        return Request(parts[0], parts[1], parts[2], headers)

    def _answer(self, request: Request) -> None:
        status, headers, body = self._handle(request)
        lines = [f"RTSP/1.0 {status} {_REASONS[status]}", f"CSeq: {request.headers.get('cseq', '0')}"]
        if self.session and request.method not in ("OPTIONS", "DESCRIBE"):
            lines.append(f"Session: {self.session.id};timeout={SESSION_TIMEOUT_S}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body.encode())}")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        if status == 200 and request.method == "PLAY" and self.session:
            self.session.stream.add(self.session.viewer)

    def _handle(self, request: Request) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of the answer."""
        if not request.version.startswith("RTSP/1."):
            return 505, {}, ""
        if request.method in ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER"):
            return 200, {"Public": _METHODS}, ""
        if request.method == "DESCRIBE":
            return self._describe(request)
        if request.method == "SETUP":
            return self._setup(request)
        if request.method in ("PLAY", "PAUSE", "TEARDOWN"):
            return self._control(request)
        return (501 if request.method else 400), {}, ""

    def _describe(self, request: Request) -> tuple[int, dict[str, str], str]:
        stream = self._stream(request.url)
        if stream is None:
            return 404, {}, ""
        host = self._writer.get_extra_info("sockname")[0]
        base = request.url.rstrip("/") + "/"
        return 200, {"Content-Base": base, "Content-Type": "application/sdp"}, stream.description(host)

    def _setup(self, request: Request) -> tuple[int, dict[str, str], str]:
        stream = self._stream(request.url)
        if stream is None:
            return 404, {}, ""
        if self.session:
            return 455, {}, ""
        for asked in request.headers.get("transport", "").split(","):
            if made := self._carrier(asked):
                carrier, answer = made
                self.session = Session(stream, Viewer(carrier, RtpSender()))
                return 200, {"Transport": f"{answer};ssrc={self.session.viewer.sender.ssrc:08X}"}, ""
        return 461, {}, ""

    def _carrier(self, transport: str) -> tuple[Carrier, str] | None:
        """The carrier that a Transport header asks for, and the header that grants it; None for what we cannot."""
        if found := re.search(r"RTP/AVP/TCP\b.*;interleaved=(\d+)-(\d+)", transport):
            rtp_channel, rtcp_channel = int(found[1]), int(found[2])
            if max(rtp_channel, rtcp_channel) > 255:
                return None
            answer = f"RTP/AVP/TCP;unicast;interleaved={rtp_channel}-{rtcp_channel}"
            return InterleavedCarrier(self._writer.transport, rtp_channel, rtcp_channel), answer
        found = re.search(r"RTP/AVP(?:/UDP)?;(?:.*;)?client_port=(\d+)-(\d+)", transport)
        if found is None or "multicast" in transport or not all(0 < int(port) < 65536 for port in found.groups()):
            return None
        # Only ever to the host that asks: a destination of its choice would make us a cannon.
        here, there = (self._writer.get_extra_info(side)[0] for side in ("sockname", "peername"))
        carrier = UdpCarrier(here, there, (int(found[1]), int(found[2])))
        given = "{}-{}".format(*carrier.local_ports)
        return carrier, f"RTP/AVP;unicast;client_port={found[1]}-{found[2]};server_port={given}"

    def _control(self, request: Request) -> tuple[int, dict[str, str], str]:
        session = self.session
        if session is None or request.headers.get("session", "").partition(";")[0] != session.id:
            return 454, {}, ""
        if request.method in ("PAUSE", "TEARDOWN"):
            session.stream.remove(session.viewer)
            return 200, {}, ""
        session.viewer.start_at_idr()
        track = f"{request.url.rstrip('/').removesuffix(_TRACK).rstrip('/')}/{_TRACK}"
        return 200, {"Range": "npt=now-", "RTP-Info": f"url={track};seq={session.viewer.sender.sequence}"}, ""

    def _stream(self, url: str) -> LiveStream | None:
        path = urlsplit(url).path.strip("/").removesuffix(_TRACK).rstrip("/")
        return self._server.streams.get(path)

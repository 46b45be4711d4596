"""A camera for the video tests: a small RTSP server (RFC 2326, RTP interleaved over TCP) with faults at will."""

import asyncio
import base64
import contextlib
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np

FRAMES_PER_SECOND = 25
_MAX_PAYLOAD = 1200
_BAR_PX = 16
_BITS = 10


@dataclass(frozen=True)
class Clip:
    """Encoded access units in decode order, each with its time stamp (90 kHz) relative to the first."""

    units: tuple[bytes, ...]
    timestamps: tuple[int, ...]
    encoding: str = "H264"


@lru_cache(maxsize=8)
def encode_clip(frames: int = 200, group: int = 25, b_frames: int = 0, codec: str = "libx264") -> Clip:
    """Frames that carry their own number as a bar code; a keyframe every `group` frames."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.framerate = Fraction(FRAMES_PER_SECOND)
    encoder.time_base = Fraction(1, FRAMES_PER_SECOND)
    encoder.gop_size = group
    encoder.max_b_frames = b_frames
    options = {"preset": "ultrafast", "bf": str(b_frames)}
    if codec == "libx264":
        options |= {"sc_threshold": "0"} | ({} if b_frames else {"tune": "zerolatency"})
    if codec == "libx265":
        options["x265-params"] = "log-level=none"
    encoder.options = options
    units, timestamps = [], []
    for number in [*range(frames), None]:
        for packet in encoder.encode(None if number is None else _numbered_frame(number)):
            units.append(bytes(packet))
            timestamps.append(int(packet.pts * 90000 / FRAMES_PER_SECOND))
    return Clip(tuple(units), tuple(timestamps), "H264" if codec == "libx264" else "H265")


def _numbered_frame(number: int) -> av.VideoFrame:
    picture = np.full((240, 320, 3), 90, dtype=np.uint8)
    for bit in range(_BITS):
        picture[:32, bit * _BAR_PX : (bit + 1) * _BAR_PX] = 235 if number >> bit & 1 else 16
    picture[100:140, (number * 4) % 280 : (number * 4) % 280 + 40] = (200, 60, 60)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts = number
    return frame


def read_number(frame: av.VideoFrame) -> int:
    """The number painted into a decoded frame."""
    luma = frame.to_ndarray(format="gray")
    return sum(1 << bit for bit in range(_BITS) if luma[8:24, bit * _BAR_PX + 4 : (bit + 1) * _BAR_PX - 4].mean() > 110)


def nal_units(annex_b: bytes) -> list[bytes]:
    starts, position = [], annex_b.find(b"\0\0\1")
    while position >= 0:
        starts.append(position + 3)
        position = annex_b.find(b"\0\0\1", position + 3)
    return [annex_b[a : b - 3].rstrip(b"\0") for a, b in zip(starts, [*starts[1:], len(annex_b) + 3], strict=True)]


def rtp_payloads(annex_b: bytes, encoding: str) -> list[bytes]:
    """RFC 6184 single NAL units and FU-A fragments (RFC 7798 FU for H.265)."""
    payloads: list[bytes] = []
    for nal in nal_units(annex_b):
        if len(nal) <= _MAX_PAYLOAD:
            payloads.append(nal)
            continue
        if encoding == "H264":
            header_bytes, kind = 1, nal[0] & 0x1F
            indicator = bytes([nal[0] & 0xE0 | 28])
        else:
            header_bytes, kind = 2, nal[0] >> 1 & 0x3F
            indicator = bytes([nal[0] & 0x81 | 49 << 1, nal[1]])
        body = nal[header_bytes:]
        for offset in range(0, len(body), _MAX_PAYLOAD):
            first, last = offset == 0, offset + _MAX_PAYLOAD >= len(body)
            payloads.append(indicator + bytes([first << 7 | last << 6 | kind]) + body[offset : offset + _MAX_PAYLOAD])
    return payloads


@dataclass
class Camera:
    """Serves one clip, over and over, to whoever asks. `sent_s` holds when each frame number last left."""

    clip: Clip = field(default_factory=encode_clip)
    answers: bool = True
    parameter_sets_in_sdp: bool = True
    parameter_sets_in_band: bool = True
    frames_per_second: float = FRAMES_PER_SECOND
    first_timestamp: int = 1000
    port: int = 0
    paused: bool = False
    sent_s: dict[int, float] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refuse_with: str = ""
    has_audio: bool = False
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"rtsp://viewer:secret@127.0.0.1:{self.port}/camera"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                if line[:1] == b"$":
                    length = struct.unpack("!H", (line + await reader.readexactly(max(0, 4 - len(line))))[2:4])[0]
                    await reader.readexactly(max(0, length - max(0, len(line) - 4)))
                    continue
                headers = {}
                while (header := await reader.readline()).strip():
                    name, _, value = header.decode().partition(":")
                    headers[name.strip().lower()] = value.strip()
                self.requests.append(line.split()[0].decode())
                if self.answers:
                    await self._answer(line.split()[0].decode(), headers.get("cseq", "0"), writer)
        self._writers.discard(writer)
        writer.close()

    async def _answer(self, method: str, sequence: str, writer: asyncio.StreamWriter) -> None:
        body, extra, status = b"", "Session: 1\r\n", "200 OK"
        if method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
        elif method == "DESCRIBE" and self.refuse_with:
            status = self.refuse_with
        elif method == "DESCRIBE":
            body = self.sdp().encode()
            extra = f"Content-Base: {self.url.replace('viewer:secret@', '')}/\r\nContent-Type: application/sdp\r\n"
        elif method == "SETUP":
            extra += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        answer = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        writer.write(answer.encode() + body)
        await writer.drain()
        if method == "PLAY":
            task = asyncio.create_task(self._play(writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def sdp(self, port: int = 0) -> str:
        encoding = self.clip.encoding
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 127.0.0.1", "t=0 0"]
        lines += [f"m=video {port} RTP/AVP 96", f"a=rtpmap:96 {encoding}/90000"]
        if encoding == "H264":
            sets = [nal for nal in nal_units(self.clip.units[0]) if nal[0] & 0x1F in (7, 8)]
            sprop = ",".join(base64.b64encode(nal).decode() for nal in sets)
            lines.append(
                "a=fmtp:96 packetization-mode=1"
                + (f";sprop-parameter-sets={sprop}" if self.parameter_sets_in_sdp else "")
            )
        lines.append("a=control:track1")
        if self.has_audio:
            lines += ["m=audio 0 RTP/AVP 0", "a=control:track2"]
        return "\r\n".join([*lines, ""])

    def rtp_frames(self) -> Iterable[tuple[int, list[bytes]]]:
        """(frame number, RTP packets) without end, time stamps rising."""
        sequence, step = 0, int(90000 / FRAMES_PER_SECOND)
        length, turn = len(self.clip.units) * step, 0
        while True:
            for index, unit in enumerate(self.clip.units):
                timestamp = self.first_timestamp + turn * length + self.clip.timestamps[index]
                if not self.parameter_sets_in_band:
                    unit = b"".join(b"\0\0\0\1" + nal for nal in nal_units(unit) if nal[0] & 0x1F not in (7, 8))
                payloads = rtp_payloads(unit, self.clip.encoding)
                packets = []
                for position, payload in enumerate(payloads):
                    marker = position == len(payloads) - 1
                    header = struct.pack("!BBHII", 0x80, 96 | marker << 7, sequence, timestamp % 2**32, 7)
                    packets.append(header + payload)
                    sequence = (sequence + 1) % 2**16
                yield index, packets
            turn += 1

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        next_s = time.monotonic()
        for number, packets in self.rtp_frames():
            while self.paused:
                await asyncio.sleep(0.02)
                next_s = time.monotonic()
            if writer.is_closing():
                return
            self.sent_s[number] = time.monotonic()
            writer.write(b"".join(b"$\0" + struct.pack("!H", len(packet)) + packet for packet in packets))
            next_s += 1 / self.frames_per_second
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))

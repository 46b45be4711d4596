"""A viewer for the video tests: aiortc over real ICE, DTLS and SRTP on loopback."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from dfr.video.session import gather_loopback_too
from tests.protocol.video_camera import read_number


@dataclass
class Seen:
    """One decoded frame: its number, its RTP time stamp (90 kHz) and when it was there."""

    number: int
    timestamp: int
    at_s: float


@dataclass
class ViewerPeer:
    """Offers to receive H.264 and keeps what it decodes."""

    seen: list[Seen] = field(default_factory=list)
    peer: RTCPeerConnection = field(default_factory=lambda: RTCPeerConnection(RTCConfiguration(iceServers=[])))
    _task: asyncio.Task[None] | None = None

    async def offer(self, mime_type: str = "video/H264", with_candidates: bool = False) -> str:
        transceiver = self.peer.addTransceiver("video", direction="recvonly")
        codecs = [c for c in RTCRtpReceiver.getCapabilities("video").codecs if c.mimeType in (mime_type, "video/rtx")]
        transceiver.setCodecPreferences(codecs)
        self.peer.on("track", self._start)
        gather_loopback_too(self.peer)
        await self.peer.setLocalDescription(await self.peer.createOffer())
        sdp = self.peer.localDescription.sdp
        if not with_candidates:
            sdp = "".join(
                f"{line}\r\n" for line in sdp.splitlines() if not line.startswith(("a=candidate", "a=end-of"))
            )
        return sdp

    async def accept(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def see(self, count: int, timeout_s: float = 30.0) -> list[Seen]:
        """Wait until so many frames more have been decoded."""
        target = len(self.seen) + count
        async with asyncio.timeout(timeout_s):
            while len(self.seen) < target:
                await asyncio.sleep(0.01)
        return self.seen

    async def ask_for_keyframe(self) -> None:
        """Sends a PLI (RFC 4585, 6.3.1), as browsers do when they have lost their picture."""
        receiver = self.peer.getReceivers()[0]
        await receiver._send_rtcp_pli(next(iter(receiver._RTCRtpReceiver__active_ssrc)))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await self.peer.close()

    def _start(self, track: Any) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch(track))

    async def _watch(self, track: Any) -> None:
        while True:
            frame = await track.recv()
            self.seen.append(Seen(read_number(frame), frame.pts, time.monotonic()))


async def until(condition: Any, timeout_s: float = 30.0) -> None:
    """Wait for something to become true; TimeoutError when it does not."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)

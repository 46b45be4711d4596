"""One viewer's WebRTC session: the answer to its offer, and the pictures on their way to it."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import aioice.ice
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError

from dfr.video.errors import IceRestartRefused, MalformedOffer
from dfr.video.negotiation import Offer, read_candidates, read_offer
from dfr.video.relay import RelayedStream
from dfr.video.timeline import CLOCK_HZ
from dfr.video.viewer import Viewer, ViewerClosed

CONNECT_TIMEOUT_S = 20.0
REPEAT_INTERVAL_S = 1.0
_LOOPBACK = "127.0.0.1"

# A viewer that vanished without a word is let go after about 15 s instead of 30 (RFC 7675 sets the upper bound): it
# costs as much as one that watches. A player that was only cut off comes back with a new session.
aioice.ice.CONSENT_FAILURES = 3

logger = logging.getLogger(__name__)


class PassedThroughTrack(MediaStreamTrack):  # type: ignore[misc]  # aiortc is untyped here
    """Hands the stream's packets to aiortc, which cuts packets (av.Packet) into RTP without encoding."""

    kind = "video"

    def __init__(self, stream: RelayedStream) -> None:
        super().__init__()
        self._stream = stream
        self._viewer: Viewer | None = None
        self._repeated_s = 0.0

    async def recv(self) -> av.Packet:
        """The first call comes when the viewer is connected: only then it joins, so that its burst is fresh."""
        if self._viewer is None:
            self._viewer = self._stream.join()
        try:
            frame = await self._viewer.next()
        except ViewerClosed as closed:
            raise MediaStreamError from closed
        packet = av.Packet(frame.unit.data)
        packet.pts = frame.timestamp
        packet.time_base = Fraction(1, CLOCK_HZ)
        return packet

    def repeat(self) -> None:
        """The viewer asks for a keyframe (PLI, FIR): answered from the cache, the aircraft is asked for nothing."""
        now_s = asyncio.get_running_loop().time()
        if self._viewer is not None and now_s - self._repeated_s >= REPEAT_INTERVAL_S:
            self._repeated_s = now_s
            self._stream.repeat_group(self._viewer)

    def stop(self) -> None:
        super().stop()
        if self._viewer is not None:
            self._stream.leave(self._viewer)


def gather_loopback_too(peer: Any) -> None:
    """Adds 127.0.0.1 to the addresses that ICE listens on: aioice leaves it out, and a machine may have no other."""
    for transceiver in peer.getTransceivers():
        connection = transceiver.sender.transport.transport.iceGatherer._connection
        gather = connection.get_component_candidates

        async def with_loopback(component: int, addresses: list[str], timeout: int = 5, gather: Any = gather) -> Any:  # noqa: ASYNC109
            return await gather(component, [*addresses, _LOOPBACK], timeout)

        connection.get_component_candidates = with_loopback


class Session:
    """One viewer of one stream. `on_end` is called once, when the viewer left, vanished or was sent away."""

    def __init__(self, stream: RelayedStream, on_end: Callable[["Session"], None]) -> None:
        self.id = secrets.token_urlsafe(16)
        self.stream_id = stream.wanted.id
        self._stream = stream
        self._on_end = on_end
        self._username_fragment = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_ended = False
        # An empty list: without one aiortc would ask a public STUN server.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("connectionstatechange", self._connection_changed)

    async def answer(self, offer_sdp: str) -> str:
        """The SDP answer, with all candidates of this side in it. Raises MalformedOffer and NoH264."""
        profile = self._stream.sequence_parameters
        offer = read_offer(offer_sdp, profile.profile_level_id if profile else None)
        self._username_fragment = offer.username_fragment
        track = PassedThroughTrack(self._stream)
        transceiver = self._peer.addTransceiver(track, direction="sendonly")
        transceiver.setCodecPreferences(list(offer.codecs))
        transceiver.sender._send_keyframe = track.repeat
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        except (ValueError, OperationError, InvalidStateError) as error:
            raise MalformedOffer(
                "The offer cannot be met; a player offers one video section, recvonly, and no other media."
            ) from error
        for other in self._peer.getTransceivers():
            if other is not transceiver:
                other.direction = "inactive"
        gather_loopback_too(self._peer)
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        self._spawn(self._add_offered_candidates(offer))
        self._spawn(self._end_unless_connected())
        return str(self._peer.localDescription.sdp)

    async def add_candidates(self, fragment: str) -> None:
        """Trickled candidates (RFC 8840). Raises MalformedRequest, IceRestartRefused."""
        candidates, is_restart = read_candidates(fragment, self._username_fragment)
        if is_restart:
            raise IceRestartRefused("This session cannot restart ICE; close it and ask for a new one.")
        for candidate in candidates:
            await self._peer.addIceCandidate(candidate)

    async def close(self) -> None:
        """Ends the session; may be called again."""
        if not self._has_ended:
            self._has_ended = True
            self._on_end(self)
            for task in self._tasks - {asyncio.current_task()}:
                task.cancel()
        await self._peer.close()

    async def _add_offered_candidates(self, offer: Offer) -> None:
        for candidate in offer.candidates:
            await self._peer.addIceCandidate(candidate)

    async def _end_unless_connected(self) -> None:
        await asyncio.sleep(CONNECT_TIMEOUT_S)
        if self._peer.connectionState != "connected":
            logger.info("A viewer of %s did not connect within %.0f s.", self.stream_id, CONNECT_TIMEOUT_S)
            await self.close()

    async def _connection_changed(self) -> None:
        # "failed" comes some 15 s after a viewer vanished without a word (consent, RFC 7675).
        if self._peer.connectionState in ("failed", "closed"):
            await self.close()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

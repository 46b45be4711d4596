"""Offers and trickled candidates as plain data: which H.264 to agree on, what to leave out (RFC 9725)."""

from dataclasses import dataclass
from typing import Any

from aiortc import RTCIceCandidate, RTCRtpSender, sdp
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtpCodecCapability, RTCRtpCodecParameters

from dfr.video.errors import MalformedOffer, MalformedRequest, NoH264

MAX_CANDIDATES = 32
_UNREADABLE = (ValueError, AssertionError, LookupError, AttributeError, TypeError, StopIteration)
"""What aiortc's parser raises for text that is no SDP."""
_PASSED_THROUGH = ("4d001f", "640c1f", "64001f")
_CONSTRAINED_BASELINE = "42e01f"


def register_profiles() -> None:
    """Lets aiortc agree to main and high profile too: it knows only what its encoder makes, we encode nothing."""
    known = {_profile(codec.parameters) for codec in CODECS["video"] if codec.name == "H264"}
    template = next(codec for codec in CODECS["video"] if codec.name == "H264")
    payload_type = max(codec.payloadType for codec in CODECS["video"]) + 1
    for profile_level_id in _PASSED_THROUGH:
        parameters = {**template.parameters, "profile-level-id": profile_level_id}
        if _profile(parameters) not in known:
            CODECS["video"] += [
                RTCRtpCodecParameters(
                    mimeType=template.mimeType,
                    clockRate=template.clockRate,
                    payloadType=payload_type,
                    rtcpFeedback=list(template.rtcpFeedback),
                    parameters=parameters,
                ),
                RTCRtpCodecParameters(
                    mimeType="video/rtx",
                    clockRate=template.clockRate,
                    payloadType=payload_type + 1,
                    parameters={"apt": payload_type},
                ),
            ]
            payload_type += 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A player's offer: the text without its candidates, those that can be reached, and the agreed codec."""

    sdp: str
    candidates: tuple[RTCIceCandidate, ...]
    codecs: tuple[RTCRtpCodecCapability, ...]
    username_fragment: str


def read_offer(text: str, stream_profile_level_id: str | None) -> Offer:
    """Choose what to answer. Raises MalformedOffer, or NoH264 when the player cannot show what is passed through."""
    try:
        description = sdp.SessionDescription.parse(text)
    except _UNREADABLE as error:
        raise MalformedOffer("The offer is not an SDP that can be read; reload the page and try again.") from error
    video = next((media for media in description.media if media.kind == "video"), None)
    if video is None or video.direction not in ("recvonly", "sendrecv"):
        raise MalformedOffer("The offer does not ask to receive video; a player offers one video section, recvonly.")
    if not (video.ice.usernameFragment and video.ice.password and video.dtls and video.rtcp_mux):
        raise MalformedOffer("The offer lacks ICE credentials, a DTLS fingerprint or rtcp-mux, so it cannot be met.")
    return Offer(
        sdp="".join(f"{line}\r\n" for line in text.splitlines() if not _is_candidate_line(line)),
        candidates=_reachable_candidates(description),
        codecs=_choose_codecs(video.rtp.codecs, stream_profile_level_id),
        username_fragment=video.ice.usernameFragment,
    )


def _is_candidate_line(line: str) -> bool:
    # They are added after the answer: resolving one (mDNS) can take seconds, and the player checks towards us anyway.
    return line.startswith(("a=candidate:", "a=end-of-candidates"))


def _reachable_candidates(description: Any) -> tuple[RTCIceCandidate, ...]:
    found = []
    for index, media in enumerate(description.media):
        for candidate in media.ice_candidates:
            candidate.sdpMid, candidate.sdpMLineIndex = media.rtp.muxId, index
            found.append(candidate)
    return tuple(candidate for candidate in found if _is_reachable(candidate))[:MAX_CANDIDATES]


def _is_reachable(candidate: RTCIceCandidate) -> bool:
    """mDNS names are left out: such a player reaches us first and is learned from its check (RFC 8445, 7.3.1.3)."""
    return bool(
        candidate.protocol.lower() == "udp" and not candidate.ip.endswith(".local") and 0 < candidate.port < 65536
    )


def _choose_codecs(offered: list[Any], stream_profile_level_id: str | None) -> tuple[RTCRtpCodecCapability, ...]:
    offered_profiles = {
        _profile(codec.parameters)
        for codec in offered
        if codec.name.upper() == "H264" and str(codec.parameters.get("packetization-mode", "0")) == "1"
    }
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    ours = {_profile(c.parameters): c for c in capabilities if c.name == "H264"}
    # The stream's own profile if the player knows it, else the one that every player knows.
    wanted = [_profile({"profile-level-id": identity}) for identity in (stream_profile_level_id, _CONSTRAINED_BASELINE)]
    for profile in [*wanted, *ours]:
        if profile is not None and profile in offered_profiles and profile in ours:
            return (ours[profile], *(c for c in capabilities if c.mimeType.lower() == "video/rtx"))
    raise NoH264(
        "This player offers no H.264 that can be passed through (packetization mode 1); the video is never re-encoded. "
        "Use a browser with H.264: Chromium, Chrome, Edge, Firefox or Safari."
    )


def _profile(parameters: dict[str, Any]) -> Any:
    """The H.264 profile of format parameters; None for one that is unknown."""
    try:
        return sdp.parse_h264_profile_level_id(str(parameters.get("profile-level-id") or "42e01f"))[0]
    except ValueError:
        return None


def read_candidates(fragment: str, username_fragment: str) -> tuple[list[RTCIceCandidate], bool]:
    """Candidates of a trickle fragment (RFC 8840, 9), and whether it asks for an ICE restart.

    Raises MalformedRequest for a candidate that cannot be read.
    """
    candidates, mid, restart = [], "0", False
    for line in fragment.splitlines():
        name, _, value = line.strip().partition(":")
        if name == "a=ice-ufrag":
            restart = value != username_fragment
        elif name == "a=mid":
            mid = value
        elif name == "a=candidate":
            try:
                candidate = sdp.candidate_from_sdp(value)
            except _UNREADABLE as error:
                raise MalformedRequest("A trickled ICE candidate cannot be read.") from error
            candidate.sdpMid = mid
            candidates.append(candidate)
    return [candidate for candidate in candidates if _is_reachable(candidate)][:MAX_CANDIDATES], restart

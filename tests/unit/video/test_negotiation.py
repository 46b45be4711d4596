"""What is answered to the offers of real browsers, and to what is no offer."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.video.errors import MalformedOffer, MalformedRequest, NoH264, VideoError
from dfr.video.negotiation import read_candidates, read_offer, register_profiles

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
# Payload types and parameters as Chromium 140 and Firefox 140 offer them, each with what a camera may send.
CHROMIUM = [
    (96, "VP8/90000", ""),
    (103, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
    (107, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f"),
    (109, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    (117, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"),
    (121, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"),
]
FIREFOX = [
    (120, "VP8/90000", "max-fs=12288;max-fr=60"),
    (126, "H264/90000", "profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1"),
    (97, "H264/90000", "profile-level-id=42e01f;level-asymmetry-allowed=1"),
]


def offer(
    codecs: list[tuple[int, str, str]], direction: str = "recvonly", extra: str = "", media: str = "video"
) -> str:
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
    lines += [f"m={media} 9 UDP/TLS/RTP/SAVPF {' '.join(str(payload) for payload, _, _ in codecs)}", "c=IN IP4 0.0.0.0"]
    lines += ["a=ice-ufrag:abcd", "a=ice-pwd:0123456789abcdef01234567", f"a=fingerprint:{FINGERPRINT}"]
    lines += ["a=setup:actpass", "a=mid:0", f"a={direction}", "a=rtcp-mux", *extra.split("\n")]
    for payload, encoding, parameters in codecs:
        lines.append(f"a=rtpmap:{payload} {encoding}")
        lines += [f"a=fmtp:{payload} {parameters}"] if parameters else []
    return "\r\n".join(line for line in lines if line) + "\r\n"


@pytest.fixture(autouse=True)
def _profiles() -> None:
    register_profiles()


@pytest.mark.parametrize(
    ("codecs", "stream", "answered"),
    [
        (CHROMIUM, "42c01f", "42e01f"),
        (CHROMIUM, "42001f", "42001f"),
        (CHROMIUM, "4d0029", "4d001f"),
        (CHROMIUM, "640028", "64001f"),
        (CHROMIUM, "f4001f", "42e01f"),
        (CHROMIUM, None, "42e01f"),
        (FIREFOX, "640028", "42e01f"),
        (FIREFOX, "42c01f", "42e01f"),
    ],
)
def test_the_streams_own_profile_is_agreed_or_else_the_one_every_player_knows(
    codecs: list[tuple[int, str, str]], stream: str | None, answered: str
) -> None:
    chosen = read_offer(offer(codecs), stream).codecs
    assert chosen[0].parameters["profile-level-id"] == answered
    assert [codec.mimeType for codec in chosen] == ["video/H264", "video/rtx"]


def test_registering_twice_adds_nothing() -> None:
    from aiortc.codecs import CODECS

    before = len(CODECS["video"])
    register_profiles()
    assert len(CODECS["video"]) == before
    payload_types = [codec.payloadType for codec in CODECS["video"]]
    assert len(set(payload_types)) == len(payload_types)
    assert max(payload_types) <= 127


@pytest.mark.parametrize(
    "codecs",
    [[(96, "VP8/90000", "")], [(107, "H264/90000", "packetization-mode=0;profile-level-id=42001f")]],
)
def test_a_player_without_usable_h264_is_told_so(codecs: list[tuple[int, str, str]]) -> None:
    with pytest.raises(NoH264, match="never re-encoded"):
        read_offer(offer(codecs), "42e01f")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        offer(CHROMIUM, direction="sendonly"),
        offer(CHROMIUM, media="audio"),
        offer(CHROMIUM).replace("a=ice-pwd:0123456789abcdef01234567\r\n", ""),
        offer(CHROMIUM).replace(f"a=fingerprint:{FINGERPRINT}\r\n", "").replace("a=setup:actpass\r\n", ""),
        offer(CHROMIUM).replace("a=rtcp-mux\r\n", ""),
    ],
)
def test_what_cannot_be_met_is_a_malformed_offer(text: str) -> None:
    with pytest.raises(MalformedOffer):
        read_offer(text, None)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*offer(CHROMIUM).splitlines(), "a=candidate:x", "m=", "a=fmtp:1", "a=rtpmap:q", "\0"]))
)
def test_any_lines_are_an_offer_or_a_sentence(lines: list[str]) -> None:
    with contextlib.suppress(VideoError):
        read_offer("\r\n".join(lines) + "\r\n", None)


CANDIDATES = """a=candidate:1 1 udp 2113937151 6f1b6e6a-58a8-4d1f-9d9d-64a2b2f3c001.local 50000 typ host
a=candidate:2 1 udp 2113937151 192.0.2.7 50001 typ host
a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active
a=end-of-candidates"""


def test_candidates_are_taken_out_of_the_offer_and_hidden_names_left_out() -> None:
    read = read_offer(offer(CHROMIUM, extra=CANDIDATES), None)
    assert "a=candidate" not in read.sdp
    assert "end-of-candidates" not in read.sdp
    assert [(candidate.ip, candidate.port, candidate.sdpMid) for candidate in read.candidates] == [
        ("192.0.2.7", 50001, "0")
    ]


def test_a_trickle_fragment_is_read() -> None:
    candidates, restart = read_candidates("a=ice-ufrag:abcd\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n" + CANDIDATES, "abcd")
    assert [candidate.ip for candidate in candidates] == ["192.0.2.7"]
    assert not restart


def test_another_fragment_name_means_a_restart() -> None:
    assert read_candidates("a=ice-ufrag:other\r\n", "abcd")[1]


@pytest.mark.parametrize("line", ["a=candidate:", "a=candidate:1 x udp 1 h p typ host", "a=candidate:1 1 udp"])
def test_a_broken_candidate_is_refused(line: str) -> None:
    with pytest.raises(MalformedRequest):
        read_candidates(line, "abcd")

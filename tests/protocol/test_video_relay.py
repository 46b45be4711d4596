"""The relay against a real RTSP camera and real WebRTC viewers, all on loopback."""

import asyncio
import base64
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dfr.core.clock import SystemClock
from dfr.core.stream import StreamState
from dfr.video import session as sessions
from dfr.video.errors import NoH264, StreamNotLive, UnknownStream
from dfr.video.negotiation import register_profiles
from dfr.video.relay import RelayedStream
from dfr.video.service import Relay
from dfr.video.wanted import WantedStream
from tests.protocol.video_camera import FRAMES_PER_SECOND, Camera, encode_clip
from tests.protocol.video_viewer import ViewerPeer, until

LONG_GROUP = 100
"""Frames from keyframe to keyframe: four seconds, so that no test can mistake a live keyframe for a cached one."""


@contextlib.asynccontextmanager
async def relaying(url: str) -> AsyncIterator[tuple[Relay, RelayedStream]]:
    register_profiles()
    relay = Relay(SystemClock())
    watch = asyncio.create_task(relay.watch())
    await relay.set_streams([WantedStream("sky-1", "asset-1", "SKY-1", url)])
    try:
        yield relay, relay.streams["sky-1"]
    finally:
        watch.cancel()
        await relay.close()


@contextlib.asynccontextmanager
async def a_camera(camera: Camera) -> AsyncIterator[Camera]:
    await camera.start()
    try:
        yield camera
    finally:
        await camera.stop()


@contextlib.asynccontextmanager
async def a_viewer(relay: Relay, with_candidates: bool = False) -> AsyncIterator[ViewerPeer]:
    viewer = ViewerPeer()
    try:
        answer, _ = await relay.open_session("sky-1", await viewer.offer(with_candidates=with_candidates))
        await viewer.accept(answer)
        yield viewer
    finally:
        await viewer.close()


async def is_state(stream: RelayedStream, state: StreamState, timeout_s: float = 30.0) -> None:
    await until(lambda: stream.state is state, timeout_s)


def rises(viewer: ViewerPeer) -> bool:
    return all(later.timestamp > earlier.timestamp for earlier, later in itertools.pairwise(viewer.seen))


def test_a_joiner_sees_the_cached_group_at_once_and_then_every_picture() -> None:
    async def story() -> None:
        async with (
            a_camera(Camera(encode_clip(LONG_GROUP * 2, LONG_GROUP))) as camera,
            relaying(camera.url) as (relay, stream),
        ):
            await until(lambda: stream.counters.frames >= 30)
            async with a_viewer(relay) as viewer:
                seen = await viewer.see(60)
                assert [one.number for one in seen[:60]] == list(range(60)), "from the keyframe on, none missing"
                assert stream.counters.keyframes == 1, "the first picture came from the cache, not from a new keyframe"
                assert stream.counters.frames - seen[0].number >= 30, "and was older than what was live"
                assert seen[2].timestamp - seen[1].timestamp == 90_000 // FRAMES_PER_SECOND
            assert stream.describe().width_px == 320
            assert stream.describe().height_px == 240

    asyncio.run(story())


@pytest.mark.parametrize("beside", [True, False], ids=["parameter sets in the SDP alone", "in the stream alone"])
def test_parameter_sets_reach_the_joiner_wherever_the_camera_puts_them(beside: bool) -> None:
    async def story() -> None:
        camera = Camera(parameter_sets_in_sdp=beside, parameter_sets_in_band=not beside)
        async with a_camera(camera), relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay, with_candidates=True) as viewer:
                await viewer.see(5)

    asyncio.run(story())


def test_only_the_video_of_a_camera_with_sound_is_asked_for() -> None:
    async def story() -> None:
        async with a_camera(Camera(has_audio=True)) as camera, relaying(camera.url) as (_, stream):
            await is_state(stream, StreamState.LIVE)
            assert camera.requests.count("SETUP") == 1

    asyncio.run(story())


def test_a_stopped_camera_is_lost_and_comes_back_to_the_same_viewer() -> None:
    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as viewer:
                await viewer.see(10)
                await camera.stop()
                await is_state(stream, StreamState.LOST)
                assert "connecting again" in stream.sentence or "refuses" in stream.sentence
                await asyncio.sleep(0.5)
                camera.first_timestamp = 5  # its clock starts anew, far before
                before = len(viewer.seen)
                await camera.start()
                await viewer.see(30)
                assert viewer.seen[before + 2].number < 10, "from the first keyframe of the new connection"
                assert rises(viewer)
                assert viewer.peer.connectionState == "connected"
                assert stream.state is StreamState.LIVE
                assert stream.sentence == ""
                assert stream.counters.connections == 2

    asyncio.run(story())


def test_a_camera_that_stalls_is_lost_and_back_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfr.video.source.READ_TIMEOUT_S", 60.0)

    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as viewer:
                await viewer.see(10)
                last_frame_s = stream.describe().last_frame_s
                camera.paused = True
                await is_state(stream, StreamState.LOST)
                assert "No picture" in stream.sentence
                assert stream.describe().last_frame_s is not None
                assert last_frame_s is not None
                camera.paused = False
                await is_state(stream, StreamState.LIVE)
                await viewer.see(10)
                assert stream.counters.connections == 1, "the connection to the camera was kept"
                assert rises(viewer)

    asyncio.run(story())


def test_a_camera_that_never_answers_times_out_and_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfr.video.source.OPEN_TIMEOUT_S", 0.5)

    async def story() -> None:
        async with a_camera(Camera(answers=False)) as silent, relaying(silent.url) as (relay, stream):
            await until(lambda: "does not answer" in stream.sentence, 5.0)
            assert stream.state is StreamState.CONNECTING
            with pytest.raises(StreamNotLive, match=r"SKY-1 is not live yet\. The camera does not answer"):
                await relay.open_session("sky-1", await ViewerPeer().offer())
            silent.answers = True
            await is_state(stream, StreamState.LIVE)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "words"),
    [("401 Unauthorized", "name and password"), ("404 Not Found", "no stream at this path")],
)
def test_a_refusing_camera_is_told_in_words(status: str, words: str) -> None:
    async def story() -> None:
        async with a_camera(Camera(refuse_with=status)) as camera, relaying(camera.url) as (_, stream):
            await until(lambda: words in stream.sentence)
            assert "secret" not in stream.sentence
            assert stream.state is StreamState.CONNECTING

    asyncio.run(story())


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        ({"b_frames": 2, "frames": 50}, "B-frames"),
        ({"codec": "libx265", "frames": 25}, "HEVC"),
        ({"codec": "no keyframe"}, "keyframe"),
    ],
    ids=["B-frames", "H.265", "no keyframe"],
)
def test_what_browsers_cannot_show_fails_with_a_sentence(
    clip: dict[str, object], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dfr.video.status.KEYFRAME_WAIT_S", 1.0)

    async def story() -> None:
        if clip.get("codec") == "no keyframe":
            whole = encode_clip(100, 100)
            camera = Camera(type(whole)(whole.units[1:], whole.timestamps[1:]), parameter_sets_in_sdp=False)
        else:
            camera = Camera(encode_clip(**clip))  # type: ignore[arg-type]
        async with a_camera(camera), relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.FAILED)
            assert words in stream.sentence
            with pytest.raises(StreamNotLive):
                await relay.open_session("sky-1", await ViewerPeer().offer())

    asyncio.run(story())


def test_rtp_over_udp_is_read_by_its_sdp(tmp_path: Path) -> None:
    async def story() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1] & ~1
        camera = Camera()
        (tmp_path / "camera.sdp").write_text(camera.sdp(port))
        inline = "data:application/sdp;base64," + base64.b64encode(camera.sdp(port).encode()).decode()
        for url in (str(tmp_path / "camera.sdp"), inline):
            sending = asyncio.create_task(send_rtp(camera, port))
            async with relaying(url) as (relay, stream):
                await is_state(stream, StreamState.LIVE)
                async with a_viewer(relay) as viewer:
                    await viewer.see(5)
            sending.cancel()
            await asyncio.sleep(0.5)  # the reading thread gives the port back

    asyncio.run(story())


async def send_rtp(camera: Camera, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _, packets in camera.rtp_frames():
            for packet in packets:
                with contextlib.suppress(ConnectionRefusedError):
                    sender.sendto(packet, ("127.0.0.1", port))
            await asyncio.sleep(1 / FRAMES_PER_SECOND)


def test_a_viewer_that_asks_for_a_keyframe_gets_the_cached_group() -> None:
    async def story() -> None:
        async with (
            a_camera(Camera(encode_clip(LONG_GROUP * 2, LONG_GROUP))) as camera,
            relaying(camera.url) as (relay, stream),
        ):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as viewer:
                await viewer.see(10)
                await viewer.ask_for_keyframe()
                await viewer.see(20)
                numbers = [one.number for one in viewer.seen]
                assert numbers.count(0) == 2, "the keyframe came twice"
                assert stream.counters.keyframes == 1, "and the camera sent it once"
                assert rises(viewer)

    asyncio.run(story())


def test_a_lost_stream_shows_nobody_old_pictures_as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfr.video.source.READ_TIMEOUT_S", 60.0)

    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as watching:
                await watching.see(10)
                camera.paused = True
                await is_state(stream, StreamState.LOST)
                shown = len(watching.seen)
                async with a_viewer(relay) as joining:
                    await until(lambda: stream.describe().viewers == 2)
                    await watching.ask_for_keyframe()
                    await asyncio.sleep(0.5)
                    assert (len(watching.seen), len(joining.seen)) == (shown, 0)
                    camera.paused = False
                    await watching.see(5)
                    await joining.see(5)

    asyncio.run(story())


def test_a_slow_viewer_loses_pictures_and_slows_nobody() -> None:
    async def story() -> None:
        async with a_camera(Camera(frames_per_second=100)) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay):
                transport = next(iter(relay.sessions.values()))._peer.getSenders()[0].transport
                send = transport._send_rtp

                async def send_slowly(data: bytes) -> None:
                    await asyncio.sleep(0.1)
                    await send(data)

                transport._send_rtp = send_slowly
                await until(lambda: stream.dropped_for_viewers() > 30)
                async with a_viewer(relay) as quick:
                    numbers = [one.number for one in await quick.see(100)]
                    steps = {(later - earlier) % 200 for earlier, later in itertools.pairwise(numbers)}
                    assert steps == {1}, "the quick viewer misses nothing"

    asyncio.run(story())


def test_an_offer_without_h264_and_an_unknown_stream_are_refused() -> None:
    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            with pytest.raises(NoH264):
                await relay.open_session("sky-1", await ViewerPeer().offer("video/VP8"))
            with pytest.raises(UnknownStream, match="no stream sky-9"):
                await relay.open_session("sky-9", await ViewerPeer().offer())
            assert not relay.sessions

    asyncio.run(story())


def test_sessions_end_when_the_viewer_leaves_or_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CONNECT_TIMEOUT_S", 1.0)

    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as viewer:
                await viewer.see(1)
                assert stream.describe().viewers == 1
            await until(lambda: not relay.sessions and stream.describe().viewers == 0)
            await relay.open_session("sky-1", await ViewerPeer().offer())
            assert len(relay.sessions) == 1
            await until(lambda: not relay.sessions)

    asyncio.run(story())


def test_a_viewer_that_vanishes_without_a_word_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.2)

    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as viewer:
                await viewer.see(1)
                ice = viewer.peer.getReceivers()[0].transport.transport._connection
                for protocol in ice._protocols:
                    protocol.transport.abort()
                await until(lambda: not relay.sessions and stream.describe().viewers == 0)

    asyncio.run(story())


def test_a_changed_list_leaves_the_other_streams_and_their_viewers_alone() -> None:
    async def story() -> None:
        async with a_camera(Camera()) as camera, relaying(camera.url) as (relay, stream):
            await is_state(stream, StreamState.LIVE)
            async with a_viewer(relay) as viewer:
                await viewer.see(5)
                other = WantedStream("sky-2", "asset-2", "SKY-2", camera.url)
                await relay.set_streams([other, stream.wanted])
                assert list(relay.streams) == ["sky-2", "sky-1"]
                assert relay.streams["sky-1"] is stream
                await viewer.see(10)
                await relay.set_streams([other])
                await until(lambda: not relay.sessions)
                await is_state(relay.streams["sky-2"], StreamState.LIVE)

    asyncio.run(story())

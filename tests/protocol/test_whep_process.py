"""The video process as the service meets it: started, spoken to over its socket, killed, and back."""

import asyncio
import contextlib
import os
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dfr.core.stream import StreamState
from dfr.video import supervisor as supervision
from dfr.video.client import VideoClient
from dfr.video.errors import (
    IceRestartRefused,
    MalformedOffer,
    MalformedRequest,
    NoH264,
    StreamNotLive,
    UnknownSession,
    UnknownStream,
    VideoError,
    VideoProcessDown,
)
from dfr.video.supervisor import VideoSupervisor
from dfr.video.wanted import WantedStream
from tests.protocol.video_camera import Camera
from tests.protocol.video_viewer import ViewerPeer


def wanted(camera: Camera, identity: str = "sky-1") -> WantedStream:
    return WantedStream(identity, "asset-1", "SKY-1", camera.url)


@contextlib.asynccontextmanager
async def a_relay(tmp_path: Path) -> AsyncIterator[tuple[VideoSupervisor, Camera]]:
    supervisor, camera = VideoSupervisor(tmp_path / "video" / "control.sock"), Camera()
    await camera.start()
    await supervisor.start()
    try:
        yield supervisor, camera
    finally:
        await supervisor.stop()
        await camera.stop()


async def is_state(supervisor: VideoSupervisor, state: StreamState, timeout_s: float = 45.0) -> None:
    async with asyncio.timeout(timeout_s):
        while [stream.state for stream in await supervisor.streams()] != [state]:
            await asyncio.sleep(0.05)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_is_started_again_with_its_streams(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_relay(tmp_path) as (supervisor, camera):
            await supervisor.set_streams([wanted(camera)])
            await is_state(supervisor, StreamState.LIVE)
            killed = supervisor.process_id
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            await is_state(supervisor, StreamState.LOST)
            (lost,) = await supervisor.streams()
            assert (lost.id, lost.asset_id, lost.name) == ("sky-1", "asset-1", "SKY-1")
            assert "Flight goes on" in lost.sentence
            await is_state(supervisor, StreamState.LIVE)
            assert supervisor.process_id not in (None, killed)
            assert supervisor.restarts == 1
            assert supervisor.sentence == ""
            viewer = ViewerPeer()
            answer, _ = await supervisor.client.whep("sky-1", await viewer.offer())
            await viewer.accept(answer)
            await viewer.see(3)
            await viewer.close()

    asyncio.run(story())


def test_a_process_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "HEALTH_PERIOD_S", 0.1)
    monkeypatch.setattr(supervision, "STOP_TIMEOUT_S", 0.5)

    async def story() -> None:
        async with a_relay(tmp_path) as (supervisor, _):
            await supervisor.client.close()
            supervisor.client = VideoClient(tmp_path / "video" / "control.sock", timeout_s=0.3)
            hung = supervisor.process_id
            assert hung is not None
            os.kill(hung, signal.SIGSTOP)
            async with asyncio.timeout(45):
                while supervisor.restarts == 0 or supervisor.sentence:
                    await asyncio.sleep(0.05)
            assert not is_running(hung)
            assert await supervisor.client.is_healthy()

    asyncio.run(story())


def test_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_relay(tmp_path) as (supervisor, camera):
            await supervisor.set_streams([wanted(camera)])
            await is_state(supervisor, StreamState.LIVE)
            process_id = supervisor.process_id
            assert process_id is not None
            mode = stat.S_IMODE((tmp_path / "video" / "control.sock").stat().st_mode)
            assert mode == 0o600, "nobody else may open cameras"
        assert not is_running(process_id)
        assert not (tmp_path / "video").exists()

    asyncio.run(story())


def test_the_process_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    async def story() -> int:
        process = await asyncio.create_subprocess_exec(
            *(supervision.sys.executable, "-m", "dfr.video", "--socket", str(tmp_path / "c.sock"), "--exit-with-stdin"),
            stdin=asyncio.subprocess.PIPE,
        )
        client = VideoClient(tmp_path / "c.sock")
        async with asyncio.timeout(45):
            while not await client.is_healthy():
                await asyncio.sleep(0.05)
        await client.close()
        assert process.stdin is not None
        process.stdin.close()  # as the kernel does when the parent dies
        return await asyncio.wait_for(process.wait(), 45)

    assert asyncio.run(story()) == 0


def test_every_refusal_has_its_class_and_status(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async def story() -> None:
        async with a_relay(tmp_path) as (supervisor, camera):
            client = supervisor.client
            dark = WantedStream("sky-2", "asset-2", "SKY-2", "rtsp://pilot:secret@127.0.0.1:1/nothing")
            await supervisor.set_streams([wanted(camera), dark])
            async with asyncio.timeout(45):
                while (await client.streams())[0].state is not StreamState.LIVE:
                    await asyncio.sleep(0.05)
            offer = await ViewerPeer().offer()
            with pytest.raises(UnknownStream):
                await client.whep("sky-9/../x", offer)
            with pytest.raises(StreamNotLive, match="SKY-2 is not live yet"):
                await client.whep("sky-2", offer)
            with pytest.raises(NoH264):
                await client.whep("sky-1", await ViewerPeer().offer("video/VP8"))
            with pytest.raises(MalformedOffer):
                await client.whep("sky-1", "hello")
            with pytest.raises(UnknownSession):
                await client.delete_session("gone")
            with pytest.raises(UnknownSession):
                await client.add_candidates("gone", "")
            with pytest.raises(MalformedRequest, match="same id"):
                await client.set_streams([wanted(camera), wanted(camera)])
            assert "secret" not in repr(await client.stream_items())
            assert "secret" not in repr(dark)
        with pytest.raises(VideoProcessDown) as down:
            await VideoClient(tmp_path / "video" / "control.sock").streams()
        assert down.value.status == 503

    asyncio.run(story())
    assert "secret" not in "".join(capfd.readouterr()), "no log line of either process tells a password"


def test_a_session_takes_candidates_and_is_deleted(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_relay(tmp_path) as (supervisor, camera):
            client = supervisor.client
            await supervisor.set_streams([wanted(camera)])
            await is_state(supervisor, StreamState.LIVE)
            viewer = ViewerPeer()
            answer, session_id = await client.whep("sky-1", await viewer.offer())
            fragment = "a=mid:0\r\na=candidate:1 1 udp 2113937151 192.0.2.9 50001 typ host\r\na=end-of-candidates\r\n"
            await client.add_candidates(session_id, fragment)
            with pytest.raises(MalformedRequest):
                await client.add_candidates(session_id, "a=candidate:nonsense")
            with pytest.raises(IceRestartRefused):
                await client.add_candidates(session_id, "a=ice-ufrag:another\r\n")
            await viewer.accept(answer)
            await viewer.see(2)
            await client.delete_session(session_id)
            assert [stream.viewers for stream in await client.streams()] == [0]
            with pytest.raises(UnknownSession):
                await client.delete_session(session_id)
            await viewer.close()

    asyncio.run(story())


def test_problems_are_told_as_rfc_9457_asks(tmp_path: Path) -> None:
    async def story() -> httpx.Response:
        async with (
            a_relay(tmp_path),
            httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(uds=str(tmp_path / "video" / "control.sock")),
                base_url="http://video",
            ) as http,
        ):
            assert (await http.put("/streams", content="{}")).status_code == 400
            assert (await http.post("/streams/x/whep", content="v" * 300_000)).status_code == 400
            return await http.post("/streams/x/whep", content="v=0")

    response = asyncio.run(story())
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code == 404
    assert problem["type"] == "urn:dfr:problem:unknown-stream"
    assert problem["detail"].endswith(".")


def test_an_answer_that_is_no_problem_is_still_an_error() -> None:
    async def story() -> None:
        client = VideoClient(Path("unused"))
        client._http = httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: httpx.Response(500, text="oops")), base_url="http://video"
        )
        with pytest.raises(VideoError, match="answered 500"):
            await client.streams()

    asyncio.run(story())

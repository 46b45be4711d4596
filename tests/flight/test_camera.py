"""Cameras on whole flights: found without configuration, played, used on scene, and proven to have kept to the rule."""

import asyncio
import hashlib
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sim.autopilot.gimbal import Gimbal
from tests.protocol.video_viewer import ViewerPeer
from tests.support.world import NEAR_DOWNTOWN, ROOT, Json, Service, World, running_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def horizon(state: Path, flight_id: str) -> tuple[int, str]:
    """Exit code and words of `dfr journal horizon`."""
    command = [sys.executable, "-m", "dfr.cli", "journal", "horizon", "--state", str(state), "--flight", flight_id]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def stream(service: Service, stream_id: str) -> Json | None:
    return next((one for one in service.items("streams") if one["id"] == stream_id), None)


def is_state(service: Service, stream_id: str, *states: str) -> bool:
    one = stream(service, stream_id)
    return one is not None and one["state"] in states


def plays(service: Service, stream_id: str) -> None:
    """A viewer sees pictures of it by WHEP."""

    async def look() -> None:
        viewer = ViewerPeer()
        headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/sdp"}
        async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=20.0) as http:
            answer = await http.post(f"/api/v1/streams/{stream_id}/whep", content=await viewer.offer())
            assert answer.status_code == 201, answer.text
            await viewer.accept(answer.text)
            await viewer.see(5)
            await viewer.close()

    asyncio.run(look())


def comes_and_goes(world: World) -> None:
    service, camera = world.service, world.cameras["sky-1"]
    service.until("the discovered video is live", lambda: is_state(service, "sky-1", "live"), 60.0)
    service.until("so is the heat camera's", lambda: is_state(service, "sky-1-100-2", "live"), 60.0)
    names = {one["id"]: one["name"] for one in service.items("streams")}
    assert names == {"sky-1": "SKY-1", "sky-1-100-2": "SKY-1 Heat"}
    plays(service, "sky-1")
    camera.stop()
    service.until("its loss is told", lambda: not is_state(service, "sky-1", "live"), 30.0)
    assert is_state(service, "sky-1-100-2", "live")
    camera.start()
    service.until("it is back by itself", lambda: is_state(service, "sky-1", "live"), 60.0)
    plays(service, "sky-1")


def used_on_scene(service: Service, flight_id: str) -> None:
    seen = lambda: service.asset("sky-1")["telemetry"]  # noqa: E731
    service.until("the camera looks down", lambda: seen()["gimbal"]["pitch_deg"] < -20.0, 20.0)
    assert service.command(flight_id, "zoom", to_fraction=0.5).status_code == 202
    service.until("it is zoomed", lambda: (seen()["camera"]["magnification"] or 1.0) > 2.0, 20.0)
    assert service.command(flight_id, "photograph").status_code == 202
    service.until("it told of the photograph", lambda: seen()["photographs"] == 1, 20.0)


def test_a_camera_that_nobody_declared_plays_and_is_used_and_proven(tmp_path: Path) -> None:
    with running_world(tmp_path, cameras=True, declared_video=False) as world:
        service = world.service
        comes_and_goes(world)
        service.until_ready("sky-1")
        flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route")
        early = service.command(flight_id, "photograph")
        assert early.status_code == 409
        assert "until then, and on its way home, its camera looks at the horizon" in early.json()["detail"]
        service.until_state(flight_id, "on_scene")
        used_on_scene(service, flight_id)
        assert service.command(flight_id, "return").status_code == 202
        service.until_state(flight_id, "completed", within_s=120.0)
        assert service.asset("sky-1")["telemetry"]["camera"]["magnification"] < 1.1, "it goes home with a wide lens"
        report = service.http.get(f"/flights/{flight_id}/report").json()
        (taken,) = report["photographs"]
        assert httpx.get(taken["url"], timeout=10.0).content.startswith(b"\xff\xd8\xff")
        assert taken["kept"], taken["sentence"]
        (file,) = (service.state / "photographs" / flight_id).iterdir()
        assert hashlib.sha256(file.read_bytes()).hexdigest() == taken["sha256"]
        code, words = horizon(service.state, flight_id)
        assert "On the way out" in words
        assert "On the way home" in words
        assert words.count("camera within 10 degrees of the horizon at all times") == 2
        # A machine that stood still leaves a hole in the record, and the proof must say so and nothing else.
        assert words.count("nothing was recorded for") == words.count("NOT PROVEN")
        assert code == (1 if "NOT PROVEN" in words else 0), words


def looks_down(gimbal: Gimbal) -> bool:
    """Turned as somebody else would, again where the service has just turned it up."""
    if gimbal.pitch_deg < -55.0:
        return True
    gimbal.point(-60.0, 0.0, flags=0)
    return False


def test_a_camera_that_looked_down_on_the_way_is_shown_as_such(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        service, gimbal = world.service, world.fleet.vehicle(11).gimbal
        service.until_ready("sky-1")
        flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route")
        service.until("it looks down", lambda: looks_down(gimbal), 20.0)
        service.until_state(flight_id, "on_scene")
        assert service.command(flight_id, "return").status_code == 202
        service.until_state(flight_id, "completed", within_s=120.0)
        code, words = horizon(service.state, flight_id)
        assert code == 1
        out, home = (line for line in words.splitlines() if flight_id in line)
        assert "NOT PROVEN  On the way out" in out
        assert "camera lower than 10 degrees below the horizon" in out
        assert "lowest 60.0 degrees below" in out or "lowest 59.9 degrees below" in out
        assert "On the way home" in home
        assert "camera within 10 degrees of the horizon at all times" in home

"""The whole job on a real PX4 (SITL, SIH model): only where there is one (PX4_DIR)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from launch.px4_plan import PAYLOAD_PORT
from sim.camera.encoder import VideoFormat
from sim.camera.running import running_cameras
from sim.camera.site import read_site
from tests.flight.test_camera import horizon, is_state
from tests.support.world import NEAR_DOWNTOWN, ROOT, Json, Service, copy_site, free_port

pytestmark = [
    pytest.mark.px4,
    pytest.mark.timeout(600),
    pytest.mark.skipif("PX4_DIR" not in os.environ, reason="PX4_DIR is not set"),
]


@contextmanager
def real_px4(site: Path, log: Path) -> Iterator[None]:
    """PX4 for the first asset of the site, in real time."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "launch.px4_sitl", "--site", str(site), "--count", "1"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30.0)


def test_a_call_is_flown_and_a_killed_service_finishes_it(tmp_path: Path) -> None:
    site, state = copy_site(tmp_path, 1), tmp_path / "state"
    state.mkdir()
    with real_px4(site, tmp_path / "px4.log"), Service(site, state) as service:
        service.until_ready("sky-1", within_s=120.0)
        flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route", within_s=60.0)
        service.kill()
        service.start()
        service.until_state(flight_id, "on_scene", within_s=180.0)
        assert service.command(flight_id, "orbit").status_code == 202
        service.until("it orbits", lambda: service.asset("sky-1")["telemetry"]["mode"]["value"] == "orbit", 20.0)
        assert service.command(flight_id, "hold").status_code == 202
        service.until("it holds", lambda: service.asset("sky-1")["telemetry"]["mode"]["value"] == "hold", 20.0)
        assert service.command(flight_id, "return").status_code == 202
        done = service.until_state(flight_id, "completed", within_s=240.0)
        assert done["times"]["on_scene_s"] is not None


def test_the_simulated_camera_is_its_gimbal_and_obeys_in_flight(tmp_path: Path) -> None:
    rtsp_port = free_port()
    site, state = copy_site(tmp_path, 1, rtsp_port, declared_video=False), tmp_path / "state"
    state.mkdir()
    specs, _docks = read_site(site, PAYLOAD_PORT + 1, VideoFormat(320, 176, 5))
    with running_cameras(specs, rtsp_port), real_px4(site, tmp_path / "px4.log"), Service(site, state) as service:

        def seen() -> Json:
            telemetry: Json = service.asset("sky-1")["telemetry"]
            return telemetry

        service.until("the discovered video is live", lambda: is_state(service, "sky-1", "live"), 120.0)
        service.until_ready("sky-1", within_s=120.0)
        flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route", within_s=60.0)
        assert abs(seen()["gimbal"]["pitch_deg"]) < 5.0
        service.until_state(flight_id, "on_scene", within_s=180.0)
        times = lambda: service.flight(flight_id)["times"]  # noqa: E731
        service.until("the camera is on the scene", lambda: times()["camera_on_scene_s"], 30.0)
        before_deg = seen()["gimbal"]["pitch_deg"]
        assert service.command(flight_id, "turn", up_deg=10.0).status_code == 202
        service.until("it is turned up", lambda: seen()["gimbal"]["pitch_deg"] > before_deg + 8.0, 20.0)
        assert service.command(flight_id, "zoom", to_fraction=0.5).status_code == 202
        service.until("it is zoomed", lambda: (seen()["camera"]["magnification"] or 1.0) > 2.0, 20.0)
        palette = seen()["camera"]["palettes"][-1]
        assert service.command(flight_id, "palette", palette=palette).status_code == 202
        service.until("its palette is set", lambda: seen()["camera"]["palette"] == palette, 20.0)
        assert service.command(flight_id, "photograph").status_code == 202
        service.until("it took a photograph", lambda: seen()["photographs"] == 1, 20.0)
        assert service.command(flight_id, "return").status_code == 202
        service.until_state(flight_id, "completed", within_s=240.0)
        orders = service.http.get(f"/flights/{flight_id}/report").json()["commands"]
        assert [one for one in orders if one["outcome"] not in ("done", "superseded")] == []
        service.until("control is given back", lambda: seen()["gimbal_manager"]["control"] != "ours", 40.0)
        code, words = horizon(state, flight_id)
        assert code == 0, words

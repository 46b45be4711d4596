"""The whole job on a real PX4 (SITL, SIH model): only where there is one (PX4_DIR)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.world import NEAR_DOWNTOWN, ROOT, Service, copy_site

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

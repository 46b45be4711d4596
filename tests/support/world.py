"""A whole running site for tests and benchmarks: simulated aircraft in this process, the service in one of its own."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from dfr.core.clock import SystemClock
from dfr.server.auth import Authenticator
from dfr.server.auth_store import Role
from dfr.state import auth_path, journal_path
from sim.autopilot.fleet import Fleet, running_fleet
from sim.autopilot.parameters import autopilot_of
from sim.autopilot.vehicle import VehicleSpec
from sim.camera.encoder import VideoFormat
from sim.camera.running import CameraHandle, running_cameras
from sim.camera.site import read_site

ROOT = Path(__file__).resolve().parents[2]
TUCSON = ROOT / "launch" / "sites" / "tucson"
FIRMWARE = ROOT / "firmware_configs"
NEAR_DOWNTOWN = (32.2250, -110.9300)
"""About 500 m from the downtown dock, where a flight is allowed."""

Json = dict[str, Any]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_site(folder: Path, assets: int, rtsp_port: int = 1, declared_video: bool = True) -> Path:
    """The Tucson site with so many of its assets, on ports of its own; without `declared_video` no camera is named."""
    site = folder / "tucson"
    shutil.copytree(TUCSON, site)
    text = (site / "dfr.toml").read_text(encoding="utf-8")
    head, *rest = re.split(r"(?m)^(?=\[\[assets\]\])", text)
    tail = rest[-1][rest[-1].index("\n[map]") :]
    kept = [part.split("\n# ---")[0] + "\n" for part in rest[:assets]]
    text = head + "".join(kept) + tail
    text = re.sub(r"udpin://127\.0\.0\.1:\d+", lambda _: f"udpin://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", text)
    text = re.sub(r"rtsp://127\.0\.0\.1:\d+", f"rtsp://127.0.0.1:{rtsp_port}", text)
    if not declared_video:
        text = re.sub(r'(?m)^video = "rtsp://.*\n', "", text)
    if rtsp_port == 1:  # nobody films
        text = text.replace('video = "require"', 'video = "off"')
    (site / "dfr.toml").write_text(text, encoding="utf-8")
    return site


def vehicle_specs(site: Path, payload_links: dict[str, tuple[str, int]] | None = None) -> list[VehicleSpec]:
    """The simulated aircraft of a site."""
    content = tomllib.loads((site / "dfr.toml").read_text(encoding="utf-8"))
    docks = {dock["id"]: dock for dock in content["docks"]}
    specs = []
    for asset in content["assets"]:
        dock = docks[asset["dock"]]
        specs.append(
            VehicleSpec(
                asset["system_id"],
                (dock["latitude_deg"], dock["longitude_deg"], dock["altitude_amsl_m"]),
                ("127.0.0.1", int(asset["link"].rsplit(":", 1)[1])),
                payload_link=(payload_links or {}).get(asset["id"]),
                parameters_file=FIRMWARE / asset["airframe"] / "parameters.toml",
                autopilot=autopilot_of(FIRMWARE / asset["airframe"] / "parameters.toml"),
            )
        )
    return specs


@dataclass
class Service:
    """`dfr up` in a process of its own, and a client with every role."""

    site: Path
    state: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    healthy_within_s: float = 60.0

    def __post_init__(self) -> None:
        authenticator = Authenticator(auth_path(self.state), SystemClock())
        self.token = authenticator.add_token("test", Role)
        authenticator.users.add("test", "correct horse battery", Role)
        authenticator.close()
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10.0,
        )

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            print(self.log()[-6000:])
        self.stop(signal.SIGINT)
        self.http.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def journal(self) -> Path:
        return journal_path(self.state)

    def start(self) -> None:
        """Start, and wait until it is healthy; one that is not in time is ended, for nobody else would."""
        self.launch()
        try:
            self.until("the service is healthy", self.is_healthy, self.healthy_within_s)
        except BaseException:
            self.kill()
            raise

    def launch(self) -> None:
        """Start without waiting."""
        with (self.state / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dfr.cli", "up", "--site", str(self.site), "--state", str(self.state),
                 "--port", str(self.port)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def stop(self, number: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self) -> None:
        """kill -9: no chance to tidy up."""
        self.stop(signal.SIGKILL)

    def is_healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended by itself:\n{self.log()[-3000:]}"
        try:
            return self.http.get("/health").status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        return (self.state / "service.log").read_text(encoding="utf-8", errors="replace")

    # -- asking ---------------------------------------------------------------------------------------------------

    def items(self, what: str) -> list[Json]:
        response = self.http.get(f"/{what}")
        response.raise_for_status()
        items: list[Json] = response.json()["items"]
        return items

    def asset(self, asset_id: str) -> Json:
        return next(item for item in self.items("assets") if item["id"] == asset_id)

    def flight(self, flight_id: str) -> Json:
        return next(item for item in self.items("flights") if item["id"] == flight_id)

    def report_call(self, source_id: str, at: tuple[float, float], **changes: Any) -> httpx.Response:
        """A priority-1 call in the plain form."""
        call = {
            "source": "test-cad",
            "source_id": source_id,
            "type": "ACTSHOOT",
            "priority": 1,
            "latitude_deg": at[0],
            "longitude_deg": at[1],
        } | changes
        return self.http.post("/cad/incidents", json=call)

    def command(self, flight_id: str, action: str, **values: Any) -> httpx.Response:
        return self.http.post(f"/flights/{flight_id}/commands", json={"action": action, **values})

    # -- waiting --------------------------------------------------------------------------------------------------

    def until(self, what: str, holds: Callable[[], Any], within_s: float = 60.0, every_s: float = 0.05) -> Any:
        """Ask again until it holds; what it said."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            answer = holds()
            if answer:
                return answer
            time.sleep(every_s)
        raise AssertionError(f"Not within {within_s:.0f} s: {what}.")

    def until_ready(self, *asset_ids: str, within_s: float = 60.0) -> None:
        for asset_id in asset_ids:
            self.until(f"{asset_id} is ready", lambda a=asset_id: self.asset(a)["readiness"] == "ready", within_s)

    def until_state(self, flight_id: str, *states: str, within_s: float = 90.0) -> Json:
        """The flight once it is in one of these states; fails at once when it is over in another."""

        def look() -> Json | None:
            flight = self.flight(flight_id)
            if flight["state"] in states:
                return flight
            over = flight["state"] in ("completed", "aborted")
            assert not over, f"{flight_id} ended as {flight['state']}: {flight['sentence']}"
            return None

        found: Json = self.until(f"{flight_id} is {' or '.join(states)}", look, within_s)
        return found


@dataclass
class World:
    """Aircraft and service together, and the cameras by asset id when there are any."""

    fleet: Fleet
    service: Service
    cameras: Mapping[str, CameraHandle] = field(default_factory=dict)


@contextmanager
def running_world(
    folder: Path,
    *,
    assets: int = 1,
    speed: float = 4.0,
    cameras: bool = False,
    declared_video: bool = True,
    settings: str = "",
    first_airframe: str = "x500_sitl",
) -> Iterator[World]:
    """Aircraft that fly `speed` times as fast as real ones, and a started service that hears them.

    `settings` is more of the site's dfr.toml; `first_airframe` is what its first asset flies.
    """
    state = folder / "state"
    state.mkdir(parents=True)
    rtsp_port = free_port() if cameras else 1
    site = copy_site(folder, assets, rtsp_port, declared_video)
    text = (site / "dfr.toml").read_text(encoding="utf-8").replace('"x500_sitl"', f'"{first_airframe}"', 1)
    (site / "dfr.toml").write_text(text + settings, encoding="utf-8")
    with ExitStack() as stack:
        running: Mapping[str, CameraHandle] = {}
        if cameras:
            specs, _docks = read_site(site, 0, VideoFormat(640, 360, 20, 1_000_000))
            specs = [replace(spec, payload_port=0) for spec in specs]
            running = stack.enter_context(running_cameras(specs, rtsp_port))
        links = {asset_id: ("127.0.0.1", camera.payload_port) for asset_id, camera in running.items()}
        fleet = stack.enter_context(running_fleet(vehicle_specs(site, links), speed))
        service = stack.enter_context(Service(site, state))
        yield World(fleet, service, running)

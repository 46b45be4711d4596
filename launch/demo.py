"""The whole way on one machine: the service, simulated drones on their docks, their cameras, and a priority call.

Run by `launch/demo`, which sets everything up first.
"""

import argparse
import ctypes
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import webbrowser
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import httpx

from dfr.config import Config, ConfigError, read_config
from dfr.core.geo import Position, destination
from dfr.state import auth_path, port_problem
from sim.cad.eido import write_eido
from sim.cad.send import send_eido

ROOT = Path(__file__).resolve().parent.parent
CALL_BEARING_DEG, CALL_DISTANCE_M = 295.0, 1250.0
"""Where the call is, seen from the site's first dock."""
START_WITHIN_S = 60.0
READY_WITHIN_S = 90.0


def main() -> int:
    options = arguments()
    try:
        config = read_config(options.site)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    port = options.port or config.server.port
    problem = port_problem("127.0.0.1", port)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    state = ROOT / ".state" / f"demo-{config.path.parent.name}"
    for stop in (signal.SIGINT, signal.SIGTERM):  # A shell starts background jobs with SIGINT ignored.
        signal.signal(stop, _interrupt)
    with Demo(options, config, port, state) as demo:
        try:
            return demo.run()
        except KeyboardInterrupt:
            print("\nStopping …", file=sys.stderr)
            return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="launch/demo", description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "launch/sites/tucson", help="default launch/sites/tucson")
    parser.add_argument("--port", type=int, help="of the service; default from the site, 8080")
    parser.add_argument("--headless", action="store_true", help="open no browser (the default without a display)")
    parser.add_argument("--no-call", action="store_true", help="send no call; wait for yours")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds a second, default 1")
    parser.add_argument("--helicopter", action="store_true", help="a helicopter comes over the call every 4 minutes")
    parser.add_argument("--px4", action="store_true", help="fly real PX4 SITL instances (see launch/px4 --help)")
    return parser.parse_args()


@dataclass
class Demo:
    """The processes of a demonstration, started in order and stopped in the reverse one."""

    options: argparse.Namespace
    config: Config
    port: int
    state: Path
    _running: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def __enter__(self) -> "Demo":
        (self.state / "logs").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for _name, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        deadline_s = time.monotonic() + 10.0
        for name, process in reversed(self._running):
            try:
                process.wait(max(0.1, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"{name} did not stop by itself and is ended.", file=sys.stderr)
                process.kill()
                process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def call_place(self) -> Position:
        dock = self.config.docks[0]
        return destination(Position(dock.latitude_deg, dock.longitude_deg), CALL_BEARING_DEG, CALL_DISTANCE_M)

    def run(self) -> int:
        self._start_traffic()
        self._start("service", "dfr.cli", "up", "--site", str(self.config.path), "--state", str(self.state),
                    "--host", "127.0.0.1", "--port", str(self.port))  # fmt: skip
        token, password, links = self._let_in()
        self._wait_for_health()
        self._start_world()
        print(f"The service is up: {self.url} (logs in {self.state / 'logs'})")
        print(f"token: {token}")
        print(f"pilot: {links['pilot']}")
        print(f"rtcc:  {links['rtcc']}")
        print(f"Each link works once; afterwards sign in as demo with the password {password}", flush=True)
        if not self.options.headless and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            webbrowser.open(links["pilot"])
        if not self.options.no_call:
            self._call(token)
        print("Ctrl-C stops it all.", flush=True)
        return self._watch()

    def _let_in(self) -> tuple[str, str, dict[str, str]]:
        """(bearer token, password of the user demo, sign-in link by page). Made while the service starts."""
        from dfr.core.clock import SystemClock
        from dfr.server.auth import Authenticator
        from dfr.server.auth_store import Role

        auth = Authenticator(auth_path(self.state), SystemClock())
        token, password = auth.add_token("demo", Role), secrets.token_urlsafe(12)
        pages = (("pilot", "demo pilot", tuple(Role)), ("rtcc", "demo analyst", (Role.RTCC,)))
        links = {page: self._sign_in_link(auth.add_link(name, roles, 86_400.0), page) for page, name, roles in pages}
        auth.users.add("demo", password, Role)
        auth.close()
        return token, password, links

    def _sign_in_link(self, secret: str, page: str) -> str:
        return f"{self.url}/sign-in?link={secret}&next=/{page}"

    def _start_traffic(self) -> None:
        """Before the service, so that its receiver is there when it is asked first."""
        hosts = {urlsplit(receiver.url).hostname for receiver in self.config.traffic.receivers}
        if "127.0.0.1" not in hosts:
            return
        encounter: tuple[str, ...] = ()
        if self.options.helicopter:
            call = self.call_place
            over = f"--over={call.latitude_deg},{call.longitude_deg}"
            encounter = ("--encounter", "helicopter", over, "--after", "120", "--every", "240")
        self._start("traffic", "sim.traffic", "--site", str(self.config.path.parent), *encounter)

    def _start_world(self) -> None:
        site = str(self.config.path.parent)
        scenes = self.state / "scenes.json"
        call = self.call_place
        scenes.write_text(
            json.dumps([{"latitude_deg": call.latitude_deg, "longitude_deg": call.longitude_deg, "kind": "police"}]),
            encoding="utf-8",
        )
        speed = ("--speed", str(self.options.speed))
        count = ("--count", str(len(self.config.assets)))
        payload = "14030"
        if self.options.px4:
            payload = "14031"  # PX4's instances count from 1
            self._start("PX4", "launch.px4_sitl", "--site", site, *speed)
        else:
            airframes = ("--airframe-root", str(ROOT / "firmware_configs"))
            self._start("autopilots", "sim.autopilot", "--site", site, *count, *speed, *airframes)
        self._start("cameras", "sim.camera", "--site", site, *count, "--scenes", str(scenes),
                    "--payload-base", payload)  # fmt: skip

    def _start(self, name: str, module: str, *arguments: str) -> None:
        with (self.state / "logs" / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *arguments],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._running.append((name, process))

    def _wait_for_health(self) -> None:
        print("Waiting for the service …", file=sys.stderr)
        deadline_s = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline_s:
            self._fail_if_ended()
            try:
                if httpx.get(f"{self.url}/api/v1/health", timeout=1.0).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        self._fail("service", "did not answer in time")

    def _call(self, token: str) -> None:
        """Wait until an aircraft is ready, saying what for, then call as CAD would."""
        headers = {"Authorization": f"Bearer {token}"}
        deadline_s, said = time.monotonic() + READY_WITHIN_S, ""
        while time.monotonic() < deadline_s:
            self._fail_if_ended()
            assets = httpx.get(f"{self.url}/api/v1/assets", headers=headers, timeout=5.0).json()["items"]
            waiting = [asset for asset in assets if asset["readiness"] != "ready"]
            if not waiting:
                break
            sentence = f"Waiting for {waiting[0]['name']}: {' '.join(waiting[0]['sentences'])}"
            if sentence != said:
                print(sentence, file=sys.stderr)
                said = sentence
            time.sleep(0.5)
        place = self.call_place
        print(f"CAD sends a priority call: active shooter at {place}.")
        note = "Caller hears shots; no description (demonstration)."
        document = write_eido("ACTSHOOT", 10, place.latitude_deg, place.longitude_deg, note=note)
        try:
            answer = send_eido(self.url, token, document)
        except httpx.HTTPStatusError as error:
            print(f"The service did not take the call: {error.response.text}", file=sys.stderr)
            return
        print(answer.get("sentence", ""), flush=True)

    def _watch(self) -> int:
        while True:
            self._fail_if_ended()
            time.sleep(1.0)

    def _fail_if_ended(self) -> None:
        for name, process in self._running:
            if process.poll() is not None:
                self._fail(name, f"ended with code {process.returncode}")

    def _fail(self, name: str, what: str) -> None:
        log = self.state / "logs" / f"{name}.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise SystemExit("\n".join([f"{name} {what}. Its last words ({log}):", *lines]))


def _end_with_parent() -> None:
    """A killed demonstration leaves nothing behind (Linux: PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

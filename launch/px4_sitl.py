"""Real PX4 autopilots for the assets of a site: SITL with PX4's own SIH quadrotor, no simulator beside it.

One PX4 instance an asset, numbered from 1 in the order of the site's file. Each stands on its asset's dock, carries its
asset's system id and the parameters of its airframe, and sends its MAVLink to its asset's link. Every start is a fresh
aircraft: no parameters, fence or mission are left from the last one.
"""

import argparse
import contextlib
import ctypes
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from launch.px4_find import Px4, command, container_name, docker_problem, find_px4, succeeds
from launch.px4_plan import (
    ROOT,
    CannotStart,
    Instance,
    airframe_parameters,
    environment,
    mavlink_script,
    own_ports,
    plan,
    simulator_script,
)

START_LIMIT_S = 30.0
STOP_LIMIT_S = 5.0
LOG_LINES_SHOWN = 15
STARTED = "Startup script returned successfully"


@dataclass(frozen=True, slots=True)
class Running:
    """An instance and its process: PX4 itself, or the docker client that holds its container."""

    instance: Instance
    process: subprocess.Popen[bytes]

    @property
    def printed(self) -> str:
        """Its log so far, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.instance.log.read_text(errors="replace"))


class Fleet:
    """The running PX4s. `stop` ends them all; the processes end with this one however it ends."""

    def __init__(self, px4: Px4, speed: float) -> None:
        self.px4 = px4
        self.speed = speed
        self.running: list[Running] = []

    def start(self, instance: Instance) -> None:
        """Starts one in its emptied directory. Raises CannotStart when a port that it needs is taken."""
        _refuse_taken_ports(instance)
        shutil.rmtree(instance.directory, ignore_errors=True)
        instance.directory.mkdir(parents=True)
        (instance.directory / "px4-rc.simulator").write_text(simulator_script(instance))
        (instance.directory / "px4-rc.mavlink").write_text(mavlink_script(instance))
        variables = environment(instance, self.speed)
        path = f"{instance.directory}:{os.environ.get('PATH', os.defpath)}"
        with instance.log.open("wb") as log:
            process = subprocess.Popen(
                command(self.px4, instance, variables),
                cwd=instance.directory,
                env={**os.environ, **variables, "PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        self.running.append(Running(instance, process))

    def wait_until_started(self) -> None:
        """Waits until every PX4 has run its start script. Raises CannotStart if one ends, or takes too long."""
        until_s = time.monotonic() + START_LIMIT_S
        waiting = self.running
        while waiting:
            time.sleep(0.2)
            if ended := self.take_ended():
                raise CannotStart("\n".join(ended))
            waiting = [running for running in waiting if STARTED not in running.printed]
            if waiting and time.monotonic() > until_s:
                late = waiting[0].instance
                raise CannotStart(
                    f"PX4 for {late.asset_id} did not start within {START_LIMIT_S:.0f} s. Read {late.log}."
                )

    def take_ended(self) -> list[str]:
        """Lets go of the instances that are not running any more: for each, its name and the end of its log."""
        ended = [running for running in self.running if running.process.poll() is not None]
        self.running = [running for running in self.running if running not in ended]
        return [last_words(running.instance, running.process.returncode, running.printed) for running in ended]

    def stop(self) -> None:
        """Ends all: asked first, after a few seconds made to."""
        for running in self.running:
            running.process.send_signal(signal.SIGINT)
        until_s = time.monotonic() + STOP_LIMIT_S
        for running in self.running:
            try:
                running.process.wait(max(0.1, until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                if self.px4.image:
                    succeeds(["docker", "kill", container_name(running.instance)])
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.process.pid, signal.SIGKILL)
                running.process.wait()
        self.running.clear()


def last_words(instance: Instance, code: int, log: str) -> str:
    """The sentences for an instance that ended by itself."""
    lines = "\n".join(f"    {line}" for line in log.splitlines()[-LOG_LINES_SHOWN:])
    return f"PX4 for {instance.asset_id} ended by itself (code {code}). The last lines of {instance.log}:\n{lines}"


def unknown_parameters(instance: Instance, log: str) -> list[str]:
    """The airframe's parameters that this PX4 said it does not have."""
    unknown = set(re.findall(r"Parameter (\w+) not found", log))
    return [name for name in instance.parameters if name in unknown]


def _refuse_taken_ports(instance: Instance) -> None:
    for port in own_ports(instance):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError as problem:
                raise CannotStart(
                    f"PX4 for {instance.asset_id} needs UDP port {port}, which cannot be had ({problem.strerror}). "
                    "Another PX4 is probably running: stop it first."
                ) from None


def _end_with_parent() -> None:
    """In the child: the kernel ends it when this process is gone, even after kill -9 (prctl PR_SET_PDEATHSIG)."""
    _LIBC.prctl(1, signal.SIGKILL)


_LIBC = ctypes.CDLL(None)


def load(path: Path) -> dict[str, Any]:
    """A TOML file. Raises CannotStart when it is not there or not TOML."""
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise CannotStart(f"{path} is not there.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise CannotStart(f"{path} cannot be read: {problem}") from None


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="launch/px4", description=__doc__)
    site = ROOT / "launch" / "sites" / "tucson"
    parser.add_argument("--site", type=Path, default=site, help="folder with a dfr.toml; default: the example site")
    parser.add_argument("--count", type=int, help="only the first COUNT assets; default: all")
    parser.add_argument(
        "--speed",
        type=speed_factor,
        default=1.0,
        help="times real time, 0.1 to 20; PX4's own timeouts pass as much faster (COM_DL_LOSS_T counts its seconds)",
    )
    return parser.parse_args(words)


def speed_factor(word: str) -> float:
    """A factor of real time. Raises argparse.ArgumentTypeError."""
    try:
        speed = float(word)
    except ValueError:
        speed = math.nan
    if not 0.1 <= speed <= 20.0:
        raise argparse.ArgumentTypeError(f"{word} is not a number from 0.1 to 20")
    return speed


def run(fleet: Fleet, instances: Sequence[Instance]) -> None:
    """Starts all, and stays until none runs any more; one that ends in between is told, and the others fly on.

    Raises CannotStart when one does not start, KeyboardInterrupt when a signal comes.
    """
    for instance in instances:
        fleet.start(instance)
    fleet.wait_until_started()
    for running in fleet.running:
        print(described(running.instance), flush=True)
        if unknown := unknown_parameters(running.instance, running.printed):
            print(f"WARNING: this PX4 has no parameter {', '.join(unknown)}.", file=sys.stderr, flush=True)
    print(f"PX4 runs: {len(instances)} aircraft at {fleet.speed:g} times real time. Ctrl-C stops them.", flush=True)
    # They become ready to arm some 10 s later, and, with a link-loss action set, only while they hear the service.
    while fleet.running:
        time.sleep(1.0)
        for words in fleet.take_ended():
            print(words, file=sys.stderr, flush=True)


def described(instance: Instance) -> str:
    """One line that a person can find everything by."""
    home = f"{instance.latitude_deg:.5f} {instance.longitude_deg:.5f}, {instance.altitude_amsl_m:.1f} m amsl"
    links = f"MAVLink to {instance.link_host}:{instance.link_port}, camera link to udp {instance.payload_port}"
    return f"{instance.asset_id}: system {instance.system_id}, home {home}; {links}; {instance.log}"


def main(words: Sequence[str]) -> int:
    """0 after Ctrl-C, 1 when an instance ended by itself, 2 when there is nothing to start or to start it with."""
    options = arguments(words)
    for stop in (signal.SIGINT, signal.SIGTERM):  # A shell starts background jobs with SIGINT ignored.
        signal.signal(stop, _interrupt)
    try:
        site_file = options.site if options.site.suffix == ".toml" else options.site / "dfr.toml"
        configs = ROOT / "firmware_configs"
        instances = plan(
            load(site_file),
            lambda airframe: airframe_parameters(airframe, load(configs / airframe / "parameters.toml")),
            options.count,
        )
        fleet = Fleet(find_px4(os.environ, docker_problem), options.speed)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 2
    try:
        run(fleet, instances)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopping.", flush=True)
        return 0 if len(fleet.running) == len(instances) else 1
    finally:
        for further in (signal.SIGINT, signal.SIGTERM):
            signal.signal(further, signal.SIG_IGN)
        fleet.stop()
    return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Processes and ports of a benchmark: the simulated world runs beside it, as beside a real service."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.world import ROOT

STOP_WITHIN_S = 10.0


@contextmanager
def started(arguments: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the repository until the block ends; its words go to `log`."""
    with log.open("ab") as words:
        process = subprocess.Popen(
            arguments, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=end_with_parent,
        )  # fmt: skip
    try:
        yield process
    finally:
        stop(process)


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a Python module as this one runs."""
    return [sys.executable, "-P", "-m", name, *arguments]


def stop(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does; by force when that does not help in time."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_with_parent() -> None:
    """A killed benchmark leaves nothing behind (Linux: PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def free_udp_ports(count: int) -> int:
    """The first of so many UDP ports of 127.0.0.1, one after the other, that nobody uses now."""
    for base in range(24000, 32000, 16):
        try:
            for port in range(base, base + count):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise OSError("No free UDP ports were found from 24000 to 32000.")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (Linux: /proc/PID/stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def held_to(cores: set[int]) -> Iterator[None]:
    """What is started in the block stays on these cores, with all its threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

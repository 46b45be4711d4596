"""How long launch/demo takes to a healthy service when everything is set up."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.bench.processes import started
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.support.world import ROOT, copy_site, free_port

LIMIT_S = 6.0
GIVE_UP_S = 120.0
POLL_S = 0.02
SITE = "bench"


def measure(run: Run) -> Iterator[Row]:
    site = copy_site(run.folder, 3, rtsp_port=free_port()).rename(run.folder / SITE)
    try:
        run.say(f"warming up: {_start(site, run.folder):.1f} s")
        times_s: list[float] = []
        imports_s: list[float] = []
        while run.goes_on(len(times_s), run.samples(full=7, quick=3)):
            imports_s.append(_import())
            times_s.append(_start(site, run.folder))
            run.say(f"{times_s[-1]:.2f} s")
    finally:
        shutil.rmtree(ROOT / ".state" / f"demo-{SITE}", ignore_errors=True)
    ratio = percentile(times_s, 50) / percentile(imports_s, 50)
    run.note(
        f"{number(ratio)} times as long as Python takes here to import the service's modules and end "
        f"(p50 {number(percentile(imports_s, 50))} s)"
    )
    yield at_most("second start of launch/demo to health ok", times_s, LIMIT_S, "s")


def _start(site: Path, folder: Path) -> float:
    """Seconds from starting the command to the first answer that says it is well. Raises RuntimeError."""
    port, log = free_port(), folder / "demo.log"
    command = [str(ROOT / "launch/demo"), "--headless", "--no-call", "--site", str(site), "--port", str(port)]
    begun_s = time.monotonic()
    with started(command, log) as process, httpx.Client(timeout=2.0) as client:
        while (elapsed_s := time.monotonic() - begun_s) < GIVE_UP_S:
            if process.poll() is not None:
                raise RuntimeError(f"launch/demo ended with code {process.returncode}: {_last_words(log)}")
            try:
                if client.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200:
                    return time.monotonic() - begun_s
            except httpx.TransportError:
                time.sleep(POLL_S)
        raise RuntimeError(f"launch/demo was not healthy after {elapsed_s:.0f} s: {_last_words(log)}")


def _last_words(log: Path) -> str:
    return " ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:])


def _import() -> float:
    """What to compare with: the service's modules imported by a fresh interpreter."""
    begun_s = time.monotonic()
    subprocess.run([sys.executable, "-P", "-c", "import dfr.app"], check=True, cwd=ROOT, stdin=subprocess.DEVNULL)
    return time.monotonic() - begun_s

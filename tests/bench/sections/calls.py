"""How long a call takes from CAD's POST to the take-off command on the wire, the fence being on board."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.processes import module, started
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.bench.tap import Tap
from tests.support.world import FIRMWARE, Json, Service, copy_site

LIMIT_MS = 100.0
ASSETS = 3
SPEED = 4.0
"""So that an aircraft is back on its dock within seconds. What is measured runs in real time."""
TAKE_OFF_WITHIN_S = 5.0
MOST_WITHOUT = 10
"""Aircraft that are flown faster than real time miss heartbeats of a busy machine, and refuse to arm."""
READY_WITHIN_S = 60.0
SETTLES_S = 1.5
"""Whether it is armed is heard once a second; before that it may look ready after a call that was cancelled."""
AWAY_DEG = 0.002
"""The scene is about 220 m from the dock of an aircraft that is ready."""


def measure(run: Run) -> Iterator[Row]:
    with _world(run) as (service, tap):
        run.say("waiting until every aircraft is ready with its fence on board")
        service.until("every aircraft is ready", lambda: len(_ready(service, {})) == ASSETS, READY_WITHIN_S)
        taken = Taken()
        wanted = run.samples(full=100, quick=20)
        while run.goes_on(len(taken.to_wire_ms), wanted):
            _sample(service, tap, taken)
            if len(taken.to_wire_ms) % 10 == 0:
                run.say(f"{len(taken.to_wire_ms)} of {wanted}")
    answered, healthy = percentile(taken.answered_ms, 50), percentile(taken.healthy_ms, 50)
    run.note(f"{len(taken.to_wire_ms)} calls to {ASSETS} aircraft in turn, journal on disk; the answer to CAD came "
             f"after p50 {number(answered)} ms, p95 {number(percentile(taken.answered_ms, 95))} ms")  # fmt: skip
    ratio = percentile(taken.to_wire_ms, 50) / healthy
    run.note(f"{number(ratio)} times as long as a GET of /health between the calls (p50 {number(healthy)} ms)")
    run.note(f"the first call after the start took {number(taken.to_wire_ms[0])} ms, the slowest of all "
             f"{number(max(taken.to_wire_ms))} ms")  # fmt: skip
    if taken.without:
        run.note(f"{len(taken.without)} more calls got no take-off, the last because: {taken.without[-1]}")
    yield at_most("CAD POST to take-off on the wire", taken.to_wire_ms, LIMIT_MS, "ms")


@dataclass
class Taken:
    """The samples so far, milliseconds."""

    to_wire_ms: list[float] = field(default_factory=list)
    answered_ms: list[float] = field(default_factory=list)
    healthy_ms: list[float] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    """Why calls did not become a take-off."""
    called_s: dict[str, float] = field(default_factory=dict)
    """When an aircraft was last called for, by asset id."""


def _sample(service: Service, tap: Tap, taken: Taken) -> None:
    """One call; afterwards it is cancelled, and its aircraft comes home. Raises RuntimeError when too many fail."""
    ready = service.until("an aircraft is ready", lambda: _ready(service, taken.called_s), READY_WITHIN_S)
    call = len(taken.to_wire_ms) + len(taken.without)
    chosen = ready[call % len(ready)]
    asked_s = time.monotonic()
    service.http.get("/health").raise_for_status()
    healthy_s = time.monotonic() - asked_s
    dock = chosen["dock"]["place"]
    at = (dock["latitude_deg"] + AWAY_DEG, dock["longitude_deg"])
    sent_s = time.monotonic()
    answer = service.report_call(f"bench-{call}", at)
    answered_s = time.monotonic()
    answer.raise_for_status()
    on_wire_s = tap.first(chosen["system_id"], sent_s, TAKE_OFF_WITHIN_S) if answer.json()["flight_id"] else None
    # Before it lifts off: the sooner it is ready again.
    service.report_call(f"bench-{call}", at, status="cancelled").raise_for_status()
    taken.called_s[chosen["id"]] = time.monotonic()
    if on_wire_s is not None:
        taken.healthy_ms.append(healthy_s * 1000)
        taken.answered_ms.append((answered_s - sent_s) * 1000)
        taken.to_wire_ms.append((on_wire_s - sent_s) * 1000)
        return
    taken.without.append(answer.json()["sentence"])
    if len(taken.without) > MOST_WITHOUT:
        raise RuntimeError(f"{len(taken.without)} calls did not become a take-off; the last: {taken.without[-1]}")


def _ready(service: Service, called_s: dict[str, float]) -> list[Json]:
    """The aircraft that are ready, have their fence on board, and were not called for a moment ago."""
    settled_s = time.monotonic() - SETTLES_S
    return [
        one
        for one in service.items("assets")
        if one["readiness"] == "ready" and one["telemetry"]["fence"] and called_s.get(one["id"], 0.0) < settled_s
    ]


@contextmanager
def _world(run: Run) -> Iterator[tuple[Service, Tap]]:
    """Service, tap and aircraft, each in a process of its own."""
    site, state = copy_site(run.folder, ASSETS), run.folder / "state"
    state.mkdir()
    text = (site / "dfr.toml").read_text(encoding="utf-8")
    ports = [int(port) for port in re.findall(r'(?m)^link = "udpin://127\.0\.0\.1:(\d+)"', text)]
    with Tap([("127.0.0.1", port) for port in ports]) as tap:
        for port, line in zip(ports, tap.lines, strict=True):
            text = text.replace(f"udpin://127.0.0.1:{port}", f"udpin://127.0.0.1:{line.port}")
        aircraft = module("sim.autopilot", "--site", str(_site_of_aircraft(site, text)), "--speed", str(SPEED),
                          "--payload-base", "0", "--airframe-root", str(FIRMWARE))  # fmt: skip
        with started(aircraft, run.folder / "aircraft.log"), Service(site, state) as service:
            yield service, tap


def _site_of_aircraft(site: Path, text: str) -> Path:
    """The same site with the links that the aircraft are to use: they end at the tap."""
    copied = Path(shutil.copytree(site, Path(tempfile.mkdtemp(dir=site.parent)) / site.name))
    (copied / "dfr.toml").write_text(text, encoding="utf-8")
    return copied

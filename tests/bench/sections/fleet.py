"""How many aircraft one service carries on one core, and how soon it has them again after kill -9."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import httpx
import websockets

from dfr.dispatch.sentences import sentence_for
from dfr.dispatch.table import Event
from dfr.journal.journal import Journal
from tests.bench.processes import cpu_seconds, free_udp_ports, held_to, module, started
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.support.large_site import large_site
from tests.support.world import Json, Service

AIRCRAFT, QUICK_AIRCRAFT = 200, 20
FLYING, QUICK_FLYING = 40, 10
CONSOLES = 10
LIMIT_AIRCRAFT = 200.0
ADOPTED_WITHIN_S = 3.0
READY_WITHIN_S = 300.0
IN_THE_AIR_WITHIN_S = 240.0
CALLERS = 2
REPORTED_WITHIN_S = 60.0
SETTLES_S = 5.0
LOOKS_EVERY_S = 2.0
"""Asking for all aircraft is work for the service, too."""
AWAY_DEG = 0.003
"""Each scene is about 330 m north of its aircraft's dock."""
OVER = ("completed", "aborted")
ADOPTED = sentence_for(Event.ADOPTED)
ADOPTION_GIVEN_UP_S = 120.0


def measure(run: Run) -> Iterator[Row]:
    count = run.samples(full=AIRCRAFT, quick=QUICK_AIRCRAFT)
    site = large_site(run.folder, count, free_udp_ports(count))
    state = run.folder / "state"
    state.mkdir()
    cores = sorted(os.sched_getaffinity(0))
    world = module("sim.autopilot", "--site", str(site), "--payload-base", "0")
    # The service has one core to itself; everything else shares the others.
    with ExitStack() as stack:
        stack.enter_context(held_to(set(cores[1:]) or set(cores)))
        stack.enter_context(started(world, run.folder / "world.log"))
        service = Service(site, state, healthy_within_s=READY_WITHIN_S)
        with held_to({cores[0]}):
            stack.enter_context(service)
        run.say(f"waiting until {count} aircraft are ready")
        service.until("every aircraft is ready", lambda: _ready(service) == count, READY_WITHIN_S, LOOKS_EVERY_S)
        with Consoles(service) as consoles:
            yield from _carried(run, service, consoles, count, "on their docks")
            flying = run.samples(full=FLYING, quick=QUICK_FLYING)
            _launch(service, flying)
            service.until(
                f"{flying} aircraft are in the air",
                lambda: _airborne(service) == flying,
                IN_THE_AIR_WITHIN_S,
                LOOKS_EVERY_S,
            )
            yield from _carried(run, service, consoles, count, f"of which {flying} are in the air")
        yield _too_old(service)
        yield _adopted(run, service, cores[0])


def _carried(run: Run, service: Service, consoles: "Consoles", count: int, where: str) -> Iterator[Row]:
    """CPU of the service over a while, with every page open and every position coming in."""
    assert service.process is not None
    time.sleep(SETTLES_S)
    consoles.forget()
    seconds_s = float(run.samples(full=30, quick=8))
    begun_s, used_s = time.monotonic(), cpu_seconds(service.process.pid)
    time.sleep(seconds_s)
    elapsed_s = time.monotonic() - begun_s
    cores = (cpu_seconds(service.process.pid) - used_s) / elapsed_s
    kept = cores <= count / LIMIT_AIRCRAFT
    ages_s = consoles.ages_s
    run.note(
        f"{count} aircraft {where}: {number(cores)} of a core; to each of {CONSOLES} consoles "
        f"{number(consoles.bytes / CONSOLES / elapsed_s / 1000)} kB/s and {number(len(ages_s) / elapsed_s / count)} "
        f"positions a second and aircraft, p95 {number(percentile(ages_s, 95) * 1000)} ms old when sent; "
        f"{consoles.lost} consoles lost or resynced"
    )
    what = f"aircraft {where} that one core carries"
    yield Row(what, f"{count / cores:.0f} (from {count})", f"{LIMIT_AIRCRAFT:.0f}", kept and not consoles.lost)


def _too_old(service: Service) -> Row:
    health = service.http.get("/health").json()
    acted, old = health["positions_acted_on"], health["positions_too_old"]
    return Row("positions acted on that are older than 500 ms", f"{old} of {acted}", "none", old == 0 and acted > 0)


def _adopted(run: Run, service: Service, core: int) -> Row:
    """Killed and started again, until the journal says of every flight that it was taken over."""
    samples_s = []
    for _ in range(run.samples(full=3, quick=1)):
        flying = {flight["id"] for flight in _flights(service) if flight["state"] not in OVER}
        with Journal(service.journal, read_only=True) as journal:
            before, _ = journal.head
        service.kill()
        begun_s = time.monotonic()
        with held_to({core}):
            service.launch()
        have_all = partial(_has_taken_over, service, flying, before)
        service.until("every flight is taken over", have_all, ADOPTION_GIVEN_UP_S)
        samples_s.append(time.monotonic() - begun_s)
        run.say(f"{len(flying)} flights taken over after {samples_s[-1]:.2f} s")
        service.until("it is healthy", service.is_healthy)
        time.sleep(SETTLES_S)
    return at_most(f"kill -9 until all {len(flying)} in the air are adopted", samples_s, ADOPTED_WITHIN_S, "s")


def _has_taken_over(service: Service, flights: set[str], after_seq: int) -> bool:
    """Whether the journal says so of each of these flights since that entry."""
    with Journal(service.journal, read_only=True) as journal:
        entries = list(journal.read(kinds=("flight",), after_seq=after_seq))
    return flights <= {entry.flight_id for entry in entries if entry.content["sentence"].startswith(ADOPTED)}


def _launch(service: Service, count: int) -> None:
    """Calls near so many docks, some at a time: an aircraft is chosen for one after the other."""

    def report(asset: Json) -> None:
        dock = asset["dock"]["place"]
        at = (dock["latitude_deg"] + AWAY_DEG, dock["longitude_deg"])
        service.report_call(f"bench-{asset['id']}", at).raise_for_status()

    service.http.timeout = httpx.Timeout(REPORTED_WITHIN_S)
    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(report, service.items("assets")[:count]))


def _ready(service: Service) -> int:
    return sum(asset["readiness"] == "ready" for asset in service.items("assets"))


def _airborne(service: Service) -> int:
    return sum(flight["state"] in ("en_route", "on_scene") for flight in _flights(service))


def _flights(service: Service) -> list[Json]:
    return service.items("flights")


@dataclass
class Consoles:
    """Pages that are open: each reads everything that the service tells; the first one looks at what it says."""

    service: Service
    bytes: int = 0
    ages_s: list[float] = field(default_factory=list)
    lost: int = 0

    def __enter__(self) -> "Consoles":
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(10.0)

    def forget(self) -> None:
        self.bytes, self.ages_s, self.lost = 0, [], 0

    async def _run(self) -> None:
        readers = [asyncio.create_task(self._read(index == 0)) for index in range(CONSOLES)]
        while not self._end.is_set():
            await asyncio.sleep(0.1)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def _read(self, looks: bool) -> None:
        url = f"ws://127.0.0.1:{self.service.port}/api/v1/live"
        headers = {"Authorization": f"Bearer {self.service.token}"}
        try:
            async with websockets.connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
                first = True
                async for text in socket:
                    self.bytes += len(text)
                    if looks:
                        self._look(json.loads(text))
                    elif not first and text[:30].startswith('{"type":"snapshot"'):
                        self.lost += 1
                    first = False
        except (OSError, websockets.WebSocketException):
            self.lost += 1

    def _look(self, message: Json) -> None:
        for change in message.get("changes", ()):
            moved = change.get("telemetry") or change if change["kind"] in ("motion", "telemetry") else {}
            if moved.get("kinematics"):
                self.ages_s.append(message["clock_s"] - moved["kinematics"]["at_s"])

"""How long from CAD's POST to the camera on the scene, 1,000 m away, beside what the airframe could do at best.

Measured from before the POST is sent to when the gimbal was seen to point at the scene, the aircraft being on scene: at
its stand-off but for the last metres of braking (`arrival_radius_m`). Until then the camera looks at the horizon.
The bound counts the straight distance from the dock to the stand-off and the height above the dock that was cleared.
"""

import os
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from dfr.airspace.bound import Performance, fastest_seconds
from dfr.core.geo import Position, destination, distance_m
from dfr.fleet.firmware import load_parameters
from dfr.fleet.performance import performance_of
from tests.bench.processes import module, started
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.support.world import FIRMWARE, Json, Service, copy_site, free_port

LIMIT = 1.15
AWAY_M = 1000.0
BEARINGS_DEG = {"sky-1": (300.0, 0.0), "sky-2": (180.0, 90.0), "sky-3": (240.0, 60.0)}
"""For each aircraft the directions of its calls, one after the other: those that the site's zones allow."""
QUICK_SPEED = 4.0
"""A quick run flies faster than real time; every delay of the service counts so many times in it."""
READY_WITHIN_S = 120.0
ON_SCENE_WITHIN_S = 240.0
HOME_WITHIN_S = 300.0
PAYLOAD_BASE = 14031
PHASES = ("decided and sent", "lift-off and straight climb", "on the way", "camera turned")


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of the aircraft's own time."""

    asset_id: str
    bearing_deg: float
    phases_s: tuple[float, ...]
    bound_s: float
    foretold_s: float

    @property
    def took_s(self) -> float:
        return sum(self.phases_s)

    @property
    def ratio(self) -> float:
        return self.took_s / self.bound_s


def measure(run: Run) -> Iterator[Row]:
    speed, rounds = (QUICK_SPEED, 1) if run.quick else (1.0, 2)
    with _built_in(run, speed) as service:
        yield from _rows(run, "the built-in autopilot", _fly(run, service, speed, rounds))
    if "PX4_DIR" not in os.environ:
        run.note("PX4_DIR is not set: nothing was measured on a real PX4")
    elif not run.quick:
        with _px4(run) as service:
            yield from _rows(run, "PX4", _fly(run, service, 1.0, 1))


def _rows(run: Run, who: str, samples: list[Sample]) -> Iterator[Row]:
    for one in samples:
        phases = ", ".join(f"{name} {number(s)} s" for name, s in zip(PHASES, one.phases_s, strict=True))
        run.note(f"{who}, {one.asset_id} to {one.bearing_deg:.0f} degrees: {number(one.took_s)} s ({phases}); "
                 f"bound {number(one.bound_s)} s, foretold {number(one.foretold_s)} s")  # fmt: skip
    if samples:
        middle = percentile([one.took_s for one in samples], 50)
        run.note(f"{who}: p50 {number(middle)} s from POST to camera on scene, n {len(samples)}")
    yield at_most(f"POST to eyes on scene over the bound, {who}", [one.ratio for one in samples], LIMIT, "times")
    misses = [abs(one.foretold_s / one.took_s - 1.0) * 100.0 for one in samples]
    yield at_most(f"the arrival that dispatch was told, {who}", misses, 10.0, "% off")


def _fly(run: Run, service: Service, speed: float, rounds: int) -> list[Sample]:
    """Every aircraft at once, each to a call of its own."""
    docks = {one["id"]: one["dock"]["place"] for one in service.items("assets")}
    best = performance_of(load_parameters(FIRMWARE / "x500_sitl"))
    samples: list[Sample] = []
    for turn in range(rounds):
        run.say("waiting until every aircraft is ready with its fence on board")
        service.until("every aircraft is ready", lambda: len(_ready(service)) == len(docks), READY_WITHIN_S)
        called = {}
        for asset_id, dock in docks.items():
            bearing_deg = BEARINGS_DEG[asset_id][turn % 2]
            at = destination(Position(dock["latitude_deg"], dock["longitude_deg"]), bearing_deg, AWAY_M)
            posted_s = time.time()
            answer = service.report_call(f"scene-{turn}-{asset_id}", (at.latitude_deg, at.longitude_deg))
            answer.raise_for_status()
            if answer.json()["flight_id"] is None:
                raise RuntimeError(f"{asset_id} was not sent to {bearing_deg:.0f} degrees: {answer.json()['sentence']}")
            called[answer.json()["flight_id"]] = (asset_id, bearing_deg, posted_s)
        for flight_id, (asset_id, bearing_deg, posted_s) in called.items():
            flight = service.until(f"{asset_id} sees the scene", partial(_seen, service, flight_id), ON_SCENE_WITHIN_S)
            samples.append(_sample(flight, docks[asset_id], bearing_deg, posted_s, speed, best))
            run.say(f"{asset_id}: {number(samples[-1].took_s)} s, {number(samples[-1].ratio)} times the bound")
        for flight_id in called:
            service.command(flight_id, "return").raise_for_status()
        if turn + 1 < rounds:
            for flight_id in called:
                service.until_state(flight_id, "completed", within_s=HOME_WITHIN_S)
    return samples


def _seen(service: Service, flight_id: str) -> Json | None:
    flight = service.flight(flight_id)
    if flight["state"] not in ("preparing", "launching", "en_route", "on_scene"):
        raise RuntimeError(f"{flight_id} is {flight['state']}: {flight['sentence']}")
    return flight if flight["times"]["camera_on_scene_s"] is not None else None


def _sample(flight: Json, dock: Json, bearing_deg: float, posted_s: float, speed: float, best: Performance) -> Sample:
    times, first, last = flight["times"], flight["route"][0], flight["route"][-1]
    steps = [posted_s, *(float(times[f"{name}_s"]) for name in ("takeoff_sent", "airborne", "on_scene"))]
    steps.append(float(times["camera_on_scene_s"]))
    away_m = distance_m(
        Position(first["latitude_deg"], first["longitude_deg"]), Position(last["latitude_deg"], last["longitude_deg"])
    )
    height_m = last["altitude_amsl_m"] - dock["altitude_amsl_m"]
    foretold = next(one for one in flight["decision"]["candidates"] if one["asset_id"] == flight["asset_id"])
    phases = tuple((later - sooner) * speed for sooner, later in pairwise(steps))
    bound_s = fastest_seconds(best, height_m, away_m)
    return Sample(flight["asset_id"], bearing_deg, phases, bound_s, foretold["seconds_to_scene"])


def _ready(service: Service) -> list[Json]:
    return [one for one in service.items("assets") if one["readiness"] == "ready" and one["telemetry"]["fence"]]


@contextmanager
def _built_in(run: Run, speed: float) -> Iterator[Service]:
    site, state = _site(run, "built-in", 1)
    aircraft = module("sim.autopilot", "--site", str(site), "--speed", str(speed), "--payload-base", "0",
                      "--airframe-root", str(FIRMWARE))  # fmt: skip
    with started(aircraft, run.folder / "aircraft.log"), Service(site, state) as service:
        yield service


@contextmanager
def _px4(run: Run) -> Iterator[Service]:
    """PX4 in real time; its gimbals are those of the simulated cameras."""
    site, state = _site(run, "px4", free_port())
    cameras = module("sim.camera", "--site", str(site), "--payload-base", str(PAYLOAD_BASE), "--size", "320x180",
                     "--fps", "5", "--kbit", "200")  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(started(module("launch.px4_sitl", "--site", str(site)), run.folder / "px4.log"))
        stack.enter_context(started(cameras, run.folder / "cameras.log"))
        yield stack.enter_context(Service(site, state))


def _site(run: Run, name: str, rtsp_port: int) -> tuple[Path, Path]:
    folder = run.folder / name
    state = folder / "state"
    state.mkdir(parents=True)
    site = copy_site(folder, len(BEARINGS_DEG), rtsp_port)
    declared = tomllib.loads((site / "dfr.toml").read_text(encoding="utf-8"))["assets"]
    assert [one["id"] for one in declared] == list(BEARINGS_DEG)
    return site, state

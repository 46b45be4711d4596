"""Verdicts over 10,000 zones, a guard pass, routes around 1,000; 100,000 aircraft of which none may leave."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Point, mapping

from dfr.airspace.airspace import Airspace
from dfr.airspace.energy import AnyWind, UnknownDirection
from dfr.airspace.guard import foresee_each
from dfr.airspace.load import load_zones
from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Waypoint
from dfr.core.stopping import Stopping
from dfr.core.telemetry import Kinematics, Velocity
from dfr.core.zone import Zone
from tests.bench import routes
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.proof.many import SECONDS, Tally, fly_many
from tests.proof.zones import MARGIN_M
from tests.support.many_zones import FRAME, HALF_M, ORIGIN, hills, many_zones

POINTS = 1_000_000
AIRCRAFT = 200
RATIO_LIMIT = 1.3
FIRST_VERDICT_LIMIT_S = 1.0
GUARD_LIMIT_MS = 5.0
PROOF_AIRCRAFT, QUICK_PROOF_AIRCRAFT = 100_000, 2_000
_DATUMS = {Agl: "agl", Amsl: "amsl"}


def measure(run: Run) -> Iterator[Row]:
    zones = many_zones()
    yield _first_verdict(run, zones)
    airspace = Airspace(zones, hills(), ORIGIN)
    yield _guard_pass(run, airspace)
    yield _points(run, airspace)
    yield from routes.rows(run)
    yield from _nobody_leaves(run)


def _points(run: Run, airspace: Airspace) -> Row:
    """Both sides in turns, so that what else the machine does falls on both."""
    random = np.random.default_rng(3)
    places = random.uniform(-HALF_M, HALF_M, (POINTS, 2))
    altitudes_m = random.uniform(700.0, 900.0, POINTS)
    tree = STRtree(airspace.every.shapes)
    ratios: list[float] = []
    ours_s: list[float] = []
    while run.goes_on(len(ratios), run.samples(full=7, quick=3)):
        plain_s = _seconds(lambda: tree.query(shapely.points(places), predicate="intersects"))
        ours_s.append(_seconds(lambda: airspace.inside(places, altitudes_m)))
        ratios.append(ours_s[-1] / plain_s)
        run.say(f"{ours_s[-1]:.2f} s, {ratios[-1]:.2f} times shapely's own query")
    run.note(f"{POINTS:,} points with heights were judged in p50 {number(percentile(ours_s, 50))} s")
    return at_most(
        f"{POINTS:,} points against {len(airspace.zones):,} zones", ratios, RATIO_LIMIT, "of shapely's query"
    )


def _nobody_leaves(run: Run) -> Iterator[Row]:
    """Flown with the built-in autopilot's dynamics in random worlds, commanded by many at once: `tests/proof`."""
    tally, minutes = Tally(), 0.0
    begun_s = time.monotonic()
    for tally in fly_many(run.samples(full=PROOF_AIRCRAFT, quick=QUICK_PROOF_AIRCRAFT)):
        minutes = (time.monotonic() - begun_s) / 60.0
        run.say(f"{tally.flown:,} aircraft flown in {minutes:.1f} min, {tally.outside} were outside")
    gate = ", ".join(f"{times:,} {kind}" for kind, times in sorted(tally.passed.items()))
    run.note(
        f"the guard stopped aircraft {tally.stopped:,} times; the gate passed {gate} and refused {tally.refused:,}"
    )
    run.note(f"a zone was drawn over {tally.overtaken:,} aircraft, each of which counts for it once it is clear of it")
    run.note(f"{tally.flown:,} aircraft took {minutes:.1f} min, {SECONDS:g} s of flight each")
    if tally.outside_in:
        run.note(f"some were outside in the worlds {tally.outside_in[:20]}: `fly_seed` flies them again")
    what = f"of {tally.flown:,} aircraft, ever outside by more than the margin of {MARGIN_M:g} m"
    yield Row(what, f"{tally.outside}", "none", tally.outside == 0)
    yield _kept("nearest to the border that any of them came", tally.nearest_border_m)
    yield _kept("nearest to the ceiling that any of them came", tally.nearest_lid_m)


def _kept(what: str, left_m: float) -> Row:
    return Row(what, f"{number(left_m)} m", "more than 0 m", left_m > 0.0)


def _first_verdict(run: Run, zones: list[Zone]) -> Row:
    """From the file to the answer: read, made an airspace of, asked."""
    file = run.folder / "zones.geojson"
    _write(zones, file)
    ground, place = hills(), Waypoint(FRAME.to_position(3000.0, 2000.0), Amsl(800.0))
    reading_s: list[float] = []
    all_s: list[float] = []
    while run.goes_on(len(all_s), run.samples(full=10, quick=4)):
        begun_s = time.monotonic()
        read = load_zones([(file, "zones")], near=ORIGIN)
        reading_s.append(time.monotonic() - begun_s)
        Airspace(read, ground, ORIGIN).point(place)
        all_s.append(time.monotonic() - begun_s)
    run.note(f"reading the file took p50 {number(percentile(reading_s, 50))} s of the time to the first verdict")
    return at_most(f"loading {len(zones):,} zones until the first verdict", all_s, FIRST_VERDICT_LIMIT_S, "s")


def _guard_pass(run: Run, airspace: Airspace) -> Row:
    fleet = _fleet(airspace)
    stops = [Stopping()] * len(fleet)
    winds: list[AnyWind | None] = [UnknownDirection(5.0)] * len(fleet)
    foresee_each(fleet, airspace, stops, None, winds)  # what is made once a set of zones is not part of a pass
    samples_ms: list[float] = []
    cpu_ms: list[float] = []
    while run.goes_on(len(samples_ms), run.samples(full=300, quick=100)):
        cpu_s = time.process_time()
        samples_ms.append(1000.0 * _seconds(lambda: foresee_each(fleet, airspace, stops, None, winds)))
        cpu_ms.append(1000.0 * (time.process_time() - cpu_s))
    run.note(f"a pass of the guard took p50 {number(percentile(cpu_ms, 50))} ms of CPU time")
    what = f"one guard pass over {len(fleet)} aircraft and {len(airspace.zones):,} zones"
    return at_most(what, samples_ms, GUARD_LIMIT_MS, "ms")


def _fleet(airspace: Airspace) -> list[Kinematics]:
    """Aircraft all over the site, below their ceilings, on their way in every direction."""
    random = np.random.default_rng(2)
    fleet: list[Kinematics] = []
    while len(fleet) < AIRCRAFT:
        east, north = (float(value) for value in random.uniform(-HALF_M, HALF_M, 2))
        place = Point(east, north)
        if airspace.border_distance(place) < airspace.margin_m:
            continue
        bearing, speed = random.uniform(0.0, 2.0 * np.pi), random.uniform(0.0, 15.0)
        velocity = Velocity(
            float(speed * np.cos(bearing)), float(speed * np.sin(bearing)), float(random.uniform(-2, 2))
        )
        altitude = Amsl(airspace.lid_over(place).altitude.m - float(random.uniform(5.0, 30.0)))
        fleet.append(Kinematics(FRAME.to_position(east, north), altitude, AboveTakeoff(50.0), velocity, None))
    return fleet


def _write(zones: list[Zone], file: Path) -> None:
    features = [
        {
            "type": "Feature",
            "geometry": mapping(zone.shape),
            "properties": {
                "id": zone.id, "name": zone.name, "kind": zone.kind.value,
                **_height("bottom", zone.bottom), **_height("top", zone.top),
            },
        }
        for zone in zones
    ]  # fmt: skip
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def _height(which: str, height: Altitude | None) -> dict[str, object]:
    return {} if height is None else {f"{which}_m": height.m, f"{which}_datum": _DATUMS[type(height)]}


def _seconds(work: Callable[[], object]) -> float:
    begun_s = time.monotonic()
    work()
    return time.monotonic() - begun_s

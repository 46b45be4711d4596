"""Fly scenarios on the built-in autopilot and lay each beside PX4's own flight of it.

python -m sim.autopilot.compare                     all nine
python -m sim.autopilot.compare dispatch refusals   these
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.autopilot.commander import READY_S
from sim.autopilot.fleet import Fleet
from sim.autopilot.record_more import MORE
from sim.autopilot.story import Event, Row, compare, measures_of, read_trace
from sim.autopilot.vehicle import VehicleSpec

RECORDER = Path(__file__).with_name("record.py")
REFERENCE = Path(__file__).parents[2] / "tests" / "flight" / "px4_reference"
HOME = (32.2216987, -110.9264983, 728.0)
SPEED = 2.5
"""Simulated seconds a second of the recorder's clock: PX4 ran at 2 to 3 times real time when the traces were made."""
SLOWER = {"mission": 1.0}
"""Its recorder waits 180 of its own seconds for an item that PX4 never reports; no faster than life, none is wasted."""
STEPS_A_TURN = 2
SCATTERING = ("take-off to 30 m", "climb, 15 to 25 m", "1 m to landing detected")
"""The same manoeuvre in every scenario, flown with the same parameters, and by PX4 itself at times that lie farther
apart than the limits: its estimate of height and climb wanders. No other row has an excuse."""
OTHERWISE = ("tuned", "denied")
"""One with other parameters, and one that does not leave the ground: not the same manoeuvres."""


class Lockstep:
    """The recorder's socket and its clock: time passes, in the simulation alone, whenever the recorder waits.

    The messages cross a real UDP socket. No wall clock is read, so the load of the machine does not change a flight.
    """

    def __init__(self, link: Any, fleet: Fleet, speed: float) -> None:
        self._link, self._fleet, self._speed = link, fleet, speed

    @property
    def mav(self) -> Any:
        """Asked each time: pymavlink makes another when the first MAVLink 2 frame is heard."""
        return self._link.mav

    def time(self) -> float:
        return self._fleet.now_s / self._speed

    def warm_up(self) -> None:
        """PX4 had been up for six to ten seconds when each recording began."""
        while self._fleet.now_s < READY_S + 1.0:
            self._fleet.advance(STEPS_A_TURN, self.time())
            while self._link.recv_match(blocking=False) is not None:
                pass

    def recv_match(self, blocking: bool = True, timeout: float = 0.0) -> Any:
        end_s = self.time() + timeout
        message = self._link.recv_match(blocking=False)
        while message is None and blocking and self.time() < end_s:
            self._fleet.advance(STEPS_A_TURN, self.time())
            message = self._link.recv_match(blocking=False)
        return message


def scenarios() -> list[str]:
    """The names of PX4's recorded flights."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in REFERENCE.glob("*.jsonl.gz"))


@cache
def spread() -> dict[str, list[float]]:
    """Of the rows that scatter, what PX4 showed in the recorded flights and when it flew some of them again."""
    seen: dict[str, list[float]] = json.loads((REFERENCE / "spread.json").read_text())
    for scenario in scenarios():
        if scenario not in OTHERWISE:
            measures = measures_of(read_trace(REFERENCE / f"{scenario}.jsonl.gz"))
            for what in SCATTERING:
                seen[what] += [measures[what]] if what in measures else []
    return seen


def _fresh_recorder() -> ModuleType:
    """The recorder as a module of its own, so that its clock can be replaced for one flight."""
    spec = importlib.util.spec_from_file_location("autopilot_recorder", RECORDER)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{RECORDER} is missing: nothing can be recorded without it.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fly(scenario: str, speed: float = SPEED, seed: int = 0) -> list[Event]:
    """The recorder's trace of one scenario flown on the built-in autopilot."""
    speed = min(speed, SLOWER.get(scenario, speed))
    recorder: Any = _fresh_recorder()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        with path.open("w") as out:
            watcher = recorder.Vehicle("udpin:127.0.0.1:0", out)
            port = watcher.link.port.getsockname()[1]
            fleet = Fleet([VehicleSpec(1, HOME, ("127.0.0.1", port))], speed, seed)
            lockstep = watcher.link = recorder.time = Lockstep(watcher.link, fleet, speed)
            lockstep.warm_up()
            try:
                (recorder.SCENARIOS | MORE)[scenario](watcher)
            finally:
                fleet.close()
        return read_trace(path)


def compared(scenario: str, speed: float = SPEED) -> list[Row]:
    """The rows of one scenario."""
    seen = {} if scenario in OTHERWISE else spread()
    return compare(read_trace(REFERENCE / f"{scenario}.jsonl.gz"), fly(scenario, speed), seen)


def table(scenario: str, rows: list[Row]) -> str:
    lines = [f"{scenario}: {'the same story' if all(row.agrees for row in rows) else 'DIFFERS'}"]
    for row in rows:
        if len(row.reference) + len(row.here) < 60:
            lines.append(f"  {row.what:32} PX4 {row.reference:>12}   here {row.here:>12}   {verdict(row)}")
        else:
            lines += [f"  {row.what:32} {verdict(row)}", f"    PX4   {row.reference}", f"    here  {row.here}"]
    return "\n".join(lines)


def verdict(row: Row) -> str:
    return (f"ok: {row.note}" if row.note else "ok") if row.agrees else "differs"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sim.autopilot.compare", description=__doc__.splitlines()[0])
    parser.add_argument("scenario", nargs="*", choices=[*scenarios(), []], help="all when none is named")
    parser.add_argument("--speed", type=float, default=SPEED, help="simulated seconds a recorder's second")
    parser.add_argument("--together", type=int, default=min(2, os.cpu_count() or 1), help="flown at the same time")
    arguments = parser.parse_args()
    chosen = arguments.scenario or scenarios()
    same = 0
    with ProcessPoolExecutor(arguments.together) as pool:
        flights = pool.map(compared, chosen, [arguments.speed] * len(chosen))
        for scenario, rows in zip(chosen, flights, strict=True):
            print(table(scenario, rows), flush=True)
            same += all(row.agrees for row in rows)
    print(f"{same} of {len(chosen)} tell the same story.")
    sys.exit(0 if same == len(chosen) else 1)


if __name__ == "__main__":
    main()

"""Fly scenarios on the built-in autopilot and lay each beside PX4's own flight of it.

python -m sim.autopilot.compare                     all nine
python -m sim.autopilot.compare dispatch refusals   these
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sim.autopilot.fleet import running_fleet
from sim.autopilot.story import Event, Row, compare, read_trace
from sim.autopilot.vehicle import VehicleSpec

RECORDER = Path(__file__).with_name("record.py")
REFERENCE = Path(__file__).parents[2] / "tests" / "flight" / "px4_reference"
HOME = (32.2216987, -110.9264983, 728.0)
SPEED = 8.0
"""The recorder heartbeats five times a wall second: flown much faster, the aircraft would call it gone."""
SLOWER = {"link_loss": 4.0}
"""Where the moment of the last heartbeat matters, as the recorder sends them 0.2 wall seconds apart."""
SIMULATED_LIMIT_S = 420.0


def scenarios() -> list[str]:
    """The names of PX4's recorded flights."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in REFERENCE.glob("*.jsonl.gz"))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fly(scenario: str, speed: float = SPEED, seed: int = 0) -> list[Event]:
    """The recorder's trace of one scenario flown on the built-in autopilot."""
    port = free_port()
    spec = VehicleSpec(1, HOME, ("127.0.0.1", port))
    speed = min(speed, SLOWER.get(scenario, speed))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"{scenario}.jsonl"
        command = [sys.executable, str(RECORDER), scenario, f"udpin:127.0.0.1:{port}", str(out)]
        recorder = subprocess.Popen(command)
        try:
            with running_fleet([spec], speed, seed) as fleet:
                flown = False
                while recorder.poll() is None and fleet.now_s < SIMULATED_LIMIT_S:
                    armed = fleet.vehicle(1).armed
                    if flown and not armed and scenario == "mission":
                        time.sleep(3.0 / speed)  # the recorder waits minutes for an item that PX4 never reports
                        break
                    flown = flown or armed
                    time.sleep(0.1)
        finally:
            recorder.terminate()
            recorder.wait(timeout=5.0)
        return read_trace(out)


def compared(scenario: str, speed: float = SPEED) -> list[Row]:
    """The rows of one scenario."""
    return compare(read_trace(REFERENCE / f"{scenario}.jsonl.gz"), fly(scenario, speed))


def table(scenario: str, rows: list[Row]) -> str:
    lines = [f"{scenario}: {'the same story' if all(row.agrees for row in rows) else 'DIFFERS'}"]
    for row in rows:
        if len(row.reference) + len(row.here) < 60:
            lines.append(f"  {row.what:32} PX4 {row.reference:>12}   here {row.here:>12}   {verdict(row)}")
        else:
            lines += [f"  {row.what:32} {verdict(row)}", f"    PX4   {row.reference}", f"    here  {row.here}"]
    return "\n".join(lines)


def verdict(row: Row) -> str:
    return "ok" if row.agrees else "differs"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sim.autopilot.compare", description=__doc__.splitlines()[0])
    parser.add_argument("scenario", nargs="*", choices=[*scenarios(), []], help="all when none is named")
    parser.add_argument("--speed", type=float, default=SPEED, help="simulated seconds a second")
    parser.add_argument("--together", type=int, default=3, help="how many are flown at the same time")
    arguments = parser.parse_args()
    chosen = arguments.scenario or scenarios()
    same = 0
    with ThreadPoolExecutor(arguments.together) as pool:
        for scenario, rows in zip(chosen, pool.map(lambda s: compared(s, arguments.speed), chosen), strict=True):
            print(table(scenario, rows), flush=True)
            same += all(row.agrees for row in rows)
    print(f"{same} of {len(chosen)} tell the same story.")
    sys.exit(0 if same == len(chosen) else 1)


if __name__ == "__main__":
    main()

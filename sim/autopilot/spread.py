"""How far PX4's own flights of one manoeuvre lie apart: `python -m sim.autopilot.spread FOLDER...` prints spread.json.

Each folder holds SCENARIO.jsonl[.gz] as `record.py` wrote them. A flight whose recorder missed a mode of the reference
(a machine too busy to follow) is left out, and named.
"""

import json
import math
import sys
from pathlib import Path

from sim.autopilot.compare import OTHERWISE, REFERENCE, SCATTERING, scenarios
from sim.autopilot.story import Event, measures_of, read_trace


def _modes(trace: list[Event]) -> list[str]:
    return [event["mode"] for event in trace if event["type"] == "mode"]


def spread(folders: list[Path]) -> dict[str, list[float]]:
    """By row, the values of every whole flight; the reference's own is not among them."""
    found: dict[str, list[float]] = {what: [] for what in SCATTERING}
    for scenario in set(scenarios()) - set(OTHERWISE):
        modes = _modes(read_trace(REFERENCE / f"{scenario}.jsonl.gz"))
        for path in sorted(path for folder in folders for path in folder.glob(f"{scenario}.jsonl*")):
            trace = read_trace(path)
            if _modes(trace) != modes:
                print(f"{path} is left out: its modes are not the reference's", file=sys.stderr)
                continue
            measures = measures_of(trace)
            for what in SCATTERING:
                if math.isfinite(measures.get(what, math.inf)):
                    found[what].append(round(measures[what], 2))
    return found


if __name__ == "__main__":
    print(json.dumps(spread([Path(folder) for folder in sys.argv[1:]]), indent=1))

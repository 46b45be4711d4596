"""What a recorded flight tells, so that two of the same scenario can be laid side by side.

A trace is a list of events as `record.py` writes them. The limits: the same modes, landed states, answers and texts in
the same order; times within 10 % or 1 s; speeds within 10 %; the way past a fence within 20 %.
"""

import gzip
import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Event = dict[str, Any]

TIME_SHARE, TIME_S = 0.10, 1.0
SPEED_SHARE = 0.10
OVERSHOOT_SHARE = 0.20
FENCE_RADIUS_M = 120.0
METRES_PER_DEGREE = 111320.0
LOW_M = 1.0
DETECTION_S = (1.0, 25.0)
"""From 1 m to "Landing detected", PX4's estimator lets 4 to 24 s pass in the nine flights: noise, not a behaviour."""
SCATTER = {"climb, 15 to 25 m": (2.3, 3.0), "to height": (20.7, 24.7)}
"""What PX4 itself showed over the nine flights for one and the same climb; inside it, a row agrees as well."""
PASSING_TEXTS = ("Preflight Fail: heading estimate not stable",)
"""Texts of PX4's estimator still settling while the recorder was already asking it to arm; two flights of nine."""


def read_trace(path: Path) -> list[Event]:
    """A `.jsonl` or `.jsonl.gz` file; a last line that was cut off is left out."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison."""

    what: str
    reference: str
    here: str
    agrees: bool


def texts_of(trace: Iterable[Event]) -> list[str]:
    """STATUSTEXTs with their chunks joined, without the tab that PX4 ends them with."""
    joined: list[str] = []
    whole = True
    for event in trace:
        if event["type"] == "text":
            text = event["text"]
            if whole:
                joined.append(text)
            else:
                joined[-1] += text
            whole = len(text) < 50
    return [text.rstrip("\t") for text in joined if text.rstrip("\t") not in PASSING_TEXTS]


def _flying(trace: list[Event]) -> list[Event]:
    """Up to the disarming that ends the flight: what follows is the recorder waiting."""
    armed = False
    for index, event in enumerate(trace):
        if event["type"] == "mode":
            if armed and not event["armed"]:
                return trace[: index + 1]
            armed = event["armed"]
    return trace


def _lists(trace: list[Event]) -> dict[str, list[str]]:
    def of(kind: str, tell: Callable[[Event], str]) -> list[str]:
        return [tell(event) for event in trace if event["type"] == kind]

    return {
        "modes": of("mode", lambda e: e["mode"] + ("" if e["armed"] else " disarmed") + _status(e)),
        "landed states": of("landed", lambda e: e["state"].removeprefix("MAV_LANDED_STATE_")),
        "command answers": of("ack", lambda e: f"{e['command']} {e['result']}"),
        "mission answers": of("mission_ack", lambda e: f"{e['mission_type']} {e['result']}"),
        "mission items": of("mission_current", lambda e: str(e["seq"])),
        "parameters": of("param", lambda e: f"{e['name']} {e.get('value')}"),
        "texts": texts_of(trace),
    }


def _status(event: Event) -> str:
    status = event["system_status"].removeprefix("MAV_STATE_")
    return "" if status in ("ACTIVE", "STANDBY") else f" {status}"


def _first(trace: list[Event], start: float, test: Callable[[Event], bool]) -> float | None:
    return next((event["t"] for event in trace if event["t"] >= start and test(event)), None)


def durations_of(trace: list[Event]) -> dict[str, float]:
    """Seconds of each part of the flight, by the vehicle's clock."""
    found = {f"to {e['what']}": e["after"] for e in trace if e["type"] == "reached" and e.get("after", 0) > 2}
    found.pop("to landed", None)
    found.pop("to first position", None)

    def text(words: str, start: float = 0.0) -> float | None:
        return _first(trace, start, lambda e: e["type"] == "text" and e["text"].startswith(words))

    def mode(name: str) -> float | None:
        return _first(trace, 0.0, lambda e: e["type"] == "mode" and e["mode"] == name)

    taken_off = text("Takeoff detected") or math.inf
    landing = text("RTL: land at") or text("Landing at current", taken_off) or mode("LAND")
    returning = mode("RTL")
    marks = {
        "arming to take-off detected": (text("Armed by"), text("Takeoff detected")),
        "return to landing": (returning, landing if returning else None),
        "wait before the failsafe acts": (text("Failsafe activated: ent"), text("Failsafe activated\t")),
        "low to critical battery": (text("Low battery"), text("Critical battery")),
        "arming to low battery": (text("Armed by"), text("Low battery")),
        "last heartbeat to return": (
            _first(trace, 0.0, lambda e: e.get("text", "").endswith("heartbeats stop")),
            returning,
        ),
        "landing detected to disarmed": (text("Landing detected"), text("Disarmed by landing")),
    }
    for name, (begin, end) in marks.items():
        if begin is not None and end is not None:
            found[name] = end - begin
    low = None if landing is None else _first(trace, landing, lambda e: e["type"] == "pos" and e["rel"] < LOW_M)
    if landing is not None and low is not None:
        found["landing down to 1 m"] = low - landing
        found["1 m to landing detected"] = (text("Landing detected", low) or math.inf) - low
    return found


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def speeds_of(trace: list[Event]) -> dict[str, float]:
    """The speeds that were kept: nineteenth twentieths, so that one sample does not decide."""
    flown = [e for e in trace if e["type"] == "pos" and e["rel"] > 2.0]
    if not flown:
        return {}
    speeds = {"ground speed": _percentile([math.hypot(e["vn"], e["ve"]) for e in flown], 0.95)}
    rates = {"climb, 15 to 25 m": _rate(flown, 15.0, 25.0), "landing, 25 to 12 m": _rate(flown[::-1], 12.0, 25.0)}
    return speeds | {what: rate for what, rate in rates.items() if rate is not None}


def _rate(samples: list[Event], low_m: float, high_m: float) -> float | None:
    """Metres a second from the first sample above `low_m` to the next above `high_m`: PX4's own vd is too noisy."""
    low = next((e for e in samples if e["rel"] > low_m), None)
    high = next((e for e in samples if e["rel"] > high_m), None)
    if low is None or high is None or low["t"] == high["t"]:
        return None
    return float((high["rel"] - low["rel"]) / abs(high["t"] - low["t"]))


def overshoot_of(trace: list[Event]) -> float | None:
    """Metres past the 120 m circle of the two fence scenarios; None where there is none."""
    circles = [i for e in trace if e["type"] == "upload" for i in e["items"] if i[1] == 5003]
    if not circles:
        return None
    latitude, longitude = circles[0][8], circles[0][9]
    east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    farthest = max(
        math.hypot((e["lat"] - latitude) * METRES_PER_DEGREE, (e["lon"] - longitude) * east)
        for e in trace
        if e["type"] == "pos"
    )
    return farthest - FENCE_RADIUS_M


def _same_text(reference: str, here: str) -> bool:
    """Equal, where a number may differ by 2 (altitudes in metres that PX4 rounded up from a noisy estimate)."""
    if re.sub(r"\d+", "#", reference) != re.sub(r"\d+", "#", here):
        return False
    pairs = zip(re.findall(r"\d+", reference), re.findall(r"\d+", here), strict=True)
    return all(abs(int(a) - int(b)) <= 2 for a, b in pairs)


def _list_rows(reference: list[Event], here: list[Event]) -> list[Row]:
    rows = []
    theirs, ours = _lists(reference), _lists(here)
    for what, expected in theirs.items():
        got = ours[what]
        agrees = len(expected) == len(got) and all(map(_same_text, expected, got))
        if agrees:
            rows.append(Row(what, f"{len(expected)}", f"{len(got)}", True))
        else:
            rows.append(Row(what, " | ".join(expected), " | ".join(got), False))
    return rows


def _time_agrees(what: str, expected: float, got: float) -> bool:
    if what == "1 m to landing detected":
        return DETECTION_S[0] <= got <= DETECTION_S[1]
    return _in_scatter(what, got) or abs(got - expected) <= max(TIME_S, TIME_SHARE * expected)


def _in_scatter(what: str, got: float) -> bool:
    low, high = SCATTER.get(what, (math.inf, -math.inf))
    return low <= got <= high


def compare(reference: list[Event], here: list[Event]) -> list[Row]:
    """Every line of the comparison."""
    reference, here = _flying(reference), _flying(here)
    rows = _list_rows(reference, here)
    ours = durations_of(here)
    for what, expected in durations_of(reference).items():
        got = ours.get(what)
        agrees = got is not None and _time_agrees(what, expected, got)
        rows.append(Row(what, f"{expected:.1f} s", "never" if got is None else f"{got:.1f} s", agrees))
    speeds = speeds_of(here)
    for what, expected in speeds_of(reference).items():
        got = speeds.get(what, 0.0)
        agrees = _in_scatter(what, got) or abs(got - expected) <= SPEED_SHARE * expected
        rows.append(Row(what, f"{expected:.2f} m/s", f"{got:.2f} m/s", agrees))
    past, our_past = overshoot_of(reference), overshoot_of(here)
    if past is not None:
        got = our_past if our_past is not None else 0.0
        rows.append(Row("past the fence", f"{past:.1f} m", f"{got:.1f} m", abs(got - past) <= OVERSHOOT_SHARE * past))
    return rows

"""What a recorded flight tells, so that two of the same scenario can be laid side by side.

A trace is a list of events as `record.py` writes them. The limits: the same modes, landed states, answers and texts in
the same order; times within 10 % or 1 s; speeds within 10 %; the way past a fence within 20 %. Where PX4 itself, flying
the same scenario again, was farther off than that, a value among its own is accepted, and the row says so.
"""

import gzip
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
BATTERY_PERCENT = 2.0
"""One second of the fastest drain of the scenarios, rounded up: the report is whole per cents."""
PASSING_TEXTS = ("Preflight Fail: heading estimate not stable", "[logger]", "Preflight: GPS")
"""Texts of PX4's estimator still settling while the recorder was already asking it to arm, and of its log's file."""


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
    note: str = ""
    """Why it is accepted although it is outside the limit."""


Spread = Mapping[str, Sequence[float]]
"""By row, what PX4 showed when it flew the same scenario again and again."""


def measures_of(trace: list[Event]) -> dict[str, float]:
    """All of a flight that is a number and scatters: seconds, metres a second, metres."""
    flight = _flying(trace)
    overshoot = overshoot_of(flight)
    past = {} if overshoot is None else {"past the fence": overshoot}
    return durations_of(flight) | speeds_of(flight) | past


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
    return [text.rstrip("\t") for text in joined if not text.startswith(PASSING_TEXTS)]


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
    if "to height" in found:
        found[_take_off_name(trace)] = found.pop("to height")
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
    return {what: seconds for what, seconds in found.items() if math.isfinite(seconds)}


def _take_off_name(trace: list[Event]) -> str:
    """By its height, so that the same take-offs of several scenarios can be told to be the same."""
    home = next((e["amsl"] for e in trace if e["type"] == "home"), None)
    ordered = next((e["params"][6] for e in trace if e.get("command") == "MAV_CMD_NAV_TAKEOFF" and "params" in e), None)
    return "take-off" if home is None or ordered is None else f"take-off to {ordered - home:.0f} m"


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
    """Equal, where each number may differ by 1 or by a tenth of the text's smallest: heights, amsl and above home."""
    if re.sub(r"\d+", "#", reference) != re.sub(r"\d+", "#", here):
        return False
    numbers = [int(number) for number in re.findall(r"\d+", reference)]
    most = max(1.0, TIME_SHARE * min(numbers, default=0))
    return all(abs(a - int(b)) <= most for a, b in zip(numbers, re.findall(r"\d+", here), strict=True))


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


def _number_row(what: str, unit: str, expected: float, got: float | None, limit: float, spread: Spread) -> Row:
    seen = [*spread.get(what, ()), expected]
    low, high = min(seen), max(seen)
    digits = 1 if unit in ("s", "m") else 2
    told = "never" if got is None else f"{got:.{digits}f} {unit}"
    agrees = got is not None and abs(got - expected) <= limit
    note = ""
    if got is not None and not agrees and high - low > limit and low <= got <= high:
        agrees, note = True, f"PX4 itself {low:.{digits}f} to {high:.{digits}f} {unit} in {len(seen)} flights"
    return Row(what, f"{expected:.{digits}f} {unit}", told, agrees, note)


def _battery_row(reference: list[Event], here: list[Event]) -> list[Row]:
    """The charge that is reported, at the same times after arming."""
    theirs, ours = _charges(reference), _charges(here)
    if len(theirs) < 2 or len(ours) < 2:
        return []
    worst = max(theirs, key=lambda sample: abs(sample[1] - _at(ours, sample[0])))
    got = _at(ours, worst[0])
    agrees = abs(got - worst[1]) <= max(BATTERY_PERCENT, TIME_SHARE * worst[1])
    return [Row("battery, where farthest apart", f"{worst[1]:.0f} %", f"{got:.0f} %", agrees)]


def _charges(trace: list[Event]) -> list[tuple[float, float]]:
    armed = _first(trace, 0.0, lambda e: e["type"] == "mode" and e["armed"])
    if armed is None:
        return []
    return [(e["t"] - armed, float(e["remaining"])) for e in trace if e["type"] == "battery" and e["t"] >= armed]


def _at(samples: list[tuple[float, float]], time_s: float) -> float:
    """Between the samples on a straight line; before the first and after the last as they are."""
    before = [sample for sample in samples if sample[0] <= time_s]
    after = [sample for sample in samples if sample[0] > time_s]
    if not before or not after:
        return (before or after)[-1 if before else 0][1]
    (t1, v1), (t2, v2) = before[-1], after[0]
    return v1 + (v2 - v1) * (time_s - t1) / (t2 - t1)


def compare(reference: list[Event], here: list[Event], spread: Spread | None = None) -> list[Row]:
    """Every line of the comparison."""
    spread = spread or {}
    reference, here = _flying(reference), _flying(here)
    rows = _list_rows(reference, here)
    ours = durations_of(here)
    for what, expected in durations_of(reference).items():
        limit = max(TIME_S, TIME_SHARE * abs(expected))
        rows.append(_number_row(what, "s", expected, ours.get(what), limit, spread))
    speeds = speeds_of(here)
    for what, expected in speeds_of(reference).items():
        rows.append(_number_row(what, "m/s", expected, speeds.get(what), SPEED_SHARE * expected, spread))
    past = overshoot_of(reference)
    if past is not None:
        limit = OVERSHOOT_SHARE * past
        rows.append(_number_row("past the fence", "m", past, overshoot_of(here), limit, spread))
    return rows + _battery_row(reference, here)

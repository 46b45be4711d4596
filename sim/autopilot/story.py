"""What a recorded flight tells, so that two of the same scenario can be laid side by side.

A trace is a list of events as `record.py` writes them. The limits: the same modes, landed states, answers and texts in
the same order; times within 10 % or 1 s; speeds within 10 %; the way past a fence within 20 %. There are three ways to
agree outside of them, and the row says which it was: where PX4's own flights of one manoeuvre lie farther apart than
the limit, a value is held to the same limit around their median; a height in a text may be off by the metre that PX4's
own estimate wanders by; and a text that PX4 says in some flights and not in others, before it arms, does not count.
"""

import gzip
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
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
PASSING_TEXTS = ("Preflight Fail: heading estimate not stable", "[logger]")
"""What PX4 says in some of its recorded flights and not in others: its estimator was still settling when it was asked
to arm (2 of 14), and the name of its log's file, with date and time (5 of 14)."""
HEIGHT = re.compile(r"(?<![\d.])\d+(?= m\b)")
HEIGHT_M = 1
"""PX4's own flights return from 758 m and from 759 m with the same parameters."""


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
"""By row, what PX4 showed whenever it flew the same manoeuvre."""


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
    return [text.rstrip("\t") for text in joined]


def _flying(trace: list[Event]) -> list[Event]:
    """Up to the last disarming: what follows is the recorder waiting."""
    armed, end = False, len(trace)
    for index, event in enumerate(trace):
        if event["type"] == "mode":
            if armed and not event["armed"]:
                end = index + 1
            armed = event["armed"]
    return trace if armed else trace[:end]


def _lists(trace: list[Event]) -> dict[str, list[str]]:
    def of(kind: str, tell: Callable[[Event], str]) -> list[str]:
        return [tell(event) for event in trace if event["type"] == kind]

    return {
        "modes": of("mode", lambda e: f"{e['mode']}{'' if e['armed'] else ' disarmed'} {_status(e)}"),
        "landed states": of("landed", lambda e: e["state"].removeprefix("MAV_LANDED_STATE_")),
        "command answers": of("ack", lambda e: f"{e['command']} {e['result']}"),
        "mission answers": of("mission_ack", lambda e: f"{e['mission_type']} {e['result']}"),
        "mission items": of("mission_current", lambda e: str(e["seq"])),
        "items reached": of("mission_reached", lambda e: str(e["seq"])),
        "parameters": of("param", lambda e: f"{e['name']} {e.get('value')}"),
    }


def _status(event: Event) -> str:
    return str(event["system_status"].removeprefix("MAV_STATE_").lower())


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
        return _first(trace, 0.0, lambda e: e["type"] == "mode" and e["mode"] == name and e["armed"])

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
    """Equal but for heights in whole metres, each of which may be off by `HEIGHT_M`."""
    if HEIGHT.sub("#", reference) != HEIGHT.sub("#", here):
        return False
    heights = zip(HEIGHT.findall(reference), HEIGHT.findall(here), strict=True)
    return all(abs(int(theirs) - int(ours)) <= HEIGHT_M for theirs, ours in heights)


def _text_row(theirs: list[str], ours: list[str]) -> Row:
    """Texts in their order, without those that come and go."""
    passing = [text for text in (*theirs, *ours) if text.startswith(PASSING_TEXTS)]
    expected, got = ([t for t in texts if not t.startswith(PASSING_TEXTS)] for texts in (theirs, ours))
    if len(expected) != len(got) or not all(map(_same_text, expected, got)):
        return Row("texts", " | ".join(expected), " | ".join(got), False)
    notes = [f"without {text!r}" for text in passing]
    notes += [f"{a!r} for {b!r}" for a, b in zip(got, expected, strict=True) if a != b]
    return Row("texts", f"{len(expected)}", f"{len(got)}", True, "; ".join(notes))


def _list_rows(reference: list[Event], here: list[Event]) -> list[Row]:
    rows = []
    theirs, ours = _lists(reference), _lists(here)
    for what, expected in theirs.items():
        got = ours[what]
        if expected == got:
            rows.append(Row(what, f"{len(expected)}", f"{len(got)}", True))
        else:
            rows.append(Row(what, " | ".join(expected), " | ".join(got), False))
    return [*rows, _text_row(texts_of(reference), texts_of(here))]


def _number_row(
    what: str, unit: str, expected: float, got: float | None, limit_of: Callable[[float], float], spread: Spread
) -> Row:
    digits = 1 if unit in ("s", "m") else 2
    told = "never" if got is None else f"{got:.{digits}f} {unit}"
    agrees, note = got is not None and abs(got - expected) <= limit_of(expected), ""
    seen = spread.get(what, ())
    if got is not None and not agrees and seen and max(seen) - min(seen) > limit_of(expected):
        middle = median(seen)
        agrees = abs(got - middle) <= limit_of(middle)
        span = f"{min(seen):.{digits}f} to {max(seen):.{digits}f} {unit}"
        note = f"PX4's median of {len(seen)} flights is {middle:.{digits}f} {unit}; they were {span}"
    return Row(what, f"{expected:.{digits}f} {unit}", told, agrees, note)


def _time_limit(expected: float) -> float:
    return max(TIME_S, TIME_SHARE * abs(expected))


def _speed_limit(expected: float) -> float:
    return SPEED_SHARE * expected


def _overshoot_limit(expected: float) -> float:
    return OVERSHOOT_SHARE * expected


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
        rows.append(_number_row(what, "s", expected, ours.get(what), _time_limit, spread))
    speeds = speeds_of(here)
    for what, expected in speeds_of(reference).items():
        rows.append(_number_row(what, "m/s", expected, speeds.get(what), _speed_limit, spread))
    past = overshoot_of(reference)
    if past is not None:
        rows.append(_number_row("past the fence", "m", past, overshoot_of(here), _overshoot_limit, spread))
    return rows + _battery_row(reference, here)

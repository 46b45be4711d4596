"""The proof that the camera looked at the horizon while it had to: on the way out and on the way home. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from dfr.core.flight import FlightState
from dfr.core.look import HorizonProof, LookSample

FREE = frozenset({FlightState.PREPARING, FlightState.ON_SCENE})
"""On the dock, and on the scene: there the camera may look where it likes."""


@dataclass(frozen=True, slots=True)
class HorizonRule:
    within_deg: float = 10.0
    """So far below the horizon the middle of the picture may be."""
    longest_gap_s: float = 1.0
    settle_s: float = 5.0
    """For turning up again after the scene."""
    least_height_m: float = 2.0
    """Below this it sits on its dock."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a flight in which the camera had to look at the horizon."""

    name: str
    from_s: float
    to_s: float
    after_scene: bool
    taken_over: bool = False


def stretches(states: Sequence[tuple[float, FlightState]], now_s: float) -> list[Stretch]:
    """From (time, state) of each change, in order; `now_s` ends a flight that is still under way."""
    found: list[Stretch] = []
    been_there = False
    ends = [at_s for at_s, _ in states[1:]] + [now_s]
    for (from_s, state), to_s in zip(states, ends, strict=True):
        if state in FREE or state.is_over:
            been_there = been_there or state is FlightState.ON_SCENE
            continue
        taken_over = state is FlightState.TAKEN_OVER
        last = found[-1] if found else None
        if last is not None and last.to_s == from_s and last.taken_over == taken_over:
            found[-1] = Stretch(last.name, last.from_s, to_s, last.after_scene, taken_over)
            continue
        name = "On the way home" if been_there else "On the way out"
        found.append(Stretch(name, from_s, to_s, been_there and not (last and last.to_s == from_s), taken_over))
    return found


def prove(stretch: Stretch, samples: Sequence[LookSample], rule: HorizonRule | None = None) -> HorizonProof:
    """What the samples of a stretch prove. `samples` in order of time; those of other stretches are left out."""
    rule = rule or HorizonRule()
    inside = [one for one in samples if stretch.from_s <= one.at_s <= stretch.to_s]
    lasts = f"{stretch.name}, {stretch.to_s - stretch.from_s:.0f} s"
    if stretch.taken_over:
        sentence = f"{lasts}: somebody else flew it, so where the camera looked was not this service's doing."
        return HorizonProof(stretch.from_s, stretch.to_s, False, False, sentence, samples=len(inside))
    if not inside:
        sentence = f"{lasts}: no attitude of the gimbal was recorded, so nothing is proven."
        return HorizonProof(stretch.from_s, stretch.to_s, False, False, sentence)
    gap_s, gap_from_s = _longest_gap([stretch.from_s, *(one.at_s for one in inside), stretch.to_s])
    settled_s = stretch.from_s + rule.settle_s if stretch.after_scene else stretch.from_s
    judged = [one for one in inside if one.height.m >= rule.least_height_m and one.at_s >= settled_s]
    whole = gap_s <= rule.longest_gap_s
    low = [one for one in judged if one.gimbal.pitch_deg < -rule.within_deg]
    lowest = min(judged, key=lambda one: one.gimbal.pitch_deg, default=None)
    parts = [f"{lasts}: {_looked(low, lowest, rule)}", _recorded(gap_s, gap_from_s, whole)]
    if stretch.after_scene:
        parts.append(f"the first {rule.settle_s:.0f} s, in which it turned up from the scene, are left out")
    return HorizonProof(
        stretch.from_s,
        stretch.to_s,
        kept=not low,
        whole=whole,
        sentence="; ".join(parts) + ".",
        lowest_deg=None if lowest is None else lowest.gimbal.pitch_deg,
        lowest_at_s=None if lowest is None else lowest.at_s,
        longest_gap_s=gap_s,
        samples=len(inside),
    )


def prove_flight(
    states: Sequence[tuple[float, FlightState]], samples: Sequence[LookSample], now_s: float
) -> tuple[HorizonProof, ...]:
    """Every stretch of a flight."""
    return tuple(prove(stretch, samples) for stretch in stretches(states, now_s))


def _longest_gap(times_s: Sequence[float]) -> tuple[float, float]:
    """(length, beginning) of the longest time without a sample."""
    return max((later - earlier, earlier) for earlier, later in pairwise(times_s))


def _looked(low: Sequence[LookSample], lowest: LookSample | None, rule: HorizonRule) -> str:
    if lowest is None:
        return "it did not leave its dock"
    below_deg = -lowest.gimbal.pitch_deg
    extreme = f"{abs(below_deg):.1f} degrees {'below' if below_deg > 0 else 'above'} at {_clock(lowest.at_s)}"
    if not low:
        return f"camera within {rule.within_deg:.0f} degrees of the horizon at all times; lowest {extreme}"
    return (
        f"camera lower than {rule.within_deg:.0f} degrees below the horizon in {len(low)} samples from "
        f"{_clock(low[0].at_s)} to {_clock(low[-1].at_s)}; lowest {extreme}"
    )


def _recorded(gap_s: float, gap_from_s: float, whole: bool) -> str:
    if whole:
        return f"no sample was missing for longer than {gap_s:.1f} s"
    return f"nothing was recorded for {gap_s:.1f} s from {_clock(gap_from_s)}, so there it is not proven"


def _clock(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M:%S} UTC"

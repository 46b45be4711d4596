"""Which zones count for flights between two moments. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from dfr.core.geo import Position
from dfr.core.times import DAY_S
from dfr.core.zone import Zone

_TOUCH_S = 1e-3


@dataclass(frozen=True, slots=True)
class InForce:
    """`zones` count from `from_s` on, and the same ones until `until_s`."""

    zones: tuple[Zone, ...]
    until_s: float


def zones_in_force(zones: Iterable[Zone], from_s: float, ahead_s: float, place: Position) -> InForce:
    """The zones that flights between from_s and from_s + ahead_s must reckon with (UTC seconds since 1970).

    A zone that forbids counts when it holds at any moment of that; one that opens a place (`core.zone.ALLOWING`) only
    when it holds all of it. `place` is where the sun is asked for.
    """
    chosen: list[Zone] = []
    until_s = from_s + DAY_S
    for zone in zones:
        if zone.times is None:
            chosen.append(zone)
            continue
        doubtful = not zone.allows
        periods = zone.times.periods(from_s, from_s + ahead_s + DAY_S, place, doubtful=doubtful)
        counts, changes_s = _opens(periods, from_s, ahead_s) if zone.allows else _forbids(periods, from_s, ahead_s)
        if counts:
            chosen.append(zone)
        until_s = min([until_s, *(edge_s for edge_s in changes_s if edge_s > from_s)])
    return InForce(tuple(chosen), until_s)


def _forbids(periods: list[tuple[float, float]], from_s: float, ahead_s: float) -> tuple[bool, list[float]]:
    """Counts from ahead_s before each period to its end."""
    counts = any(start_s <= from_s + ahead_s and end_s > from_s for start_s, end_s in periods)
    return counts, [edge_s for start_s, end_s in periods for edge_s in (start_s - ahead_s, end_s)]


def _opens(periods: list[tuple[float, float]], from_s: float, ahead_s: float) -> tuple[bool, list[float]]:
    """Counts from the beginning of each period to ahead_s before its end."""
    counts = any(start_s <= from_s and end_s >= from_s + ahead_s for start_s, end_s in periods)
    # Just after that moment it is too late already.
    return counts, [edge_s for start_s, end_s in periods for edge_s in (start_s, end_s - ahead_s + _TOUCH_S)]

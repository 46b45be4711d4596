"""What a question about a place is answered with."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    SIDEWAYS = "sideways"
    UPWARDS = "upwards"
    DOWNWARDS = "downwards"


@dataclass(frozen=True, slots=True)
class Errors:
    """What may be wrong with a place that is judged, besides what an airspace keeps always (its margin, its height
    margin, the error of its ground), as the most that it is reckoned with: they add up, and widen what is kept."""

    position_m: float = 0.0
    altitude_m: float = 0.0
    terrain_m: float = 0.0
    geocode_m: float = 0.0
    """Of a place that was found from an address."""

    @property
    def sideways_m(self) -> float:
        return self.position_m + self.geocode_m


NO_ERRORS = Errors()


@dataclass(frozen=True, slots=True)
class Limit:
    """The nearest limit in one direction: a zone, the ground, or the site's own (`zone_id` is None for those).

    `margin_m` is what is left to it after everything that is kept, negative when it is not kept; `reasons` are the
    sentences for people that say so.
    """

    direction: Direction
    margin_m: float
    name: str
    zone_id: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may fly there, and why not: the nearest limit sideways, upwards and downwards."""

    sideways: Limit
    upwards: Limit
    downwards: Limit

    @property
    def limits(self) -> tuple[Limit, Limit, Limit]:
        return (self.sideways, self.upwards, self.downwards)

    @property
    def allowed(self) -> bool:
        return all(limit.margin_m >= 0.0 for limit in self.limits)

    @property
    def nearest(self) -> Limit:
        """The limit with the smallest margin."""
        return min(self.limits, key=lambda limit: limit.margin_m)

    @property
    def margin_m(self) -> float:
        return self.nearest.margin_m

    @property
    def zone_id(self) -> str | None:
        return self.nearest.zone_id

    @property
    def reasons(self) -> tuple[str, ...]:
        """Empty when allowed."""
        return tuple(reason for limit in self.limits for reason in limit.reasons)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for several parts of a way: in each direction the nearest limit, and all the reasons."""
    parts = list(verdicts)
    return Verdict(
        _strictest([part.sideways for part in parts]),
        _strictest([part.upwards for part in parts]),
        _strictest([part.downwards for part in parts]),
    )


def _strictest(limits: list[Limit]) -> Limit:
    nearest = min(limits, key=lambda limit: limit.margin_m)
    reasons = tuple(dict.fromkeys(reason for limit in limits for reason in limit.reasons))
    return Limit(nearest.direction, nearest.margin_m, nearest.name, nearest.zone_id, reasons)


class AirspaceError(ValueError):
    """The zones of a site do not make an airspace that can be judged; the sentence says which and what to change."""

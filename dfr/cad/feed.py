"""What every feed's parser shares: its priority scale, positions and times that can be used, and the error."""

import math
from dataclasses import dataclass
from datetime import datetime

from dfr.core.geo import Position

LOWEST_PRIORITY = 5


class CadError(ValueError):
    """A document that is no report. `sentence` is for the sender; `pointer` (RFC 6901) names the place in it."""

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class Feed:
    """How a source counts priority: the number of its most and of its least urgent call. Scales run both ways."""

    highest: int
    lowest: int

    def __post_init__(self) -> None:
        if self.highest == self.lowest:
            raise ValueError(f"A priority scale needs two different ends, not {self.highest} and {self.lowest}.")

    def __contains__(self, priority: int) -> bool:
        return min(self.highest, self.lowest) <= priority <= max(self.highest, self.lowest)

    def normalised(self, priority: int) -> int:
        """1 (highest) to 5 (lowest), in even steps. Raises ValueError outside the scale."""
        if priority not in self:
            raise ValueError(f"Priority {priority} is outside the feed's scale, {self.highest} to {self.lowest}.")
        fraction = (self.highest - priority) / (self.highest - self.lowest)
        return 1 + math.floor(fraction * (LOWEST_PRIORITY - 1) + 0.5)


NENA_EIDO = Feed(highest=10, lowest=0)
"""NENA-STA-021.1b, incidentCommonPriorityNumber: 0 to 10, 10 the most urgent."""

PLAIN = Feed(highest=1, lowest=5)


def usable_position(latitude_deg: float, longitude_deg: float) -> tuple[Position | None, str]:
    """The position and "", or None and the sentence why it cannot be used.

    0, 0 is what a failed geocoder writes, not a place of any agency.
    """
    if latitude_deg == 0.0 and longitude_deg == 0.0:
        return None, "The source sent latitude 0, longitude 0: its geocoder found no place. Ask the caller where it is."
    try:
        return Position(latitude_deg, longitude_deg), ""
    except ValueError as error:
        return None, f"The source's position cannot be used. {error}"


def utc_seconds(text: str) -> float | None:
    """An ISO 8601 time with its zone as UTC seconds; None when it has no zone (it could be hours off) or is no time."""
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if time.tzinfo is None else time.timestamp()

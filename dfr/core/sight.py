"""Where on the ground a camera looks, as plain data."""

from dataclasses import dataclass

from dfr.core.geo import Position


@dataclass(frozen=True, slots=True)
class Sight:
    """The middle of the picture on the ground, and the picture's outline there.

    `center` None: the middle of the picture meets no ground within reach (it looks at the horizon or above).
    `outline` is not closed; where a corner of the picture sees the sky it ends at the reach.
    """

    center: Position | None
    outline: tuple[Position, ...]
    error_m: float | None
    """How far off the centre may be, from what the angles, the position and the ground are known to."""

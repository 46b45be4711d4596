"""What a question about a place is answered with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may fly there, and why not.

    `margin_m` is the distance left to the nearest limit, sideways or upwards, after everything that is kept to it;
    negative when not allowed. `reasons` are sentences for people, empty when allowed. `zone_id` names the zone that
    decides, None when nothing but the site's default height does.
    """

    allowed: bool
    margin_m: float
    reasons: tuple[str, ...] = ()
    zone_id: str | None = None


class AirspaceError(ValueError):
    """The zones of a site do not make an airspace that can be judged; the sentence says which and what to change."""

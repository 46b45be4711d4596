"""What computer-aided dispatch (CAD) told us: one event, with the source's own values kept beside ours."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from dfr.core.geo import Position


class IncidentState(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Incident:
    """One CAD event.

    `priority` is normalised: 1 is highest, 5 lowest; `source_priority` is what the source wrote.
    `position` is None while CAD has no usable one. Times are UTC seconds.
    """

    id: str
    source: str
    source_id: str
    type: str
    priority: int
    position: Position | None
    received_s: float
    updated_s: float
    state: IncidentState = IncidentState.OPEN
    source_priority: str = ""
    source_updated_s: float | None = None
    uncertainty_m: float | None = None
    address: str = ""
    description: str = ""
    note: str = ""
    """A sentence about what is wrong with this report, for people ("" when nothing is)."""
    extra: dict[str, str] = field(default_factory=dict)

    def revised(self, now_s: float, **changes: object) -> "Incident":
        """This incident with changed fields, marked as updated now."""
        return replace(self, updated_s=now_s, **changes)  # type: ignore[arg-type]

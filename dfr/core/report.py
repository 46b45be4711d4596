"""What one CAD message said, before it is merged into an incident."""

from dataclasses import dataclass

from dfr.core.geo import Position
from dfr.core.incident import IncidentState


@dataclass(frozen=True, slots=True)
class Report:
    """One message about one event, in our words; the source's own are kept beside them.

    `source` and `source_id` together name the event. `priority` is normalised: 1 is highest, 5 lowest. `position` is
    None when the source gave none that can be used; `note` then says why. `source_updated_s` is the source's own time
    (UTC seconds), by which reports are ordered.
    """

    source: str
    source_id: str
    type: str
    source_priority: str
    priority: int
    position: Position | None
    uncertainty_m: float | None
    address: str
    description: str
    source_updated_s: float | None
    status: IncidentState
    note: str

"""What one CAD message said, before it is merged into an incident."""

from dataclasses import dataclass, field

from dfr.core.geo import Position
from dfr.core.incident import IncidentState


@dataclass(frozen=True, slots=True)
class Report:
    """One message about one event. `source` and `source_id` together name the event.

    `priority` is normalised (1 highest, 5 lowest), `source_priority` as written. `position` None: no usable one,
    and `note` says what was wrong with it. `source_updated_s` is the source's own time of this version.
    """

    source: str
    source_id: str
    type: str
    priority: int
    source_priority: str = ""
    position: Position | None = None
    uncertainty_m: float | None = None
    address: str = ""
    description: str = ""
    source_updated_s: float | None = None
    state: IncidentState = IncidentState.OPEN
    note: str = ""
    extra: dict[str, str] = field(default_factory=dict)

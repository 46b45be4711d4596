"""All that the pages are shown of one moment, as plain data."""

from dataclasses import dataclass

from dfr.core.asset import Asset, Readiness
from dfr.core.check import Check
from dfr.core.energy import Endurance
from dfr.core.flight import Flight
from dfr.core.incident import Incident
from dfr.core.record import Alarm, RefusalRecord
from dfr.core.stream import Stream
from dfr.core.telemetry import Telemetry
from dfr.dispatch.ports import Stranger
from dfr.server.traffic import TrafficShown


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """An asset with all that is known of it now. `sentences` say why it is not ready (empty when it is)."""

    asset: Asset
    telemetry: Telemetry
    readiness: Readiness
    sentences: tuple[str, ...] = ()
    flight_id: str | None = None
    checks: tuple[Check, ...] = ()
    """The pre-flight list; empty while it is on a flight."""
    endurance: Endurance | None = None
    """How long it may still go on, while it is in the air on a flight; None when that is unknown."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a page shows, of one moment."""

    clock_s: float
    incidents: tuple[Incident, ...] = ()
    assets: tuple[AssetStatus, ...] = ()
    flights: tuple[Flight, ...] = ()
    streams: tuple[Stream, ...] = ()
    refusals: tuple[RefusalRecord, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    traffic: TrafficShown = TrafficShown()
    zones_revision: int = 0
    """Of `services.ZonesShown`: what a page holds of an older one, it reads again."""

"""What the pages are shown, as plain data: the snapshot, refusals, alarms, a flight's report from the journal."""

from dataclasses import dataclass
from enum import StrEnum

from dfr.core.asset import Asset, Readiness
from dfr.core.command import Origin, OutcomeKind
from dfr.core.flight import Flight
from dfr.core.geo import AboveTakeoff, Amsl, Position
from dfr.core.incident import Incident
from dfr.core.stream import Stream
from dfr.core.telemetry import Gimbal, Telemetry
from dfr.dispatch.ports import Stranger


class RefusalSubject(StrEnum):
    """What was refused."""

    CALL = "call"
    LAUNCH = "launch"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class RefusalRecord:
    """Something that was asked for and not done, and why: as much a record as a flight."""

    id: str
    at_s: float
    subject: RefusalSubject
    title: str
    sentences: tuple[str, ...]
    requested_by: str
    incident_id: str | None = None
    flight_id: str | None = None
    asset_id: str | None = None


class Severity(StrEnum):
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong now. It disappears from the snapshot when it is no longer."""

    id: str
    severity: Severity
    sentence: str
    since_s: float
    asset_id: str | None = None
    flight_id: str | None = None
    stream_id: str | None = None


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """An asset with all that is known of it now. `sentences` say why it is not ready (empty when it is)."""

    asset: Asset
    telemetry: Telemetry
    readiness: Readiness
    sentences: tuple[str, ...] = ()
    flight_id: str | None = None


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


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """Where the aircraft was and where the camera looked."""

    at_s: float
    position: Position
    altitude: Amsl
    height: AboveTakeoff
    ground_speed_mps: float
    battery_fraction: float | None = None
    gimbal: Gimbal | None = None


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One authorised command of a flight and how it ended (None while that is not known)."""

    request_id: str
    at_s: float
    command: str
    origin: Origin
    requested_by: str
    outcome: OutcomeKind | None = None
    outcome_sentence: str = ""
    outcome_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class FlightReport:
    """One flight from the journal, for whoever asks afterwards."""

    flight: Flight
    incident: Incident | None
    track: tuple[TrackPoint, ...] = ()
    commands: tuple[CommandRecord, ...] = ()
    refusals: tuple[RefusalRecord, ...] = ()
    distance_flown_m: float | None = None

"""What is kept for people: refusals, alarms, and a flight's report."""

from dataclasses import dataclass
from enum import StrEnum

from dfr.core.camera import KeptPhotograph, Photograph
from dfr.core.command import Origin, OutcomeKind
from dfr.core.flight import Flight
from dfr.core.geo import AboveTakeoff, Amsl, Position
from dfr.core.incident import Incident
from dfr.core.look import HorizonProof
from dfr.core.telemetry import Gimbal


class RefusalSubject(StrEnum):
    """What was refused."""

    CALL = "call"
    LAUNCH = "launch"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class RefusalRecord:
    """Something that was asked for and not done, and why: the drones not sent are as much a record as those sent."""

    id: str
    at_s: float
    subject: RefusalSubject
    title: str
    """The kind of refusal, the same every time: "Outside the jurisdiction"."""
    sentences: tuple[str, ...]
    """Every reason of this case, in words."""
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
    """Something that people should see now."""

    id: str
    severity: Severity
    sentence: str
    since_s: float
    asset_id: str | None = None
    flight_id: str | None = None
    stream_id: str | None = None


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
    horizon: tuple[HorizonProof, ...] = ()
    """For each stretch in which the camera had to look at the horizon, whether it did."""
    photographs: tuple[Photograph, ...] = ()
    kept_photographs: tuple[KeptPhotograph, ...] = ()
    """What became of each that was told of."""

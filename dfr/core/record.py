"""What is kept for people: refusals and alarms."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was asked for and not done, and why, in words. The drones not sent are a record too."""

    id: str
    at_s: float
    what: str
    """What was asked: "launch SKY-1", "call 2026-118", "move"."""
    requested_by: str
    reasons: tuple[str, ...]
    incident_id: str = ""
    flight_id: str = ""
    asset_id: str = ""


class Severity(StrEnum):
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that people should see now."""

    id: str
    at_s: float
    severity: Severity
    sentence: str
    flight_id: str = ""
    asset_id: str = ""

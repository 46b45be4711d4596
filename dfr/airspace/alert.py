"""An alert about traffic: up at once, down only when the larger bubble has been empty for a while. Pure."""

from dataclasses import dataclass, replace

from dfr.airspace.encounter import Assessment, Level, TrafficLimits


@dataclass(frozen=True, slots=True)
class Alert:
    """That one of our aircraft is in an encounter; `empty_since_s` is since when nothing is near any more."""

    level: Level
    since_s: float
    empty_since_s: float | None = None


def settle(alert: Alert | None, assessment: Assessment, now_s: float, limits: TrafficLimits) -> Alert | None:
    """The alert after this look; None when there is none, or it is over."""
    if alert is None:
        return Alert(assessment.level, now_s) if assessment.level is not Level.CLEAR else None
    if any(one.near for one in assessment.encounters):
        return replace(alert, level=max(alert.level, assessment.level), empty_since_s=None)
    if alert.empty_since_s is None:
        return replace(alert, empty_since_s=now_s)
    return None if now_s - alert.empty_since_s >= limits.clear_s else alert

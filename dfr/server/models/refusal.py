"""Refusals and alarms."""

from pydantic import Field

from dfr.core.record import Alarm, RefusalRecord, RefusalSubject, Severity
from dfr.server.models.base import Answer, Time


class RefusalModel(Answer):
    """Something that was asked for and not done, and why."""

    id: str
    at_s: Time
    subject: RefusalSubject
    title: str = Field(description="The kind of refusal.")
    sentences: list[str] = Field(description="Every reason.")
    requested_by: str
    incident_id: str | None
    flight_id: str | None
    asset_id: str | None

    @classmethod
    def of(cls, refusal: RefusalRecord) -> "RefusalModel":
        values = {name: getattr(refusal, name) for name in cls.model_fields}
        return cls(**values | {"sentences": list(refusal.sentences)})


class AlarmModel(Answer):
    """Something that people should see now."""

    id: str
    severity: Severity
    sentence: str
    since_s: Time
    asset_id: str | None
    flight_id: str | None
    stream_id: str | None

    @classmethod
    def of(cls, alarm: Alarm) -> "AlarmModel":
        return cls(**{name: getattr(alarm, name) for name in cls.model_fields})

"""Whether an aircraft's Remote ID module says that it broadcasts, and since when."""

from dataclasses import dataclass
from enum import StrEnum


class RemoteIdState(StrEnum):
    """UNKNOWN is also an aircraft whose module this service does not hear: it may broadcast all the same."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RemoteId:
    """`sentence` says what was seen; `since_s` when it came to be so (None: never heard)."""

    state: RemoteIdState = RemoteIdState.UNKNOWN
    sentence: str = "No Remote ID module has been heard on this aircraft's link."
    since_s: float | None = None

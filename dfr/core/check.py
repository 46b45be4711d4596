"""One line of the pre-flight list: what was looked at, what was found, and what it should be."""

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nothing was heard that would tell."""
    NOT_REQUIRED = "not_required"
    """The site, its regime or the moment does not ask for it."""


@dataclass(frozen=True, slots=True)
class Check:
    """`value` and `limit` are words with their units. `sentence` says why it is not passed ("" when it is, or when it
    is not required). `blocks`: whether the aircraft stays on the ground for it."""

    name: str
    value: str
    limit: str
    state: CheckState
    sentence: str = ""
    blocks: bool = False

"""One entry of the journal, and the hash that chains it to the one before."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """`data` is canonical JSON text; `at_us` is UTC microseconds since 1970; ids are "" where none applies."""

    seq: int
    at_us: int
    kind: str
    incident_id: str
    flight_id: str
    asset_id: str
    data: str
    previous_hash: str
    hash: str

    @property
    def at_s(self) -> float:
        return self.at_us / 1e6

    @property
    def content(self) -> Any:
        return json.loads(self.data)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become an entry. `at_s` is UTC seconds; `content` is plain data; ids are "" where none applies."""

    kind: str
    content: Any
    at_s: float
    incident_id: str = ""
    flight_id: str = ""
    asset_id: str = ""


def canonical(content: Any) -> str:
    """The one way that content is written: sorted keys, no spaces, no NaN (raises ValueError)."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def chain_hash(
    seq: int, at_us: int, kind: str, incident_id: str, flight_id: str, asset_id: str, data: str, previous_hash: str
) -> str:
    """SHA-256 over every field and the previous entry's hash; JSON keeps the fields apart."""
    fields = [seq, at_us, kind, incident_id, flight_id, asset_id, data, previous_hash]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()

"""What dispatch needs from the rooms above it; `dfr.app` passes the real ones in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from dfr.core.geo import Position
from dfr.core.telemetry import Telemetry
from dfr.dispatch.gate import Authorized


@dataclass(frozen=True, slots=True)
class Stranger:
    """An aircraft heard on a link that no asset of the site declares: shown, never commanded."""

    system_id: int
    heard_s: float
    position: Position | None
    sentence: str


class Fleet(Protocol):
    """The aircraft. No call blocks or raises; each order's `Outcome` arrives later in the engine's inbox."""

    def telemetry(self) -> Mapping[str, Telemetry]:
        """The last values of every declared asset, by asset id."""
        ...

    def strangers(self) -> tuple[Stranger, ...]:
        """Aircraft that are heard but not declared."""
        ...

    def submit(self, order: Authorized) -> None:
        """Carry it out. A newer flight order for the same aircraft supersedes the one under way."""
        ...

    def let_go(self, asset_id: str) -> None:
        """Stop working on every order for this aircraft: nothing more is sent for them, and they end as superseded."""
        ...

    def heartbeat(self) -> None:
        """Tell every aircraft that the engine lives. Called by the engine's loop alone, several times a second:
        when the loop stops, the aircraft's own link-loss failsafe wakes."""
        ...

"""Changes on their way to the live sockets: the newest value of each thing, bounded, never a growing queue."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from dfr.core.flight import Flight
from dfr.core.incident import Incident
from dfr.core.record import Alarm, RefusalRecord
from dfr.core.sight import Sight
from dfr.core.stream import Stream
from dfr.core.telemetry import Gimbal, Kinematics, Telemetry, Timed
from dfr.dispatch.ports import Stranger
from dfr.server.snapshot import AssetStatus
from dfr.server.traffic import TrafficShown

MAX_PENDING = 4096
"""Different things that may wait for one client; a site has fewer, so only a client that reads nothing gets there."""


@dataclass(frozen=True, slots=True)
class Strangers:
    """All undeclared aircraft heard now."""

    strangers: tuple[Stranger, ...]


@dataclass(frozen=True, slots=True)
class Motion:
    """Where an aircraft is and where its camera looks: the part of its telemetry that changes all the time."""

    asset_id: str
    kinematics: Timed[Kinematics] | None
    gimbal: Timed[Gimbal] | None

    @classmethod
    def of(cls, telemetry: Telemetry) -> "Motion":
        return cls(telemetry.asset_id, telemetry.kinematics, telemetry.gimbal)


@dataclass(frozen=True, slots=True)
class SightSeen:
    """Where on the ground an aircraft's camera looked at `at_s`."""

    asset_id: str
    at_s: float
    sight: Sight


@dataclass(frozen=True, slots=True)
class ZonesChanged:
    """Zones, those in force, or fences are others now: `services.ZonesShown` with this revision or a later one."""

    revision: int


Change = (
    Incident
    | AssetStatus
    | Telemetry
    | Motion
    | Flight
    | Stream
    | RefusalRecord
    | Strangers
    | TrafficShown
    | Alarm
    | SightSeen
    | ZonesChanged
)
"""The new value of one thing. An AssetStatus carries its telemetry; a Motion alone is the frequent case."""


@dataclass(slots=True)
class Published:
    """A change on its way to all clients; `text` is its wire form once the first of them needed it, "" before."""

    change: Change
    text: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What changed since the last batch. `dropped` changes were lost: the client needs a new snapshot."""

    changes: tuple[Published, ...]
    dropped: int = 0

    @property
    def resync(self) -> bool:
        return self.dropped > 0


class Subscription:
    """One client's pending changes: of each thing only the newest; beyond `limit` the oldest is dropped and counted.

    To be used on the event loop alone.
    """

    def __init__(self, hub: "ChangeHub", limit: int = MAX_PENDING) -> None:
        self._hub = hub
        self._limit = limit
        self._pending: OrderedDict[tuple[str, str], Published] = OrderedDict()
        self._dropped = 0
        self._ready = asyncio.Event()

    def put(self, key: tuple[str, str], published: Published) -> None:
        self._pending[key] = published
        self._pending.move_to_end(key)
        if len(self._pending) > self._limit:
            self._pending.popitem(last=False)
            self._dropped += 1
        self._ready.set()

    async def get(self) -> Batch:
        """Wait for changes; everything pending in one batch, oldest first."""
        await self._ready.wait()
        batch = Batch(tuple(self._pending.values()), self._dropped)
        self.clear()
        return batch

    def clear(self) -> None:
        """Forget what is pending, as a new snapshot holds it."""
        self._pending.clear()
        self._dropped = 0
        self._ready.clear()

    def close(self) -> None:
        self._hub.unsubscribe(self)


class ChangeHub:
    """Hands each published change to every subscription. `publish` never waits and never fails."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    def subscribe(self) -> Subscription:
        subscription = Subscription(self)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)

    @property
    def listeners(self) -> int:
        """How many subscriptions are open."""
        return len(self._subscriptions)

    def publish(self, change: Change) -> None:
        key, published = _key(change), Published(change)
        for subscription in self._subscriptions:
            subscription.put(key, published)


def _key(change: Change) -> tuple[str, str]:
    match change:
        case AssetStatus():
            return "asset", change.asset.id
        case Telemetry():
            return "telemetry", change.asset_id
        case SightSeen():
            return "sight", change.asset_id
        case Motion():
            return "motion", change.asset_id
        case Strangers():
            return "strangers", ""
        case TrafficShown():
            return "traffic", ""
        case ZonesChanged():
            return "zones", ""
        case _:
            return type(change).__name__, change.id

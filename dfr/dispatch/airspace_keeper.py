"""Keeps the airspace and the fences to the zones that hold now: their times, those that people add, a reloaded set.

What takes long is made beside the engine's loop: first the airspace, by which the guard and the gate go at once, then
the fences.
"""

from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import replace

from dfr.airspace.airspace import Airspace
from dfr.airspace.in_force import zones_in_force
from dfr.airspace.verdict import AirspaceError
from dfr.core.record import Severity
from dfr.core.regime import Regime
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone
from dfr.dispatch.beside import Beside
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.fences import Fences, Prepared, make_fences
from dfr.dispatch.memory import Memory
from dfr.dispatch.refusal import NotDone, RefusalKind

AHEAD_S = 1800.0
"""A zone counts this long before it begins to hold: no flight that is launched now is in the air for longer."""


DOCKS_AT_HALF = 20
"""Preparing so many docks or fewer takes at most half of a core's time; of more, as much less. For so few the plain
ways are worked out before anything else: the first call after a start waits for nothing."""
SETTLES_S = 10.0
"""After a start the aircraft come first."""


class AirspaceKeeper:
    """Used by the engine's loop alone, which calls `tend` at every turn."""

    def __init__(
        self,
        memory: Memory,
        director: FlightDirector,
        worker: Executor | None = None,
        settles_s: float = SETTLES_S,
    ) -> None:
        self._memory = memory
        self._director = director
        self._worker = worker or Beside()
        self._zones = director.site.zones or director.site.airspace.zones
        self._made = tuple(director.site.airspace.zones)
        self._now_s = self._look_s = 0.0
        self.revision = 0
        """Goes up with every change of zones, of those in force, or of fences."""
        self._shapes: dict[str, Zone] = {}
        """Of the zones that people added: nothing of one changes but that it may be lifted."""
        self._airspace: Future[Airspace] | None = None
        self._fences: Future[Fences] | None = None
        self._unprepared = self._everything()
        self._preparing: tuple[Prepared, float, Future[None]] | None = None
        self._prepare_next_s: float | None = None
        self._settles_s = settles_s
        if len(director.site.assets) <= DOCKS_AT_HALF:
            director.zones.fences.prepare_plain(director.site.regimes.default)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """All zones of the site and those that people added, whether they hold now or not; over ones are left out."""
        return (*self._zones, *self._added(self._now_s))

    @property
    def in_force(self) -> frozenset[str]:
        """The ids of the zones by which flights are judged now."""
        return frozenset(zone.id for zone in self._director.site.airspace.zones)

    def take_zones(self, zones: Iterable[Zone]) -> None:
        """The site's own zones were read anew."""
        self._zones = tuple(zones)
        self._look_s = 0.0
        self.revision += 1

    def add(self, zone: TemporaryZone, now_s: float) -> TemporaryZone:
        """A person adds a zone: journaled, and in force from one of the next turns on. Raises NotDone."""
        if zone.is_over(now_s):
            raise NotDone(RefusalKind.UNUSABLE, "Zone refused", ("That zone would be over already.",))
        if zone.incident_id is not None and zone.incident_id not in self._memory.incidents:
            why = f"There is no incident {zone.incident_id}, so no flight could enter its bubble."
            raise NotDone(RefusalKind.UNKNOWN, "Zone refused", (why,))
        self._look_s = 0.0
        self.revision += 1
        return self._memory.keep_temporary_zone(zone, now_s)

    def lift(self, zone_id: str, user: str, now_s: float) -> TemporaryZone:
        """End a zone that a person added. Raises NotDone; a zone that is over already stays as it is."""
        zone = self._memory.temporary_zones.get(zone_id)
        if zone is None:
            why = f"Nobody added a zone {zone_id}; zones of the site's files are changed there."
            raise NotDone(RefusalKind.UNKNOWN, "Unknown zone", (why,))
        if zone.is_over(now_s):
            return zone
        self._look_s = 0.0
        self.revision += 1
        return self._memory.keep_temporary_zone(replace(zone, lifted_s=now_s, lifted_by=user), now_s)

    def tend(self, now_s: float) -> None:
        """Put in force what has been made, and begin to make what is due. Costs nothing while nothing changes."""
        self._now_s = now_s
        if self._airspace is not None:
            if self._airspace.done():
                self._take_airspace(self._airspace, now_s)
            return
        if self._fences is not None and self._fences.done():
            self._take_fences(self._fences, now_s)
        if now_s >= self._look_s:
            self._look(now_s)
        if self._airspace is None and self._fences is None:
            self._prepare(now_s)

    def _everything(self) -> list[tuple[str, Regime]]:
        """What is to be prepared: every dock under the default regime first."""
        site = self._director.site
        return [(asset_id, regime) for regime in site.regimes.may_use for asset_id in site.assets]

    def _prepare(self, now_s: float) -> None:
        """One dock after the other, with rests in between: on a large site it would else take a core for minutes."""
        if self._prepare_next_s is None:
            self._prepare_next_s = now_s + self._settles_s
        if self._preparing is not None:
            which, begun_s, work = self._preparing
            if not work.done():
                return
            self._preparing = None
            rests = max(1.0, len(self._director.site.assets) / DOCKS_AT_HALF)
            self._prepare_next_s = now_s + rests * (now_s - begun_s)
            work.result()
            self._director.zones.fences.prepared.add(which)
        elif self._unprepared and now_s >= self._prepare_next_s:
            asset_id, regime = self._unprepared.pop(0)
            work = self._worker.submit(self._director.zones.fences.prepare, asset_id, regime)
            self._preparing = (asset_id, regime.id), now_s, work

    def _look(self, now_s: float) -> None:
        origin = self._director.site.airspace.frame.origin
        found = zones_in_force((*self._zones, *self._added(now_s)), now_s, AHEAD_S, origin)
        self._look_s = found.until_s
        if found.zones == self._made:
            return
        self._tell_of_change(found.zones, now_s)
        self._made = found.zones
        airspace = self._director.site.airspace
        self._airspace = self._worker.submit(airspace.with_zones, found.zones)

    def _added(self, now_s: float) -> list[Zone]:
        for zone_id, added in self._memory.temporary_zones.items():
            if zone_id not in self._shapes:
                self._shapes[zone_id] = added.zone
        return [self._shapes[one.id] for one in self._memory.temporary_zones.values() if not one.is_over(now_s)]

    def _tell_of_change(self, zones: tuple[Zone, ...], now_s: float) -> None:
        before, after = {zone.id for zone in self._made}, {zone.id for zone in zones}
        self._memory.note(
            "zones_in_force",
            {"came": sorted(after - before), "went": sorted(before - after), "count": len(zones)},
            now_s,
        )

    def _take_airspace(self, made: Future[Airspace], now_s: float) -> None:
        self._airspace = None
        self.revision += 1
        try:
            airspace = made.result()
        except AirspaceError as fault:
            why = f"Nothing is launched: the zones that hold from now on cannot be flown by. {fault}"
            self._memory.raise_alarm(Severity.CRITICAL, why, now_s)
            self._director.zones.close(why)
            return
        self._director.zones.take_airspace(airspace, now_s)
        self._fences = self._worker.submit(make_fences, self._director.site, tuple(self._memory.under_way()))

    def _take_fences(self, made: Future[Fences], now_s: float) -> None:
        self._fences = None
        self.revision += 1
        self._director.zones.take_fences(*made.result(), now_s)
        self._unprepared, self._preparing = self._everything(), None

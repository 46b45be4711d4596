"""The zones in force. A new set counts when all of it can be flown with; until then the last good one stays."""

import logging
from collections.abc import Callable, Sequence

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import FenceError
from dfr.airspace.readers import ZoneError
from dfr.airspace.verdict import AirspaceError
from dfr.config import ConfigError
from dfr.core.clock import Clock, iso_utc
from dfr.core.zone import Zone
from dfr.zone_store import ZoneStore

log = logging.getLogger(__name__)

SHOWN_FAULTS = 5


class ZoneSet:
    """`zones` with their `airspace`, since `loaded_s`; `faults` is what is wrong with the files as they are now.

    `read` gives the zones of the site's files, and `build` makes of them what flights are judged by; both raise
    ZoneError, ConfigError, AirspaceError or FenceError with what is wrong. Where the files are faulty at the start, the
    zones that the `store` kept are in force; without those it raises ConfigError with all faults.
    """

    def __init__(
        self,
        read: Callable[[], Sequence[Zone]],
        build: Callable[[tuple[Zone, ...]], Airspace],
        clock: Clock,
        store: ZoneStore | None = None,
    ) -> None:
        self._read, self._build, self._clock, self._store = read, build, clock, store
        self.zones: tuple[Zone, ...] = ()
        self.faults: tuple[str, ...] = ()
        self.loaded_s = 0.0
        self._airspace: Airspace | None = None
        if not self.reload():
            self._fall_back()

    @property
    def airspace(self) -> Airspace:
        if self._airspace is None:
            raise ConfigError(list(self.faults))
        return self._airspace

    @property
    def alarm(self) -> str:
        """What people should know while the files are faulty: of when the zones in force are. "" when all is well."""
        if not self.faults:
            return ""
        more = len(self.faults) - SHOWN_FAULTS
        return (
            f"The zone files are faulty and are not used: the zones of {iso_utc(self.loaded_s)} are in force, and what "
            f"changed since then is not. To mend: {' '.join(self.faults[:SHOWN_FAULTS])}"
            f"{f' And {more} more.' if more > 0 else ''}"
        )

    def reload(self) -> bool:
        """Read the files again. True when another set is in force now; with `faults` the set before stays in force.

        Takes as long as building an airspace does: call it in a thread.
        """
        try:
            zones = tuple(self._read())
            airspace = self._airspace if zones == self.zones else None
            changed = airspace is None
            airspace = airspace or self._build(zones)
        except (ZoneError, ConfigError) as error:
            self.faults = tuple(error.faults)
            return False
        except (AirspaceError, FenceError, OSError) as error:
            self.faults = (str(error),)
            return False
        self.faults = ()
        self.loaded_s = self._clock.now_s()
        self._keep(zones)
        self.zones, self._airspace = zones, airspace
        return changed

    def _keep(self, zones: tuple[Zone, ...]) -> None:
        if self._store is None:
            return
        try:
            self._store.keep(zones, self.loaded_s)
        except OSError as error:
            # The zones are good and in force. Only a later start with faulty files would miss these.
            log.error("The zones cannot be kept for a start with faulty files: %s", error)

    def _fall_back(self) -> None:
        faults = list(self.faults) or ["The site has no zones: nothing may fly anywhere."]
        try:
            kept = None if self._store is None else self._store.last()
            self._airspace = None if kept is None else self._build(kept.zones)
        except (ZoneError, ConfigError) as error:
            raise ConfigError([*faults, *error.faults]) from error
        except (AirspaceError, FenceError) as error:
            raise ConfigError([*faults, f"The last good zones do not fit the site: {error}"]) from error
        if kept is None:
            raise ConfigError(faults)
        self.zones, self.loaded_s = kept.zones, kept.kept_s

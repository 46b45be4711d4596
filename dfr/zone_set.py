"""The zones in force. A new set counts when all of it can be flown with; until then the last good one stays."""

import logging
from collections.abc import Callable, Sequence

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import FenceError
from dfr.airspace.readers import ZoneError
from dfr.airspace.verdict import AirspaceError
from dfr.config import ConfigError
from dfr.core.clock import Clock
from dfr.core.zone import Zone

log = logging.getLogger(__name__)


class ZoneSet:
    """`zones` with their `airspace`, since `loaded_s`; `faults` is what is wrong with the files as they are now.

    `read` gives the zones of the site's files, and `build` makes of them what flights are judged by; both raise
    ZoneError, ConfigError, AirspaceError or FenceError with what is wrong. The first reading must succeed: it raises
    ConfigError with all faults.
    """

    def __init__(
        self, read: Callable[[], Sequence[Zone]], build: Callable[[tuple[Zone, ...]], Airspace], clock: Clock
    ) -> None:
        self._read, self._build, self._clock = read, build, clock
        self.zones: tuple[Zone, ...] = ()
        self.faults: tuple[str, ...] = ()
        self.loaded_s = 0.0
        if not self.reload():
            raise ConfigError(list(self.faults) or ["The site has no zones: nothing may fly anywhere."])

    def reload(self) -> bool:
        """Read the files again. True when another set is in force now; with `faults` the set before stays in force.

        Takes as long as building an airspace does: call it in a thread.
        """
        try:
            zones = tuple(self._read())
            airspace = self._build(zones)
        except (ZoneError, ConfigError) as error:
            self.faults = tuple(error.faults)
            return False
        except (AirspaceError, FenceError, OSError) as error:
            self.faults = (str(error),)
            return False
        self.faults = ()
        if zones == self.zones:
            return False
        self.zones, self.airspace, self.loaded_s = zones, airspace, self._clock.now_s()
        return True

"""Copter's fence (AC_Fence): stored by the mission protocol, enforced while FENCE_ENABLE and FENCE_TYPE say so."""

import math

from sim.autopilot.fence import Fence, Point

ALT_MAX, CIRCLE, POLYGON, ALT_MIN = 1, 2, 4, 8
NAMES = {ALT_MAX: "Max Alt", CIRCLE: "Circle", POLYGON: "Polygon", ALT_MIN: "Min Alt"}


class CopterFence(Fence):
    """`enforced` is what DO_FENCE_ENABLE leaves of FENCE_ENABLE."""

    dropped_text = ""
    """It says nothing when it is switched off but in SYS_STATUS."""

    def check_after_upload(self, position: Point) -> str | None:
        """It takes a fence around nothing as well: arming is what a breach prevents."""
        self.enforced = True
        return None

    @property
    def types(self) -> int:
        """FENCE_TYPE while it is switched on, else 0."""
        return int(self._parameters["FENCE_TYPE"]) if self.switched_on else 0

    @property
    def switched_on(self) -> bool:
        return bool(self._parameters["FENCE_ENABLE"]) and (self.enforced or not self.items)

    def invalid(self) -> str | None:
        """Why its own check before arming refuses it, in ArduPilot's words."""
        get = self._parameters.__getitem__
        if get("FENCE_ENABLE") and not get("FENCE_TYPE"):
            return "Fences enabled, but none selected"
        if not self.types:
            return None
        if get("FENCE_ALT_MAX") < 0:
            return "Invalid FENCE_ALT_MAX value"
        if get("FENCE_ALT_MAX") - get("FENCE_ALT_MIN") <= 2 * get("FENCE_MARGIN"):
            return "FENCE_MARGIN too big"
        return None

    def breaches(self, north_m: float, east_m: float, height_m: float) -> int:
        """Bits of FENCE_TYPE."""
        get, found = self._parameters.__getitem__, 0
        if height_m > get("FENCE_ALT_MAX"):
            found |= ALT_MAX
        if height_m < get("FENCE_ALT_MIN"):
            found |= ALT_MIN
        if math.hypot(north_m, east_m) > get("FENCE_RADIUS"):
            found |= CIRCLE
        if self.areas and not self._inside_areas(north_m, east_m):
            found |= POLYGON
        return found & self.types

    def allows(self, north_m: float, east_m: float, height_m: float) -> bool:
        return not self.breaches(north_m, east_m, height_m)


def names_of(types: int) -> str:
    """`Max Alt and Polygon fences`, as AC_Fence prints them."""
    found = [name for bit, name in NAMES.items() if types & bit]
    listed = " and ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else found[0]
    return f"{listed} fence{'s' if len(found) > 1 else ''}"

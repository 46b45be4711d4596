"""Copter's flight modes (Mode::Number in its mode.h), and as which of the body's modes each is flown."""

from enum import Enum

from sim.autopilot.modes import Mode


class CopterMode(Enum):
    """Number, name in its texts, the body's mode, whether it may be armed in by a command."""

    STABILIZE = (0, "STABILIZE", Mode.LOITER, True)
    ALT_HOLD = (2, "ALT_HOLD", Mode.LOITER, True)
    GUIDED = (4, "GUIDED", Mode.LOITER, True)
    LOITER = (5, "LOITER", Mode.LOITER, True)
    RTL = (6, "RTL", Mode.RTL, False)
    LAND = (9, "LAND", Mode.LAND, False)
    POSHOLD = (16, "POSHOLD", Mode.LOITER, True)
    BRAKE = (17, "BRAKE", Mode.LOITER, False)

    @property
    def number(self) -> int:
        return self.value[0]

    @property
    def flown(self) -> Mode:
        return self.value[2]

    @property
    def armable(self) -> bool:
        return self.value[3]

    @property
    def needs_position(self) -> bool:
        return self not in (CopterMode.STABILIZE, CopterMode.ALT_HOLD, CopterMode.LAND)

    @property
    def lands(self) -> bool:
        return self in (CopterMode.LAND, CopterMode.RTL)


def copter_mode(number: int) -> CopterMode | None:
    """None for one that this autopilot does not simulate."""
    return next((mode for mode in CopterMode if mode.number == number), None)

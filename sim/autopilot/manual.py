"""Sticks: MANUAL_CONTROL as PX4 takes it, and what position flight makes of it."""

import math
from dataclasses import dataclass

from sim.autopilot.modes import Mode
from sim.autopilot.parameters import Parameters

JOYSTICK_MODES = (1, 2, 3, 5, 6, 7, 8)
"""COM_RC_IN_MODE with which MANUAL_CONTROL counts."""
SMOOTHED_S = 0.1
"""Over this PX4 smooths how fast a stick moves before it takes that for a wish to fly."""
LEAST_PERIOD_S = 0.01
DEAD_ZONE = 0.1
FULL = 1000.0


@dataclass(frozen=True, slots=True)
class Sticks:
    """-1 to 1: forward, right, up, clockwise."""

    forward: float = 0.0
    right: float = 0.0
    up: float = 0.0
    clockwise: float = 0.0

    @property
    def values(self) -> tuple[float, float, float, float]:
        return self.forward, self.right, self.up, self.clockwise


class ManualControl:
    """The newest sticks, on the aircraft's clock."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.sticks = Sticks()
        self._heard_s = -math.inf
        self._speeds = (0.0, 0.0, 0.0, 0.0)
        """How fast each stick moves, smoothed; full throws a second."""
        self._moved = False

    def take(self, message: object, now_s: float) -> None:
        """MANUAL_CONTROL; ignored as COM_RC_IN_MODE says."""
        if int(self._parameters["COM_RC_IN_MODE"]) not in JOYSTICK_MODES:
            return
        x, y, z, r = (getattr(message, name) / FULL for name in "xyzr")
        sticks = Sticks(x, y, 2.0 * z - 1.0, r)
        if self.valid(now_s):
            self._watch(sticks, max(LEAST_PERIOD_S, now_s - self._heard_s))
        else:
            self._speeds = (0.0, 0.0, 0.0, 0.0)
        self.sticks, self._heard_s = sticks, now_s

    def _watch(self, sticks: Sticks, period_s: float) -> None:
        share = period_s / (SMOOTHED_S + period_s)
        changes = zip(sticks.values, self.sticks.values, self._speeds, strict=True)
        forward, right, up, clockwise = (
            speed + share * ((now - then) / period_s - speed) for now, then, speed in changes
        )
        self._speeds = forward, right, up, clockwise
        limit = float(self._parameters["COM_RC_STICK_OV"]) / 100.0
        self._moved = self._moved or any(abs(speed) > limit for speed in self._speeds)

    def valid(self, now_s: float) -> bool:
        return now_s - self._heard_s <= self._parameters["COM_RC_LOSS_T"]

    def take_over(self) -> bool:
        """Whether a stick moved since this was asked last, and may take an aircraft out of an automatic mode."""
        moved, self._moved = self._moved, False
        return moved and bool(int(self._parameters["COM_RC_OVERRIDE"]) & 1)

    def velocity(self, yaw_rad: float) -> tuple[float, float]:
        """North and east, m/s, in position flight."""
        most = float(self._parameters["MPC_VEL_MANUAL"])
        forward, right = (_beyond_dead_zone(value) * most for value in (self.sticks.forward, self.sticks.right))
        cosine, sine = math.cos(yaw_rad), math.sin(yaw_rad)
        return forward * cosine - right * sine, forward * sine + right * cosine

    @property
    def climb(self) -> float:
        """-1 to 1 of the fastest climb or sink."""
        return _beyond_dead_zone(self.sticks.up)


def _beyond_dead_zone(value: float) -> float:
    return math.copysign(max(0.0, abs(value) - DEAD_ZONE) / (1.0 - DEAD_ZONE), value)


def sticks_exception(intention: Mode) -> int:
    """The bit of COM_RCL_EXCEPT that lets this mode, chosen by the user, do without sticks; 0 where none does."""
    if intention is Mode.MISSION:
        return 1
    if intention.is_automatic:
        return 2
    return 4 if intention is Mode.OFFBOARD else 0

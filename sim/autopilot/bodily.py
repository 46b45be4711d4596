"""Faults of the aircraft itself: what they do to its body, its clock and what it believes of its place."""

import math

from sim.autopilot.body import Body
from sim.autopilot.commander import Commander
from sim.autopilot.faults import Faults

NAN = math.nan
JUMP_EAST_M = 60.0
WIND_EAST_MPS = 12.0
SINK_MPS = 4.0
"""A quadrotor on three motors."""
SPIN_RAD = 0.6
"""A tenth of a second."""
DRIFT_MPS2 = 0.15
"""How fast PX4's estimate runs away without a fix (flown on its SITL: 240 m in 40 s)."""
TWIN_NORTH_M = 500.0


class BodilyFaults:
    """Acts ten times a second, after the commander."""

    def __init__(self, faults: Faults, body: Body, commander: Commander) -> None:
        self._faults, self._body, self._commander = faults, body, commander
        self._begun: set[str] = set()
        self._calm = body.wind
        self._lost_s: float | None = None
        self.clock_began_s = 0.0
        self.drift_east_m = 0.0
        """How far the position that is told is off the one that is held."""

    def act(self, now_s: float) -> None:
        if not (self._faults.any or self._begun or self.drift_east_m):
            return
        if self._begins("gps_jump", now_s):
            self._body.displace(0.0, JUMP_EAST_M)
        if self._begins("clock_restarts", now_s):
            self.clock_began_s = now_s
        if self._begins("wind_12_mps", now_s):
            self._body.wind = (0.0, WIND_EAST_MPS)
        elif self._ends("wind_12_mps", now_s):
            self._body.wind = self._calm
        if self._faults.active("motor_fails", now_s) and self._commander.flying:
            self._body.direct((NAN, NAN, NAN), (0.0, 0.0, SINK_MPS), self._body.yaw_rad + SPIN_RAD)
        self._drift(now_s)

    def _drift(self, now_s: float) -> None:
        if not self._faults.active("gps_lost", now_s):
            self._lost_s, self.drift_east_m = None, 0.0
            return
        self._lost_s = now_s if self._lost_s is None else self._lost_s
        self.drift_east_m = DRIFT_MPS2 * (now_s - self._lost_s) ** 2 if self._commander.flying else 0.0

    def _begins(self, name: str, now_s: float) -> bool:
        if not self._faults.active(name, now_s) or name in self._begun:
            return False
        self._begun.add(name)
        return True

    def _ends(self, name: str, now_s: float) -> bool:
        if self._faults.active(name, now_s) or name not in self._begun:
            return False
        self._begun.discard(name)
        return True

"""PX4's simulated battery: it drains with time while armed and is full again when disarmed."""

import numpy as np

from sim.autopilot.parameters import Parameters

CELLS = 4
FILTER_S = 0.95
"""The reported charge trails the cell voltage by about this, as in the traces."""


class Batteries:
    """Every aircraft's battery, one row each. Charge from 0 to 1."""

    def __init__(self, count: int) -> None:
        self.true = np.ones(count)
        self.reported = np.ones(count)
        self.armed = np.zeros(count, dtype=bool)
        self.drain_s = np.full(count, 60.0)
        self.least = np.full(count, 0.5)
        self.sag_per_s = np.zeros(count)

    def step(self, dt_s: float) -> None:
        drained = np.minimum(self.true, np.maximum(self.least, self.true - dt_s / self.drain_s))
        self.true = np.maximum(0.0, np.where(self.armed, drained, 1.0) - self.sag_per_s * dt_s)
        self.reported += (self.true - self.reported) * min(1.0, dt_s / FILTER_S)


class Battery:
    """One aircraft's row: `true` in the cells, `reported` as the autopilot's filter sees it."""

    def __init__(self, batteries: Batteries, index: int, parameters: Parameters) -> None:
        self._batteries, self._index, self._parameters = batteries, index, parameters

    def load(self, armed: bool, sag_per_s: float = 0.0) -> None:
        """What drains it from now on, beside the parameters' own drain."""
        b, i = self._batteries, self._index
        b.armed[i], b.sag_per_s[i] = armed, sag_per_s
        b.drain_s[i] = self._parameters["SIM_BAT_DRAIN"]
        b.least[i] = self._parameters["SIM_BAT_MIN_PCT"] / 100

    @property
    def true(self) -> float:
        return float(self._batteries.true[self._index])

    @property
    def reported(self) -> float:
        return float(self._batteries.reported[self._index])

    @property
    def voltage_v(self) -> float:
        empty, full = self._parameters["BAT1_V_EMPTY"], self._parameters["BAT1_V_CHARGED"]
        return float(CELLS * (empty + (full - empty) * self.true))

    @property
    def percent(self) -> int:
        return round(self.reported * 100)

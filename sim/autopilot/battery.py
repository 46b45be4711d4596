"""PX4's simulated battery: it drains with time while armed and is full again when disarmed."""

from sim.autopilot.parameters import Parameters

CELLS = 4
FILTER_S = 0.95
"""The reported charge trails the cell voltage by about this, as in the traces."""


class Battery:
    """Charge from 0 to 1: `true` in the cells, `reported` as the autopilot's filter sees it."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.true = 1.0
        self.reported = 1.0
        self.sag_per_s = 0.0

    def step(self, dt_s: float, armed: bool) -> None:
        if armed:
            least = self._parameters["SIM_BAT_MIN_PCT"] / 100
            drained = max(least, self.true - dt_s / self._parameters["SIM_BAT_DRAIN"])
            self.true = min(self.true, drained)
        else:
            self.true = 1.0
        self.true = max(0.0, self.true - self.sag_per_s * dt_s)
        self.reported += (self.true - self.reported) * min(1.0, dt_s / FILTER_S)

    @property
    def voltage_v(self) -> float:
        empty, full = self._parameters["BAT1_V_EMPTY"], self._parameters["BAT1_V_CHARGED"]
        return float(CELLS * (empty + (full - empty) * self.true))

    @property
    def percent(self) -> int:
        return round(self.reported * 100)

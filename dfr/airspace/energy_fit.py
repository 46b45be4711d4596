"""An airframe's energy model from what it drew in flight: linear least squares, with errors and what could not be told.

The power model is linear in its coefficients but for `hover_induced_mps`, which weight and rotors give. A coefficient
that the flight says nothing about keeps its old value, and that is said.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfr.airspace.energy import induced_share
from dfr.core.energy import BatteryModel, PowerModel
from dfr.core.geo import FloatArray

LEAST_S = 10.0
"""A kind of flight shorter than this says nothing."""
HOVER_MPS = 2.0
VERTICAL_MPS = 0.7
LEAST_DROP = 0.1
"""Of the gauge, for the energy of a full battery."""
NAMES = ("base_w", "induced_w", "parasitic_w_per_mps3", "climb_j_per_m", "descent_j_per_m")


@dataclass(frozen=True, slots=True)
class Samples:
    """A flight in the air in steps of `step_s`: arrays of one length. `power_w` at the battery; climb is upwards.

    `current_a` None: the log holds none, and the power was taken from the gauge.
    """

    step_s: float
    power_w: FloatArray
    airspeed_mps: FloatArray
    climb_mps: FloatArray
    fraction: FloatArray
    voltage_v: FloatArray
    current_a: FloatArray | None

    @property
    def seconds(self) -> float:
        return len(self.power_w) * self.step_s


@dataclass(frozen=True, slots=True)
class Coefficient:
    """`error` is one standard deviation; None: the flight does not tell it, and the value is the old one."""

    name: str
    value: float
    error: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """`residual` is the root mean square of what is left over, in the unit of what was fitted (W or V)."""

    coefficients: tuple[Coefficient, ...]
    residual: float
    lacks: tuple[str, ...]

    def __getitem__(self, name: str) -> Coefficient:
        return next(one for one in self.coefficients if one.name == name)


def columns(samples: Samples, hover_induced_mps: float) -> FloatArray:
    """(n, 5): what each coefficient of the power model is multiplied by."""
    airspeed, climb = samples.airspeed_mps, samples.climb_mps
    share = np.array([induced_share(float(v), hover_induced_mps) for v in airspeed])
    rows = (np.ones_like(airspeed), share, airspeed**3, np.maximum(climb, 0.0), np.minimum(climb, 0.0))
    return np.asarray(np.stack(rows, axis=1), dtype=np.float64)


def fit_power(samples: Samples, old: PowerModel) -> Fit:
    """The power model; what the flight says nothing about keeps its value, what comes out negative is 0."""
    lacks, free = _told(samples, old.hover_induced_mps)
    matrix = columns(samples, old.hover_induced_mps)
    values = np.array([getattr(old, name) for name in NAMES])
    errors: dict[str, float] = {}
    while True:
        chosen = [i for i, name in enumerate(NAMES) if name in free]
        fixed = [i for i in range(len(NAMES)) if i not in chosen]
        rest = samples.power_w - matrix[:, fixed] @ values[fixed]
        found, error, residual = _least_squares(matrix[:, chosen], rest)
        wrong = [NAMES[i] for i, value in zip(chosen, found, strict=True) if value < 0.0]
        if not wrong or len(chosen) == 1:
            values[chosen] = np.maximum(found, 0.0)
            errors = {NAMES[i]: float(e) for i, e in zip(chosen, error, strict=True)}
            break
        # Less than nothing is drawn by nothing: what comes out so is too small to be seen here.
        worst = wrong[0]
        free.remove(worst)
        values[NAMES.index(worst)] = 0.0
        lacks.append(f"{worst} comes out below 0 in this flight; it is taken as 0.")
    coefficients = tuple(
        Coefficient(name, float(value), errors.get(name)) for name, value in zip(NAMES, values, strict=True)
    )
    return Fit(coefficients, residual, tuple(lacks))


def _told(samples: Samples, hover_induced_mps: float) -> tuple[list[str], list[str]]:
    """What the flight lacks, as sentences, and the coefficients that it can tell."""
    lacks, free = [], ["base_w"]
    fast_mps = 1.3 * hover_induced_mps

    def lasts(mask: NDArray[np.bool_]) -> bool:
        return float(np.count_nonzero(mask)) * samples.step_s >= LEAST_S

    level = np.abs(samples.climb_mps) < VERTICAL_MPS
    hovers, goes_fast = lasts(level & (samples.airspeed_mps < HOVER_MPS)), lasts(samples.airspeed_mps > fast_mps)
    if hovers and goes_fast:
        free += ["induced_w", "parasitic_w_per_mps3"]
    if not hovers:
        lacks.append(f"No hovering of {LEAST_S:.0f} s in this log: induced_w and parasitic_w_per_mps3 are kept.")
    elif not goes_fast:
        lacks.append(
            f"No flight faster than {fast_mps:.0f} m/s through the air in this log: induced_w and parasitic_w_per_mps3 "
            "keep their values."
        )
    for name, mask, what in (
        ("climb_j_per_m", samples.climb_mps > VERTICAL_MPS, "climb"),
        ("descent_j_per_m", samples.climb_mps < -VERTICAL_MPS, "descent"),
    ):
        if lasts(mask):
            free.append(name)
        else:
            lacks.append(f"No {what} of {LEAST_S:.0f} s in this log: {name} keeps its value.")
    return lacks, free


def fit_battery(samples: Samples, old: BatteryModel) -> Fit:
    """The energy from full to empty, by the gauge, and the resistance, from how the voltage follows the current."""
    lacks: list[str] = []
    energy = Coefficient("energy_wh", old.energy_wh, None)
    resistance = Coefficient("resistance_ohm", old.resistance_ohm, None)
    residual = 0.0
    if samples.current_a is None:
        lacks.append("The log holds no current: energy_wh and resistance_ohm keep their values.")
        return Fit((energy, resistance), residual, tuple(lacks))
    drop = float(samples.fraction[0] - samples.fraction[-1])
    if drop < LEAST_DROP:
        lacks.append(f"The gauge falls by {drop:.0%} only: energy_wh keeps its value; fly it down by {LEAST_DROP:.0%}.")
    else:
        drawn_wh = np.cumsum(samples.power_w) * samples.step_s / 3600.0
        matrix = np.stack((np.ones_like(drawn_wh), drawn_wh), axis=1)
        found, error, _ = _least_squares(matrix, samples.fraction)
        per_wh = -float(found[1])
        energy = Coefficient("energy_wh", 1.0 / per_wh, float(error[1]) / per_wh**2)
    if float(np.std(samples.current_a)) < 0.05 * float(np.mean(samples.current_a)):
        lacks.append("The current hardly changes in this log: resistance_ohm keeps its value.")
    else:
        matrix = np.stack((np.ones_like(samples.fraction), samples.fraction, -samples.current_a), axis=1)
        found, error, residual = _least_squares(matrix, samples.voltage_v)
        resistance = Coefficient("resistance_ohm", max(float(found[2]), 0.0), float(error[2]))
    return Fit((energy, resistance), residual, tuple(lacks))


def _least_squares(matrix: FloatArray, wanted: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Solution, its standard errors, and the root mean square of the residuals."""
    found, _, _, _ = np.linalg.lstsq(matrix, wanted, rcond=None)
    left = wanted - matrix @ found
    freedom = max(len(wanted) - matrix.shape[1], 1)
    variance = float(left @ left) / freedom
    error = np.sqrt(np.maximum(variance * np.diag(np.linalg.pinv(matrix.T @ matrix)), 0.0))
    return np.asarray(found), np.asarray(error), float(np.sqrt(np.mean(left**2)))

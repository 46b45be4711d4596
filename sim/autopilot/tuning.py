"""The parameters that shape how aircraft move, as arrays: one value an aircraft."""

import numpy as np
from numpy.typing import NDArray

from sim.autopilot.parameters import Parameters

NAMES = (
    "MPC_XY_P", "MPC_XY_VEL_P_ACC", "MPC_XY_VEL_I_ACC", "MPC_XY_VEL_D_ACC", "MPC_XY_VEL_MAX", "MPC_XY_CRUISE",
    "MPC_XY_ERR_MAX", "MPC_XY_TRAJ_P", "MPC_ACC_HOR", "MPC_JERK_AUTO",
    "MPC_Z_P", "MPC_Z_VEL_P_ACC", "MPC_Z_VEL_I_ACC", "MPC_Z_VEL_MAX_UP", "MPC_Z_VEL_MAX_DN",
    "MPC_Z_V_AUTO_UP", "MPC_Z_V_AUTO_DN", "MPC_ACC_UP_MAX", "MPC_ACC_DOWN_MAX",
    "MPC_TKO_SPEED", "MPC_TKO_RAMP_T", "MPC_LAND_SPEED", "MPC_LAND_ALT1", "MPC_LAND_ALT2",
    "MPC_TILTMAX_AIR", "MPC_TILTMAX_LND", "MPC_THR_MIN", "MPC_THR_XY_MARG", "MPC_YAWRAUTO_MAX", "MPC_YAWRAUTO_ACC",
    "NAV_MC_ALT_RAD",
)  # fmt: skip


class Tuning:
    """`tuning["MPC_ACC_HOR"]` is an array of `count` values in the parameter's own unit."""

    def __init__(self, count: int) -> None:
        defaults = Parameters()
        self._values = {name: np.full(count, float(defaults[name])) for name in NAMES}

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self._values[name]

    def take(self, index: int, parameters: Parameters) -> None:
        """One aircraft's values as they are now."""
        for name, values in self._values.items():
            values[index] = parameters[name]

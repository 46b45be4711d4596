"""From a wanted position, velocity and acceleration to a wanted thrust, as PX4's multicopter position control does.

Position by a proportional term, velocity by PID with anti-windup, thrust within the tilt limit with height before
place, and the ramp with which a take-off begins. Thrust as specific force in m/s2, north-east-down.
"""

import numpy as np

from sim.autopilot.guidance import Guidance, length
from sim.autopilot.trajectory import Array, Mask
from sim.autopilot.tuning import Tuning

GRAVITY_MPS2 = 9.80665
HOVER_SHARE = 0.49
"""Of full thrust, that carries SIH's quadrotor; it is what PX4's hover thrust estimate finds."""
FULL_THRUST_MPS2 = GRAVITY_MPS2 / HOVER_SHARE
DERIVATIVE_FILTER_S = 0.032
"""MPC_VELD_LP's 5 Hz."""


class Control:
    """`thrust` is what was asked for last. A row is `lifting` from its take-off on, and flies when the ramp is over."""

    def __init__(self, count: int, tuning: Tuning) -> None:
        self._tuning = tuning
        self.thrust = np.zeros((count, 3))
        self.lifting = np.zeros(count, dtype=bool)
        self.ramp = np.zeros(count)
        self.cut = np.zeros(count, dtype=bool)
        """On the ground after a landing: no thrust, although armed."""
        self._integral = np.zeros((count, 3))
        self._last_velocity = np.zeros((count, 3))
        self._change = np.zeros((count, 3))

    def step(self, dt_s: float, guidance: Guidance, position: Array, velocity: Array) -> None:
        t = self._tuning
        self._change += ((velocity - self._last_velocity) / dt_s - self._change) * min(1.0, dt_s / DERIVATIVE_FILTER_S)
        self._last_velocity = velocity.copy()
        flies = self.lifting & (self.ramp >= 1.0)
        wanted = self._velocity(dt_s, guidance, position)
        error = wanted - velocity
        acceleration = guidance.acceleration + self._integral
        acceleration[:, 2] = np.where(flies, acceleration[:, 2], self._integral[:, 2])
        acceleration[:, :2] += t["MPC_XY_VEL_P_ACC"][:, None] * error[:, :2]
        acceleration[:, :2] -= t["MPC_XY_VEL_D_ACC"][:, None] * self._change[:, :2]
        acceleration[:, 2] += t["MPC_Z_VEL_P_ACC"] * error[:, 2]
        self.thrust = self._thrust(acceleration, flies)
        active = self.lifting & ~self.cut
        self._integrate(dt_s, error, acceleration, flies)
        if not active.all():
            self.thrust = np.where(active[:, None], self.thrust, 0.0)
            self._integral = np.where(active[:, None], self._integral, 0.0)

    def _velocity(self, dt_s: float, guidance: Guidance, position: Array) -> Array:
        t = self._tuning
        gain = np.stack((t["MPC_XY_P"], t["MPC_XY_P"], t["MPC_Z_P"]), axis=1)
        correction = np.where(guidance.held, gain * (guidance.position - position), 0.0)
        level = self._limited(correction[:, :2], guidance.velocity[:, :2], t["MPC_XY_VEL_MAX"])
        most_up = np.minimum(np.maximum(t["MPC_Z_VEL_MAX_UP"], 1.2 * t["MPC_Z_V_AUTO_UP"]), t["MPC_Z_VEL_MAX_UP"])
        most_down = np.maximum(t["MPC_Z_VEL_MAX_DN"], 1.2 * t["MPC_Z_V_AUTO_DN"])
        ramping = self.lifting & (self.ramp < 1.0)
        if ramping.any():
            self.ramp = np.where(ramping, np.minimum(self.ramp + dt_s / t["MPC_TKO_RAMP_T"], 1.0), self.ramp)
            start = -GRAVITY_MPS2 / t["MPC_Z_VEL_P_ACC"]
            most_up = np.where(ramping, start + self.ramp * (most_up - start), most_up)
        climb = guidance.velocity[:, 2] + correction[:, 2]
        return np.column_stack((level, np.minimum(np.maximum(climb, -most_up), most_down)))

    @staticmethod
    def _limited(first: Array, second: Array, most: Array) -> Array:
        """Their sum, no longer than `most`: of `second` only as much as there is room for beside `first`."""
        both = first + second
        over = length(both) > most
        if not over.any():
            return both
        norm = np.maximum(length(first), 1e-9)
        kept = first * np.minimum(1.0, most / norm)[:, None]
        unit = second / np.maximum(length(second), 1e-9)[:, None]
        along = np.sum(unit * kept, axis=1)
        room = np.maximum(along * along - np.sum(kept * kept, axis=1) + most * most, 0.0)
        return np.where(over[:, None], kept + unit * (np.sqrt(room) - along)[:, None], both)

    def _thrust(self, acceleration: Array, flies: Mask) -> Array:
        t = self._tuning
        level = length(acceleration)
        tilt = np.radians(np.where(flies, t["MPC_TILTMAX_AIR"], t["MPC_TILTMAX_LND"]))
        tangent = np.minimum(level / GRAVITY_MPS2, np.tan(tilt))
        least = np.where(flies, t["MPC_THR_MIN"], 0.001) * FULL_THRUST_MPS2
        lift = np.maximum(GRAVITY_MPS2 - acceleration[:, 2], least / np.hypot(1.0, tangent))
        sideways = lift * tangent
        margin = np.minimum(sideways, t["MPC_THR_XY_MARG"] * FULL_THRUST_MPS2)
        lift = np.minimum(lift, np.sqrt(FULL_THRUST_MPS2**2 - margin * margin))
        sideways = np.minimum(sideways, np.sqrt(FULL_THRUST_MPS2**2 - lift * lift))
        share = sideways / np.maximum(level, 1e-9)
        return np.column_stack((acceleration[:, :2] * share[:, None], -lift))

    def _integrate(self, dt_s: float, error: Array, acceleration: Array, flies: Mask) -> None:
        t = self._tuning
        lift = -self.thrust[:, 2]
        least = np.where(flies, t["MPC_THR_MIN"], 0.001) * FULL_THRUST_MPS2
        stuck = ((lift <= least) & (error[:, 2] >= 0)) | ((lift >= FULL_THRUST_MPS2) & (error[:, 2] <= 0))
        vertical = np.where(stuck, 0.0, error[:, 2])
        lost = acceleration[:, :2] - self.thrust[:, :2]
        over = length(acceleration) > length(self.thrust)
        level = error[:, :2] - np.where(over[:, None], (2.0 / t["MPC_XY_VEL_P_ACC"])[:, None] * lost, 0.0)
        self._integral[:, :2] += t["MPC_XY_VEL_I_ACC"][:, None] * level * dt_s
        self._integral[:, 2] = np.clip(
            self._integral[:, 2] + t["MPC_Z_VEL_I_ACC"] * vertical * dt_s, -GRAVITY_MPS2, GRAVITY_MPS2
        )

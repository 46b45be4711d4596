"""How the aircraft move: one array row an aircraft, one fixed step for all.

A point with PX4's SIH quadrotor's mass, drag and thrust, whose thrust follows what the control asks for a little late,
in air that moves: wind pushes, gusts too, and the control works against them. Metres and radians, north-east-down
from each one's home.
"""

import numpy as np
from numpy.typing import NDArray

from sim.autopilot.control import GRAVITY_MPS2, Control
from sim.autopilot.guidance import Guidance
from sim.autopilot.tuning import Tuning

Array = NDArray[np.float64]

STEP_S = 0.02
STEPS_A_PLAN = 2
DRAG_PER_S = 1.0
"""SIH's drag over mass (SIH_KDV / SIH_MASS): at a tilt of 45 degrees it caps the airspeed at 9.8 m/s."""
TILT_FOLLOWS_S = 0.12
LIFT_FOLLOWS_S = 0.05
YAW_FOLLOWS_S = 0.2
YAW_GAIN_PER_S = 1.4
GUST_SHARE = 0.15
"""Standard deviation of a gust's speed, of the mean wind."""
GUST_S = 3.0


class Dynamics:
    """The state of `count` aircraft, and what flies them: `guidance`, then `control`, then the body."""

    def __init__(self, count: int, wind_ne_mps: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> None:
        self.tuning = Tuning(count)
        self.guidance = Guidance(count, self.tuning)
        self.control = Control(count, self.tuning)
        self.wind = np.tile(np.asarray(wind_ne_mps, dtype=np.float64), (count, 1))
        """The mean; `gust` comes on top."""
        self.gust = np.zeros((count, 2))
        self.position = np.zeros((count, 3))
        self.velocity = np.zeros((count, 3))
        self.acceleration = np.zeros((count, 3))
        self.thrust = np.zeros((count, 3))
        """Specific force of the rotors, m/s2."""
        self.yaw = np.zeros(count)
        self.yaw_rate = np.zeros(count)
        self.on_ground = np.ones(count, dtype=bool)
        self._steps = 0
        self._random = np.random.default_rng(seed)
        self._down = np.array((0.0, 0.0, GRAVITY_MPS2))
        self._lag = STEP_S / np.array((TILT_FOLLOWS_S, TILT_FOLLOWS_S, LIFT_FOLLOWS_S))

    def step(self) -> None:
        """Advance by `STEP_S`."""
        if self._steps % STEPS_A_PLAN == 0:
            self.guidance.step(STEPS_A_PLAN * STEP_S, self.position, self.yaw, ~self.control.lifting)
        self._steps += 1
        self.control.step(STEP_S, self.guidance, self.position, self.velocity)
        self._blow()
        self._turn()
        self._move()

    def _blow(self) -> None:
        if self.wind.any():
            spread = GUST_SHARE * np.hypot(self.wind[:, 0], self.wind[:, 1])[:, None]
            share = STEP_S / GUST_S
            kick = self._random.standard_normal(self.gust.shape) * np.sqrt(2 * share)
            self.gust += kick * spread - self.gust * share

    def _turn(self) -> None:
        error = np.remainder(self.guidance.heading - self.yaw + np.pi, 2 * np.pi) - np.pi
        wanted = np.where(self.on_ground, 0.0, self.guidance.heading_rate + YAW_GAIN_PER_S * error)
        self.yaw_rate += (wanted - self.yaw_rate) * (STEP_S / YAW_FOLLOWS_S)
        self.yaw = np.remainder(self.yaw + self.yaw_rate * STEP_S, 2 * np.pi)

    def _move(self) -> None:
        self.thrust += (self.control.thrust - self.thrust) * self._lag
        through_air = self.velocity.copy()
        through_air[:, :2] -= self.wind + self.gust
        acceleration = self.thrust + self._down - DRAG_PER_S * through_air
        stands = (self.position[:, 2] >= 0.0) & (self.thrust[:, 2] + GRAVITY_MPS2 > 0.0)
        lands = stands & ~self.on_ground & (self.velocity[:, 2] >= 0.0)
        self.on_ground = lands | (stands & self.on_ground)
        still = self.on_ground[:, None]
        self.acceleration = np.where(still, 0.0, acceleration)
        self.velocity = np.where(still, 0.0, self.velocity + self.acceleration * STEP_S)
        self.position = self.position + self.velocity * STEP_S
        self.position[:, 2] = np.minimum(self.position[:, 2], 0.0)
        self.yaw_rate = np.where(self.on_ground, 0.0, self.yaw_rate)

    def attitude(self, index: int) -> tuple[float, float, float]:
        """Roll, pitch, yaw in rad: thrust points where the aircraft's top does."""
        yaw = float(self.yaw[index])
        wrapped = (yaw + np.pi) % (2 * np.pi) - np.pi
        if self.on_ground[index]:
            return 0.0, 0.0, float(wrapped)
        north, east, down = self.thrust[index].tolist()
        cosine, sine = np.cos(yaw), np.sin(yaw)
        forward, right, lift = north * cosine + east * sine, east * cosine - north * sine, max(-down, 0.1)
        pitch = -np.arctan2(forward, lift)
        return float(np.arctan2(right, np.hypot(forward, lift))), float(pitch), float(wrapped)

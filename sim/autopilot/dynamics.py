"""How the aircraft move: one array row an aircraft, one fixed step for all.

The constants were fitted to flights of PX4's SIH quadrotor (tests/flight/px4_reference): a jerk-limited velocity
command, an aircraft that follows most of it at once and the rest slowly (drag against the velocity integrator), and
a top speed where drag meets the tilt limit.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STEP_S = 0.02
GRAVITY_MPS2 = 9.80665
DRAG_PER_S = 1.0
"""SIH's drag over mass: at MPC_TILTMAX_AIR of 45 degrees it caps the airspeed at 9.8 m/s, as the traces show."""
FOLLOW_S = 0.32
SLOW_SHARE = 0.28
SLOW_RISE_S = 10.0
SLOW_FALL_S = 0.7
VERTICAL_FOLLOW_S = 0.3
VERTICAL_APPROACH_PER_S = 0.42
VERTICAL_SHARE = 0.95
"""Of the climb or sink rate asked for, what the traces show between start and stop."""
RESPONSE_S = 0.3
YAW_GAIN_PER_S = 1.4
YAW_ACCELERATION_DEGPS2 = 45.0
TURNING_ACCELERATION_SHARE = 0.3
"""While the nose is more than `TURNING_DEG` off the leg's course, PX4 accelerates along it with about this share."""
TURNING_DEG = 60.0


def braking_speed(distance_m: Array, acceleration_mps2: Array, jerk_mps3: Array) -> Array:
    """The speed from which a stop within the distance needs no more than this acceleration and jerk."""
    b = 4 * acceleration_mps2**2 / jerk_mps3
    return np.asarray(0.5 * (np.sqrt(b * b + 8 * acceleration_mps2 * distance_m) - b))


def length(vector: Array) -> Array:
    """Of each row; much quicker than numpy's norm for a handful of aircraft."""
    return np.asarray(np.hypot(vector[:, 0], vector[:, 1]))


def within(value: Array, least: Array | float, most: Array | float) -> Array:
    """numpy's clip, without its checks."""
    return np.asarray(np.minimum(np.maximum(value, least), most))


def limited(vector: Array, most: Array) -> Array:
    """Rows no longer than `most`."""
    return np.asarray(vector * np.minimum(1.0, most / np.maximum(length(vector), 1e-9))[:, None])


class Dynamics:
    """State and set-points of `count` aircraft. Metres and radians, north-east-down from each one's home."""

    def __init__(self, count: int, wind_ne_mps: tuple[float, float] = (0.0, 0.0)) -> None:
        self.wind = np.tile(np.asarray(wind_ne_mps, dtype=np.float64), (count, 1))
        self.position = np.zeros((count, 3))
        self.velocity = np.zeros((count, 3))
        self.acceleration = np.zeros((count, 2))
        self.yaw = np.zeros(count)
        self.yaw_rate = np.zeros(count)
        self.on_ground = np.ones(count, dtype=bool)
        # set-points
        self.thrust = np.zeros(count, dtype=bool)
        self.by_velocity = np.zeros(count, dtype=bool)
        self.target = np.zeros((count, 2))
        self.speed = np.zeros(count)
        self.demand = np.zeros((count, 2))
        self.climb_by_rate = np.zeros(count, dtype=bool)
        self.target_down = np.zeros(count)
        self.climb_limit = np.full(count, 3.0)
        self.sink_limit = np.full(count, 1.5)
        self.rate_down = np.zeros(count)
        self.yaw_target = np.zeros(count)
        # limits
        self.acceleration_limit = np.full(count, 3.0)
        self.jerk_limit = np.full(count, 4.0)
        self.tilt_limit = np.full(count, np.radians(45.0))
        self.yaw_rate_limit = np.full(count, np.radians(60.0))
        # the command that the aircraft follows
        self._command = np.zeros((count, 2))
        self._command_rate = np.zeros((count, 2))
        self._slow = np.zeros((count, 2))
        self._sink_command = np.zeros(count)
        self._sink_command_rate = np.zeros(count)

    def step(self) -> None:
        """Advance by `STEP_S`."""
        self._turn()
        self._move_horizontally()
        self._move_vertically()
        self._meet_the_ground()

    def _turn(self) -> None:
        error = np.remainder(self.yaw_target - self.yaw + np.pi, 2 * np.pi) - np.pi
        wanted = within(YAW_GAIN_PER_S * error, -self.yaw_rate_limit, self.yaw_rate_limit)
        wanted = np.where(self.on_ground, 0.0, wanted)
        most = np.radians(YAW_ACCELERATION_DEGPS2) * STEP_S * 2
        self.yaw_rate += within(wanted - self.yaw_rate, -most, most)
        self.yaw = np.remainder(self.yaw + self.yaw_rate * STEP_S, 2 * np.pi)

    def _demanded_velocity(self) -> Array:
        error = self.target - self.position[:, :2]
        distance = length(error)
        speed = np.minimum(self.speed, braking_speed(distance, self.acceleration_limit, self.jerk_limit))
        towards = error / np.maximum(distance, 1e-6)[:, None] * speed[:, None]
        demand = np.where(self.by_velocity[:, None], self.demand, towards)
        norm = np.maximum(length(demand), 1e-6)
        headwind = -np.sum(demand / norm[:, None] * self.wind, axis=1)
        top = np.tan(self.tilt_limit) * GRAVITY_MPS2 / DRAG_PER_S - headwind
        return np.where(self.on_ground[:, None], 0.0, limited(demand, np.maximum(top, 0.0)))

    def _acceleration_allowed(self, demand: Array) -> Array:
        course = np.arctan2(demand[:, 1], demand[:, 0])
        off = np.abs(np.remainder(course - self.yaw + np.pi, 2 * np.pi) - np.pi)
        faces_course = np.abs(np.remainder(course - self.yaw_target + np.pi, 2 * np.pi) - np.pi) < 0.1
        speed = length(self.velocity[:, :2])
        away = np.sum(demand * self.velocity[:, :2], axis=1) < 0
        braking = (length(demand) < speed) | (away & (speed > 0.5))
        turning = faces_course & ~braking & ~self.by_velocity & (off > np.radians(TURNING_DEG))
        return np.asarray(np.where(turning, TURNING_ACCELERATION_SHARE, 1.0) * self.acceleration_limit)

    def _move_horizontally(self) -> None:
        demand = self._demanded_velocity()
        wanted = limited((demand - self._command) / RESPONSE_S, self._acceleration_allowed(demand))
        change = wanted - self._command_rate
        self._command_rate += limited(change, self.jerk_limit * STEP_S)
        self._command += self._command_rate * STEP_S
        rising = length(self._command) > length(self._slow)
        tau = np.where(rising, SLOW_RISE_S, SLOW_FALL_S)[:, None]
        self._slow += (self._command - self._slow) * (STEP_S / tau)
        followed = (1 - SLOW_SHARE) * self._command + SLOW_SHARE * self._slow
        before = self.velocity[:, :2].copy()
        self.velocity[:, :2] += (followed - before) * (STEP_S / FOLLOW_S)
        self.acceleration = (self.velocity[:, :2] - before) / STEP_S
        self.position[:, :2] += self.velocity[:, :2] * STEP_S

    def _move_vertically(self) -> None:
        error = self.target_down - self.position[:, 2]
        limit = VERTICAL_SHARE * np.where(error > 0, self.sink_limit, self.climb_limit)
        braking = braking_speed(np.abs(error), self.acceleration_limit, self.jerk_limit)
        speed = np.minimum(np.minimum(limit, braking), VERTICAL_APPROACH_PER_S * np.abs(error))
        demand = np.where(self.climb_by_rate, VERTICAL_SHARE * self.rate_down, np.sign(error) * speed)
        demand = np.where(self.thrust, within(demand, -self.climb_limit, self.sink_limit), 0.0)
        wanted = within((demand - self._sink_command) / RESPONSE_S, -4.0, 3.0)
        most = 2 * self.jerk_limit * STEP_S
        self._sink_command_rate += within(wanted - self._sink_command_rate, -most, most)
        self._sink_command += self._sink_command_rate * STEP_S
        sink = self.velocity[:, 2]
        falling = GRAVITY_MPS2 - DRAG_PER_S * sink
        carried = (self._sink_command - sink) / VERTICAL_FOLLOW_S
        self.velocity[:, 2] += np.where(self.thrust | self.on_ground, carried, falling) * STEP_S
        self.position[:, 2] += self.velocity[:, 2] * STEP_S

    def _meet_the_ground(self) -> None:
        lifting = self.thrust & (self._sink_command < -0.05)
        self.on_ground = (self.position[:, 2] >= 0.0) & ~lifting
        self.position[:, 2] = np.minimum(self.position[:, 2], 0.0)
        down = self.on_ground
        self.velocity[down] = 0.0
        self._command[down] = self._command_rate[down] = self._slow[down] = 0.0
        settled = down & ~self.thrust
        self._sink_command[settled] = self._sink_command_rate[settled] = 0.0
        self.yaw_rate[down] = 0.0

    def attitude(self, index: int) -> tuple[float, float, float]:
        """Roll, pitch, yaw in rad: the tilt that the acceleration and the drag of the air need."""
        north, east = self.acceleration[index] + 0.3 * DRAG_PER_S * (self.velocity[index, :2] - self.wind[index])
        if self.on_ground[index]:
            north = east = 0.0
        cosine, sine = np.cos(self.yaw[index]), np.sin(self.yaw[index])
        forward, right = north * cosine + east * sine, east * cosine - north * sine
        roll, pitch = np.arctan2(right, GRAVITY_MPS2), -np.arctan2(forward, GRAVITY_MPS2)
        return float(roll), float(pitch), float((self.yaw[index] + np.pi) % (2 * np.pi) - np.pi)

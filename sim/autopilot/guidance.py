"""From where an aircraft should go to the position, velocity and acceleration that it is asked for now, every step.

What PX4's flight tasks do for the automatic modes and the orbit, for all aircraft at once: a speed from which it can
stop at the target, a trajectory towards it with limited jerk that waits when the aircraft falls behind, and a heading
towards the target with limited rate. Metres north, east, down of home; radians.
"""

from enum import IntEnum

import numpy as np

from sim.autopilot.trajectory import Array, Mask, Trajectory
from sim.autopilot.tuning import Tuning

TURNING_COSINE = 0.98
L1_M = 5.0
ORBIT_ACCEPTANCE_M = 2.0
ORBIT_SETTLES_PER_S = 1.0
LAND_SPEED_SHARE = 0.9
"""Of MPC_LAND_SPEED, what PX4 sinks at on average: its estimate of the sink rate wanders (traces)."""
GROUND_SINK_MPS = 0.7
"""On the ground PX4's trajectory is kept at this sink rate; a take-off begins from it."""


class Task(IntEnum):
    """What a row of set-points means."""

    IDLE = 0
    GO = 1
    """To `target`, coming from `previous`, going on to `next`."""
    LAND = 2
    """Down at `target`'s place."""
    DIRECT = 3
    """`direct_position` and `direct_velocity` as they are (OFFBOARD); NaN for what is left open."""
    ORBIT = 4
    """Around `centre` at `radius` with `orbit_speed`, clockwise when positive."""


_GO, _LAND, _DIRECT, _ORBIT = (int(task) for task in (Task.GO, Task.LAND, Task.DIRECT, Task.ORBIT))
"""As plain numbers: numpy is slow with an enumeration's members."""


def length(vector: Array) -> Array:
    """Of each row's first two columns."""
    return np.asarray(np.hypot(vector[:, 0], vector[:, 1]))


def braking_speed(distance_m: Array, acceleration: Array, jerk: Array, final_mps: Array | float = 0.0) -> Array:
    """The speed from which `final_mps` is reached within the distance under these limits."""
    b = 4 * acceleration * acceleration / jerk
    speed = 0.5 * (np.sqrt(b * b + 8 * acceleration * distance_m + 4 * np.square(final_mps)) - b)
    return np.asarray(np.maximum(speed, final_mps))


def turn_of(angle: Array) -> Array:
    """An angle between -pi and pi."""
    return np.asarray(np.remainder(angle + np.pi, 2 * np.pi) - np.pi)


class Guidance:
    """Set-points of `count` aircraft, and what becomes of them: `position`, `velocity`, `acceleration`, `heading`."""

    def __init__(self, count: int, tuning: Tuning) -> None:
        self._tuning = tuning
        self.task = np.zeros(count, dtype=np.int8)
        self.target = np.zeros((count, 3))
        self.previous = np.zeros((count, 3))
        self.next = np.zeros((count, 3))
        self.cruise = np.full(count, 5.0)
        self.acceptance = np.full(count, 2.0)
        self.taking_off = np.zeros(count, dtype=bool)
        self.yaw_wanted = np.full(count, np.nan)
        """NaN: towards the target."""
        self.direct_position = np.full((count, 3), np.nan)
        self.direct_velocity = np.full((count, 3), np.nan)
        self.centre = np.zeros((count, 3))
        self.radius = np.ones(count)
        self.orbit_speed = np.zeros(count)
        self.circling = np.zeros(count, dtype=bool)
        # what is asked for now
        self.position = np.zeros((count, 3))
        self.velocity = np.zeros((count, 3))
        self.acceleration = np.zeros((count, 3))
        self.held = np.ones((count, 3), dtype=bool)
        """Which axes are held at `position`."""
        self.heading = np.zeros(count)
        self.heading_rate = np.zeros(count)
        self.trajectory = Trajectory(count, 3)
        self._heading = Trajectory(count, 1)
        self._most_velocity = np.zeros((count, 3))
        self._most_acceleration = np.zeros((count, 3))
        self._goal = np.zeros(count)
        self._speed_before = np.zeros(count)
        self._orbit_speed_now = np.zeros(count)
        self._rises = np.ones(count, dtype=bool)
        self._looked_ahead = np.zeros(count, dtype=bool)

    def restart(self, index: int, position: Array, velocity: Array, acceleration: Array) -> None:
        """Plan from where the aircraft is: what flew it before planned nothing."""
        t = self.trajectory
        t.position[index], t.velocity[index], t.acceleration[index] = position, velocity, acceleration

    def step(self, dt_s: float, position: Array, yaw: Array, grounded: Mask) -> None:
        """`grounded`: the rotors do not lift yet, and nothing is planned."""
        self._follow(dt_s, position)
        orbiting = self.task == _ORBIT
        if orbiting.any():
            self._aim_at_circle(orbiting, position)
        wanted = self._towards_target()
        landing = self.task == _LAND
        if landing.any():
            wanted[:, 2] = np.where(landing, self._landing_speed(position), wanted[:, 2])
        self._plan(wanted, position)
        if grounded.any():
            self.trajectory.restart(grounded, position, np.array((0.0, 0.0, GROUND_SINK_MPS)))
        self.position = self.trajectory.position
        self.velocity = self.trajectory.velocity
        self.acceleration = self.trajectory.acceleration
        self.held[:] = True
        if (self.task >= _DIRECT).any():
            self._direct()
            self._orbit(dt_s, position)
        self._turn(dt_s, position, yaw, grounded)

    def _follow(self, dt_s: float, position: Array) -> None:
        """Time passes more slowly for a trajectory that the aircraft has fallen behind of."""
        behind = self.trajectory.position[:, :2] - position[:, :2]
        ahead = np.sum(behind * self.trajectory.velocity[:, :2], axis=1) < 0
        lag = np.minimum(length(behind) / self._tuning["MPC_XY_ERR_MAX"], 1.0)
        self.trajectory.advance((dt_s * np.where(ahead, 1.0, 1.0 - lag))[:, None])

    def _speed_to_target(self, to_target: Array) -> Array:
        tuning = self._tuning
        acceleration, jerk = tuning["MPC_ACC_HOR"], tuning["MPC_JERK_AUTO"]
        onward = self.target - self.next
        leg = length(onward)
        final: Array | float = 0.0
        if (leg > self.acceptance).any():
            leaves = np.minimum(self.cruise, braking_speed(leg, acceleration, jerk))
            cosine = np.sum(to_target[:, :2] * onward[:, :2], axis=1) / np.maximum(length(to_target) * leg, 1e-9)
            half = 0.5 * np.arccos(np.clip(cosine, -1.0, 1.0 - 1e-7))
            turn = np.sqrt(tuning["MPC_XY_TRAJ_P"] * acceleration * self.acceptance * np.tan(np.minimum(half, 1.5707)))
            final = np.where(leg > self.acceptance, np.minimum(np.minimum(turn, leaves), self.cruise), 0.0)
        return np.minimum(self.cruise, braking_speed(length(to_target), acceleration, jerk, final))

    def _climb_speed(self, to_target: Array) -> Array:
        most, acceleration = self._vertical_limits()
        return np.minimum(most, braking_speed(np.abs(to_target[:, 2]), acceleration, self._tuning["MPC_JERK_AUTO"]))

    def _vertical_limits(self) -> tuple[Array, Array]:
        """Speed and acceleration, of the climb or of the descent."""
        t = self._tuning
        speed = np.where(self._rises, t["MPC_Z_V_AUTO_UP"], t["MPC_Z_V_AUTO_DN"])
        acceleration = np.where(self._rises, t["MPC_ACC_UP_MAX"], t["MPC_ACC_DOWN_MAX"])
        low = self._low
        speed = np.where(low, t["MPC_TKO_SPEED"], speed)
        ramp = t["MPC_TKO_SPEED"] / np.maximum(t["MPC_TKO_RAMP_T"], 1e-3)
        return speed, np.where(low, np.minimum(acceleration, ramp), acceleration)

    @property
    def _low(self) -> Mask:
        """A take-off that is still near the ground climbs at its own speed."""
        low = -self.trajectory.position[:, 2] < self._tuning["MPC_LAND_ALT1"]
        return np.asarray(self.taking_off & self._rises & low & (self.task == _GO))

    def _towards_target(self) -> Array:
        """The velocity, not yet smoothed, that takes each row to its target."""
        place = self.trajectory.position
        going = self.target - place
        distance = length(going)
        level = self._speed_to_target(going)
        climb = self._climb_speed(going)
        velocity = self.trajectory.velocity
        speed = length(velocity)
        cosine = np.sum(velocity[:, :2] * going[:, :2], axis=1) / np.maximum(speed * distance, 1e-9)
        turning = (speed > 0.2) & (cosine < TURNING_COSINE) & (distance > self.acceptance) & (self.task != _ORBIT)
        if turning.any():
            level = np.where(turning, np.minimum(self._speed_before, level), level)
            going = np.where(turning[:, None], self._on_the_line(place) - place, going)
            distance = length(going)
        self._speed_before = np.where(turning, self._speed_before, level)
        flat = self.task == _LAND
        if flat.any():
            going[:, 2] = np.where(flat, 0.0, going[:, 2])
            climb = np.where(flat, 0.0, climb)
        whole = np.sqrt(np.sum(going * going, axis=1))
        wanted = going * (np.hypot(level, climb) / np.maximum(whole, 1e-9))[:, None]
        return self._clamped(wanted, level, climb)

    @staticmethod
    def _clamped(wanted: Array, level: Array, climb: Array) -> Array:
        """Shorter as a whole, so that the direction stays; near standstill only along the axes that are too fast."""
        norm = length(wanted)
        share = np.minimum(1.0, level / np.maximum(norm, 1e-9))
        alone = (level < 0.5) & (norm < 0.5)
        wanted[:, :2] *= share[:, None]
        wanted[:, 2] *= np.where(alone, 1.0, share)
        norm = np.abs(wanted[:, 2])
        share = np.minimum(1.0, climb / np.maximum(norm, 1e-9))
        alone = (climb < 0.5) & (norm < 0.5)
        wanted[:, 2] *= share
        wanted[:, :2] *= np.where(alone, 1.0, share)[:, None]
        return wanted

    def _on_the_line(self, place: Array) -> Array:
        """The point of the leg that lies `L1_M` from the aircraft; the nearest one when it is farther off."""
        leg = self.target - self.previous
        along = leg / np.maximum(np.sqrt(np.sum(leg * leg, axis=1)), 1e-9)[:, None]
        nearest = self.previous + along * np.sum((place - self.previous) * along, axis=1)[:, None]
        off = np.sqrt(np.sum((nearest - place) ** 2, axis=1))
        reach = np.maximum(self.acceptance, L1_M)
        return np.asarray(nearest + along * np.sqrt(np.maximum(reach * reach - off * off, 0.0))[:, None])

    def _landing_speed(self, position: Array) -> Array:
        t = self._tuning
        high, low = np.maximum(t["MPC_LAND_ALT1"], t["MPC_LAND_ALT2"]), t["MPC_LAND_ALT2"]
        share = np.clip((-position[:, 2] - low) / np.maximum(high - low, 0.1), 0.0, 1.0)
        slow = LAND_SPEED_SHARE * t["MPC_LAND_SPEED"]
        return np.asarray(slow + share * (t["MPC_Z_VEL_MAX_DN"] - slow))

    def _plan(self, wanted: Array, position: Array) -> None:
        t = self._tuning
        self._rises = wanted[:, 2] < 0
        speed, acceleration = self._vertical_limits()
        low = self._low
        if low.any():
            self.trajectory.position[:, 2] = np.where(low, position[:, 2], self.trajectory.position[:, 2])
        self._most_velocity[:, :2], self._most_velocity[:, 2] = t["MPC_XY_VEL_MAX"][:, None], speed
        self._most_acceleration[:, :2], self._most_acceleration[:, 2] = t["MPC_ACC_HOR"][:, None], acceleration
        self.trajectory.aim(wanted, self._most_velocity, self._most_acceleration, t["MPC_JERK_AUTO"][:, None])

    def _direct(self) -> None:
        direct = (self.task == _DIRECT)[:, None]
        placed = np.isfinite(self.direct_position)
        self.held = np.where(direct, placed, self.held)
        self.position = np.where(direct & placed, self.direct_position, self.position)
        moved = np.where(np.isfinite(self.direct_velocity), self.direct_velocity, 0.0)
        self.velocity = np.where(direct, moved, self.velocity)
        self.acceleration = np.where(direct, 0.0, self.acceleration)

    def _aim_at_circle(self, orbiting: Mask, position: Array) -> None:
        """The way to an orbit ends at the nearest point of its circle."""
        out = position[:, :2] - self.centre[:, :2]
        unit = out / np.maximum(length(out), 1e-6)[:, None]
        nearest = np.column_stack((self.centre[:, :2] + unit * self.radius[:, None], self.centre[:, 2]))
        self.target = np.where(orbiting[:, None], nearest, self.target)
        self.next = np.where(orbiting[:, None], nearest, self.next)

    def _orbit(self, dt_s: float, position: Array) -> None:
        """Round the circle from where the aircraft is; the way to it is flown as any other."""
        orbiting = self.task == _ORBIT
        out = position[:, :2] - self.centre[:, :2]
        distance = np.maximum(length(out), 1e-6)
        high = np.abs(position[:, 2] - self.target[:, 2])
        near = (np.abs(distance - self.radius) < ORBIT_ACCEPTANCE_M) & (high < self._tuning["NAV_MC_ALT_RAD"])
        begins = orbiting & near & ~self.circling
        self._orbit_speed_now = np.where(begins, 0.0, self._orbit_speed_now)
        self.circling = orbiting & (self.circling | near)
        most = self._tuning["MPC_ACC_HOR"] * dt_s
        self._orbit_speed_now += np.clip(self.orbit_speed - self._orbit_speed_now, -most, most)
        unit = out / distance[:, None]
        speed = self._orbit_speed_now[:, None]
        around = np.stack((-unit[:, 1], unit[:, 0]), axis=1) * speed
        around += (ORBIT_SETTLES_PER_S * (self.radius - distance))[:, None] * unit
        inward = -unit * speed * speed / self.radius[:, None]
        circling = self.circling[:, None]
        self.held = self.held & ~(circling & np.array((True, True, False)))
        self.velocity = np.where(circling, np.column_stack((around, self.velocity[:, 2])), self.velocity)
        self.acceleration = np.where(circling, np.column_stack((inward, self.acceleration[:, 2])), self.acceleration)

    def _turn(self, dt_s: float, position: Array, yaw: Array, grounded: Mask) -> None:
        t = self._tuning
        ahead = np.where((self.task == _ORBIT)[:, None], self.centre, self.target) - position
        bearing = np.arctan2(ahead[:, 1], ahead[:, 0])
        smoothed = self._heading.velocity[:, 0]
        far = (length(ahead) > self.acceptance) & (self.task != _DIRECT)
        towards = np.where(far, bearing, np.where(self._looked_ahead, smoothed, self._goal))
        self._looked_ahead = far
        self._goal = np.where(np.isnan(self.yaw_wanted), towards, self.yaw_wanted)
        goal = smoothed + turn_of(self._goal - smoothed)
        rate, change = np.radians(t["MPC_YAWRAUTO_MAX"])[:, None], np.radians(t["MPC_YAWRAUTO_ACC"])[:, None]
        self._heading.aim(goal[:, None], np.full((len(goal), 1), 2 * np.pi), rate, change)
        self._heading.advance(np.full((len(goal), 1), dt_s))
        self._heading.velocity = turn_of(self._heading.velocity)
        if grounded.any():
            self._heading.restart(grounded, 0.0, yaw[:, None])
            self._goal = np.where(grounded, yaw, self._goal)
        self.heading = self._heading.velocity[:, 0]
        self.heading_rate = self._heading.acceleration[:, 0]

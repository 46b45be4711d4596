"""One aircraft's row of the dynamics, with set-points in the words of flight modes."""

import math

import numpy as np

from sim.autopilot.control import FULL_THRUST_MPS2
from sim.autopilot.dynamics import Dynamics
from sim.autopilot.guidance import Task
from sim.autopilot.parameters import Parameters

BRAKING_BEGINS_S = 0.6

Place = tuple[float, float, float]
"""Metres north, east, down of home."""


class Body:
    """Metres north, east, down of home; radians."""

    def __init__(self, dynamics: Dynamics, index: int, parameters: Parameters) -> None:
        self._dynamics = dynamics
        self._guidance = dynamics.guidance
        self._control = dynamics.control
        self._index = index
        self._parameters = parameters
        self._taken = -1

    # -- state ---------------------------------------------------------------------------------------------

    @property
    def position(self) -> Place:
        north, east, down = self._dynamics.position[self._index].tolist()
        return north, east, down

    @property
    def velocity(self) -> Place:
        north, east, down = self._dynamics.velocity[self._index].tolist()
        return north, east, down

    @property
    def wind(self) -> tuple[float, float]:
        """North and east, gusts included."""
        north, east = (self._dynamics.wind[self._index] + self._dynamics.gust[self._index]).tolist()
        return north, east

    @wind.setter
    def wind(self, north_east_mps: tuple[float, float]) -> None:
        self._dynamics.wind[self._index] = north_east_mps

    def displace(self, north_m: float, east_m: float) -> None:
        """What the aircraft takes for its place is somewhere else all at once."""
        self._dynamics.position[self._index, :2] += (north_m, east_m)

    @property
    def height_m(self) -> float:
        return -float(self._dynamics.position[self._index, 2])

    @property
    def ground_speed_mps(self) -> float:
        return math.hypot(*self.velocity[:2])

    @property
    def yaw_rad(self) -> float:
        return float(self._dynamics.yaw[self._index])

    @property
    def yaw_rate_radps(self) -> float:
        return float(self._dynamics.yaw_rate[self._index])

    @property
    def attitude(self) -> Place:
        return self._dynamics.attitude(self._index)

    @property
    def on_ground(self) -> bool:
        return bool(self._dynamics.on_ground[self._index])

    @property
    def throttle(self) -> float:
        """Of full thrust, 0 to 1, as the control asks for it now."""
        thrust = self._control.thrust[self._index]
        return math.sqrt(float(np.dot(thrust, thrust))) / FULL_THRUST_MPS2

    @property
    def sink_wanted_mps(self) -> float:
        return float(self._guidance.velocity[self._index, 2])

    def distance_to(self, north_m: float, east_m: float) -> float:
        north, east, _ = self.position
        return math.hypot(north_m - north, east_m - east)

    def stop_point(self) -> tuple[float, float]:
        """Where it can come to rest from its present speed: PX4's braking distance ahead."""
        north, east, _ = self.position
        north_mps, east_mps, _ = self.velocity
        speed = math.hypot(north_mps, east_mps)
        seconds = speed / (2 * self._parameters["MPC_ACC_HOR"]) + BRAKING_BEGINS_S
        return north + north_mps * seconds, east + east_mps * seconds

    # -- set-points ----------------------------------------------------------------------------------------

    def take_limits(self) -> None:
        """Follow the parameters as they are now."""
        if self._taken != self._parameters.version:
            self._taken = self._parameters.version
            self._dynamics.tuning.take(self._index, self._parameters)

    def lift(self) -> None:
        """Begin the ramp of a take-off; once is enough."""
        if self._control.lifting[self._index]:
            return
        self._control.lifting[self._index] = True
        self._control.ramp[self._index] = 0.0
        self._control.cut[self._index] = False

    def idle(self) -> None:
        """Motors turn or not, but no lift."""
        self._control.lifting[self._index] = False
        self._guidance.taking_off[self._index] = False

    def cut(self, now: bool) -> None:
        """The ground is felt (or not): no thrust, while the flight is not yet over."""
        self._control.cut[self._index] = now

    def _begin(self, task: Task) -> None:
        g, i = self._guidance, self._index
        if g.task[i] == Task.DIRECT or g.circling[i]:
            d = self._dynamics
            # After OFFBOARD PX4's next task knows no set-point of before: it plans from the state, accelerating nowhere
            # (FlightTaskAuto::activate).
            g.restart(i, d.position[i], d.velocity[i], d.acceleration[i] if g.circling[i] else np.zeros(3))
        g.task[i] = task
        g.taking_off[i] = g.circling[i] = False

    def go(
        self, target: Place, speed_mps: float, previous: Place | None = None, onward: Place | None = None,
        yaw_rad: float = math.nan, acceptance_m: float | None = None,
    ) -> None:  # fmt: skip
        """To `target` along the line from `previous`, with speed left for `onward`; NaN faces the target."""
        self._begin(Task.GO)
        g, i = self._guidance, self._index
        g.target[i] = target
        g.previous[i] = target if previous is None else previous
        g.next[i] = target if onward is None else onward
        g.yaw_wanted[i] = yaw_rad
        g.acceptance[i] = self._parameters["NAV_ACC_RAD"] if acceptance_m is None else acceptance_m
        self.cruise(speed_mps)

    def cruise(self, speed_mps: float) -> None:
        self._guidance.cruise[self._index] = min(speed_mps, self._parameters["MPC_XY_VEL_MAX"])

    def take_off(self, target: Place) -> None:
        """Straight up, slowly at first."""
        self.go(target, float(self._parameters["MPC_XY_CRUISE"]))
        self._guidance.taking_off[self._index] = True

    def land(self, north_m: float, east_m: float, yaw_rad: float = math.nan) -> None:
        """Down at this place; NaN keeps the heading."""
        heading = float(self._guidance.heading[self._index]) if math.isnan(yaw_rad) else yaw_rad
        self.go((north_m, east_m, 0.0), float(self._parameters["MPC_XY_CRUISE"]), yaw_rad=heading)
        self._guidance.task[self._index] = Task.LAND

    def orbit(self, centre: Place, radius_m: float, speed_mps: float) -> None:
        """Clockwise when the speed is positive."""
        self._begin(Task.ORBIT)
        g, i = self._guidance, self._index
        g.centre[i], g.radius[i], g.orbit_speed[i] = centre, radius_m, speed_mps
        g.yaw_wanted[i] = math.nan
        self.cruise(float(self._parameters["MPC_XY_CRUISE"]))

    def direct(self, position: Place, velocity: Place, yaw_rad: float) -> None:
        """Position or velocity as OFFBOARD asks for them, NaN for what is left open."""
        g, i = self._guidance, self._index
        g.task[i] = Task.DIRECT
        g.taking_off[i] = g.circling[i] = False
        g.direct_position[i], g.direct_velocity[i], g.yaw_wanted[i] = position, velocity, yaw_rad

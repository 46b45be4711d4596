"""One aircraft's row of the dynamics, with set-points in the words of flight modes."""

import math

from sim.autopilot.dynamics import Dynamics
from sim.autopilot.parameters import Parameters


class Body:
    """Metres north, east, down of home; radians in, degrees out where the name says so."""

    def __init__(self, dynamics: Dynamics, index: int, parameters: Parameters) -> None:
        self._dynamics = dynamics
        self._index = index
        self._parameters = parameters

    @property
    def position(self) -> tuple[float, float, float]:
        north, east, down = self._dynamics.position[self._index]
        return float(north), float(east), float(down)

    @property
    def velocity(self) -> tuple[float, float, float]:
        north, east, down = self._dynamics.velocity[self._index]
        return float(north), float(east), float(down)

    @property
    def wind(self) -> tuple[float, float]:
        north, east = self._dynamics.wind[self._index]
        return float(north), float(east)

    @property
    def height_m(self) -> float:
        return -self.position[2]

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
    def attitude(self) -> tuple[float, float, float]:
        return self._dynamics.attitude(self._index)

    @property
    def on_ground(self) -> bool:
        return bool(self._dynamics.on_ground[self._index])

    def distance_to(self, north_m: float, east_m: float) -> float:
        return math.hypot(north_m - self.position[0], east_m - self.position[1])

    def take_limits(self) -> None:
        """Follow the parameters as they are now."""
        d, i, get = self._dynamics, self._index, self._parameters.__getitem__
        d.acceleration_limit[i] = get("MPC_ACC_HOR")
        d.jerk_limit[i] = get("MPC_JERK_AUTO")
        d.tilt_limit[i] = math.radians(get("MPC_TILTMAX_AIR"))
        d.yaw_rate_limit[i] = math.radians(get("MPC_YAWRAUTO_MAX"))
        d.climb_limit[i] = min(get("MPC_Z_V_AUTO_UP"), get("MPC_Z_VEL_MAX_UP"))
        d.sink_limit[i] = min(get("MPC_Z_V_AUTO_DN"), get("MPC_Z_VEL_MAX_DN"))

    def idle(self) -> None:
        """Motors turn or not, but no lift."""
        self._dynamics.thrust[self._index] = False
        self._dynamics.demand[self._index] = 0.0
        self._dynamics.by_velocity[self._index] = True

    def go(self, north_m: float, east_m: float, speed_mps: float) -> None:
        d, i = self._dynamics, self._index
        d.thrust[i], d.by_velocity[i] = True, False
        d.target[i] = north_m, east_m
        d.speed[i] = min(speed_mps, self._parameters["MPC_XY_VEL_MAX"])

    def drift(self, north_mps: float, east_mps: float) -> None:
        d, i = self._dynamics, self._index
        d.thrust[i], d.by_velocity[i] = True, True
        most = self._parameters["MPC_XY_VEL_MAX"]
        share = min(1.0, most / max(math.hypot(north_mps, east_mps), 1e-6))
        d.demand[i] = north_mps * share, east_mps * share

    def climb_to(self, down_m: float, climb_mps: float | None = None, sink_mps: float | None = None) -> None:
        d, i = self._dynamics, self._index
        d.climb_by_rate[i] = False
        d.target_down[i] = down_m
        if climb_mps is not None:
            d.climb_limit[i] = min(climb_mps, d.climb_limit[i])
        if sink_mps is not None:
            d.sink_limit[i] = min(sink_mps, d.sink_limit[i])

    def climb_at(self, down_mps: float) -> None:
        self._dynamics.climb_by_rate[self._index] = True
        self._dynamics.rate_down[self._index] = down_mps

    def face(self, yaw_rad: float) -> None:
        self._dynamics.yaw_target[self._index] = yaw_rad

    def face_point(self, north_m: float, east_m: float, beyond_m: float = 1.5) -> None:
        """Only from farther than `beyond_m`: near it, the bearing means nothing."""
        if self.distance_to(north_m, east_m) > beyond_m:
            self.face(math.atan2(east_m - self.position[1], north_m - self.position[0]))

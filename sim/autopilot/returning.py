"""Return: up to a height, straight to the nearest of home and the rally points, down; PX4's RTL_TYPE 0."""

import math
from collections.abc import Callable
from enum import Enum, auto

from sim.autopilot.body import Body
from sim.autopilot.parameters import Parameters
from sim.autopilot.rally import HOME, RallyPoints


class Stage(Enum):
    IDLE = auto()
    CLIMB = auto()
    MOVE = auto()
    DOWN = auto()
    WAIT = auto()
    LAND = auto()


class Return:
    """From `start` on, `tick` ten times a second."""

    def __init__(
        self,
        body: Body,
        parameters: Parameters,
        home_amsl_m: float,
        rally: RallyPoints,
        say: Callable[[int, str], None],
    ) -> None:
        self._body, self._parameters, self._home_amsl_m, self._say = body, parameters, home_amsl_m, say
        self._rally = rally
        self._to = HOME
        self._home_yaw_rad = body.yaw_rad
        self._stage = Stage.IDLE
        self._target = (0.0, 0.0, 0.0)
        self._wait_until_s = math.inf

    @property
    def touching_down(self) -> bool:
        return self._stage is Stage.LAND

    def stop(self) -> None:
        self._stage = Stage.IDLE

    def start(self) -> None:
        if self._body.on_ground:
            return
        north, east, _ = self._body.position
        self._to = self._rally.nearest(north, east)
        height_m = self._height_m()
        top_m = self._to.height_m + height_m
        if self._body.height_m < top_m:
            self._stage = Stage.CLIMB
            self._go((north, east, -top_m), self._body.yaw_rad)
        else:
            self._move(-top_m)
        top_amsl = math.ceil(self._home_amsl_m + top_m)
        self._say(6, f"RTL: start return at {top_amsl} m ({math.ceil(height_m)} m above destination)\t")

    def _height_m(self) -> float:
        """Above where it comes down: RTL_RETURN_ALT; within RTL_MIN_DIST of there no more than its cone
        (RTL_CONE_ANG); never below where it is."""
        get = self._parameters.__getitem__
        distance_m = self._body.distance_to(self._to.north_m, self._to.east_m)
        now_m = self._body.height_m - self._to.height_m
        highest_m = float(get("RTL_RETURN_ALT"))
        if get("RTL_CONE_ANG") <= 0:
            return max(highest_m, now_m)
        radius_m = float(get("NAV_ACC_RAD"))
        if distance_m <= radius_m:
            wanted_m = 2.0 * distance_m
        elif distance_m <= get("RTL_MIN_DIST"):
            half_angle = math.radians(min(max(float(get("RTL_CONE_ANG")), 1.0), 89.0))
            wanted_m = max(distance_m / math.tan(half_angle), 2.0 * radius_m)
        else:
            wanted_m = highest_m
        return max(now_m, min(wanted_m, highest_m))

    def tick(self, now_s: float) -> None:
        if self._stage in (Stage.IDLE, Stage.LAND) or not self._arrived():
            return
        match self._stage:
            case Stage.CLIMB:
                self._move(self._target[2])
            case Stage.MOVE if self._parameters["RTL_LAND_DELAY"] != 0:
                self._stage = Stage.DOWN
                descend_m = self._to.height_m + float(self._parameters["RTL_DESCEND_ALT"])
                self._go((self._to.north_m, self._to.east_m, max(-descend_m, self._target[2])), self._home_yaw_rad)
            case Stage.DOWN:
                self._stage = Stage.WAIT
                delay_s = self._parameters["RTL_LAND_DELAY"]
                self._wait_until_s = now_s + delay_s if delay_s > 0 else math.inf
                if delay_s < 0:
                    self._say(6, "RTL: completed, loitering\t")
            case Stage.WAIT if now_s < self._wait_until_s:
                pass
            case _:
                self._stage = Stage.LAND
                self._body.land(self._to.north_m, self._to.east_m, self._home_yaw_rad)
                self._say(6, "RTL: land at destination\t")

    def _move(self, down_m: float) -> None:
        self._stage = Stage.MOVE
        to = self._to
        close = self._body.distance_to(to.north_m, to.east_m) < self._parameters["RTL_MIN_DIST"]
        self._go((to.north_m, to.east_m, down_m), self._home_yaw_rad if close else math.nan)

    def _go(self, target: tuple[float, float, float], yaw_rad: float) -> None:
        self._target = target
        self._body.go(target, float(self._parameters["MPC_XY_CRUISE"]), yaw_rad=yaw_rad)

    def _arrived(self) -> bool:
        north, east, down = self._target
        near = self._body.distance_to(north, east) <= self._parameters["NAV_ACC_RAD"]
        return near and abs(-down - self._body.height_m) <= self._parameters["NAV_MC_ALT_RAD"]

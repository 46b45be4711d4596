"""What each flight mode asks of the aircraft, ten times a second."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sim.autopilot.body import Body
from sim.autopilot.mission import Mission
from sim.autopilot.modes import Mode
from sim.autopilot.parameters import Parameters

TAKEOFF_SLOW_ABOVE_M = 1.7
"""PX4 keeps its take-off speed to MPC_LAND_ALT1 and this much more, then climbs at full speed (traces)."""
STILL_MPS = 0.3
CIRCLE_GAIN_PER_S = 0.4
NAN = math.nan


@dataclass(slots=True)
class Orbit:
    north_m: float
    east_m: float
    down_m: float
    radius_m: float
    speed_mps: float
    """Clockwise when positive."""


@dataclass(slots=True)
class OffboardSetpoint:
    """The last SET_POSITION_TARGET_*: a position or a velocity, north-east-down; NaN for what it leaves open."""

    received_s: float
    position: tuple[float, float, float]
    velocity: tuple[float, float, float]
    yaw_rad: float


class Navigator:
    """Writes set-points to the body. `say(severity, text)` sends a STATUSTEXT."""

    def __init__(
        self, body: Body, parameters: Parameters, home_amsl_m: float, mission: Mission, say: Callable[[int, str], None]
    ) -> None:
        self.body = body
        self.mission = mission
        self._parameters = parameters
        self._home_amsl_m = home_amsl_m
        self._say = say
        self.speed_mps = NAN
        """What DO_CHANGE_SPEED or a reposition asked for; NaN for MPC_XY_CRUISE."""
        self.take_off_down_m = 0.0
        self.lift_s = 0.0
        """When the rotors lift: after the spool-up and the take-off ramp."""
        self.orbit: Orbit | None = None
        self.offboard: OffboardSetpoint | None = None
        self.done = False
        """The mode has reached its end (take-off height, end of the mission)."""
        self.touching_down = False
        self._target: tuple[float, float] | None = None
        self._down_m = 0.0
        self._rtl_down_m = 0.0
        self._circling = False
        self._climbed = False

    @property
    def cruise_mps(self) -> float:
        return float(self._parameters["MPC_XY_CRUISE"]) if math.isnan(self.speed_mps) else self.speed_mps

    @property
    def hold_down_m(self) -> float:
        return self._down_m

    def enter(self, mode: Mode) -> None:
        self.done = self.touching_down = self._circling = self._climbed = False
        north, east, down = self.body.position
        self._down_m = down
        self._target = (north, east) if mode is Mode.TAKEOFF else None
        if mode is Mode.RTL:
            self._begin_return()
        if mode not in (Mode.LOITER, Mode.MISSION):
            self.speed_mps = NAN
        if mode is Mode.MISSION:
            self.mission.restart_leg()

    def hold_at(self, north_m: float, east_m: float, down_m: float) -> None:
        """Hold's new place: a reposition, or where a take-off ended."""
        self._target, self._down_m = (north_m, east_m), down_m

    def tick(self, mode: Mode, now_s: float) -> None:
        self.body.take_limits()
        match mode:
            case Mode.TAKEOFF:
                self._take_off(now_s, -self.take_off_down_m)
            case Mode.RTL:
                self._return()
            case Mode.LAND | Mode.DESCEND:
                self._stop()
                self._descend()
            case Mode.ORBIT if self.orbit is not None:
                self._circle(self.orbit)
            case Mode.OFFBOARD if self.offboard is not None:
                self._follow(self.offboard)
            case Mode.MISSION:
                self._fly_mission(now_s)
            case _:
                self._hold()

    def _stop(self) -> None:
        if self._target is None and self.body.ground_speed_mps < STILL_MPS:
            self._target = self.body.position[:2]
        if self._target is None:
            self.body.drift(0.0, 0.0)
        else:
            self.body.go(*self._target, self.cruise_mps)

    def _hold(self) -> None:
        self._stop()
        self.body.climb_to(self._down_m)
        if self._target is not None:
            self.body.face_point(*self._target)

    def _take_off(self, now_s: float, height_m: float) -> None:
        if now_s < self.lift_s:
            self.body.idle()
            return
        self._stop()
        slow = self.body.height_m < self._parameters["MPC_LAND_ALT1"] + TAKEOFF_SLOW_ABOVE_M
        self.body.climb_to(-height_m, climb_mps=float(self._parameters["MPC_TKO_SPEED"]) if slow else None)
        self.done = abs(height_m - self.body.height_m) < self._parameters["NAV_MC_ALT_RAD"]

    def _begin_return(self) -> None:
        height_m, distance_m = self.body.height_m, self.body.distance_to(0.0, 0.0)
        wanted_m = float(self._parameters["RTL_RETURN_ALT"])
        cone_deg = self._parameters["RTL_CONE_ANG"]
        if distance_m <= self._parameters["RTL_MIN_DIST"]:
            wanted_m = min(wanted_m, float(self._parameters["RTL_DESCEND_ALT"]))
        elif cone_deg > 0:
            wanted_m = min(wanted_m, distance_m / math.tan(math.radians(cone_deg)))
        self._rtl_down_m = -max(wanted_m, height_m)
        if not self.body.on_ground:
            top_m = -self._rtl_down_m
            self._say(
                6,
                f"RTL: start return at {math.ceil(self._home_amsl_m + top_m)} m "
                f"({math.ceil(top_m)} m above destination)\t",
            )

    def _return(self) -> None:
        body = self.body
        if self.touching_down:
            body.go(0.0, 0.0, self.cruise_mps)
            body.face(0.0)
            self._descend()
            return
        body.climb_to(self._rtl_down_m)
        if body.height_m < -self._rtl_down_m - self._parameters["NAV_MC_ALT_RAD"] and not self._climbed:
            self._stop()
            return
        self._climbed = True
        body.go(0.0, 0.0, self.cruise_mps)
        body.face_point(0.0, 0.0, beyond_m=3.0)
        if body.distance_to(0.0, 0.0) < self._parameters["NAV_ACC_RAD"]:
            self.touching_down = True
            self._say(6, "RTL: land at destination\t")

    def _descend(self) -> None:
        self.touching_down = True
        high, low = self._parameters["MPC_LAND_ALT1"], self._parameters["MPC_LAND_ALT2"]
        fast, slow = self._parameters["MPC_Z_V_AUTO_DN"], self._parameters["MPC_LAND_SPEED"]
        share = min(1.0, max(0.0, (self.body.height_m - low) / max(high - low, 0.1)))
        self.body.climb_at(slow + share * (fast - slow))

    def _circle(self, orbit: Orbit) -> None:
        body = self.body
        north, east = body.position[0] - orbit.north_m, body.position[1] - orbit.east_m
        distance = math.hypot(north, east)
        if distance < 0.1:
            north, east, distance = -math.cos(body.yaw_rad), -math.sin(body.yaw_rad), 1.0
        north, east = north / distance, east / distance
        body.climb_to(orbit.down_m)
        if abs(distance - orbit.radius_m) < 3.0:
            self._circling = True
        if not self._circling:
            goal = (orbit.north_m + north * orbit.radius_m, orbit.east_m + east * orbit.radius_m)
            body.go(*goal, min(self.cruise_mps, 4.0))
        else:
            inward = CIRCLE_GAIN_PER_S * (orbit.radius_m - distance) - orbit.speed_mps**2 / orbit.radius_m * 0.3
            body.drift(
                -east * orbit.speed_mps + north * inward,
                north * orbit.speed_mps + east * inward,
            )
        body.face_point(orbit.north_m, orbit.east_m)

    def _follow(self, setpoint: OffboardSetpoint) -> None:
        body = self.body
        north, east, down = setpoint.position
        if not math.isnan(north):
            body.go(north, east, float(self._parameters["MPC_XY_VEL_MAX"]))
        else:
            body.drift(*(0.0 if math.isnan(v) else v for v in setpoint.velocity[:2]))
        if not math.isnan(down):
            body.climb_to(down)
        elif not math.isnan(setpoint.velocity[2]):
            body.climb_at(setpoint.velocity[2])
        if not math.isnan(setpoint.yaw_rad):
            body.face(setpoint.yaw_rad)

    def _fly_mission(self, now_s: float) -> None:
        leg = self.mission.leg
        if leg is None:
            self._hold()
            self.done = True
            return
        if leg.is_take_off and not self.mission.reached_leg:
            self._target = self._target or self.body.position[:2]
            self._take_off(now_s, leg.height_m)
            if self.done:
                self.done = False
                self._down_m = -leg.height_m
                self.mission.advance(now_s)
        else:
            self.body.go(leg.north_m, leg.east_m, self.cruise_mps)
            self.body.climb_to(-leg.height_m)
            self.body.face_point(leg.north_m, leg.east_m, beyond_m=2.5)
            near = self.body.distance_to(leg.north_m, leg.east_m) < leg.radius_m
            if near and abs(leg.height_m - self.body.height_m) < self._parameters["NAV_MC_ALT_RAD"]:
                self.mission.at_leg(now_s)
        if not math.isnan(self.mission.speed_mps):
            self.speed_mps = self.mission.speed_mps

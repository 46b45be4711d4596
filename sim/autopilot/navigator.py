"""What each flight mode asks of the aircraft, ten times a second."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sim.autopilot.body import Body, Place
from sim.autopilot.manual import ManualControl
from sim.autopilot.mission import Leg, Mission
from sim.autopilot.modes import Mode
from sim.autopilot.parameters import Parameters
from sim.autopilot.rally import RallyPoints
from sim.autopilot.returning import Return

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
    yaw_rate_radps: float = NAN


class Navigator:
    """Writes set-points to the body. `say(severity, text)` sends a STATUSTEXT."""

    def __init__(
        self,
        body: Body,
        parameters: Parameters,
        home_amsl_m: float,
        mission: Mission,
        rally: RallyPoints,
        say: Callable[[int, str], None],
    ) -> None:
        self.body = body
        self.mission = mission
        self._parameters = parameters
        self._say = say
        self.speed_mps = NAN
        """What DO_CHANGE_SPEED asked for; NaN for MPC_XY_CRUISE."""
        self.take_off_down_m = 0.0
        self.orbit: Orbit | None = None
        self.offboard: OffboardSetpoint | None = None
        self._turned_to: tuple[float, float] | None = None
        """The heading that a yaw rate has led to, and when."""
        self.manual = ManualControl(parameters)
        self.done = False
        """The mode has reached its end (take-off height, end of the mission)."""
        self._return = Return(body, parameters, home_amsl_m, rally, say)
        self._landing = False
        self._leg: Leg | None = None
        self._from: Place = (0.0, 0.0, 0.0)
        self.target: Place = (0.0, 0.0, 0.0)
        """Where Hold holds."""

    @property
    def cruise_mps(self) -> float:
        return float(self._parameters["MPC_XY_CRUISE"]) if math.isnan(self.speed_mps) else self.speed_mps

    @property
    def touching_down(self) -> bool:
        return self._landing or self._return.touching_down

    def enter(self, mode: Mode) -> None:
        """The aircraft flies this mode from now on, or flies it anew."""
        self.done = self._landing = False
        self._return.stop()
        self._leg = None
        self.body.take_limits()
        self.speed_mps = NAN
        match mode:
            case Mode.TAKEOFF:
                north, east, _ = self.body.position
                self.body.take_off((north, east, self.take_off_down_m))
            case Mode.RTL:
                self._return.start()
            case Mode.LAND | Mode.DESCEND:
                self._landing = True
                self.body.land(*self.body.stop_point())
            case Mode.ORBIT if self.orbit is not None:
                orbit = self.orbit
                self.body.orbit((orbit.north_m, orbit.east_m, orbit.down_m), orbit.radius_m, orbit.speed_mps)
            case Mode.MISSION:
                self.mission.restart_leg()
                self._from = self.body.position
                self._begin_leg()
            case Mode.OFFBOARD if self.offboard is not None:
                self._follow(self.offboard, self.offboard.received_s)
            case _:
                self.hold_at(*self.body.stop_point(), self.body.position[2])

    def hold_at(
        self, north_m: float, east_m: float, down_m: float, speed_mps: float = NAN, yaw_rad: float = NAN
    ) -> None:
        """Hold's new place: a reposition, or where the aircraft can stop."""
        self.target = (north_m, east_m, down_m)
        speed = self.cruise_mps if math.isnan(speed_mps) else speed_mps
        self.body.go(self.target, speed, yaw_rad=yaw_rad)  # PX4 gives a reposition no line to keep to

    def change_speed(self, speed_mps: float, now: bool) -> None:
        """DO_CHANGE_SPEED: NaN goes back to MPC_XY_CRUISE, from the next leg on."""
        self.speed_mps = speed_mps
        if now and not math.isnan(speed_mps):
            self.body.cruise(speed_mps)

    def tick(self, mode: Mode, now_s: float) -> None:
        self.body.take_limits()
        match mode:
            case Mode.TAKEOFF:
                self.done = self.body.height_m > -self.take_off_down_m - self._parameters["NAV_MC_ALT_RAD"]
            case Mode.RTL:
                self._return.tick(now_s)
            case Mode.OFFBOARD if self.offboard is not None:
                self._follow(self.offboard, now_s)
            case Mode.MISSION:
                self._fly_mission(now_s)
            case Mode.POSITION | Mode.ALTITUDE:
                self._fly_by_hand()

    def _follow(self, setpoint: OffboardSetpoint, now_s: float) -> None:
        self.body.direct(setpoint.position, setpoint.velocity, self._heading(setpoint, now_s))

    def _heading(self, setpoint: OffboardSetpoint, now_s: float) -> float:
        """The one that is asked for, or where the rate that is asked for has led; NaN keeps the present one."""
        rate = setpoint.yaw_rate_radps
        if math.isfinite(setpoint.yaw_rad) or not math.isfinite(rate) or rate == 0.0:
            self._turned_to = None
            return setpoint.yaw_rad
        before, since_s = self._turned_to or (self.body.yaw_rad, now_s)
        self._turned_to = (before + rate * max(now_s - since_s, 0.0), now_s)
        return self._turned_to[0]

    def _fly_by_hand(self) -> None:
        """Sticks are velocities; left alone they hold the place. Altitude flight is flown the same way here."""
        manual, get = self.manual, self._parameters
        north, east = manual.velocity(self.body.yaw_rad)
        most = float(get["MPC_Z_VEL_MAX_UP" if manual.climb > 0 else "MPC_Z_VEL_MAX_DN"])
        yaw = self.body.yaw_rad + manual.sticks.clockwise
        if north or east or manual.climb:
            self.target = (*self.body.stop_point(), self.body.position[2])
            self.body.direct((NAN, NAN, NAN), (north, east, -manual.climb * most), yaw)
        else:
            self.body.direct(self.target, (NAN, NAN, NAN), yaw)

    # -- mission -------------------------------------------------------------------------------------------

    def _begin_leg(self) -> None:
        """Fly to the mission's current place, on to the next one when there is no stop between."""
        self._leg = leg = self.mission.leg
        if not math.isnan(self.mission.speed_mps):
            self.speed_mps = self.mission.speed_mps
        if leg is None:
            return
        target = (leg.north_m, leg.east_m, -leg.height_m)
        if leg.is_take_off:
            north, east, _ = self.body.position
            self.body.take_off((north, east, -leg.height_m))
        else:
            following = self.mission.leg_after if leg.hold_s == 0 else None
            onward = None if following is None else (following.north_m, following.east_m, -following.height_m)
            self.body.go(target, self.cruise_mps, self._from, onward, acceptance_m=leg.radius_m)
        self._from = target

    def _fly_mission(self, now_s: float) -> None:
        leg = self.mission.leg
        if leg != self._leg:
            self._begin_leg()
        if leg is None:
            self.done = True
            return
        low = leg.height_m - self.body.height_m
        acceptance_m = self._parameters["NAV_MC_ALT_RAD"]
        if leg.is_take_off:
            near = low < acceptance_m
        else:
            near = self.body.distance_to(leg.north_m, leg.east_m) <= leg.radius_m and abs(low) <= acceptance_m
        if near or self.mission.reached_leg:
            self.mission.at_leg(now_s)
            if self.mission.leg != leg:
                self._begin_leg()

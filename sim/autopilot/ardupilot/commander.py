"""Copter's arming, modes and failsafes, over the body that PX4's commander watches. Sources: mode.cpp, events.cpp,
fence.cpp, ekf_check.cpp, crash_check.cpp, AP_Arming.cpp of Copter 4.6."""

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.ardupilot.fence import CopterFence, names_of
from sim.autopilot.ardupilot.modes import CopterMode
from sim.autopilot.battery import Battery
from sim.autopilot.commander import READY_S, Commander
from sim.autopilot.faults import Faults
from sim.autopilot.modes import Mode
from sim.autopilot.navigator import Navigator, OffboardSetpoint
from sim.autopilot.parameters import Parameters

ACCEPTED, FAILED = int(mavlink.MAV_RESULT_ACCEPTED), int(mavlink.MAV_RESULT_FAILED)
EMERGENCY, CRITICAL, WARNING, NOTICE, INFO = 0, 2, 4, 5, 6
PREARM_EVERY_S = 30.0
THRUST_LOSS_S = 1.0
CONTINUE_IF_LANDING = 1 << 3
"""Bit of FS_OPTIONS."""
GCS_ACTIONS = {1: CopterMode.RTL, 2: CopterMode.RTL, 3: CopterMode.RTL, 4: CopterMode.RTL, 5: CopterMode.LAND,
               7: CopterMode.BRAKE}  # fmt: skip
"""FS_GCS_ENABLE. SMART_RTL is not simulated: it falls back to RTL as without a path."""
BATTERY_ACTIONS = {1: CopterMode.LAND, 2: CopterMode.RTL, 3: CopterMode.RTL, 4: CopterMode.LAND, 7: CopterMode.BRAKE}
FENCE_ACTIONS = {1: CopterMode.RTL, 2: CopterMode.LAND, 3: CopterMode.RTL, 4: CopterMode.BRAKE, 5: CopterMode.LAND}


def _mute(severity: int, text: str) -> None:
    """PX4's sentences are not its own."""


class CopterCommander(Commander):
    """`copter_mode` is what it reports; `mode` and `intention` are the body's."""

    def __init__(
        self,
        parameters: Parameters,
        navigator: Navigator,
        fence: CopterFence,
        battery: Battery,
        faults: Faults,
        say: Callable[[int, str], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        super().__init__(parameters, navigator, fence, battery, faults, _mute, later)
        self._tell = say
        self._copter_fence = fence
        self.copter_mode = CopterMode.STABILIZE
        self.breached = 0
        self.gcs_failsafe = False
        self._ekf_failsafe = False
        self._battery_acted = 0
        self._low_since_s: dict[str, float] = {}
        self._prearm_said_s = -math.inf
        self._sinks_since_s, self._thrust_said = math.inf, False

    @property
    def mode_name(self) -> str:
        return self.copter_mode.name

    @property
    def tells_texts(self) -> bool:
        return True

    @property
    def failsafe_active(self) -> bool:
        return self.gcs_failsafe or self._ekf_failsafe or bool(self._battery_acted)

    @property
    def system_status(self) -> int:
        if self.armed:
            return int(mavlink.MAV_STATE_CRITICAL if self.failsafe_active else mavlink.MAV_STATE_ACTIVE)
        return int(mavlink.MAV_STATE_STANDBY)

    def heard_ground_station(self, system_id: int) -> None:
        """Only SYSID_MYGCS counts for its failsafe."""
        if system_id == self._parameters["SYSID_MYGCS"]:
            self.gcs_heard_s = self.now_s

    # -- what is asked of it -------------------------------------------------------------------------------

    def preflight_failure(self) -> str | None:
        found = self._unready()
        return None if found is None else f"PreArm: {found}"

    def _unready(self) -> str | None:
        if self._faults.active("not_armable", self.now_s):
            return "Compass not healthy"
        if self.now_s < READY_S or self.position_lost:
            return "Need Position Estimate"
        if self._faults.active("heading_unstable", self.now_s):
            return "EKF attitude is bad"
        if 0 < self._battery.voltage_v < self._parameters["BATT_ARM_VOLT"]:
            return "Battery 1 below minimum arming voltage"
        if self.gcs_failsafe:
            return "GCS failsafe on"
        invalid = self._copter_fence.invalid()
        if invalid is None and self.breached:
            return f"Vehicle breaching {names_of(self.breached)}"
        return invalid

    def arm(self) -> int:
        if self.armed:
            return ACCEPTED
        failure = self.preflight_failure()
        if failure is None and not self.copter_mode.armable:
            failure = f"Arm: {self.copter_mode.name} mode not armable"
        if failure is not None:
            self._tell(CRITICAL, failure)
            return FAILED
        self.armed, self._armed_s = True, self.now_s
        self._begun_s = self._landed_s = None
        self._land_detector.restart()
        self._fly(self.copter_mode.flown)
        self._tell(INFO, "Arming motors")
        return ACCEPTED

    def disarm(self, force: bool) -> int:
        if self.armed and self.flying and not force:
            return FAILED
        if self.armed:
            self._stop_motors("")
        return ACCEPTED

    def change_mode(self, mode: CopterMode) -> bool:
        """As asked for by a command or a failsafe; False, with a text, when it cannot be flown."""
        if mode is self.copter_mode:
            return True
        if self.armed and mode.needs_position and self.position_lost:
            self._tell(WARNING, f"Mode change to {mode.name} failed: requires position")
            return False
        self.copter_mode = mode
        flown = Mode.DESCEND if mode is CopterMode.LAND and self.position_lost else mode.flown
        self._fly(flown)
        return True

    def take_off(self, height_m: float) -> bool:
        """Armed, on the ground, in a mode that knows where it is, and upwards; else False."""
        body = self._navigator.body
        ready = self.armed and not self.flying and self.copter_mode is CopterMode.GUIDED
        if not ready or height_m <= body.height_m:
            return False
        self._navigator.take_off_down_m = -height_m
        self._fly(Mode.TAKEOFF)
        return True

    def guide(self, north_m: float, east_m: float, down_m: float) -> bool:
        """A new place in GUIDED; False outside the fence."""
        if not self._copter_fence.allows(north_m, east_m, -down_m) or not self.change_mode(CopterMode.GUIDED):
            return False
        if self.flying:
            if self.mode is not Mode.LOITER:
                self._fly(Mode.LOITER)
            self._navigator.hold_at(north_m, east_m, down_m)
        return True

    def take_setpoint(self, setpoint: OffboardSetpoint) -> None:
        """In the air in GUIDED alone, and for GUID_TIMEOUT at the most (mode_guided.cpp)."""
        if self.copter_mode is CopterMode.GUIDED and self.flying and self.mode is not Mode.TAKEOFF:
            self._navigator.offboard = setpoint
            if self.mode is not Mode.OFFBOARD:
                self._fly(Mode.OFFBOARD)

    def _stop_after_last_setpoint(self) -> None:
        setpoint = self._navigator.offboard
        silent = setpoint is not None and self.now_s - setpoint.received_s > self._parameters["GUID_TIMEOUT"]
        if self.mode is Mode.OFFBOARD and silent:
            self._fly(Mode.LOITER)

    def _fly(self, mode: Mode) -> None:
        self.intention = mode
        self._enter(mode)

    # -- ten times a second --------------------------------------------------------------------------------

    def tick(self, now_s: float) -> None:
        self.now_s = now_s
        self._watch_gps()
        self._watch_ground_station()
        self._watch_charge()
        self._watch_fence()
        self._watch_estimate()
        self._watch_thrust()
        self._stop_after_last_setpoint()
        if self.armed:
            self._watch_ground()
        if self.armed:
            self._finish_modes()
        self._tell_prearm()

    def _tell_prearm(self) -> None:
        failure = None if self.armed else self.preflight_failure()
        if failure is not None and self.now_s > READY_S and self.now_s - self._prearm_said_s > PREARM_EVERY_S:
            self._prearm_said_s = self.now_s
            self._tell(CRITICAL, failure)

    @property
    def _is_landing(self) -> bool:
        """Of RTL, its last descent alone (Mode::is_landing)."""
        return self.copter_mode.lands and self._navigator.touching_down

    def _act(self, name: str, action: CopterMode | None) -> None:
        """Announce a failsafe and do what its parameter says."""
        if not self.armed:
            self._tell(WARNING, f"{name} Failsafe")
        elif not self.flying:
            self._tell(WARNING, f"{name} Failsafe - Disarming")
            self._stop_motors("")
        elif self._is_landing and int(self._parameters["FS_OPTIONS"]) & CONTINUE_IF_LANDING:
            self._tell(WARNING, f"{name} Failsafe - Continuing Landing")
        else:
            self._tell(WARNING, f"{name} Failsafe")
            if action is not None and not self.change_mode(action):
                self.change_mode(CopterMode.LAND)

    def _watch_ground_station(self) -> None:
        """One that was never heard is not missed."""
        setting, silent_s = int(self._parameters["FS_GCS_ENABLE"]), self.now_s - self.gcs_heard_s
        if setting == 0 or math.isinf(silent_s):
            return
        lost = silent_s > self._parameters["FS_GCS_TIMEOUT"]
        if lost and not self.gcs_failsafe:
            self.gcs_failsafe = True
            self._act("GCS", GCS_ACTIONS.get(setting, CopterMode.RTL))
        elif self.gcs_failsafe and not lost:
            self.gcs_failsafe = False
            self._tell(WARNING, "GCS Failsafe Cleared")

    def _watch_charge(self) -> None:
        levels = (("low", "BATT_LOW_VOLT", "BATT_FS_LOW_ACT"), ("critical", "BATT_CRT_VOLT", "BATT_FS_CRT_ACT"))
        for level, (word, limit, setting) in enumerate(levels, 1):
            below = self.armed and 0 < self._battery.voltage_v < self._parameters[limit]
            if not below:
                self._low_since_s.pop(word, None)
                continue
            since_s = self._low_since_s.setdefault(word, self.now_s)
            if self._battery_acted < level and self.now_s - since_s >= self._parameters["BATT_LOW_TIMER"]:
                self._battery_acted = level
                self._tell(WARNING, f"Battery 1 is {word} {self._battery.voltage_v:.2f}V used 0 mAh")
                self._act("Battery", BATTERY_ACTIONS.get(int(self._parameters[setting])))

    def _watch_fence(self) -> None:
        north, east, down = self._navigator.body.position
        now = 0 if self.position_lost else self._copter_fence.breaches(north, east, -down)
        new, before = now & ~self.breached, self.breached
        self.breached = now
        if not self.flying:
            return
        if new:
            self._tell(NOTICE, f"{names_of(new)} breached")
            action = FENCE_ACTIONS.get(int(self._parameters["FENCE_ACTION"]))
            if action is not None and not self.change_mode(action):
                self.change_mode(CopterMode.LAND)
        elif before and not now:
            self._tell(NOTICE, "Fence breach cleared")

    def _watch_estimate(self) -> None:
        """FS_EKF_ACTION; 1, 3: LAND, 2: ALT_HOLD."""
        if not self.position_lost or not self.flying:
            self._ekf_failsafe = False
        elif not self._ekf_failsafe and self.copter_mode.needs_position:
            self._ekf_failsafe = True
            mode = CopterMode.ALT_HOLD if self._parameters["FS_EKF_ACTION"] == 2 else CopterMode.LAND
            self._tell(CRITICAL, "EKF variance")
            self.change_mode(mode)
            self._tell(EMERGENCY, f"EKF Failsafe: changed to {mode.name} Mode")

    def _watch_thrust(self) -> None:
        """It says so after a second of sinking at full throttle, and does no more about it."""
        if not (self.motor_failed and self.flying):
            self._sinks_since_s = math.inf
        elif math.isinf(self._sinks_since_s):
            self._sinks_since_s = self.now_s
        elif not self._thrust_said and self.now_s - self._sinks_since_s > THRUST_LOSS_S:
            self._thrust_said = True
            self._tell(EMERGENCY, "Potential Thrust Loss (1)")

    def _stop_motors(self, text: str) -> None:
        self._thrust_said = False
        super()._stop_motors(text)
        self._battery_acted = 0
        self._low_since_s.clear()
        self._tell(INFO, "Disarming motors")

"""Arming, modes, landing detection and failsafes: who decides which mode flies."""

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.battery import Battery
from sim.autopilot.failsafe import ACTUATOR_ACTIONS, GEOFENCE_ACTIONS, LINK_LOSS_ACTIONS, Action, Failsafe
from sim.autopilot.faults import Faults
from sim.autopilot.fence import Fence
from sim.autopilot.land_detector import LandDetector
from sim.autopilot.manual import ManualControl, sticks_exception
from sim.autopilot.modes import Mode
from sim.autopilot.navigator import Navigator, OffboardSetpoint
from sim.autopilot.parameters import Parameters

READY_S = 5.0
"""From power-on to a settled estimate: a position, a home, and leave to arm."""
GCS_TIMEOUT_S = 2.5
"""PX4 calls a ground station gone after this silence; COM_DL_LOSS_T counts from then."""
OFFBOARD_EXTRA_S = 0.9
"""Added to COM_OF_LOSS_T before PX4 leaves OFFBOARD (measured from the last set-point)."""
DEAD_RECKONING_S = 5.0
"""EKF2_NOAID_TOUT: so long the estimate counts without a fix (flown on PX4's SITL: the failsafe came 5 s after it)."""
FIX_TEXT_S = 2.0
SPOOL_DETECT_S = 0.75

RENEWED = (Mode.TAKEOFF, Mode.ORBIT)
"""Chosen while it is flown, these take their new numbers. Any other goes on as it is: Hold ends no reposition."""

ACCEPTED = mavlink.MAV_RESULT_ACCEPTED
REJECTED = mavlink.MAV_RESULT_TEMPORARILY_REJECTED


class Commander:
    """`now_s` is the aircraft's own clock throughout."""

    def __init__(
        self,
        parameters: Parameters,
        navigator: Navigator,
        fence: Fence,
        battery: Battery,
        faults: Faults,
        say: Callable[[int, str], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._parameters, self._navigator, self._fence = parameters, navigator, fence
        self._battery, self._faults, self._say, self._later = battery, faults, say, later
        self.failsafe = Failsafe()
        self.now_s = 0.0
        self.armed = False
        self.flying = False
        self.intention = Mode.LOITER
        self.mode = Mode.LOITER
        self.gcs_heard_s = -math.inf
        self._gcs_lost = True
        self._armed_s = 0.0
        self._begun_s: float | None = None
        self._land_detector = LandDetector(parameters)
        self._landed_s: float | None = None
        self._breached = False
        self._offboard_lost = False
        self._gps_lost_s: float | None = None
        self._battery_level = 0
        self._refused_s = -math.inf
        self._fix_text_s = -math.inf
        self._manual_seen = False

    # -- what others may know ------------------------------------------------------------------------------

    @property
    def gcs_connected(self) -> bool:
        return self.now_s - self.gcs_heard_s < GCS_TIMEOUT_S

    @property
    def tells_texts(self) -> bool:
        """PX4 sends no STATUSTEXT while no ground station is heard."""
        return self.gcs_connected

    @property
    def mode_name(self) -> str:
        return self.mode.name

    def heard_ground_station(self, system_id: int) -> None:
        """A HEARTBEAT of a ground station, whichever."""
        self.gcs_heard_s = self.now_s

    @property
    def position_ok(self) -> bool:
        return self.now_s >= READY_S

    @property
    def position_lost(self) -> bool:
        """The estimate does not count any more; PX4 goes on telling it."""
        return self._gps_lost_s is not None and self.now_s - self._gps_lost_s > DEAD_RECKONING_S

    @property
    def motor_failed(self) -> bool:
        return self.armed and self._faults.active("motor_fails", self.now_s)

    @property
    def manual(self) -> ManualControl:
        return self._navigator.manual

    @property
    def gps_ok(self) -> bool:
        return self._gps_lost_s is None

    @property
    def landed_state(self) -> int:
        if not self.flying:
            return int(mavlink.MAV_LANDED_STATE_ON_GROUND)
        leg = self._navigator.mission.leg
        climbing = self.mode is Mode.MISSION and leg is not None and leg.is_take_off
        if self.mode is Mode.TAKEOFF or climbing:
            return int(mavlink.MAV_LANDED_STATE_TAKEOFF)
        if self.mode.lands and self._navigator.touching_down:
            return int(mavlink.MAV_LANDED_STATE_LANDING)
        return int(mavlink.MAV_LANDED_STATE_IN_AIR)

    @property
    def system_status(self) -> int:
        if self.armed:
            return int(mavlink.MAV_STATE_CRITICAL if self.failsafe.active else mavlink.MAV_STATE_ACTIVE)
        unready = self.mode.lands or self.mode is Mode.ORBIT or not self.mode_possible(self.mode)
        return int(mavlink.MAV_STATE_UNINIT if unready else mavlink.MAV_STATE_STANDBY)

    def mode_possible(self, mode: Mode) -> bool:
        if mode is Mode.OFFBOARD:
            return not self._offboard_silent(1.0)
        if mode is Mode.MISSION:
            return self._navigator.mission.valid
        if mode.by_hand:
            return self.manual.valid(self.now_s)
        return mode is Mode.DESCEND or not self.position_lost

    def preflight_failure(self) -> str | None:
        """Why it may not arm, in PX4's words; None when it may."""
        if self._faults.active("not_armable", self.now_s):
            return "Preflight Fail: Compass 0 fault"
        if self.now_s < READY_S or self._faults.active("heading_unstable", self.now_s):
            return "Preflight Fail: heading estimate not stable"
        if self.position_lost:
            return "Preflight: GPS fix too low"
        if self._battery.reported < self._parameters["BAT_CRIT_THR"]:
            return "Preflight Fail: Low battery"
        if self._parameters["NAV_DLL_ACT"] > 0 and not self.gcs_connected:
            return "Preflight Fail: No connection to the ground control station"
        return None

    # -- what is asked of it -------------------------------------------------------------------------------

    def arm(self) -> int:
        if self.armed:
            return int(ACCEPTED)
        failure = self.preflight_failure()
        if failure is not None:
            self._say(2, failure)
        if failure is not None or self.intention.lands or not self.mode_possible(self.intention):
            self._say(2, "Arming denied: Resolve system health failures first\t")
            return int(REJECTED)
        self.armed, self._armed_s = True, self.now_s
        self._begun_s = self._landed_s = None
        self._land_detector.restart()
        self._enter(self.intention)
        self._say(6, "Armed by external command\t")
        return int(ACCEPTED)

    def disarm(self, force: bool) -> int:
        if self.armed and self.flying and not force:
            self._say(2, "Disarming denied: not landed\t")
            return int(REJECTED)
        if self.armed:
            self._stop_motors("Disarmed by external command\t")
        return int(ACCEPTED)

    def choose(self, mode: Mode) -> bool:
        """The user chooses a mode; False when it cannot be flown now. Takes over from a failsafe."""
        if mode.by_hand and not self.mode_possible(mode):
            return False  # refused by the acknowledgement alone
        if self.armed and not self.mode_possible(mode):
            self.refuse_mode(mode.label)
            return False
        if mode is self.mode and (mode.lands if self.failsafe.active else mode not in RENEWED):
            self.intention = mode if not self.failsafe.active else self.intention
            return True
        if self.failsafe.active:
            self.failsafe.clear()
        self.intention = mode
        self._enter(mode)
        return True

    def refuse_mode(self, label: str) -> None:
        """PX4 says so once a second at most."""
        if self.now_s - self._refused_s > 1.0:
            self._refused_s = self.now_s
            self._say(2, f"Switching to {label} is currently not available\t")

    # -- ten times a second --------------------------------------------------------------------------------

    def tick(self, now_s: float) -> None:
        self.now_s = now_s
        self._watch_gps()
        self._watch_gcs()
        self._watch_battery()
        if self.armed:
            self._watch_sticks()
        if self.armed:
            self._act_on_failsafes()
        if self.armed:
            self._watch_ground()
        if self.armed:
            self._finish_modes()

    def _enter(self, mode: Mode) -> None:
        if mode is not self.mode or mode is self.intention:
            self.mode = mode
            self._begun_s = self._begun_s if self._lifts_off else None
            self._navigator.enter(mode)
            if mode is Mode.TAKEOFF and self.armed and self._begun_s is None:
                self._begin_lift_off()

    @property
    def _lifts_off(self) -> bool:
        """The thrust of a take-off has begun: PX4 carries it through whatever mode is chosen then."""
        return self._begun_s is not None and self.now_s >= self._begun_s

    def _begin_lift_off(self) -> None:
        self._begun_s = max(self.now_s, self._armed_s + self._parameters["COM_SPOOLUP_TIME"])

    def _watch_gps(self) -> None:
        if not self._faults.active("gps_lost", self.now_s):
            self._gps_lost_s = None
        elif self._gps_lost_s is None:
            self._gps_lost_s = self.now_s
        if self.position_lost and not self.armed and self.now_s - self._fix_text_s > FIX_TEXT_S:
            self._fix_text_s = self.now_s
            self._say(4, "Preflight: GPS fix too low")

    def _watch_sticks(self) -> None:
        """COM_RC_OVERRIDE: a stick that moves takes the aircraft out of an automatic mode."""
        valid = self.manual.valid(self.now_s)
        self._manual_seen = self._manual_seen or valid
        if self.manual.take_over() and valid and self.flying and self.mode.is_automatic:
            self._say(6, "Pilot took over using sticks\t")
            self.choose(Mode.POSITION)

    def _watch_gcs(self) -> None:
        lost = self.now_s - self.gcs_heard_s > GCS_TIMEOUT_S + self._parameters["COM_DL_LOSS_T"]
        if self._gcs_lost and not lost and self.armed:
            self._say(6, "GCS connection regained\t")
        self._gcs_lost = lost

    def _watch_battery(self) -> None:
        thresholds = (self._parameters[name] for name in ("BAT_LOW_THR", "BAT_CRIT_THR", "BAT_EMERGEN_THR"))
        level = sum(self._battery.reported < threshold for threshold in thresholds)
        if level != self._battery_level:
            if level == 1:
                self._say(2, "Low battery\t")
            elif level == 2 and self._battery_level < 2:
                self._say(2, "Critical battery\t")
            elif level == 3:
                self._say(2, "System does not support shutdown\t")
                self._later(0.85, lambda: self._say(0, "Emergency battery level\t"))
        self._battery_level = level

    def take_setpoint(self, setpoint: OffboardSetpoint) -> None:
        """Kept, and flown while OFFBOARD is."""
        self._navigator.offboard = setpoint

    def _offboard_silent(self, longer_s: float) -> bool:
        setpoint = self._navigator.offboard
        limit_s = self._parameters["COM_OF_LOSS_T"] + longer_s
        return setpoint is None or self.now_s - setpoint.received_s > limit_s

    def _causes(self) -> dict[str, Action]:
        causes: dict[str, Action] = {}
        if self._gcs_lost:
            causes["link"] = LINK_LOSS_ACTIONS.get(int(self._parameters["NAV_DLL_ACT"]), Action.NONE)
        if self._breached:
            causes["fence"] = GEOFENCE_ACTIONS.get(int(self._parameters["GF_ACTION"]), Action.NONE)
        by_battery = {
            2: (Action.NONE, Action.NONE, Action.LAND, Action.LAND),
            3: (Action.NONE, Action.NONE, Action.RETURN, Action.LAND),
        }
        if int(self._parameters["COM_LOW_BAT_ACT"]) in by_battery:
            causes["battery"] = by_battery[int(self._parameters["COM_LOW_BAT_ACT"])][self._battery_level]
        if self._offboard_lost:
            causes["offboard"] = Action.RETURN
        if self.position_lost:
            causes["position"] = Action.DESCEND
        if self.motor_failed:
            causes["motor"] = ACTUATOR_ACTIONS.get(int(self._parameters["COM_ACT_FAIL_ACT"]), Action.WARN)
        needs_none = int(self._parameters["COM_RCL_EXCEPT"]) & sticks_exception(self.intention)
        if self._manual_seen and not self.manual.valid(self.now_s) and not needs_none:
            # Its loss counts where it was in use since arming, as NAV_RCL_ACT says.
            causes["manual"] = LINK_LOSS_ACTIONS.get(int(self._parameters["NAV_RCL_ACT"]), Action.NONE)
        return causes

    def _watch_limits(self) -> None:
        """The fence, and OFFBOARD's set-points; PX4 reports a breach again when its health report changes."""
        north, east, down = self._navigator.body.position
        enforced = self._parameters["GF_ACTION"] > 0 and self.flying and not self.position_lost
        breached = enforced and not self._fence.allows(north, east, -down)
        offboard_lost = self.intention is Mode.OFFBOARD and self.flying and self._offboard_silent(OFFBOARD_EXTRA_S)
        if breached and (not self._breached or (offboard_lost and not self._offboard_lost)):
            self._say(2, "Geofence: approaching or outside geofence")
        self._breached, self._offboard_lost = breached, offboard_lost

    def _act_on_failsafes(self) -> None:
        was_inside = not self._breached
        self._watch_limits()
        for text in self.failsafe.update(self._causes(), self.now_s, float(self._parameters["COM_FAIL_ACT_T"])):
            self._say(2, text)
        action = self.failsafe.action
        if action >= Action.DISARM:
            self._stop_motors("Flight termination active\t")
            return
        if action is Action.RETURN and self.intention is Mode.LAND:
            action = Action.NONE
        wanted = {
            Action.HOLD: Mode.LOITER,
            Action.RETURN: Mode.RTL,
            Action.LAND: Mode.LAND,
            Action.DESCEND: Mode.DESCEND,
        }.get(action, self.intention)
        if not self.flying and self._landed_s is None and self.failsafe.active:
            self._stop_motors("Disarmed by failsafe\t")
        elif self.flying and wanted is not self.mode:
            self._enter(wanted)
        if self.flying and self._breached and was_inside and self.mode is Mode.LOITER and action is Action.HOLD:
            # PX4 holds where it crossed the line: it stops beyond it and flies back, also out of a flight to a place.
            self._navigator.hold_at(*self._navigator.body.position)

    def _watch_ground(self) -> None:
        body, mode = self._navigator.body, self.mode
        lifts = mode is Mode.TAKEOFF or (mode is Mode.MISSION and self._navigator.mission.valid)
        if not self.flying:
            self._wait_on_ground(lifts)
        elif self._land_detector.landed(body, self.now_s):
            self.flying, self._landed_s, self._begun_s = False, self.now_s, None
            self._say(6, "Landing detected\t")

    def _wait_on_ground(self, lifts: bool) -> None:
        if self._landed_s is not None:
            if self.now_s - self._landed_s > self._parameters["COM_DISARM_LAND"] > 0:
                self._stop_motors("Disarmed by landing\t")
        elif lifts or self._lifts_off:
            if self._begun_s is None:
                self._begin_lift_off()
                if self.mode is Mode.MISSION:
                    self._announce_mission()
            if self._lifts_off:
                self._navigator.body.lift()
            if self._begun_s is not None and self.now_s >= self._begun_s + SPOOL_DETECT_S:
                self.flying = True
                self._say(6, "Takeoff detected\t")
        elif self.now_s - self._armed_s > self._parameters["COM_DISARM_PRFLT"] > 0:
            self._stop_motors("Disarmed by auto preflight disarming\t")

    def _announce_mission(self) -> None:
        self._say(6, "Executing Mission\t")
        leg = self._navigator.mission.leg
        if leg is not None and leg.is_take_off:
            self._say(6, f"Climb to {leg.height_m:.1f} meters above home\t")

    def _finish_modes(self) -> None:
        navigator = self._navigator
        if self.flying:
            navigator.tick(self.mode, self.now_s)
        if not navigator.done:
            return
        navigator.done = False
        if self.mode is Mode.TAKEOFF:
            self.choose(Mode.LOITER)
        elif self.mode is Mode.MISSION:
            ending = navigator.mission.ending
            if ending is not None:
                self._say(6, "Mission finished, loitering\t")
                self._say(6, "Returning to launch\t" if ending == mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH else "Landing\t")
            modes = {mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: Mode.RTL, mavlink.MAV_CMD_NAV_LAND: Mode.LAND}
            self.choose(modes.get(ending, Mode.LOITER) if ending is not None else Mode.LOITER)

    def _stop_motors(self, text: str) -> None:
        self.armed = self.flying = self._manual_seen = False
        self._navigator.body.idle()
        self.failsafe.forget()
        self._breached = self._offboard_lost = False
        self._say(6, text)
        if self.intention is not Mode.OFFBOARD:
            self.intention = Mode.LOITER
        self.mode = self.intention
        self._navigator.enter(self.mode)

"""A mission on board: what may be stored, and which item is flown."""

import math
from dataclasses import dataclass

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.frames import LocalFrame
from sim.autopilot.items import GLOBAL_FRAMES, KNOWN_FRAMES, RELATIVE_FRAMES, Item
from sim.autopilot.parameters import Parameters

POSITION_COMMANDS = (
    mavlink.MAV_CMD_NAV_TAKEOFF,
    mavlink.MAV_CMD_NAV_WAYPOINT,
    mavlink.MAV_CMD_NAV_LOITER_UNLIM,
    mavlink.MAV_CMD_NAV_LOITER_TIME,
)
ENDINGS = (mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH, mavlink.MAV_CMD_NAV_LAND)


@dataclass(frozen=True, slots=True)
class Leg:
    north_m: float
    east_m: float
    height_m: float
    radius_m: float
    hold_s: float
    is_take_off: bool


class Mission:
    """The stored items and the progress along them."""

    def __init__(self, frame: LocalFrame, parameters: Parameters) -> None:
        self._frame = frame
        self._parameters = parameters
        self.items: list[Item] = []
        self.valid = False
        """Stored and, as far as PX4 checks it, flyable; a mission that leaves the fence is stored and not valid."""
        self.current = 0
        self.reached: int | None = None
        self.reached_s = -math.inf
        """When, on the aircraft's clock."""
        self.finished = False
        self.ending: int | None = None
        """The MAV_CMD that ended the mission, when it ended with one."""
        self.speed_mps = math.nan
        self._arrived_s: float | None = None

    def refusal_of(self, items: list[Item]) -> int:
        """The MAV_MISSION_RESULT for an upload."""
        if any(item.frame not in KNOWN_FRAMES for item in items):
            return int(mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
        if any(item.command in POSITION_COMMANDS and not math.isfinite(item.z) for item in items):
            return int(mavlink.MAV_MISSION_INVALID_PARAM7)
        return int(mavlink.MAV_MISSION_ACCEPTED)

    def store(self, items: list[Item]) -> None:
        self.items, self.valid = list(items), bool(items)
        self.restart()

    def restart(self) -> None:
        self.current, self.reached, self.finished, self.ending = 0, None, False, None
        self.speed_mps, self._arrived_s = math.nan, None
        self._skip_actions()

    def restart_leg(self) -> None:
        """Mission mode was entered: a finished mission starts again, another goes on."""
        self._arrived_s = None
        if self.finished:
            self.restart()

    def set_current(self, seq: int) -> bool:
        if not 0 <= seq < len(self.items):
            return False
        self.current, self.finished, self.ending, self._arrived_s = seq, False, None, None
        self._skip_actions()
        return True

    def legs(self) -> list[tuple[int, Leg]]:
        """Every item that is a place, with its sequence number."""
        return [(seq, leg) for seq, item in enumerate(self.items) if (leg := self._leg_of(item)) is not None]

    @property
    def leg(self) -> Leg | None:
        if self.finished or self.current >= len(self.items):
            return None
        return self._leg_of(self.items[self.current])

    @property
    def leg_after(self) -> Leg | None:
        """The place after the current one; None when it is the last."""
        return next((leg for seq, leg in self.legs() if seq > self.current), None)

    @property
    def reached_leg(self) -> bool:
        return self._arrived_s is not None

    def at_leg(self, now_s: float) -> None:
        """The aircraft is at the current leg's place; goes on when its hold time is over."""
        leg = self.leg
        if leg is None:
            return
        if self._arrived_s is None:
            self._arrived_s = now_s
        if now_s - self._arrived_s >= leg.hold_s:
            self.advance(now_s)

    def advance(self, now_s: float) -> None:
        self.reached, self.reached_s = self.current, now_s
        self._arrived_s = None
        self.current += 1
        self._skip_actions()

    def _skip_actions(self) -> None:
        """Carry out the items that are no places, up to the next place or the end."""
        while self.current < len(self.items) and self._leg_of(self.items[self.current]) is None:
            item = self.items[self.current]
            self.reached = self.current
            if item.command == mavlink.MAV_CMD_DO_CHANGE_SPEED and 0 < item.params[1] < math.inf:
                self.speed_mps = item.params[1]
            if item.command in ENDINGS:
                self.ending = item.command
                break
            self.current += 1
        if self.items and (self.ending is not None or self.current >= len(self.items)):
            self.current = min(self.current, len(self.items) - 1)
            self.finished = True

    def _leg_of(self, item: Item) -> Leg | None:
        if item.command not in POSITION_COMMANDS or item.frame not in GLOBAL_FRAMES:
            return None
        north, east = self._frame.to_local(item.x / 1e7, item.y / 1e7)
        height = item.z if item.frame in RELATIVE_FRAMES else item.z - self._frame.altitude_amsl_m
        is_take_off = item.command == mavlink.MAV_CMD_NAV_TAKEOFF
        waypoint = item.command == mavlink.MAV_CMD_NAV_WAYPOINT
        radius = (
            item.params[1] if waypoint and 0.05 < item.params[1] < math.inf else float(self._parameters["NAV_ACC_RAD"])
        )
        hold = math.inf if item.command == mavlink.MAV_CMD_NAV_LOITER_UNLIM else 0.0 if is_take_off else item.params[0]
        return Leg(north, east, height, radius, 0.0 if math.isnan(hold) else hold, is_take_off)

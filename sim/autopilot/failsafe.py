"""Which failsafe acts: causes come, the most severe action wins, and it holds for COM_FAIL_ACT_T first."""

from collections.abc import Mapping
from enum import IntEnum


class Action(IntEnum):
    """In order of severity."""

    NONE = 0
    WARN = 1
    HOLD = 2
    RETURN = 3
    LAND = 4
    DESCEND = 5
    DISARM = 6
    TERMINATE = 7


GEOFENCE_ACTIONS = {
    0: Action.NONE,
    1: Action.WARN,
    2: Action.HOLD,
    3: Action.RETURN,
    4: Action.TERMINATE,
    5: Action.LAND,
}
ACTUATOR_ACTIONS = {
    0: Action.WARN,
    1: Action.HOLD,
    2: Action.LAND,
    3: Action.RETURN,
    4: Action.TERMINATE,
}
"""COM_ACT_FAIL_ACT."""
LINK_LOSS_ACTIONS = {
    0: Action.NONE,
    1: Action.HOLD,
    2: Action.RETURN,
    3: Action.LAND,
    5: Action.TERMINATE,
    6: Action.DISARM,
}
MODE_FALLBACKS = ("offboard", "position")
"""Causes that take the chosen mode itself away: PX4 leaves it without the wait."""


class Failsafe:
    """A cause acts from the moment it appears or grows, and stays until the user takes over or the motors stop."""

    def __init__(self) -> None:
        self._seen: dict[str, Action] = {}
        self._latched: dict[str, Action] = {}
        self._hold_until_s: float | None = None
        self.action = Action.NONE

    @property
    def active(self) -> bool:
        return self.action >= Action.HOLD

    def clear(self) -> None:
        """The user chose another mode, or the aircraft was disarmed. A cause that lasts does not act again."""
        self._latched.clear()
        self._hold_until_s = None
        self.action = Action.NONE

    def forget(self) -> None:
        """Disarmed: the next flight starts afresh."""
        self.clear()
        self._seen.clear()

    def update(self, causes: Mapping[str, Action], now_s: float, wait_s: float) -> list[str]:
        """The causes that hold now, each with the action it calls for; the texts to send come back."""
        for cause, action in causes.items():
            if action > self._seen.get(cause, Action.NONE):
                self._latched[cause] = max(action, self._latched.get(cause, Action.NONE))
        self._seen = {cause: action for cause, action in causes.items() if action > Action.NONE}
        wanted = max(self._latched.values(), default=Action.NONE)
        before = self.action
        if self._hold_until_s is not None and now_s < self._hold_until_s:
            return []
        self._hold_until_s = None
        fallback = any(cause in MODE_FALLBACKS for cause, action in self._latched.items() if action == wanted)
        if before < Action.HOLD < wanted < Action.DESCEND and wait_s > 0 and not fallback:
            self._hold_until_s = now_s + wait_s
            self.action = Action.HOLD
            return [f"Failsafe activated: entering Hold for {wait_s:.0f} seconds\t"]
        self.action = wanted
        return ["Failsafe activated\t"] if wanted > before and wanted >= Action.HOLD else []

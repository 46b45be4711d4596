"""Accepted is not done: follow an accepted order until its goal is seen, or it is clear that it will not be."""

from collections.abc import Callable
from dataclasses import dataclass

from dfr.core.telemetry import FlightMode, LinkState, Telemetry
from dfr.fleet.mavlink.commander import Commander, Mark, OrderFailed

PROGRESS = 1.0
"""Metres (or m/s when stopping) that count as having come nearer."""

MODE_WORDS = {
    FlightMode.HOLD: "It holds",
    FlightMode.TAKEOFF: "It takes off",
    FlightMode.MISSION: "It flies a mission",
    FlightMode.ORBIT: "It orbits",
    FlightMode.OFFBOARD: "It is flown in offboard mode",
    FlightMode.RETURN: "It flies home",
    FlightMode.LAND: "It lands",
    FlightMode.MANUAL: "It is flown by hand",
    FlightMode.OTHER: "It is in a mode that this service does not command",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What an accepted order should lead to.

    `what` is a noun ("the flight to the scene"); `modes` are those it may be in meanwhile; `remaining` says how much
    is still missing (m or m/s), so that standing still is noticed; `again` asks for it once more, where that is safe.
    """

    what: str
    reached: Callable[[Telemetry], bool]
    modes: frozenset[FlightMode]
    deadline_s: float
    remaining: Callable[[Telemetry], float | None] | None = None
    again: Callable[[], None] | None = None
    heeds_texts: bool = True
    unit: str = "m"


class _Progress:
    """Notices when `remaining` stops shrinking."""

    def __init__(self, now_s: float) -> None:
        self.best = float("inf")
        self.since_s = now_s
        self.asked_again = False

    def take(self, remaining: float | None, heard: bool, now_s: float) -> None:
        if not heard or remaining is None or remaining < self.best - PROGRESS:
            self.since_s = now_s
            self.best = self.best if remaining is None else min(self.best, remaining)


async def follow(commander: Commander, goal: Goal, mark: Mark) -> None:
    """Return when the goal is seen. Raises OrderFailed with the reason when it is not."""
    accepted_s = commander.clock.now_s()
    progress = _Progress(accepted_s)

    def look(telemetry: Telemetry) -> bool | None:
        now_s = commander.clock.now_s()
        if goal.reached(telemetry):
            return True
        _raise_if_dropped(commander, goal, mark, telemetry)
        _raise_if_left(commander, goal, mark, telemetry, accepted_s)
        if goal.remaining is not None:
            heard = telemetry.link is LinkState.ONLINE
            progress.take(goal.remaining(telemetry), heard, now_s)
            _raise_if_stalled(commander, goal, telemetry, progress, now_s)
        return None

    if await commander.seen(look, goal.deadline_s) is None:
        raise OrderFailed(_late(commander, goal, mark))


def _raise_if_dropped(commander: Commander, goal: Goal, mark: Mark, telemetry: Telemetry) -> None:
    if not goal.heeds_texts:
        return
    for text in commander.cache.texts_since(mark):
        if commander.kind.takes_back(text.text):
            raise OrderFailed(
                f"{commander.kind.name} accepted {goal.what} and dropped it: '{text.text}'. {state_words(telemetry)}"
            )


def _raise_if_left(commander: Commander, goal: Goal, mark: Mark, telemetry: Telemetry, accepted_s: float) -> None:
    settled_s = accepted_s + commander.timing.heartbeat_s
    if telemetry.armed is not None and not telemetry.armed.value and telemetry.armed.at_s > settled_s:
        raise OrderFailed(
            f"{commander.kind.name} accepted {goal.what}, but {commander.name} is disarmed{_because(commander, mark)}."
        )
    mode = telemetry.mode
    if mode is not None and mode.at_s > settled_s and mode.value not in goal.modes:
        raise OrderFailed(
            f"{commander.kind.name} does not do {goal.what}{_because(commander, mark)}. {state_words(telemetry)}"
        )


def _raise_if_stalled(
    commander: Commander, goal: Goal, telemetry: Telemetry, progress: _Progress, now_s: float
) -> None:
    still_s = now_s - progress.since_s
    if still_s > commander.timing.stall_s:
        raise OrderFailed(
            f"{commander.kind.name} accepted {goal.what} and does not do it: {progress.best:.0f} {goal.unit} are "
            f"missing, no less than {still_s:.0f} s ago. {state_words(telemetry)}"
        )
    if still_s > commander.timing.resend_s and goal.again is not None and not progress.asked_again:
        progress.asked_again = True
        goal.again()


def _late(commander: Commander, goal: Goal, mark: Mark) -> str:
    telemetry = commander.telemetry()
    remaining = goal.remaining(telemetry) if goal.remaining is not None else None
    missing = "" if remaining is None else f", {remaining:.0f} {goal.unit} are missing"
    return (
        f"{commander.kind.name} accepted {goal.what}, but after {goal.deadline_s:.0f} s it is not reached{missing}"
        f"{_because(commander, mark)}. {state_words(telemetry)}"
    )


def _because(commander: Commander, mark: Mark) -> str:
    text = commander.explanation(mark)
    return f" ('{text.text}')" if text else ""


def state_words(telemetry: Telemetry) -> str:
    """What it does now: "It holds." """
    if telemetry.link is LinkState.LOST:
        return "It is not heard."
    if telemetry.mode is None:
        return "Its mode is unknown."
    if telemetry.armed is not None and not telemetry.armed.value:
        return "It is disarmed."
    return f"{MODE_WORDS[telemetry.mode.value]}."

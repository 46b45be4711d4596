"""The flight orders: each sends, waits for the acknowledgement, then for its goal; the answer is what was seen."""

import asyncio
import contextlib
import math

from dfr.core.command import Disarm, Fly, GoTo, Hold, Launch, Orbit, Request, ReturnHome
from dfr.core.geo import Waypoint, distance_m
from dfr.core.telemetry import FlightMode, Kinematics, LandedState, Telemetry
from dfr.fleet.mavlink.autopilot import CannotFly
from dfr.fleet.mavlink.commander import Commander, Mark, OrderFailed, Refused
from dfr.fleet.mavlink.common import AUTOPILOT_COMPONENT, AckResult, Cmd
from dfr.fleet.mavlink.watch import Goal, follow, state_words
from dfr.fleet.mavlink.wire import WireError

FlightOrder = Launch | GoTo | Orbit | Fly | Hold | ReturnHome | Disarm

HEIGHT_TOLERANCE_M = 1.0
HOLDING_MPS = 1.0
ORBIT_TOLERANCE_M, ORBIT_TOLERANCE = 5.0, 0.15
"""An orbit is done on its circle: within this, or this share of its radius. PX4 accepts an orbit and flies another
radius when the one asked for is beyond its limits."""
ORBIT_APPROACH_MPS = 2.0
"""PX4 flies to the circle at least so fast."""
STREAMED_S = 0.3
"""Velocities are sent for so long before the mode that flies by them is asked for: PX4 refuses it without."""
VELOCITY_ONLY = 0b0101_1100_0111
"""type_mask of SET_POSITION_TARGET_LOCAL_NED: velocity and yaw rate count; place, acceleration and yaw do not."""
LOCAL_NED = 1
"""MAV_FRAME_LOCAL_NED."""
_AIRBORNE = (LandedState.IN_AIR, LandedState.TAKING_OFF)


async def fly(commander: Commander, request: Request, order: FlightOrder) -> str:
    """Carry one flight order out. Raises OrderFailed."""
    match order:
        case Launch():
            return await launch(commander, request, order)
        case GoTo():
            return await go_to(commander, request, order)
        case Orbit():
            return await orbit(commander, request, order)
        case Fly():
            return await by_velocity(commander, request, order)
        case Hold():
            return await hold(commander, request)
        case ReturnHome():
            return await return_home(commander, request)
        case Disarm():
            return await disarm(commander, request)


async def launch(commander: Commander, request: Request, order: Launch) -> str:
    """What leads to the take-off before arming, arm, and what leads to it after: each autopilot has its order."""
    telemetry = commander.telemetry()
    home = telemetry.home
    if home is None:
        raise OrderFailed(
            f"{commander.name} has not reported its home, so nobody knows how high to climb; not launched."
        )
    if telemetry.landed is not None and telemetry.landed.value is not LandedState.ON_GROUND:
        raise OrderFailed(
            f"{commander.name} is in the air already; a launch starts on the ground. {state_words(telemetry)}"
        )
    kind = commander.kind
    try:
        await commander.carry_out(request, kind.before_arming(order.height, home.value.altitude))
        mark = await _arm(commander, request)
        await commander.carry_out(request, kind.after_arming(order.height))
    except (OrderFailed, asyncio.CancelledError):
        with contextlib.suppress(OrderFailed):
            commander.repeat(request, kind.stand_down())
        raise

    def missing_m(telemetry: Telemetry) -> float | None:
        here = _here(commander, telemetry)
        return None if here is None else order.height.m - here.height.m

    def up(telemetry: Telemetry) -> bool:
        missing = missing_m(telemetry)
        airborne = telemetry.landed is not None and telemetry.landed.value in _AIRBORNE
        return missing is not None and missing <= enough_m and airborne

    # Above the clear height the next order may take it sideways in mid-climb; otherwise the climb is waited for.
    goal = order.clear_height or order.height
    enough_m = order.height.m - goal.m if order.clear_height else HEIGHT_TOLERANCE_M
    climb_s = goal.m / commander.asset.airframe.climb_mps
    await follow(
        commander,
        Goal(
            what="the launch",
            reached=up,
            modes=frozenset({FlightMode.TAKEOFF, FlightMode.HOLD}),
            deadline_s=climb_s * 1.5 + commander.timing.slack_s,
            remaining=missing_m,
            heeds_texts=False,  # texts of an arming that was refused before may still arrive
        ),
        mark,
    )
    return f"{commander.name} is in the air, {goal.m:.0f} m above take-off."


async def _arm(commander: Commander, request: Request) -> Mark:
    """Arming that is rejected for now is asked for again for a while: checks may still be settling."""
    end_s = commander.clock.now_s() + commander.timing.arm_s
    while True:
        try:
            return await commander.command(request, Cmd.COMPONENT_ARM_DISARM, (1.0,))
        except Refused as refusal:
            retry = refusal.result in (AckResult.TEMPORARILY_REJECTED, AckResult.DENIED, AckResult.FAILED)
            if not retry or commander.clock.now_s() > end_s:
                raise OrderFailed(f"{commander.name} does not arm, so it stays on the ground. {refusal}") from refusal
            await asyncio.sleep(commander.timing.arm_pause_s)


async def go_to(commander: Commander, request: Request, order: GoTo) -> str:
    asks = commander.kind.go_to(order)

    def missing_m(telemetry: Telemetry) -> float | None:
        here = _here(commander, telemetry)
        return None if here is None else _farther_m(here, order.waypoint)

    def there(telemetry: Telemetry) -> bool:
        missing = missing_m(telemetry)
        return missing is not None and missing <= order.acceptance_radius_m

    flying_s = _flying_s(commander, order)
    mark = await commander.carry_out(request, asks)
    await follow(
        commander,
        Goal(
            what="the flight there",
            reached=there,
            modes=frozenset({FlightMode.HOLD}),
            deadline_s=flying_s * 1.5 + commander.timing.slack_s,
            remaining=missing_m,
            again=lambda: commander.repeat(request, asks),
        ),
        mark,
    )
    return f"{commander.name} is within {order.acceptance_radius_m:.0f} m of its waypoint."


def _here(commander: Commander, telemetry: Telemetry) -> Kinematics | None:
    """Where it is at this moment: an old position shows no goal reached, and no standing still."""
    return telemetry.position_now(commander.clock.now_s())


def _farther_m(here: Kinematics, waypoint: Waypoint) -> float:
    """The larger of what is missing over the ground and in altitude."""
    return max(distance_m(here.position, waypoint.position), abs(here.altitude.m - waypoint.altitude.m))


def _flying_s(commander: Commander, order: GoTo) -> float:
    """Over the ground and up or down one after the other: the slowest that an autopilot does it."""
    telemetry, airframe = commander.telemetry(), commander.asset.airframe
    if telemetry.kinematics is None:
        raise OrderFailed(f"{commander.name} has not reported where it is; no flight was ordered.")
    now = telemetry.kinematics.value
    over_ground_s = distance_m(now.position, order.waypoint.position) / max(order.speed_mps, 0.1)
    return over_ground_s + abs(now.altitude.m - order.waypoint.altitude.m) / min(
        airframe.climb_mps, airframe.descent_mps
    )


async def orbit(commander: Commander, request: Request, order: Orbit) -> str:
    sent_s = commander.clock.now_s()
    try:
        asks = commander.kind.orbit(order)
    except CannotFly as error:
        raise OrderFailed(str(error)) from error
    mark = await commander.carry_out(request, asks)
    await _enter(commander, mark, "the orbit", frozenset({FlightMode.ORBIT}), sent_s)

    def off_m(telemetry: Telemetry) -> float | None:
        here = _here(commander, telemetry)
        return None if here is None else abs(distance_m(here.position, order.center) - order.radius_m)

    def on_circle(telemetry: Telemetry) -> bool:
        off = off_m(telemetry)
        return off is not None and off <= max(ORBIT_TOLERANCE_M, ORBIT_TOLERANCE * order.radius_m)

    approach_s = (off_m(commander.telemetry()) or 0.0) / ORBIT_APPROACH_MPS
    await follow(
        commander,
        Goal(
            what=f"the orbit at {order.radius_m:.0f} m",
            reached=on_circle,
            modes=frozenset({FlightMode.ORBIT}),
            deadline_s=approach_s * 1.5 + commander.timing.slack_s,
            remaining=off_m,
        ),
        mark,
    )
    return f"{commander.name} orbits at {order.radius_m:.0f} m."


async def by_velocity(commander: Commander, request: Request, order: Fly) -> str:
    """Enter the mode that flies by velocities; whoever ordered it sends the next one before this one is old."""
    sent_s = commander.clock.now_s()
    set_velocity(commander, order)
    await asyncio.sleep(STREAMED_S)
    mark = await commander.carry_out(request, commander.kind.by_velocity())
    await _enter(commander, mark, "flying by stick", frozenset({commander.kind.velocity_mode}), sent_s)
    return f"{commander.name} flies by stick."


def set_velocity(commander: Commander, order: Fly) -> None:
    """One velocity on the wire. Raises OrderFailed."""
    v = order.velocity
    fields = {
        "time_boot_ms": 0,
        "target_system": commander.system_id,
        "target_component": AUTOPILOT_COMPONENT,
        "coordinate_frame": LOCAL_NED,
        "type_mask": VELOCITY_ONLY,
        **dict.fromkeys(("x", "y", "z", "afx", "afy", "afz", "yaw"), 0.0),
        "vx": v.north_mps,
        "vy": v.east_mps,
        "vz": v.down_mps,
        "yaw_rate": math.radians(order.yaw_rate_degps),
    }
    try:
        commander.connected().send("SET_POSITION_TARGET_LOCAL_NED", fields)
    except WireError as error:
        raise OrderFailed(str(error)) from error


async def hold(commander: Commander, request: Request) -> str:
    """The best way to stop; the other one where that is refused or has no effect."""
    sent_s = commander.clock.now_s()
    best, *others = commander.kind.stop()
    try:
        mark = await commander.carry_out(request, (best,))
    except Refused:
        mark = await commander.carry_out(request, others)

    def speed_mps(telemetry: Telemetry) -> float | None:
        here = _here(commander, telemetry)
        return None if here is None else here.velocity.ground_mps

    def stopped(telemetry: Telemetry) -> bool:
        speed = speed_mps(telemetry)
        return _in_mode(telemetry, frozenset({FlightMode.HOLD}), sent_s) and speed is not None and speed < HOLDING_MPS

    await follow(
        commander,
        Goal(
            what="the stop",
            reached=stopped,
            modes=frozenset({FlightMode.HOLD}),
            deadline_s=commander.timing.stop_s,
            remaining=speed_mps,
            again=lambda: commander.repeat(request, others),
            heeds_texts=False,
            unit="m/s",
        ),
        mark,
    )
    return f"{commander.name} holds."


async def return_home(commander: Commander, request: Request) -> str:
    sent_s = commander.clock.now_s()
    mark = await commander.command(request, Cmd.NAV_RETURN_TO_LAUNCH)
    going_home = frozenset({FlightMode.RETURN, FlightMode.LAND})

    def look(telemetry: Telemetry) -> bool | None:
        if _in_mode(telemetry, going_home, sent_s):
            return True
        # On the ground, Return is accepted and nothing happens.
        return True if _on_ground_since(telemetry, sent_s + commander.timing.heartbeat_s) else None

    if await commander.seen(look, commander.timing.mode_s) is None:
        raise OrderFailed(await _not_entered(commander, mark, "the return home"))
    if _on_ground_since(commander.telemetry(), sent_s):
        return f"{commander.name} is on the ground, disarmed."
    return f"{commander.name} flies home."


async def disarm(commander: Commander, request: Request) -> str:
    """Never sent in the air, and never forced."""
    telemetry = commander.telemetry()
    if telemetry.landed is None or telemetry.landed.value is not LandedState.ON_GROUND:
        where = "is not known to be on the ground" if telemetry.landed is None else "is in the air"
        raise OrderFailed(f"{commander.name} {where}; its motors are not stopped. Send it home or land it first.")
    sent_s = commander.clock.now_s()
    await commander.command(request, Cmd.COMPONENT_ARM_DISARM, (0.0,))

    def disarmed(telemetry: Telemetry) -> bool | None:
        armed = telemetry.armed
        return True if armed is not None and not armed.value and armed.at_s > sent_s else None

    if await commander.seen(disarmed, commander.timing.mode_s) is None:
        raise OrderFailed(f"{commander.kind.name} accepted the disarming of {commander.name} and is still armed.")
    return f"{commander.name} is disarmed."


async def _enter(commander: Commander, mark: Mark, what: str, modes: frozenset[FlightMode], sent_s: float) -> None:
    """Wait for a mode that was reported after the order was sent."""
    goal = Goal(
        what=what,
        reached=lambda telemetry: _in_mode(telemetry, modes, sent_s),
        modes=frozenset(FlightMode),
        deadline_s=commander.timing.mode_s,
    )
    await follow(commander, goal, mark)


async def _not_entered(commander: Commander, mark: Mark, what: str) -> str:
    text = commander.explanation(mark)
    why = f": '{text.text}'" if text else ""
    return (
        f"{commander.kind.name} accepted {what} and has not begun it after {commander.timing.mode_s:.0f} s{why}. "
        f"{state_words(commander.telemetry())}"
    )


def _in_mode(telemetry: Telemetry, modes: frozenset[FlightMode], after_s: float) -> bool:
    return telemetry.mode is not None and telemetry.mode.at_s > after_s and telemetry.mode.value in modes


def _on_ground_since(telemetry: Telemetry, after_s: float) -> bool:
    landed, armed = telemetry.landed, telemetry.armed
    if landed is None or armed is None or landed.value is not LandedState.ON_GROUND or armed.value:
        return False
    return landed.at_s > after_s and armed.at_s > after_s

"""Where the camera looks: orders by region of interest and the gimbal protocol v2 (MAVLink, "Gimbal Protocol")."""

import math
from collections.abc import Callable

from dfr.core.command import LookAt, Request, TurnCamera
from dfr.core.geo import bearing_deg, distance_m
from dfr.core.telemetry import Gimbal, Telemetry
from dfr.fleet.mavlink.autopilot import Place
from dfr.fleet.mavlink.commander import Commander, OrderFailed
from dfr.fleet.mavlink.common import Cmd

PITCH_TOLERANCE_DEG = 5.0
YAW_TOLERANCE_DEG = 10.0
NADIR_DEG = -75.0
"""Below this pitch the yaw of the picture says nothing about where it looks."""
GIMBAL_AGE_S = 3.0
ROLL_AND_PITCH_LOCK = 12.0
"""GIMBAL_MANAGER_FLAGS: level with the horizon, yaw follows the nose."""
EARTH_LOCK = 92.0
"""The same with YAW_LOCK and YAW_IN_EARTH_FRAME: yaw counts from north and is kept."""
CONFIGURE_RELEASE = -3.0
"""DO_GIMBAL_MANAGER_CONFIGURE: give control back, if it is ours."""


async def look_at(commander: Commander, request: Request, order: LookAt) -> str:
    await _take_control(commander, request)
    await commander.command(request, Cmd.DO_SET_ROI_LOCATION, (), Place(order.position, order.altitude))
    seen = await _settles(commander, lambda telemetry: _towards(telemetry, order))
    if seen:
        return f"The camera of {commander.name} looks at the place."
    return (
        f"{commander.kind.name} accepted the place to look at; {commander.name} reports no gimbal, so nobody can "
        "say where it looks."
    )


async def look_at_horizon(commander: Commander, request: Request) -> str:
    await commander.command(request, Cmd.DO_SET_ROI_NONE)
    await _take_control(commander, request)
    try:
        await commander.command(
            request, Cmd.DO_GIMBAL_MANAGER_PITCHYAW, (0.0, 0.0, None, None, ROLL_AND_PITCH_LOCK, 0.0, 0.0)
        )
    except OrderFailed as error:
        raise OrderFailed(
            f"{commander.name} has no gimbal that takes orders, so its camera looks where the nose points. {error} "
            "The flight can go on; check MNT_MODE_IN and MNT_MODE_OUT where it should have one."
        ) from error
    if await _settles(commander, lambda _: Gimbal(0.0, math.nan)):
        return f"The camera of {commander.name} looks at the horizon."
    return (
        f"{commander.kind.name} accepted the look to the horizon; {commander.name} reports no gimbal attitude to prove "
        "it by."
    )


async def turn(commander: Commander, request: Request, order: TurnCamera) -> str:
    telemetry = commander.telemetry()
    heading_deg = telemetry.attitude.value.orientation.yaw_deg if telemetry.attitude else None
    flags, yaw_deg = EARTH_LOCK, (order.yaw_deg + 180.0) % 360.0 - 180.0
    if order.with_nose:
        if heading_deg is None:
            raise OrderFailed(f"{commander.name} does not say where its nose points, so its camera was not turned.")
        flags, yaw_deg = ROLL_AND_PITCH_LOCK, (order.yaw_deg - heading_deg + 180.0) % 360.0 - 180.0
    await _take_control(commander, request)
    await commander.command(
        request, Cmd.DO_GIMBAL_MANAGER_PITCHYAW, (order.pitch_deg, yaw_deg, None, None, flags, 0.0, 0.0)
    )
    target = Gimbal(order.pitch_deg, math.nan if order.with_nose else order.yaw_deg)
    if await _settles(commander, lambda _: target):
        return f"The camera of {commander.name} looks {_words(order)}."
    return (
        f"{commander.kind.name} accepted the turn of the camera; {commander.name} reports no gimbal attitude to "
        "prove it by."
    )


def give_back(commander: Commander) -> None:
    """Let go of the gimbal's control where it is ours. Raises WireError."""
    commander.ask(Cmd.DO_GIMBAL_MANAGER_CONFIGURE, (CONFIGURE_RELEASE, CONFIGURE_RELEASE, -1.0, -1.0, 0.0, 0.0, 0.0))


def _words(order: TurnCamera) -> str:
    side = f"{abs(order.pitch_deg):.0f} degrees {'below' if order.pitch_deg < 0 else 'above'} the horizon"
    return f"{side}, towards {order.yaw_deg % 360:.0f} degrees"


async def _take_control(commander: Commander, request: Request) -> None:
    """Ask the gimbal manager for primary control; one that knows no control refuses, which is no fault."""
    own_system_id, own_component_id = commander.own_ids
    commander.send(
        request,
        Cmd.DO_GIMBAL_MANAGER_CONFIGURE,
        (float(own_system_id), float(own_component_id), -1.0, -1.0, 0.0, 0.0, 0.0),
    )


async def _settles(commander: Commander, wanted: Callable[[Telemetry], Gimbal | None]) -> bool:
    """True when the gimbal was seen to look there, False when there is no gimbal to be seen. Raises OrderFailed."""

    def look(telemetry: Telemetry) -> bool | None:
        target = wanted(telemetry)
        return True if target and telemetry.gimbal and _close(telemetry.gimbal.value, target) else None

    if not _reported(commander):
        return False
    if await commander.seen(look, commander.timing.camera_s):
        return True
    telemetry = commander.telemetry()
    if telemetry.gimbal is None or not _reported(commander):
        return False
    raise OrderFailed(
        f"{commander.kind.name} accepted the look, but after {commander.timing.camera_s:.0f} s the camera of "
        f"{commander.name} has "
        f"pitch {telemetry.gimbal.value.pitch_deg:.0f} and yaw {telemetry.gimbal.value.yaw_deg:.0f} degrees."
    )


def _reported(commander: Commander) -> bool:
    gimbal = commander.telemetry().gimbal
    return gimbal is not None and gimbal.age_s(commander.clock.now_s()) < GIMBAL_AGE_S


def _towards(telemetry: Telemetry, order: LookAt) -> Gimbal | None:
    """The attitude that looks from the aircraft to the place."""
    if telemetry.kinematics is None:
        return None
    now = telemetry.kinematics.value
    down_m = now.altitude.m - order.altitude.m
    pitch_deg = -math.degrees(math.atan2(down_m, distance_m(now.position, order.position)))
    return Gimbal(pitch_deg, bearing_deg(now.position, order.position))


def _close(is_: Gimbal, wanted: Gimbal) -> bool:
    if abs(is_.pitch_deg - wanted.pitch_deg) > PITCH_TOLERANCE_DEG:
        return False
    if math.isnan(wanted.yaw_deg) or wanted.pitch_deg < NADIR_DEG:
        return True
    return abs((is_.yaw_deg - wanted.yaw_deg + 180) % 360 - 180) <= YAW_TOLERANCE_DEG

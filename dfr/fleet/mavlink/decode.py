"""MAVLink fields, as mavsdk gives them in JSON, into the domain's values. Pure; None: the message does not say."""

import math
from collections.abc import Mapping
from typing import Any

from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.telemetry import Battery, Gimbal, Kinematics, Velocity
from dfr.fleet.mavlink import vitals

Fields = Mapping[str, Any]
"""Integers as they are on the wire; NaN arrives as null, so as None."""

_UNKNOWN_HEADING = 65535
_UNKNOWN_VOLTAGE = 65535
_YAW_LOCK = 16
_YAW_IN_VEHICLE_FRAME = 32
_YAW_IN_EARTH_FRAME = 64


def position(fields: Fields) -> Position | None:
    """`lat`, `lon` in 1e-7 degrees; 0/0 is PX4's "no position yet"."""
    if fields["lat"] == 0 and fields["lon"] == 0:
        return None
    return Position(fields["lat"] / 1e7, fields["lon"] / 1e7)


def kinematics(fields: Fields) -> Kinematics | None:
    """GLOBAL_POSITION_INT."""
    where = position(fields)
    if where is None:
        return None
    return Kinematics(
        position=where,
        altitude=Amsl(fields["alt"] / 1e3),
        height=AboveTakeoff(fields["relative_alt"] / 1e3),
        velocity=Velocity(fields["vx"] / 100, fields["vy"] / 100, fields["vz"] / 100),
        heading_deg=None if fields["hdg"] == _UNKNOWN_HEADING else fields["hdg"] / 100 % 360,
    )


def home(fields: Fields) -> Waypoint:
    """HOME_POSITION."""
    return Waypoint(Position(fields["latitude"] / 1e7, fields["longitude"] / 1e7), Amsl(fields["altitude"] / 1e3))


def battery(fields: Fields) -> Battery | None:
    """BATTERY_STATUS of battery 0; None when it does not know its charge."""
    if fields["id"] != 0 or fields["battery_remaining"] < 0:
        return None
    parts = [mv for mv in (*fields["voltages"], *fields.get("voltages_ext", ())) if mv not in (0, _UNKNOWN_VOLTAGE)]
    current, consumed = fields.get("current_battery", -1), fields.get("current_consumed", -1)
    return Battery(
        remaining_fraction=fields["battery_remaining"] / 100,
        voltage_v=sum(parts) / 1e3 if parts else None,
        cells_v=vitals.cells_v(fields),
        current_a=None if current < 0 else current / 100,
        consumed_mah=None if consumed < 0 else float(consumed),
    )


def gimbal(fields: Fields, heading_deg: float | None) -> Gimbal | None:
    """GIMBAL_DEVICE_ATTITUDE_STATUS: a quaternion whose yaw counts from north or from the nose, as its flags say."""
    q = fields["q"]
    if any(value is None for value in q) or sum(value * value for value in q) < 0.5:
        return None
    w, x, y, z = q
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))))
    yaw = math.degrees(math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    flags = fields["flags"]
    from_north = flags & _YAW_IN_EARTH_FRAME or (flags & _YAW_LOCK and not flags & _YAW_IN_VEHICLE_FRAME)
    if not from_north:
        if heading_deg is None:
            return None
        yaw += heading_deg
    return Gimbal(pitch_deg=pitch, yaw_deg=yaw % 360)

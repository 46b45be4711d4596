"""MAVLink fields, as `messages` gives them, into the domain's values. Pure; None: the message does not say."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dfr.core.attitude import Quaternion
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.telemetry import Attitude, Battery, Gimbal, Kinematics, Velocity
from dfr.fleet.mavlink import vitals

Fields = Mapping[str, Any]
"""Integers as they are on the wire; a NaN arrives as None."""

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


def attitude(fields: Fields) -> Attitude | None:
    """ATTITUDE_QUATERNION."""
    q = _unit(fields[name] for name in ("q1", "q2", "q3", "q4"))
    return None if q is None else Attitude(q, fields["time_boot_ms"] / 1e3)


def gimbal(fields: Fields, heading_deg: float | None) -> Gimbal | None:
    """GIMBAL_DEVICE_ATTITUDE_STATUS: roll and pitch against the horizon, yaw from north or the nose, by its flags.

    A device that sends neither frame flag follows the older rule: its yaw is north's when it holds its yaw. None when
    the yaw counts from the nose and `heading_deg`, where the nose points, is not known.
    """
    q = _unit(fields["q"])
    if q is None:
        return None
    flags = fields["flags"]
    from_north = flags & _YAW_IN_EARTH_FRAME or (flags & _YAW_LOCK and not flags & _YAW_IN_VEHICLE_FRAME)
    if from_north:
        heading_deg = 0.0
    if heading_deg is None:
        return None
    return Gimbal(q.pitch_deg, (q.yaw_deg + heading_deg) % 360, q.roll_deg)


def _unit(parts: Iterable[float | None]) -> Quaternion | None:
    """The quaternion, made of length 1; None for one that says nothing (NaN or all zero)."""
    numbers = [part for part in parts if part is not None]
    length = math.sqrt(sum(part * part for part in numbers))
    if len(numbers) != 4 or length < 0.5:
        return None
    return Quaternion(*(part / length for part in numbers))

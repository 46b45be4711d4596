"""The messages that tell of an aircraft's parts, into the domain's values. Pure; None: the message does not say."""

import math
from collections.abc import Mapping
from typing import Any

from dfr.core.onboard import Estimate, FixKind, SatelliteFix, Sensor, Storage
from dfr.core.weather import Wind

Fields = Mapping[str, Any]

_UNKNOWN_U16 = 65535
_TOTAL_CHUNK_MV = 65534
"""PX4 splits a total voltage that does not fit into one field into chunks of this (BATTERY_STATUS)."""

_FIXES = {
    0: FixKind.NONE,
    1: FixKind.NONE,
    2: FixKind.FLAT,
    3: FixKind.FULL,
    4: FixKind.CORRECTED,
    5: FixKind.FLOAT,
    6: FixKind.FIXED,
    7: FixKind.FIXED,
    8: FixKind.CORRECTED,
}
"""GPS_FIX_TYPE; 7 is a static base, 8 precise point positioning."""

_SENSORS = {
    0x01: "gyroscope",
    0x02: "accelerometer",
    0x04: "compass",
    0x08: "barometer",
    0x20: "GPS",
    0x8000: "motor outputs",
    0x200000: "attitude estimate",
    0x2000000: "battery",
}
"""MAV_SYS_STATUS_SENSOR: those without which nothing flies. PX4 calls an RC receiver unhealthy that is not there and
not needed."""
_ALWAYS = 0x01 | 0x02 | 0x04 | 0x08 | 0x20
"""Sensors that an aircraft must have; of the others PX4 says that they are present only when it watches them."""

_STORAGE_READY = 2
_WIND_ERROR_MPS = 2.0
"""One standard deviation, horizontally; a wind that is known less well is not known."""
"""STORAGE_STATUS_READY."""


def satellite_fix(fields: Fields) -> SatelliteFix | None:
    """GPS_RAW_INT. Accuracies are extension fields, 0 where they are not sent."""
    kind = _FIXES.get(fields["fix_type"])
    if kind is None:
        return None
    return SatelliteFix(
        kind,
        None if fields["eph"] == _UNKNOWN_U16 else fields["eph"] / 100,
        _millimetres(fields.get("h_acc", 0)),
        _millimetres(fields.get("v_acc", 0)),
    )


def _millimetres(value: int) -> float | None:
    return None if value in (0, 2**32 - 1) else value / 1e3


def estimate(fields: Fields) -> Estimate:
    """ESTIMATOR_STATUS; a value that is not a number arrives as None."""
    return Estimate(fields["pos_horiz_accuracy"], fields["pos_vert_accuracy"], fields["mag_ratio"])


def sensors(present: int, enabled: int, health: int) -> tuple[Sensor, ...]:
    """SYS_STATUS: the sensors that this aircraft has or must have."""
    return tuple(
        Sensor(name, bool(present & bit), bool(enabled & bit), bool(health & bit))
        for bit, name in _SENSORS.items()
        if (present | enabled | _ALWAYS) & bit
    )


def cells_v(fields: Fields) -> tuple[float, ...]:
    """BATTERY_STATUS: each cell's voltage. Empty when the battery does not tell its cells apart: PX4 then writes the
    whole voltage into the first field."""
    first = [mv for mv in fields["voltages"] if mv not in (0, _UNKNOWN_U16)]
    further = [mv for mv in fields.get("voltages_ext", ()) if mv not in (0, _UNKNOWN_U16)]
    cells = (*first, *further)
    return tuple(mv / 1e3 for mv in cells) if len(cells) > 1 and _TOTAL_CHUNK_MV not in cells else ()


def storage(fields: Fields) -> Storage:
    """STORAGE_INFORMATION; capacities are in MiB on the wire."""
    usable = fields["storage_count"] > 0 and fields["status"] == _STORAGE_READY
    return Storage(usable, fields["total_capacity"] or 0.0, fields["available_capacity"] or 0.0)


def wind(fields: Fields) -> Wind | None:
    """WIND_COV: the autopilot's own estimate, while it trusts it to `_WIND_ERROR_MPS`.

    `wind_x` and `wind_y` say where the air goes, north and east.
    """
    north, east = fields["wind_x"], fields["wind_y"]
    variance = fields.get("var_horiz")
    if north is None or east is None or (variance is not None and variance > _WIND_ERROR_MPS**2):
        return None
    mean_mps = math.hypot(north, east)
    return Wind(mean_mps, math.degrees(math.atan2(-east, -north)) % 360 if mean_mps > 0.0 else None)

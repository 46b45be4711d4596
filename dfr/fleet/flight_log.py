"""PX4's flight logs (ULog): what is needed of one for the energy model."""

from pathlib import Path
from typing import Any

import numpy as np
from pyulog import ULog
from pyulog.exceptions import ULogException

from dfr.airspace.energy_fit import Samples
from dfr.core.geo import FloatArray

STEP_S = 1.0
GAUGE_S = 10.0
"""Without a current, the power is the slope of the gauge over this long."""
SETTLES_S = 3.0
"""After leaving the ground and before touching it again."""
LEAST_FLIGHT_S = 30.0
TOPICS = ["battery_status", "vehicle_local_position", "wind", "airspeed_validated", "vehicle_land_detected"]


class LogError(ValueError):
    """The log cannot be used; the message is a sentence."""


def read_log(path: Path, battery_wh: float) -> tuple[Samples, tuple[str, ...]]:
    """The flight in steps of a second, and what the log lacks, as sentences.

    `battery_wh` is what a full battery holds: without a current in the log, the power is taken from the gauge and it.
    Raises LogError.
    """
    try:
        log = ULog(str(path), TOPICS, disable_str_exceptions=True)
    except (OSError, ULogException, TypeError, ValueError, IndexError, KeyError) as error:
        raise LogError(f"{path} is not a ULog that can be read: {error}.") from error
    battery, position = _topic(log, "battery_status"), _topic(log, "vehicle_local_position")
    if battery is None or position is None:
        raise LogError(f"{path} holds no battery_status or no vehicle_local_position: log with SDLOG_PROFILE bit 0.")
    at_s = _airborne(log, position)
    if len(at_s) * STEP_S < LEAST_FLIGHT_S:
        raise LogError(f"{path} holds {len(at_s) * STEP_S:.0f} s in the air; {LEAST_FLIGHT_S:.0f} s are the least.")
    lacks: list[str] = []
    fraction, voltage = _mean(battery, "remaining", at_s), _mean(battery, "voltage_v", at_s)
    current: FloatArray | None = _mean(battery, "current_a", at_s)
    if current is None or float(np.median(current)) <= 0.1:
        current = None
        lacks.append(f"The log holds no current: the power is the slope of the gauge times {battery_wh:g} Wh.")
        power = -_slope(fraction, round(GAUGE_S / STEP_S)) / STEP_S * battery_wh * 3600.0
    else:
        power = voltage * current
    airspeed = _airspeed(log, position, at_s, lacks)
    climb = -_mean(position, "vz", at_s)
    return Samples(STEP_S, power, airspeed, climb, fraction, voltage, current), tuple(lacks)


def _topic(log: ULog, name: str) -> dict[str, Any] | None:
    """The first instance of a topic that holds anything."""
    found = sorted((one for one in log.data_list if one.name == name), key=lambda one: int(one.multi_id))
    return next((one.data for one in found if len(one.data["timestamp"]) > 1), None)


def _airborne(log: ULog, position: dict[str, Any]) -> FloatArray:
    """Middles of the seconds in the air, on the log's clock; by the land detector, else by being above take-off."""
    landed = _topic(log, "vehicle_land_detected")
    if landed is not None:
        times, up = _seconds(landed), landed["landed"] == 0
    else:
        times, up = _seconds(position), position["z"] < -2.0
    if not up.any():
        return np.array([])
    last_up = int(np.flatnonzero(up)[-1])
    # What was said last holds until something else is said.
    until = times[last_up + 1] if last_up + 1 < len(times) else _seconds(position)[-1]
    return np.arange(times[up][0] + SETTLES_S + STEP_S / 2, until - SETTLES_S, STEP_S)


def _seconds(topic: dict[str, Any]) -> FloatArray:
    return np.asarray(topic["timestamp"], dtype=np.float64) / 1e6


def _mean(topic: dict[str, Any], name: str, at_s: FloatArray) -> FloatArray:
    """The mean of a field over each second; interpolated where none falls into one."""
    times, values = _seconds(topic), np.asarray(topic[name], dtype=np.float64)
    good = np.isfinite(values)
    times, values = times[good], values[good]
    if not len(times):
        return np.zeros_like(at_s)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    low = np.searchsorted(times, at_s - STEP_S / 2)
    high = np.searchsorted(times, at_s + STEP_S / 2)
    counts = high - low
    means = (sums[high] - sums[low]) / np.maximum(counts, 1)
    return np.asarray(np.where(counts > 0, means, np.interp(at_s, times, values)), dtype=np.float64)


def _slope(values: FloatArray, reach: int) -> FloatArray:
    """Change a step, by a straight line through the steps around each: the gauge moves in small jumps."""
    reach = min(reach, (len(values) - 1) // 2)
    offsets = np.arange(-reach, reach + 1)
    kernel = offsets / float(offsets @ offsets)
    inner = np.convolve(values, kernel[::-1], mode="valid")
    return np.asarray(np.pad(inner, reach, mode="edge"), dtype=np.float64)


def _airspeed(log: ULog, position: dict[str, Any], at_s: FloatArray, lacks: list[str]) -> FloatArray:
    """Through the air: measured, else from the estimated wind, else that over ground."""
    measured = _topic(log, "airspeed_validated")
    if measured is not None and np.isfinite(measured["true_airspeed_m_s"]).any():
        return _mean(measured, "true_airspeed_m_s", at_s)
    north, east = _mean(position, "vx", at_s), _mean(position, "vy", at_s)
    wind = _topic(log, "wind")
    if wind is None:
        lacks.append("The log holds neither airspeed nor wind: speed over ground is taken; fly it on a calm day.")
    else:
        north, east = north - _mean(wind, "windspeed_north", at_s), east - _mean(wind, "windspeed_east", at_s)
    return np.asarray(np.hypot(north, east))

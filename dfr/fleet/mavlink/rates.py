"""How often an aircraft is asked for what, so that its link can carry it. Pure.

A serial link of 57600 baud carries 5760 bytes a second each way. What it does not carry waits in the radio, and then
positions are old before they arrive: less often and now is better than often and late.
"""

from collections.abc import Mapping

from pymavlink.dialects.v20 import all as dialect

FRAME_BYTES = 25
"""Header, checksum and signature of MAVLink 2."""
TELEMETRY_SHARE = 0.5
"""Of the line. The rest is for acknowledgements, parameters, fences, and what the radio itself loses."""
UNASKED_BYTES_A_SECOND = 150.0
"""HEARTBEAT, texts and the like."""
LEAST_HZ = {33: 4.0, 245: 1.0, 1: 0.5, 24: 0.2, 147: 0.2, 242: 0.2, 285: 1.0}
"""Position, landed state, health, satellites, battery, home, gimbal are asked for at least so often (message ids)."""
LEAST_OTHER_HZ = 0.2
NOT_NEEDED = (30, 31, 32, 36, 62, 65, 74, 83, 85, 87, 105, 141, 241, 331, 340)
"""Streamed by PX4 by default and not used by this driver: attitude, local position, servo outputs, RC channels,
VFR_HUD, targets, IMU, ALTITUDE, vibration, odometry, UTM position. Stopped where a link is slow."""


def bytes_a_second(rates_hz: Mapping[int, float]) -> float:
    """What these messages (by id) take at most, frames included."""
    return sum(hz * float(dialect.mavlink_map[number].unpacker.size + FRAME_BYTES) for number, hz in rates_hz.items())


def fitting(rates_hz: Mapping[int, float], link_bytes_a_second: float | None) -> dict[int, float]:
    """`rates_hz` (message id to Hz) made to fit this aircraft's share of its link; 0 asks for none.

    As wished where the link is not known to be slow. Otherwise all are lowered alike, none below its least; what is not
    needed is stopped.
    """
    wished = dict(rates_hz)
    if link_bytes_a_second is None:
        return wished
    budget = max(0.0, link_bytes_a_second * TELEMETRY_SHARE - UNASKED_BYTES_A_SECOND)
    if bytes_a_second(wished) > budget:
        low, high = 0.0, 1.0
        for _ in range(20):  # halving: the floors make the sum a broken line
            share = (low + high) / 2
            low, high = (share, high) if bytes_a_second(_scaled(wished, share)) <= budget else (low, share)
        wished = _scaled(wished, low)
    return wished | {number: 0.0 for number in NOT_NEEDED if number not in wished}


def _scaled(rates_hz: Mapping[int, float], share: float) -> dict[int, float]:
    return {number: min(hz, max(hz * share, LEAST_HZ.get(number, LEAST_OTHER_HZ))) for number, hz in rates_hz.items()}

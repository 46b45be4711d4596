"""Frames and rates: what goes on the wire, byte for byte as pymavlink would write it, and when."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.fleet import Fleet
from sim.autopilot.schedule import Schedule
from sim.autopilot.telemetry import BUILDERS
from sim.autopilot.vehicle import VehicleSpec
from sim.autopilot.wire import checksum, frame

HOME = (32.2217, -110.9265, 740.0)


@given(st.binary(min_size=1, max_size=280))
def test_the_checksum_is_mavlinks(data: bytes) -> None:
    assert checksum(data) == mavlink.x25crc(data).crc


def same_bytes(first: Any, second: Any) -> None:
    codec = mavlink.MAVLink(None, srcSystem=11, srcComponent=1)
    codec.seq = 201
    assert frame(first, codec) == second.pack(codec)


def test_every_message_of_an_aircraft_is_framed_as_pymavlink_does() -> None:
    fleet = Fleet([VehicleSpec(11, HOME, ("127.0.0.1", 9))])
    try:
        for _ in range(300):
            fleet.world.step()
            fleet.steps += 1
        vehicle = fleet.vehicle(11)
        vehicle.now_s = vehicle.commander.now_s = fleet.now_s
        built = [build for build in BUILDERS.values() if build(vehicle) is not None]
        assert len(built) >= len(BUILDERS) - 2, "a mission item reached and a setpoint are all that may be missing"
        for build in built:
            same_bytes(build(vehicle), build(vehicle))
    finally:
        fleet.close()


@pytest.mark.parametrize("text", [b"", b"Armed by external command\t"])
def test_a_field_named_id_is_not_the_messages_number(text: bytes) -> None:
    same_bytes(
        mavlink.MAVLink_statustext_message(6, text, 7, 1),
        mavlink.MAVLink_statustext_message(6, text, 7, 1),
    )


def test_a_signed_message_is_left_to_pymavlink() -> None:
    codec = mavlink.MAVLink(None, srcSystem=11, srcComponent=1)
    codec.signing.sign_outgoing = True
    codec.signing.secret_key = b"k" * 32
    signed = frame(mavlink.MAVLink_heartbeat_message(2, 12, 0, 0, 3, 3), codec)
    assert signed[2] & mavlink.MAVLINK_IFLAG_SIGNED
    assert len(signed) == 12 + 9 + 13


def counted(schedule: Schedule, seconds: float, least_s: float = 0.0) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in range(round(seconds * 50)):
        for name in schedule.due(step / 50, least_s):
            counts[name] = counts.get(name, 0) + 1
    return counts


def test_messages_come_at_their_rates_and_no_oftener_than_the_cap() -> None:
    schedule = Schedule()
    schedule.start({"FAST": 10.0, "SLOW": 1.0, "NEVER": 0.0})
    assert counted(schedule, 10.0) == {"FAST": 100, "SLOW": 10}
    schedule.start({"FAST": 10.0}, first_s=0.04)
    assert schedule.due(0.02, 0.0) == []
    assert counted(schedule, 10.0, least_s=0.2) == {"FAST": 50}


def test_a_rate_can_be_changed_stopped_and_begun() -> None:
    schedule = Schedule()
    schedule.start({"A": 10.0})
    schedule.due(0.0, 0.0)
    schedule.set_rate("A", 0.0)
    schedule.set_rate("B", 5.0)
    assert counted(schedule, 2.0) == {"B": 10}

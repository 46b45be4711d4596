"""Pose carried on between messages, and the gimbal that the camera is when the aircraft has none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from sim.camera.gimbal import SLEW_RADPS, Gimbal, wrapped, yaw_is_earth
from sim.camera.pose import Attitude, Pose, Position, attitude_from_quaternion, quaternion_from_attitude

NAN4 = (math.nan,) * 4
LOCK = mavlink.GIMBAL_DEVICE_FLAGS_YAW_LOCK


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(-3.1, 3.1))
def test_a_quaternion_says_the_same_as_its_angles(roll: float, pitch: float, yaw: float) -> None:
    there_and_back = attitude_from_quaternion(*quaternion_from_attitude(Attitude(roll, pitch, yaw)))
    assert there_and_back.pitch_rad == pytest.approx(pitch, abs=1e-6)
    assert wrapped(there_and_back.roll_rad - roll) == pytest.approx(0, abs=1e-6)
    assert wrapped(there_and_back.yaw_rad - yaw) == pytest.approx(0, abs=1e-6)


def test_a_known_quaternion() -> None:
    looking_down = attitude_from_quaternion(math.cos(math.radians(-22.5)), 0, math.sin(math.radians(-22.5)), 0)
    assert math.degrees(looking_down.pitch_rad) == pytest.approx(-45)


def position(boot_s: float, heard_s: float, north_mps: float = 10.0) -> Position:
    return Position(32.22, -110.92, 800.0, (north_mps, 0.0, -2.0), boot_s, heard_s)


def test_without_a_position_there_is_no_view() -> None:
    assert Pose(body=Attitude(0, 0, 1)).view(0.0) is None


def test_a_position_is_carried_on_by_its_velocity_but_not_for_ever() -> None:
    pose = Pose().with_position(position(5.0, 100.0))
    soon, late, later = (pose.view(at_s) for at_s in (100.5, 110.0, 120.0))
    assert soon
    assert late
    assert (soon.latitude_deg - 32.22) * 111_195 == pytest.approx(5.0, rel=0.01)
    assert soon.altitude_amsl_m == pytest.approx(801.0)
    assert soon.longitude_deg == -110.92
    assert late == later, "a lost link must not fly the picture away"


def test_a_simulation_that_runs_fast_is_carried_on_as_fast() -> None:
    pose = Pose()
    for step in range(60):
        pose = pose.with_position(position(step * 0.4, 100.0 + step * 0.1))
    assert pose.clock_rate == pytest.approx(4.0, rel=0.01)
    view = pose.view(100.0 + 59 * 0.1 + 0.1)
    assert view
    assert (view.latitude_deg - 32.22) * 111_195 == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize(
    ("flags", "earth"),
    [
        (mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME, True),
        (mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME, False),
        (LOCK, True),
        (0, False),
        (LOCK | mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME, False),
    ],
)
def test_the_frame_of_yaw_follows_the_flags(flags: int, earth: bool) -> None:
    assert yaw_is_earth(flags) is earth


def test_yaw_in_the_vehicle_frame_turns_with_the_nose() -> None:
    pose = Pose(body=Attitude(0.1, 0.2, 1.0), gimbal=Attitude(0.0, -0.5, 0.25)).with_position(position(0, 0))
    view = pose.view(0.0)
    assert view
    assert view.camera == Attitude(0.0, -0.5, 1.25)


def settled(gimbal: Gimbal) -> Gimbal:
    for _ in range(100):
        gimbal = gimbal.after(0.05)
    return gimbal


@given(st.floats(-1.9, 0.5), st.floats(-3.1, 3.1))
def test_it_gets_to_where_it_is_asked_no_faster_than_its_motors(pitch: float, yaw: float) -> None:
    gimbal = Gimbal().asked(LOCK, quaternion_from_attitude(Attitude(0, pitch, yaw)), (math.nan, math.nan), 0.0)
    wanted = attitude_from_quaternion(*quaternion_from_attitude(Attitude(0, pitch, yaw)))
    step = gimbal.after(0.1)
    assert abs(step.pitch_rad) <= SLEW_RADPS * 0.1 + 1e-9
    assert abs(step.yaw_rad) <= SLEW_RADPS * 0.1 + 1e-9
    assert settled(gimbal).pitch_rad == pytest.approx(wanted.pitch_rad, abs=1e-6)
    assert wrapped(settled(gimbal).yaw_rad - wanted.yaw_rad) == pytest.approx(0, abs=1e-6)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_change_of_frame_does_not_move_the_picture(vehicle_yaw: float, yaw: float) -> None:
    follows = Gimbal(yaw_rad=yaw, wanted_yaw_rad=yaw)
    locked = follows.asked(LOCK, NAN4, (math.nan, math.nan), vehicle_yaw)
    assert locked.yaw_is_earth
    assert wrapped(locked.yaw_rad - yaw - vehicle_yaw) == pytest.approx(0, abs=1e-9)


def test_rates_turn_it_and_its_stops_hold_it() -> None:
    gimbal = Gimbal().asked(0, NAN4, (-0.5, math.nan), 0.0).after(1.0)
    assert gimbal.pitch_rad == pytest.approx(-0.5)
    assert gimbal.yaw_rad == 0.0
    for _ in range(20):
        gimbal = gimbal.after(1.0)
    assert math.degrees(gimbal.pitch_rad) == pytest.approx(-120)


def test_neutral_brings_it_level_and_ahead() -> None:
    gimbal = Gimbal(-1.0, 2.0, True, -1.0, 2.0)
    level = settled(gimbal.asked(mavlink.GIMBAL_DEVICE_FLAGS_NEUTRAL, NAN4, (math.nan, math.nan), 0.3))
    assert (level.pitch_rad, level.yaw_is_earth) == (pytest.approx(0), False)
    assert level.yaw_rad == pytest.approx(0, abs=1e-9)

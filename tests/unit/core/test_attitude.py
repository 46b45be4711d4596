"""Quaternions against the angles they are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.attitude import from_angles


@given(st.floats(-170.0, 170.0), st.floats(-88.0, 88.0), st.floats(0.0, 359.0))
def test_angles_come_back(roll_deg: float, pitch_deg: float, yaw_deg: float) -> None:
    q = from_angles(roll_deg, pitch_deg, yaw_deg)
    assert q.roll_deg == pytest.approx(roll_deg, abs=1e-6)
    assert q.pitch_deg == pytest.approx(pitch_deg, abs=1e-6)
    assert abs((q.yaw_deg - yaw_deg + 180.0) % 360.0 - 180.0) < 1e-6


def test_turned_and_joined() -> None:
    east = from_angles(0.0, 0.0, 90.0)
    assert east.turned(1.0, 0.0, 0.0) == pytest.approx((0.0, 1.0, 0.0))
    down = from_angles(0.0, -90.0, 0.0)
    assert down.turned(1.0, 0.0, 0.0) == pytest.approx((0.0, 0.0, 1.0))
    both = east * from_angles(0.0, -30.0, 0.0)
    assert both.yaw_deg == pytest.approx(90.0)
    assert both.pitch_deg == pytest.approx(-30.0)

"""ArduPilot's parameter files: written, read back, and refused when they are none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.fleet.firmware import FirmwareError, Parameter, ParameterFile, load_parameters
from dfr.fleet.mission_planner import from_param, to_param

COPTER = Path(__file__).parents[3] / "firmware_configs" / "x500_copter"


def test_the_airframe_is_exported_whole() -> None:
    file = load_parameters(COPTER)
    text = to_param(file)
    assert "\nRTL_ALT,4500\n" in text
    assert "\nFENCE_MARGIN,2.0\n" in text
    assert from_param(text.splitlines()) == {one.name: one.value for one in file.parameters}


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**31), 2**31 - 1))
def test_no_value_is_changed_by_the_way_through_the_file(real: float, whole: int) -> None:
    file = ParameterFile("x", (Parameter("A", real, "", "r"), Parameter("B", whole, "", "r")))
    assert from_param(to_param(file).splitlines()) == {"A": real, "B": float(whole)}


@pytest.mark.parametrize("line", ["RTL_ALT 4500", "RTL_ALT,high", "RTL_ALT,", ",4500", "A_NAME_OF_MORE_THAN_16,1"])
def test_what_is_no_parameter_file_is_refused(line: str) -> None:
    with pytest.raises(FirmwareError, match="Line 2"):
        from_param(["# comment", line])

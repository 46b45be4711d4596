"""QGroundControl's parameter files: written, read back by the format's own rules, and refused when they are none."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.fleet.firmware import FirmwareError, Parameter, ParameterFile, load_parameters
from dfr.fleet.qgc import INT32, REAL32, Line, from_qgc, to_qgc

CONFIGS = Path(__file__).parents[3] / "firmware_configs"
FOLDERS = sorted(path.parent for path in CONFIGS.glob("*/parameters.toml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_airframe_is_exported_whole(folder: Path) -> None:
    file = load_parameters(folder)
    read = {line.name: line for line in from_qgc(to_qgc(file, 11).splitlines(keepends=True))}
    assert len(read) == len(file.parameters)
    for parameter in file.parameters:
        line = read[parameter.name]
        assert (line.vehicle_id, line.component_id) == (11, 1)
        assert line.value == parameter.value
        assert type(line.value) is type(parameter.value)


def test_a_line_as_qgroundcontrol_writes_it() -> None:
    file = ParameterFile("x", (Parameter("RTL_RETURN_ALT", 45.0, "m", "r"), Parameter("GF_ACTION", 2, "", "r")))
    lines = to_qgc(file).splitlines()
    assert lines[-2:] == ["1\t1\tGF_ACTION\t2\t6", "1\t1\tRTL_RETURN_ALT\t45.000000000000000000\t9"]
    assert all(line.startswith("#") for line in lines[:-2])
    assert (INT32, REAL32) == (6, 9)


@given(st.integers(-(2**31), 2**31 - 1), st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_no_value_is_changed_by_the_way_through_the_file(whole: int, real: float) -> None:
    file = ParameterFile("x", (Parameter("A", whole, "", "r"), Parameter("B", real, "", "r")))
    a, b = from_qgc(to_qgc(file).splitlines())
    assert a == Line(1, 1, "A", whole)
    # PX4 keeps 32 bits; eighteen digits after the point are what QGroundControl writes.
    assert abs(struct.unpack("<f", struct.pack("<f", b.value))[0] - real) <= 1e-18


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1 1 GF_ACTION 2 6", "has 1 fields"),
        ("1\t1\tGF_ACTION\t2", "has 4 fields"),
        ("1\t1\tGF_ACTION\tx\t6", "no number"),
        ("1\t1\tGF_ACTION\t2.5\t6", "no number"),
        ("1\t1\tGF_ACTION\t2\t1", "neither an INT32"),
        ("1\t1\tGF_ACTION\t4294967296\t6", "neither an INT32"),
    ],
)
def test_what_is_no_parameter_file_is_refused(line: str, why: str) -> None:
    with pytest.raises(FirmwareError, match=why):
        from_qgc(["# comment\n", "\n", line])

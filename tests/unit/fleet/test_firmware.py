"""The airframes' files, and what is said about an aircraft that differs."""

import csv
from pathlib import Path

import pytest

from dfr.fleet.firmware import FirmwareError, Parameter, ParameterFile, compare, load_airframe, load_parameters

CONFIGS = Path(__file__).parents[3] / "firmware_configs"
METADATA = Path(__file__).parents[2] / "data" / "px4" / "parameters.csv"
PX4 = {
    row["name"]: row
    for row in csv.DictReader(line for line in METADATA.read_text().splitlines() if not line.startswith("#"))
}
AIRFRAMES = [
    path.parent for path in sorted(CONFIGS.glob("*/airframe.toml")) if load_airframe(path.parent).autopilot == "px4"
]
"""Those of PX4; ArduPilot's are looked at in test_ardupilot_airframe.py."""


@pytest.mark.parametrize("folder", AIRFRAMES, ids=lambda folder: folder.name)
def test_every_airframe_can_be_read_and_promises_what_its_parameters_allow(folder: Path) -> None:
    values = {parameter.name: parameter.value for parameter in load_parameters(folder).parameters}
    airframe = load_airframe(folder)
    assert airframe.name == folder.name
    assert airframe.cruise_mps <= values["MPC_XY_CRUISE"] <= values["MPC_XY_VEL_MAX"]
    assert airframe.climb_mps <= values["MPC_Z_V_AUTO_UP"] <= values["MPC_Z_VEL_MAX_UP"]
    assert airframe.descent_mps <= values["MPC_Z_V_AUTO_DN"] <= values["MPC_Z_VEL_MAX_DN"]
    assert values["BAT_EMERGEN_THR"] < values["BAT_CRIT_THR"] < airframe.reserve_fraction <= values["BAT_LOW_THR"]
    assert "GF_MAX_VER_DIST" not in values, "the ceiling comes with each fence"


def test_at_least_one_airframe_is_here() -> None:
    assert "x500_sitl" in [folder.name for folder in AIRFRAMES]


@pytest.mark.parametrize("folder", AIRFRAMES, ids=lambda folder: folder.name)
def test_every_parameter_is_one_of_px4_with_its_type_range_unit_and_choices(folder: Path) -> None:
    for parameter in load_parameters(folder).parameters:
        known = PX4[parameter.name]
        assert isinstance(parameter.value, int) == (known["type"] == "INT32"), parameter.name
        assert parameter.unit == known["unit"], parameter.name
        assert parameter.reboot == (known["reboot"] == "yes"), parameter.name
        assert not known["minimum"] or parameter.value >= float(known["minimum"]), parameter.name
        assert not known["maximum"] or parameter.value <= float(known["maximum"]), parameter.name
        assert not known["choices"] or str(parameter.value) in known["choices"].split(), parameter.name


@pytest.mark.parametrize("folder", AIRFRAMES, ids=lambda folder: folder.name)
def test_the_energy_of_every_airframe_is_that_of_its_parameters(folder: Path) -> None:
    values = {parameter.name: parameter.value for parameter in load_parameters(folder).parameters}
    airframe = load_airframe(folder)
    assert airframe.autopilot == "px4"
    assert airframe.power.origin
    assert airframe.battery.origin
    assert airframe.power.max_airspeed_mps >= airframe.cruise_mps
    assert values.get("BAT1_N_CELLS", airframe.battery.cells) == airframe.battery.cells
    assert values.get("BAT1_CAPACITY", airframe.battery.capacity_mah) == airframe.battery.capacity_mah
    assert values.get("BAT1_V_CHARGED", airframe.battery.full_cell_v) == airframe.battery.full_cell_v
    assert values.get("BAT1_V_EMPTY", airframe.battery.empty_cell_v) == airframe.battery.empty_cell_v
    assert airframe.power.max_airspeed_mps > values.get("COM_WIND_MAX", 0.0) + 1.0


def test_a_hardware_file_names_every_family_of_safety_parameters() -> None:
    families = (
        "GF_", "NAV_DLL_ACT", "NAV_RCL_ACT", "COM_DL_LOSS_T", "COM_FAIL_ACT_T", "COM_LOW_BAT_ACT", "BAT_", "BAT1_",
        "RTL_", "MPC_XY_", "MPC_Z_", "COM_OBL_", "COM_ARM_", "COM_RC_", "COM_POS_FS_", "FD_", "COM_ACT_FAIL_ACT",
        "COM_FLTT_LOW_ACT", "COM_WIND_", "COM_SPOOLUP", "MAV_", "MNT_",
    )  # fmt: skip
    for name in ("x500_v2", "quad_10kg_gimbal"):
        names = [parameter.name for parameter in load_parameters(CONFIGS / name).parameters]
        assert not [family for family in families if not any(one.startswith(family) for one in names)], name


@pytest.mark.parametrize("folder", AIRFRAMES, ids=lambda folder: folder.name)
def test_every_file_has_a_value_for_each_safety_parameter(folder: Path) -> None:
    """Who acts on a breach, a lost link, an empty battery, on the way home, how fast, and what must hold to arm."""
    needed = {
        "GF_ACTION", "GF_SOURCE", "GF_MAX_HOR_DIST", "NAV_DLL_ACT", "COM_DL_LOSS_T", "COM_FAIL_ACT_T",
        "COM_LOW_BAT_ACT", "BAT_LOW_THR", "BAT_CRIT_THR", "BAT_EMERGEN_THR", "RTL_TYPE", "RTL_RETURN_ALT",
        "RTL_CONE_ANG",
        "RTL_DESCEND_ALT", "RTL_LAND_DELAY", "MPC_XY_CRUISE", "MPC_XY_VEL_MAX", "MPC_Z_VEL_MAX_UP", "MPC_Z_VEL_MAX_DN",
        "MPC_Z_V_AUTO_UP", "MPC_Z_V_AUTO_DN", "MPC_TKO_SPEED", "MPC_LAND_SPEED", "COM_OBL_RC_ACT", "COM_ARM_WO_GPS",
        "COM_ARM_MIS_REQ", "COM_ARM_AUTH_REQ", "MAV_PROTO_VER", "MAV_HASH_CHK_EN",
    }  # fmt: skip
    assert needed <= {parameter.name for parameter in load_parameters(folder).parameters}


LINK_LOSS = Parameter("NAV_DLL_ACT", 2, "", "Return.", "on link loss it would not come home.")
RETURN = Parameter("RTL_RETURN_ALT", 45.0, "m", "The height of the way home.")
FILE = ParameterFile("x500", (LINK_LOSS, RETURN))


@pytest.mark.parametrize(
    ("on_aircraft", "sentences"),
    [
        ({"NAV_DLL_ACT": 2, "RTL_RETURN_ALT": 45.0000001}, []),
        (
            {"NAV_DLL_ACT": 0, "RTL_RETURN_ALT": 45.0},
            [
                "NAV_DLL_ACT is 0 on the aircraft, 2 in x500: on link loss it would not come home. "
                "Set it with `param set NAV_DLL_ACT 2` or in the ground station."
            ],
        ),
        (
            {"NAV_DLL_ACT": 2, "RTL_RETURN_ALT": 30.0},
            [
                "RTL_RETURN_ALT is 30 on the aircraft, 45 m in x500: The height of the way home. "
                "Set it with `param set RTL_RETURN_ALT 45` or in the ground station."
            ],
        ),
        (
            {"RTL_RETURN_ALT": 45.0},
            ["NAV_DLL_ACT is unknown to the aircraft; x500 needs it at 2. Check its firmware."],
        ),
    ],
)
def test_differences_in_words(on_aircraft: dict[str, int | float], sentences: list[str]) -> None:
    assert [difference.sentence for difference in compare(FILE, on_aircraft)] == sentences


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no parameter"),
        ("[A\n", "is not TOML"),
        ("A = 1\n", "A must be a table"),
        ("[A]\nvalue = true\nunit = ''\nreason = 'r'\n", "needs a value that is a number"),
        ("[A]\nvalue = nan\nunit = ''\nreason = 'r'\n", "needs a value that is a number"),
        ("[A]\nvalue = 1\nreason = 'r'\n", "needs a unit"),
        ("[A]\nvalue = 1\nunit = ''\nreason = ' '\n", "and a reason"),
        ("[A2345678901234567]\nvalue = 1\nunit = ''\nreason = 'r'\n", "longer than the 16 characters"),
        ("[A]\nvalue = 1\nunit = ''\nreason = 'r'\nreboot = 1\n", "reboot is true or false"),
        ("A = 1\n[B]\nvalue = 'x'\nunit = ''\nreason = 'r'\n", "A must be a table.*; .B. needs a value"),
    ],
)
def test_a_file_with_faults_names_them_all(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "parameters.toml").write_text(text)
    with pytest.raises(FirmwareError, match=why):
        load_parameters(tmp_path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match="cannot be read"):
        load_airframe(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "cruise_mps = 0", "reserve_fraction = 1.5", "climb_mps = 'fast'", "base_w = -1", "cells = nan",
        "full_cell_v = 3.0", "autopilot = 'other'",
    ],
)  # fmt: skip
def test_an_airframe_that_cannot_be(tmp_path: Path, line: str) -> None:
    good = (CONFIGS / "x500_sitl" / "airframe.toml").read_text().splitlines()
    name = line.split(" ")[0]
    (tmp_path / "airframe.toml").write_text("\n".join(line if row.startswith(name) else row for row in good))
    with pytest.raises(FirmwareError, match=name):
        load_airframe(tmp_path)

"""The airframes' files, and what is said about an aircraft that differs."""

from pathlib import Path

import pytest

from dfr.fleet.firmware import FirmwareError, Parameter, ParameterFile, compare, load_airframe, load_parameters

CONFIGS = Path(__file__).parents[3] / "firmware_configs"
AIRFRAMES = sorted(path.parent for path in CONFIGS.glob("*/airframe.toml"))


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


@pytest.mark.parametrize("line", ["cruise_mps = 0", "reserve_fraction = 1.5", "climb_mps = 'fast'"])
def test_an_airframe_that_cannot_be(tmp_path: Path, line: str) -> None:
    good = (CONFIGS / "x500_sitl" / "airframe.toml").read_text().splitlines()
    name = line.split(" ")[0]
    (tmp_path / "airframe.toml").write_text("\n".join([row for row in good if not row.startswith(name)] + [line]))
    with pytest.raises(FirmwareError, match=name):
        load_airframe(tmp_path)

"""How an airframe comes to rest: what its file says, what its parameters allow, what was flown."""

from pathlib import Path

import pytest

from dfr.core.stopping import Stopping
from dfr.fleet.firmware import FirmwareError, load_airframe, load_parameters

CONFIGS = Path(__file__).parents[3] / "firmware_configs"
FOLDERS = sorted(path.parent for path in CONFIGS.glob("*/airframe.toml"))
SITL = load_airframe(CONFIGS / "x500_sitl")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_airframe_promises_to_stop_harder_than_its_parameters_let_it(folder: Path) -> None:
    airframe = load_airframe(folder)
    values = {parameter.name: parameter.value for parameter in load_parameters(folder).parameters}
    assert airframe.stopping.deceleration_mps2 < values.get("MPC_ACC_HOR", float("inf"))
    assert airframe.asked_mps <= airframe.stopping.fastest_mps
    assert airframe.stopping.fastest_mps == values.get("MPC_XY_VEL_MAX", airframe.stopping.fastest_mps)


@pytest.mark.parametrize(("speed_mps", "way_m"), [(9.78, 31.54), (8.29, 17.64), (7.92, 17.73), (4.91, 8.72)])
def test_the_stops_that_px4_flew_are_shorter(speed_mps: float, way_m: float) -> None:
    """Told to hold on the way to a place (x500_sitl on PX4's SIH; metres from the order to rest)."""
    assert way_m <= SITL.stopping.way_m(speed_mps)


@pytest.mark.parametrize(
    ("speed_mps", "over_m"),
    [(9.8, 33.58), (9.8, 31.96), (8.0, 17.58), (5.0, 7.84), (9.84, 24.68), (9.68, 23.16), (7.87, 18.48), (4.94, 8.26)],
)
def test_the_breaches_that_px4_flew_are_shorter(speed_mps: float, over_m: float) -> None:
    """Beyond its own fence, GF_ACTION 2: on the way to a place, and out of OFFBOARD."""
    assert over_m <= SITL.stopping.overshoot_m(speed_mps)
    assert over_m <= SITL.stopping.fence_overshoot_m


def test_the_farthest_beyond_the_fence_is_at_the_fastest() -> None:
    assert SITL.stopping.fence_overshoot_m == pytest.approx(12.0 * (0.3 + 0.8) + 12.0**2 / (2 * 2.0))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("reaction_s = 0.8", r"deceleration_mps2 must be a number above 0; .* \[stopping\] fastest_mps must be"),
        ("deceleration_mps2 = 0.0", r"\[stopping\] deceleration_mps2 must be a number above 0"),
        ("fence_delay_s = true", r"\[stopping\] fence_delay_s must be a number above 0"),
    ],
)
def test_a_table_with_faults_is_refused(tmp_path: Path, table: str, why: str) -> None:
    (tmp_path / "airframe.toml").write_text(_with(f"[stopping]\n{table}"), encoding="utf-8")
    with pytest.raises(FirmwareError, match=why):
        load_airframe(tmp_path)


def test_an_airframe_that_says_nothing_is_reckoned_at_the_fastest_that_legs_are_ordered_with(tmp_path: Path) -> None:
    (tmp_path / "airframe.toml").write_text(_with(""), encoding="utf-8")
    assert load_airframe(tmp_path).stopping == Stopping(fastest_mps=12.0)


def _with(table: str) -> str:
    """x500_sitl's file with another [stopping]."""
    head, rest = (CONFIGS / "x500_sitl" / "airframe.toml").read_text(encoding="utf-8").split("[stopping]")
    return f"{head}{table}\n{rest[rest.index('[limits]') :]}"

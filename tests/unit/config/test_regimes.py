"""Regimes as files: each that comes with the service is read, each number has its rule, and a site names its own."""

import shutil
import tomllib
from pathlib import Path

import pytest

from dfr.config import ConfigError
from dfr.core.geo import Agl
from dfr.core.regime import ControlledAirspace, NearStructure, Regime
from dfr.regime_files import SHIPPED, RegimeError, load_regime, shipped_regimes
from dfr.site import load_site
from tests.unit.config.conftest import Spoil

FT, SM, KT = 0.3048, 1609.344, 1852.0 / 3600.0
TABLES = {
    "greatest_height", "near_structure", "greatest_speed", "least_visibility", "least_below_cloud", "night", "light",
    "traffic_sensor", "most_aircraft_a_pilot", "remote_id", "controlled_airspace", "farthest_from_pilot", "tether",
}  # fmt: skip


def shipped(regime_id: str) -> Regime:
    return load_regime(regime_id, SHIPPED)


def test_these_come_with_the_service() -> None:
    assert shipped_regimes() == (
        "eu_specific",
        "part_107",
        "part_91_tactical_bvlos",
        "part_91_waiver_400ft",
        "part_91_waiver_shielded_200ft",
        "tethered_44806c",
    )


@pytest.mark.parametrize("regime_id", shipped_regimes())
def test_each_names_its_source_and_the_rule_of_each_number(regime_id: str) -> None:
    regime = shipped(regime_id)
    content = tomllib.loads((SHIPPED / f"{regime_id}.toml").read_text())
    tables = {name for name, value in content.items() if isinstance(value, dict)}
    assert tables <= TABLES
    assert set(regime.rules) == tables
    assert all(regime.rules.values())
    assert regime.source
    assert regime.id == regime_id
    assert regime.limits.greatest_height is not None
    assert len(regime.words) >= 3


def test_part_107_in_numbers() -> None:
    limits = shipped("part_107").limits
    assert limits.greatest_height == Agl(pytest.approx(400 * FT))
    assert limits.near_structure == NearStructure(pytest.approx(400 * FT), pytest.approx(400 * FT))
    assert limits.greatest_speed_mps == pytest.approx(87 * KT)
    assert limits.least_visibility_m == pytest.approx(3 * SM)
    assert limits.least_below_cloud_m == pytest.approx(500 * FT)
    assert limits.light_visible_m == pytest.approx(3 * SM)
    assert (limits.night_allowed, limits.remote_id_required, limits.traffic_sensor_required) == (True, True, False)
    assert limits.most_aircraft_a_pilot == 1
    assert limits.controlled_airspace is ControlledAirspace.AUTHORISED


def test_the_others_in_what_tells_them_apart() -> None:
    shielded, city = shipped("part_91_waiver_shielded_200ft").limits, shipped("part_91_waiver_400ft").limits
    assert (shielded.greatest_height, city.greatest_height) == (Agl(pytest.approx(60.96)), Agl(pytest.approx(121.92)))
    assert shielded.near_structure == NearStructure(pytest.approx(15.24), pytest.approx(15.24))
    assert city.near_structure is None
    assert shielded.traffic_sensor_required
    assert city.traffic_sensor_required
    assert shielded.most_aircraft_a_pilot == city.most_aircraft_a_pilot == 4
    tactical = shipped("part_91_tactical_bvlos").limits
    assert tactical.farthest_from_pilot_m == pytest.approx(1500 * FT)
    assert tactical.near_structure == NearStructure(pytest.approx(15.24), pytest.approx(15.24))
    tethered = shipped("tethered_44806c").limits
    assert (tethered.tether_required, tethered.greatest_height) == (True, Agl(pytest.approx(45.72)))
    assert shipped("eu_specific").limits.greatest_height == Agl(120.0)


OWN = """
name = "Our waiver"
source = "2026-P107-ESA-00000"
[greatest_height]
value = 300.0
unit = "ft"
rule = "paragraph 4"
"""


NEAR = OWN.replace("greatest_height", "near_structure").replace("value", "above = 1.0\nwithin")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace('unit = "ft"', 'unit = "yards"'), "greatest_height.unit"),
        (OWN.replace("value = 300.0", "value = -3.0"), "greatest_height.value"),
        (OWN.replace('rule = "paragraph 4"', 'rule = ""'), "greatest_height.rule"),
        (OWN.replace("greatest_height", "highest"), "highest"),
        (OWN.replace('source = "2026-P107-ESA-00000"', ""), "source"),
        (NEAR, "without greatest_height"),
        ("name =", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RegimeError, match=said) as raised:
        load_regime("ours.toml", tmp_path)
    assert "ours.toml" in str(raised.value)


def with_regimes(spoil: Spoil, names: str, more: str = "") -> Path:
    return spoil("# A small site.", f"[regimes]\nmay_use = [{names}]\n{more}")


def test_a_site_names_what_it_may_fly_under_the_first_by_default(spoil: Spoil) -> None:
    site = with_regimes(spoil, '"part_107", "ours.toml"', 'pilots_on_duty = 2\nairspace_authorisation = "A-1"\n')
    (site / "ours.toml").write_text(OWN, encoding="utf-8")
    spoil("priorities = [1]", 'priorities = [1]\nregime = "ours"', "policy.toml")
    loaded = load_site(site).site
    assert [regime.id for regime in loaded.regimes.may_use] == ["part_107", "ours"]
    assert loaded.regimes.default.id == "part_107"
    assert (loaded.regimes.pilots_on_duty, loaded.regimes.authorisation) == (2, "A-1")
    assert [rule.regime for rule in loaded.rules] == ["ours", ""]
    assert loaded.regimes.named("ours") is loaded.regimes.may_use[1]
    assert loaded.regimes.named("part_91_waiver_400ft") is None


def test_a_site_that_names_none_has_none(site: Path) -> None:
    assert load_site(site).site.regimes.default.name == "no regime declared"


def test_faults_of_the_site(spoil: Spoil) -> None:
    site = with_regimes(spoil, '"part_108"')
    with pytest.raises(ConfigError, match=r"dfr.toml, line 2.*no regime 'part_108'.*part_107"):
        load_site(site)


def test_a_rule_with_a_regime_that_the_site_may_not_use(spoil: Spoil) -> None:
    site = with_regimes(spoil, '"part_107"')
    spoil("priorities = [1]", 'priorities = [1]\nregime = "eu_specific"', "policy.toml")
    with pytest.raises(ConfigError, match=r"policy.toml: the rule 'urgent' names the regime 'eu_specific'"):
        load_site(site)


def test_they_are_part_of_the_package(tmp_path: Path) -> None:
    """A site's own file begins as a copy of one of them."""
    shutil.copy(SHIPPED / "eu_specific.toml", tmp_path / "ours.toml")
    assert load_regime("ours.toml", tmp_path).limits == shipped("eu_specific").limits

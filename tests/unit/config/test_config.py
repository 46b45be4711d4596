"""A site's files: what is right is read, and everything that is wrong is named at once, with its line."""

import json
from pathlib import Path

import pytest

from dfr.config import ConfigError, read_config, read_policy
from dfr.dispatch.policy import PolicyAction
from dfr.site import load_site
from tests.unit.config.conftest import POLICY, TOML, Spoil, line_with


def faults_of(site: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_site(site)
    assert caught.value.faults
    return caught.value.faults


def one_fault(site: Path) -> str:
    (fault,) = faults_of(site)
    return fault


def test_a_site_without_a_fault_is_read(site: Path) -> None:
    loaded = load_site(site)
    assert list(loaded.site.assets) == ["sky-1", "sky-2"]
    assert loaded.site.assets["sky-2"].dock.name == "Two"
    assert [rule.action for rule in loaded.site.rules] == [PolicyAction.AUTO, PolicyAction.NEVER]
    assert loaded.site.rules[1].types == {"NOISE"}
    assert {zone.id for zone in loaded.zones} == {"area", "helipad", "school"}
    assert loaded.config.server.port == 8080
    assert loaded.config.state_directory == site / "state"
    assert load_site(site / "dfr.toml").config == loaded.config


def test_every_setting_of_the_flight_section_is_used(spoil: Spoil) -> None:
    values = {
        "stand_off_m": 71.0, "height_agl_m": 72.0, "minimum_height_agl_m": 33.0, "return_height_m": 44.0,
        "fence_height_m": 75.0, "orbit_radius_m": 66.0, "orbit_speed_mps": 7.0, "most_in_the_air": 2,
    }  # fmt: skip
    text = "\n".join(f"{name} = {value}" for name, value in values.items())
    settings = load_site(spoil("[[feeds]]", f"[flight]\n{text}\n[[feeds]]")).site.settings
    used = (
        settings.stand_off_m, settings.height.m, settings.minimum_height.m, settings.return_height.m,
        settings.fence_height.m, settings.orbit_radius_m, settings.orbit_speed_mps, settings.most_in_the_air,
    )  # fmt: skip
    assert used == tuple(values.values())


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ('name = "Smallville"', 'nmae = "Smallville"', "nmae", "nobody knows"),
        ('name = "Smallville"\n', "", "[site]", "is missing"),
        ('name = "Smallville"', "name = 7", "name = 7", "site.name is wrong"),
        ('name = "Smallville"', 'name = "x"\ntime_zone = "Mars/North"', "time_zone", "IANA"),
        ("origin_latitude_deg = 32.22", "origin_latitude_deg = 132.22", "132.22", "less than or equal to 90"),
        ("origin_latitude_deg = 32.22", "origin_latitude_deg = nan", "= nan", "site.origin_latitude_deg"),
        ("altitude_amsl_m = 705.0", "altitude_amsl_m = nan", "= nan", "docks.0.altitude_amsl_m"),
        ("altitude_amsl_m = 705.0", "altitude_amsl_m = inf", "= inf", "docks.0.altitude_amsl_m"),
        ('ground = "ground.csv"', 'ground = "ground.csv"\nmargin_m = inf', "= inf", "airspace.margin_m"),
        ('ground = "ground.csv"', 'ground = "ground.csv"\nmargin_m = -1.0', "= -1.0", "greater than 0"),
        ('ground = "ground.csv"', 'ground = "ground.csv"\nmargin_m = 49.0', "= 49.0", "Set margin_m to 50 or more"),
        ('reader = "zones"', 'reader = "zonez"', "zonez", "airspace.files.0.reader"),
        ("system_id = 12", "system_id = 0", "system_id = 0", "assets.1.system_id"),
        ("system_id = 12", "system_id = 255", "= 255", "assets.1.system_id"),
        ('link = "udpin://127.0.0.1:14542"', 'link = "14542"', '"14542"', "assets.1.link"),
        ('id = "sky-2"', 'id = "Sky 2"', '"Sky 2"', "assets.1.id"),
        ("lowest = 0\n", "", "[[feeds]]", "feeds.0.lowest is missing"),
        ("lowest = 0", "lowest = 10", "[[feeds]]", "highest and lowest are the same"),
        ("lowest = 0", 'lowest = 0\ntime_zone = "Mars"', 'time_zone = "Mars"', "IANA"),
        ('dock = "two"', 'dock = "three"', '"three"', "there is no dock 'three'"),
        ('dock = "two"', 'dock = "one"', ('dock = "one"', 2), "sky-1 already lives on one"),
        ("system_id = 12", "system_id = 11", ("system_id = 11", 2), "sky-1 already has system id 11"),
        ('id = "sky-2"', 'id = "sky-1"', ('id = "sky-1"', 2), "another 'sky-1'"),
        ('id = "two"\nname', 'id = "one"\nname', ('id = "one"', 2), "another 'one'"),
    ],
)
def test_each_fault_is_named_with_its_line(
    spoil: Spoil, old: str, new: str, where: str | tuple[str, int], words: str
) -> None:
    site = spoil(old, new)
    number = line_with(
        (site / "dfr.toml").read_text(encoding="utf-8"), *((where,) if isinstance(where, str) else where)
    )
    found = [fault for fault in faults_of(site) if words in fault]
    assert found, faults_of(site)
    assert f"dfr.toml, line {number}:" in found[0]


def test_several_faults_are_told_at_once(spoil: Spoil) -> None:
    spoil('name = "Smallville"', 'nmae = "Smallville"')
    spoil("system_id = 12", "system_id = 999")
    faults = faults_of(spoil("lowest = 0", 'lowest = "low"'))
    assert len(faults) == 4
    assert [word in "\n".join(faults) for word in ("site.nmae", "site.name", "assets.1.system_id", "feeds.0.lowest")]


def test_names_that_do_not_fit_together_are_told_at_once(spoil: Spoil) -> None:
    spoil('dock = "two"', 'dock = "three"')
    spoil("system_id = 12", "system_id = 11")
    assert len(faults_of(spoil("lowest = 0", "lowest = 10"))) == 3


def test_the_faults_of_all_files_are_listed_together(spoil: Spoil) -> None:
    site = spoil('action = "auto"', 'action = "perhaps"', "policy.toml")
    content = json.loads((site / "zones.geojson").read_text())
    content["features"][1]["properties"]["kind"] = "no_fry"
    content["features"][2]["properties"].pop("name")
    spoil("700.0,spot", "high,spot", "ground.csv")
    (site / "zones.geojson").write_text(json.dumps(content), encoding="utf-8")
    spoil('airframe = "x500_sitl"', 'airframe = "x5000"')
    text = "\n".join(faults_of(site))
    assert "policy.toml, line 3: rules.0.action" in text
    assert "ground.csv, line 2" in text
    assert "there is no airframe 'x5000'" in text
    assert "no_fry" in text
    assert text.count("zones.geojson") >= 2


def test_a_dock_from_which_nothing_may_start_is_a_fault_of_the_site(spoil: Spoil) -> None:
    site = spoil('name = "Two"\nlatitude_deg = 32.2127', 'name = "Two"\nlatitude_deg = 33.2127')
    number = line_with((site / "dfr.toml").read_text(encoding="utf-8"), "[[docks]]", 2)
    assert f"dfr.toml, line {number}: nothing can start from the dock Two" in one_fault(site)


def rally(latitude_deg: float, altitude_m: float) -> str:
    return (
        f'[[rally_points]]\nid = "park"\nname = "The park"\nlatitude_deg = {latitude_deg}\n'
        f"longitude_deg = -110.93\naltitude_amsl_m = {altitude_m}\n\n[[assets]]"
    )


def test_rally_points_are_read_and_judged(spoil: Spoil) -> None:
    (park,) = load_site(spoil("[[assets]]", rally(32.22, 700.0))).site.rally_points
    assert (park.id, park.name, park.altitude.m) == ("park", "The park", 700.0)


def test_a_rally_point_that_may_not_be_flown_to_or_is_underground_is_a_fault(spoil: Spoil) -> None:
    site = spoil("[[assets]]", rally(33.22, 100.0))
    number = line_with((site / "dfr.toml").read_text(encoding="utf-8"), "[[rally_points]]")
    outside, below = faults_of(site)
    assert f"dfr.toml, line {number}: The rally point The park is" in outside
    assert f"dfr.toml, line {number + 5}: 100 m is 600 m below the ground" in below


def test_an_airspace_that_cannot_be_judged_is_a_fault(site: Path) -> None:
    content = json.loads((site / "zones.geojson").read_text())
    content["features"] = content["features"][1:]
    (site / "zones.geojson").write_text(json.dumps(content), encoding="utf-8")
    assert "no operating area" in one_fault(site)


@pytest.mark.parametrize("file", ["policy.toml", "zones.geojson", "ground.csv"])
def test_a_file_that_is_not_there_is_named(site: Path, file: str) -> None:
    (site / file).unlink()
    assert any(file in fault for fault in faults_of(site))


@pytest.mark.parametrize("content", ["{", '{"type": "Feature"}', "\xff"])
def test_a_base_map_that_is_none_is_named(spoil: Spoil, content: str) -> None:
    site = spoil("[[feeds]]", '[map]\nbasemap = "base.geojson"\n[[feeds]]')
    (site / "base.geojson").write_bytes(content.encode("latin-1"))
    assert "base.geojson" in one_fault(site)


def test_a_site_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"dfr\.toml cannot be read"):
        read_config(tmp_path / "dfr.toml")


def test_what_is_not_toml_is_said_with_its_line(spoil: Spoil) -> None:
    assert "this is not TOML" in one_fault(spoil('name = "Smallville"', "name = Smallville"))
    assert "line 3" in one_fault(Path(spoil("[[feeds]]", "[[feeds]]")))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('action = "never"', 'action = "newer"', 8, "rules.1.action"),
        ("priorities = [1]", "priorities = [6]", 4, "rules.0.priorities.0"),
        ("priorities = [1]", "priorities = [0]", 4, "rules.0.priorities.0"),
        ("priorities = [1]", "priority = [1]", 4, "nobody knows"),
        ('name = "noise"', 'name = "urgent"', 7, "another rule named 'urgent'"),
        ('name = "noise"\n', "", 6, "rules.1.name is missing"),
    ],
)
def test_faults_of_the_policy_have_their_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_policy(path)
    (fault,) = caught.value.faults
    assert words in fault
    assert f"policy.toml, line {line}:" in fault


def test_the_text_of_these_tests_is_itself_without_a_fault(tmp_path: Path) -> None:
    (tmp_path / "dfr.toml").write_text(TOML, encoding="utf-8")
    assert read_config(tmp_path).site.name == "Smallville"

"""The command `dfr zones`: what people see, how it ends, and what it leaves behind."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dfr.airspace.readers import ZoneFile, read_zones
from dfr.cli import app, main
from dfr.config import ConfigError, read_config
from dfr.site import load_site
from dfr.zone_import import import_zones, with_table
from tests.unit.airspace.readers.files import DATA
from tests.unit.dispatch.small import place

runner = CliRunner()


def run(*arguments: str | Path) -> Result:
    return runner.invoke(app, ["zones", *map(str, arguments)])


def square(east_m: float, north_m: float, side_m: float = 100.0) -> list[list[float]]:
    corners = [(0, 0), (side_m, 0), (side_m, side_m), (0, side_m), (0, 0)]
    places = [place(east_m + east, north_m + north) for east, north in corners]
    return [[one.longitude_deg, one.latitude_deg] for one in places]


def write(file: Path, ring: list[list[float]], **properties: Any) -> Path:
    feature = {
        "type": "Feature",
        "properties": {"id": "pond", "name": "The pond", "kind": "no_fly"} | properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return file


def state_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_check_says_what_is_in_a_file(tmp_path: Path) -> None:
    result = run("check", DATA / "Example_Collection.json")
    assert result.exit_code == 0
    assert "(ed318): 3 zones (3 no_fly) from 48.98" in result.output
    assert run("check", DATA / "faa_class_2014.geojson").output.count("(faa_class): 6 zones (4 caution, 2 no_fly)") == 1
    unnamed = write(tmp_path / "a.geojson", square(500, 500), kind="")
    assert run("check", unnamed).exit_code == 2
    assert "1 privacy" in run("check", unnamed, "--kind", "privacy").output


def test_check_names_every_fault_and_ends_with_2(tmp_path: Path) -> None:
    result = run("check", DATA / "InvalidExample_GeoZone_2_Layers.json")
    assert result.exit_code == 2
    assert "validFrom is wrong" in result.stderr
    assert "feature 0 (LFPG-2): its type is 'REQ_AUTHORISATION'" in result.stderr
    assert "cannot be read" in run("check", tmp_path / "none.geojson").stderr
    assert "known are zones, kml" in run("check", DATA / "Example_Collection.json", "--reader", "word").stderr


def test_diff_tells_added_removed_and_changed(tmp_path: Path) -> None:
    old = write(tmp_path / "old.geojson", square(500, 500))
    assert run("diff", old, old).output == "The zones are the same.\n"
    assert run("diff", old, old).exit_code == 0
    lower = write(tmp_path / "new.geojson", square(500, 500, 110), bottom_m=30, bottom_datum="agl", note="lower")
    result = run("diff", old, lower)
    assert result.exit_code == 1
    assert (
        "~ pond (The pond): bottom none -> 30 m above ground, note none -> lower, shape (17.4 % of its area)"
        in result.output
    )
    other = run("diff", old, write(tmp_path / "other.geojson", square(500, 500), id="lake", name="The lake"))
    assert other.output == "+ lake (The lake, no_fly)\n- pond (The pond, no_fly)\n"


def test_list_shows_each_zone_and_whether_it_is_in_force(site: Path) -> None:
    times = {"ranges": [{"end": "2001-01-01T00:00:00Z"}]}
    write(site / "pond.geojson", square(500, 500), times=times, bottom_ft=100, bottom_datum="agl", source="the city")
    config = site / "dfr.toml"
    config.write_text(with_table(config.read_text(), '[[airspace.files]]\nfile = "pond.geojson"\nreader = "zones"\n'))
    lines = run("list", "--site", site).output.splitlines()
    assert len(lines) == 5
    (pond,) = (line for line in lines if line.startswith("pond "))
    assert "The pond" in pond
    assert "from 30 m above ground" in pond
    assert pond.endswith("-         the city")
    assert "in force" in next(line for line in lines if "operating_area" in line)


def test_import_prints_the_lines_or_adds_them(site: Path, tmp_path: Path) -> None:
    before = state_of(site)
    source = write(tmp_path / "pond.json", square(500, 500), colour="blue")
    result = run("import", source, "--as", "pond", "--site", site)
    assert result.exit_code == 0, result.output
    assert '[[airspace.files]]\nfile = "pond.geojson"\nreader = "zones"' in result.output
    assert {name: content for name, content in state_of(site).items() if name != "pond.geojson"} == before
    (site / "state").mkdir()
    result = run("import", source, "--as", "pond", "--site", site, "--add")
    assert result.exit_code == 0, result.output
    assert (site / "state" / "zones_reload").exists()
    assert "pond" in {zone.id for zone in load_site(site).zones}
    assert read_config(site).airspace.files[-1].file == "pond.geojson"
    wider = write(tmp_path / "pond.json", square(500, 500, 200))
    assert run("import", wider, "--as", "pond", "--site", site).exit_code == 0
    assert len(read_config(site).airspace.files) == 2
    (pond,) = read_zones(ZoneFile("pond", (site / "pond.geojson").read_bytes()))
    assert pond.shape.bounds[2] == pytest.approx(square(500, 500, 200)[1][0])


@pytest.mark.parametrize(
    ("ring", "properties", "said"),
    [
        (square(500, 500), {"kind": "nofly"}, "kind 'nofly'"),
        (square(500, 500), {"id": "area"}, "more than one file"),
        (square(-50, -50), {}, "nothing can start from the dock"),
        ([[y, x] for x, y in square(500, 500)], {}, "swapped"),
        (square(500, 500), {"top_m": 50, "top_datum": "ellipsoid"}, "geoid_height_m"),
    ],
)
def test_what_the_site_could_not_fly_with_changes_nothing(
    site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ring: list[list[float]],
    properties: dict[str, Any],
    said: str,
) -> None:
    if properties.get("id") == "area":
        properties = {"id": load_site(site).zones[0].id}
    before = state_of(site)
    source = write(tmp_path / "pond.json", ring, **properties)
    monkeypatch.setattr(
        sys, "argv", ["dfr", "zones", "import", str(source), "--as", "pond", "--site", str(site), "--add"]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert ".new" not in errors
    assert state_of(site) == before


def test_the_faas_files_stay_as_they_are(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "dfr.toml").write_text(
        "[site]\nname = 'T'\norigin_latitude_deg = 32.2\norigin_longitude_deg = -110.9\n"
        "[airspace]\nground = ['g']\n[[airspace.files]]\nfile = 'a'\nreader = 'zones'\n"
        "[[docks]]\nid = 'd'\nname = 'D'\nlatitude_deg = 32.2\nlongitude_deg = -110.9\naltitude_amsl_m = 700.0\n"
        "[[assets]]\nid = 's'\nname = 'S'\ndock = 'd'\nsystem_id = 1\nairframe = 'x500_sitl'\nlink = 'udpin://127.0.0.1:1'\n"
    )
    done = import_zones(DATA / "faa_class_2014.geojson", "class", site, lambda trial: None)
    assert done.file.read_bytes() == (DATA / "faa_class_2014.geojson").read_bytes()
    assert 'reader = "faa_class"' in done.lines
    assert len(done.zones) == 5
    with pytest.raises(ConfigError, match="small letters"):
        import_zones(DATA / "faa_class_2014.geojson", "../class", site, lambda trial: None)


def test_reload_asks_only_with_good_zones(site: Path, tmp_path: Path) -> None:
    assert run("reload", "--site", site, "--state", tmp_path / "state").exit_code == 0
    assert (tmp_path / "state" / "zones_reload").exists()
    shutil.rmtree(tmp_path / "state")
    write(site / "zones.geojson", square(0, 0), kind="nofly")
    assert isinstance(run("reload", "--site", site, "--state", tmp_path / "state").exception, ConfigError)
    assert not (tmp_path / "state").exists()


def test_a_table_goes_behind_the_last_one() -> None:
    added = '[[airspace.files]]\nfile = "b"\nreader = "zones"\n'
    text = '[airspace]\n[[airspace.files]]\nfile = "a"\nreader = "zones"\n\n[flight]\nx = 1\n'
    assert with_table(text, added) == text.replace("\n[flight]", f"\n{added}\n[flight]")
    assert with_table("[airspace]\n", added) == f"[airspace]\n\n{added}"
    ends = '[airspace]\n[[airspace.files]]\nfile = "a"\nreader = "zones"'
    assert with_table(ends, added) == f"{ends}\n\n{added}"

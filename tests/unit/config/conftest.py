"""A small site on disk that a test spoils."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.dispatch.small import AREA, HELIPAD, ORIGIN, SCHOOL, place

TOML = f"""\
# A small site.
[site]
name = "Smallville"
origin_latitude_deg = {ORIGIN.latitude_deg}
origin_longitude_deg = {ORIGIN.longitude_deg}

[airspace]
ground = "ground.csv"

[[airspace.files]]
file = "zones.geojson"
reader = "zones"

[[feeds]]
id = "cad"
kind = "eido"
highest = 10
lowest = 0

[[docks]]
id = "one"
name = "One"
latitude_deg = {ORIGIN.latitude_deg}
longitude_deg = {ORIGIN.longitude_deg}
altitude_amsl_m = 705.0

[[docks]]
id = "two"
name = "Two"
latitude_deg = {place(-1000.0, -800.0).latitude_deg}
longitude_deg = {place(-1000.0, -800.0).longitude_deg}
altitude_amsl_m = 705.0

[[assets]]
id = "sky-1"
name = "SKY-1"
dock = "one"
system_id = 11
airframe = "x500_sitl"
link = "udpin://127.0.0.1:14541"

[[assets]]
id = "sky-2"
name = "SKY-2"
dock = "two"
system_id = 12
airframe = "x500_sitl"
link = "udpin://127.0.0.1:14542"
"""

POLICY = """\
[[rules]]
name = "urgent"
action = "auto"
priorities = [1]

[[rules]]
name = "noise"
action = "never"
types = ["NOISE"]
"""

Spoil = Callable[..., Path]


def zones() -> dict[str, object]:
    features = [
        {
            "type": "Feature",
            "properties": {"id": zone.id, "name": zone.name, "kind": zone.kind.value},
            "geometry": zone.shape.__geo_interface__,
        }
        for zone in (AREA, HELIPAD, SCHOOL)
    ]
    return {"type": "FeatureCollection", "features": features}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site without a fault."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "dfr.toml").write_text(TOML, encoding="utf-8")
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    (folder / "zones.geojson").write_text(json.dumps(zones()), encoding="utf-8")
    places = [place(east, north) for east in (-2500.0, 0.0, 2500.0) for north in (-2500.0, 0.0, 2500.0)]
    rows = [f"{spot.latitude_deg},{spot.longitude_deg},700.0,spot" for spot in places]
    (folder / "ground.csv").write_text("\n".join(["latitude_deg,longitude_deg,altitude_amsl_m,name", *rows]) + "\n")
    return folder


@pytest.fixture
def spoil(site: Path) -> Spoil:
    """Replace text in one of the site's files; the site."""

    def replace(old: str, new: str, file: str = "dfr.toml", count: int = 1) -> Path:
        path = site / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, count), encoding="utf-8")
        return site

    return replace


def line_with(text: str, words: str, nth: int = 1) -> int:
    """The number of the nth line that contains these words."""
    return [number for number, line in enumerate(text.splitlines(), 1) if words in line][nth - 1]

"""A site with many aircraft, made up: a flat square with a dock for each, to see what a service carries."""

import json
import math
import re
import shutil
from pathlib import Path

from tests.support.world import TUCSON

ORIGIN_DEG = (32.2260, -110.9200)
GROUND_AMSL_M = 740.0
SPACING_M = 700.0
_DEG_NORTH_M = 110_900.0
_DEG_EAST_M = 94_300.0


def large_site(folder: Path, assets: int, first_port: int) -> Path:
    """`assets` aircraft, system ids from 1, each on a dock and a UDP port of its own (from `first_port` on).

    Docks stand `SPACING_M` apart; airframe, rules and heights are those of the Tucson site. Raises ValueError for more
    than 240, as MAVLink's system ids end at 255.
    """
    if not 1 <= assets <= 240:
        raise ValueError(f"{assets} aircraft: a site may have 1 to 240.")
    site = folder / "large"
    site.mkdir()
    side = math.ceil(math.sqrt(assets))
    half_m = (side / 2 + 2) * SPACING_M
    text = (TUCSON / "dfr.toml").read_text(encoding="utf-8")
    head = re.sub(r"(?m)^ground = .*$", 'ground = "ground.csv"', text[: text.index("[[airspace.files]]")])
    head = re.sub(r"(?m)^structures = .*$", "", head)
    flight = text[text.index("[flight]") : text.index("[[docks]]")]
    flight = re.sub(r"most_in_the_air = \d+", f"most_in_the_air = {assets}", flight)
    # Each regime allows a pilot one aircraft.
    flight = re.sub(r"pilots_on_duty = \d+", f"pilots_on_duty = {assets}", flight)
    places = [_degrees((i % side - side / 2) * SPACING_M, (i // side - side / 2) * SPACING_M) for i in range(assets)]
    tables = [_tables(i, place, first_port + i) for i, place in enumerate(places)]
    area = '[[airspace.files]]\nfile = "area.geojson"\nreader = "zones"\n\n'
    (site / "dfr.toml").write_text(head + area + flight + "".join(tables), encoding="utf-8")
    (site / "area.geojson").write_text(json.dumps(_area(half_m)), encoding="utf-8")
    (site / "ground.csv").write_text(_ground(half_m), encoding="utf-8")
    shutil.copy(TUCSON / "policy.toml", site)
    return site


def _degrees(east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude."""
    return ORIGIN_DEG[0] + north_m / _DEG_NORTH_M, ORIGIN_DEG[1] + east_m / _DEG_EAST_M


def _tables(index: int, place: tuple[float, float], port: int) -> str:
    name = f"sky-{index + 1}"
    return (
        f'\n[[docks]]\nid = "dock-{index + 1}"\nname = "Dock {index + 1}"\nlatitude_deg = {place[0]:.6f}\n'
        f"longitude_deg = {place[1]:.6f}\naltitude_amsl_m = {GROUND_AMSL_M + 5.0}\n"
        f'\n[[assets]]\nid = "{name}"\nname = "{name.upper()}"\ndock = "dock-{index + 1}"\nsystem_id = {index + 1}\n'
        f'airframe = "x500_sitl"\nlink = "udpin://127.0.0.1:{port}"\n'
    )


def _area(half_m: float) -> dict[str, object]:
    corners = [(-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m), (-half_m, -half_m)]
    ring = [[round(lon, 6), round(lat, 6)] for lat, lon in (_degrees(*corner) for corner in corners)]
    properties = {"id": "area", "name": "the square", "kind": "operating_area", "source": "made up", "note": ""}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return {"type": "FeatureCollection", "features": [feature]}


def _ground(half_m: float) -> str:
    rows = ["latitude_deg,longitude_deg,altitude_amsl_m,name"]
    for east in (-1.5, -0.5, 0.5, 1.5):
        for north in (-1.5, -0.5, 0.5, 1.5):
            latitude, longitude = _degrees(east * half_m, north * half_m)
            rows.append(f"{latitude:.6f},{longitude:.6f},{GROUND_AMSL_M},made up")
    return "\n".join(rows) + "\n"

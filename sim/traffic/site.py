"""What of a site the traffic needs: its frame, its receivers' ports, its helipads."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sim.autopilot.frames import LocalFrame

LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class TrafficSite:
    """`frame` is around the first dock, at its height; the ports are of declared receivers on this machine."""

    frame: LocalFrame
    http_ports: tuple[int, ...]
    sbs_ports: tuple[int, ...]
    geoid_height_m: float
    helipads: tuple[tuple[float, float], ...]
    """Latitude and longitude in degrees."""


def read_site(folder: Path) -> TrafficSite:
    """Raises OSError, and ValueError with a sentence."""
    content = tomllib.loads((folder / "dfr.toml").read_text(encoding="utf-8"))
    if not content.get("docks"):
        raise ValueError(f"{folder / 'dfr.toml'} declares no [[docks]]: there is no place to fly around.")
    dock = content["docks"][0]
    traffic = content.get("traffic", {})
    links = [urlsplit(receiver["url"]) for receiver in traffic.get("receivers", [])]
    here = [link for link in links if link.hostname in LOOPBACK and link.port]
    return TrafficSite(
        LocalFrame(dock["latitude_deg"], dock["longitude_deg"], dock["altitude_amsl_m"]),
        tuple(link.port for link in here if link.scheme == "http" and link.port),
        tuple(link.port for link in here if link.scheme == "sbs" and link.port),
        traffic.get("geoid_height_m", 0.0),
        tuple(place for file in content["airspace"]["files"] for place in _helipads(folder / file["file"])),
    )


def _helipads(path: Path) -> list[tuple[float, float]]:
    features = json.loads(path.read_text(encoding="utf-8")).get("features", [])
    points = [
        feature["geometry"]["coordinates"]
        for feature in features
        if str(feature.get("properties", {}).get("id", "")).startswith("helipad")
        and feature["geometry"]["type"] == "Point"
    ]
    return [(latitude_deg, longitude_deg) for longitude_deg, latitude_deg, *_ in points]

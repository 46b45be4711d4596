"""What the cameras need of a site folder: its docks, its assets and the ground."""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sim.camera.encoder import VideoFormat

DISCOVERED_PORT = 8554
"""Where a camera that the site does not name serves its video."""


class SiteError(Exception):
    """The site's dfr.toml cannot be used for cameras; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point: WGS84 degrees, m above mean sea level."""

    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """One camera: whose it is, where it waits, where its pose arrives (UDP; 0: the system picks) and what it sends."""

    asset_id: str
    name: str
    dock: Place
    path: str
    rtsp_port: int = 0
    payload_port: int = 0
    video: VideoFormat = VideoFormat()
    horizontal_view_deg: float = 66.0
    thermal: bool = False

    @property
    def focal_px(self) -> float:
        """The focal length in pixels of the picture's width."""
        return self.video.width_px / 2 / math.tan(math.radians(self.horizontal_view_deg) / 2)


def read_site(folder: Path, payload_base: int, video: VideoFormat) -> tuple[list[CameraSpec], list[Place]]:
    """The cameras of a site's assets, in the file's order, and every dock.

    Asset i hears its pose on UDP port `payload_base` + i. An asset without `video` has a camera that tells its address
    by MAVLink; one whose `video` is no RTSP URL has none here. Raises SiteError.
    """
    file = folder / "dfr.toml"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SiteError(
            f"{file} cannot be read ({error.strerror}). Give --site the folder that holds dfr.toml."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SiteError(f"{file} is not TOML: {error}. Mend that line and start again.") from error
    try:
        docks = {
            dock["id"]: Place(dock["latitude_deg"], dock["longitude_deg"], dock["altitude_amsl_m"])
            for dock in content.get("docks", [])
        }
        specs = []
        for index, asset in enumerate(content.get("assets", [])):
            url = urlsplit(asset.get("video", ""))
            if url.scheme not in ("rtsp", ""):
                continue
            name = asset.get("name", asset["id"])
            place = docks[asset["dock"]]
            path, port = url.path.strip("/") or asset["id"], (url.port or 554) if url.scheme else DISCOVERED_PORT
            specs.append(CameraSpec(asset["id"], name, place, path, port, payload_base + index, video))
    except KeyError as error:
        raise SiteError(
            f"{file}: {error} is missing, or names a dock that is not there. Add it and start again."
        ) from error
    taken = [(spec.rtsp_port, spec.path) for spec in specs]
    if len(set(taken)) < len(taken):
        raise SiteError(f"{file}: two assets have the same video URL. Give each asset its own.")
    return specs, list(docks.values())

"""Incident scenes in the picture: from the command line, or from a JSON file that is read again when it changes."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to see at a place. kind: "police" (cars with lights), "crash", "fire" (with smoke)."""

    latitude_deg: float
    longitude_deg: float
    kind: str = "police"


def parse_scene(text: str) -> Scene:
    """A scene from "LAT,LON" or "LAT,LON,KIND"; ValueError when it is none."""
    latitude, longitude, *kind = text.split(",")
    return Scene(float(latitude), float(longitude), *kind[:1])


class SceneFile:
    """The scenes of a JSON file: a list of {latitude_deg, longitude_deg, kind}. A file that is not there holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._scenes: tuple[Scene, ...] = ()

    def read(self) -> tuple[Scene, ...]:
        """The scenes now; a file that is half written or wrong leaves the ones before, with one line in the log."""
        try:
            state = self._path.stat()
        except FileNotFoundError:
            self._seen, self._scenes = None, ()
            return self._scenes
        if (state.st_mtime_ns, state.st_size) == self._seen:
            return self._scenes
        self._seen = (state.st_mtime_ns, state.st_size)
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
            self._scenes = tuple(
                Scene(float(entry["latitude_deg"]), float(entry["longitude_deg"]), str(entry.get("kind", "police")))
                for entry in entries
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s is not a list of scenes (%s); the scenes before it stay.", self._path, error)
        return self._scenes

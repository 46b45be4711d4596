"""Where on the ground each camera in the air looks, for the maps."""

from collections.abc import Mapping
from dataclasses import dataclass

from dfr.airspace.sight import Ground, sight
from dfr.core.geo import Waypoint
from dfr.core.sight import Sight
from dfr.core.telemetry import LandedState, Telemetry
from dfr.server.changes import SightSeen

WIDTH_DEG = 66.0
"""Of a lens that does not say how wide it is."""
OLDEST_S = 2.0
"""An older attitude or position gives no new sight: the one on the map grows old there, and looks it."""


@dataclass
class Sights:
    """Remembers what was told, so that each is told once."""

    ground: Ground
    ground_error_m: float

    def __post_init__(self) -> None:
        self._told: dict[str, tuple[float, float]] = {}

    def news(self, telemetry: Mapping[str, Telemetry], now_s: float) -> list[SightSeen]:
        """Of every aircraft that has moved or turned since it was last asked."""
        found: list[SightSeen] = []
        for asset_id, known in telemetry.items():
            at = _moment(known, now_s)
            if at is not None and self._told.get(asset_id) != at:
                self._told[asset_id] = at
                found.append(SightSeen(asset_id, min(at), self._sight(known)))
        return found

    def _sight(self, known: Telemetry) -> Sight:
        assert known.kinematics is not None and known.gimbal is not None  # noqa: PT018
        here = known.kinematics.value
        width_deg = (known.camera.horizontal_fov_deg if known.camera else None) or WIDTH_DEG
        height_deg = known.camera.vertical_fov_deg if known.camera else None
        eye = Waypoint(here.position, here.altitude)
        return sight(eye, known.gimbal.value.orientation, self.ground, self.ground_error_m, width_deg, height_deg)


def _moment(known: Telemetry, now_s: float) -> tuple[float, float] | None:
    """When position and gimbal were heard; None when there is nothing (new) to see."""
    down = known.landed is None or known.landed.value is LandedState.ON_GROUND
    if down or known.kinematics is None or known.gimbal is None:
        return None
    at = known.kinematics.at_s, known.gimbal.at_s
    return at if now_s - min(at) <= OLDEST_S else None

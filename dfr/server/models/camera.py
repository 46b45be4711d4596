"""What an aircraft's camera and gimbal are and can do."""

from pydantic import Field

from dfr.core.camera import GimbalControl, GimbalManager, PayloadCamera
from dfr.server.models.base import Answer


class GimbalManagerModel(Answer):
    """Who turns the camera, and how far it turns."""

    control: GimbalControl | None = Field(description="Null while it has not said.")
    controller: str = Field(description='In words; "" while unknown.')
    pitch_min_deg: float | None
    pitch_max_deg: float | None
    sentence: str = Field(description='What is wrong with it; "" when nothing is.')

    @classmethod
    def of(cls, manager: GimbalManager) -> "GimbalManagerModel":
        low, high = manager.limits.pitch_deg if manager.limits else (None, None)
        return cls(
            control=manager.control,
            controller=manager.controller,
            pitch_min_deg=low,
            pitch_max_deg=high,
            sentence=manager.sentence,
        )


class VideoOfferModel(Answer):
    """One video that the camera tells of."""

    stream_id: str = Field(description="Of the stream, when the site declares no other.")
    name: str
    thermal: bool
    running: bool
    horizontal_fov_deg: float | None
    sentence: str = Field(description='Why it cannot be used; "" when it can.')


class CameraModel(Answer):
    """A control belongs on a page only where the camera can do it."""

    name: str
    can_zoom: bool
    can_photograph: bool
    palettes: list[str] = Field(description="Empty for a camera without a palette to choose.")
    palette: str | None
    zoom_fraction: float | None = Field(description="Of the camera's range; 0 is wide.")
    magnification: float | None = Field(description="1 is wide; null while the fields of view are not known.")
    horizontal_fov_deg: float | None
    storage_left_mb: float | None
    photographs: int | None
    videos: list[VideoOfferModel]
    sentence: str = Field(description='What is wrong with it; "" when nothing is.')

    @classmethod
    def of(cls, camera: PayloadCamera) -> "CameraModel":
        return cls(
            name=camera.name,
            can_zoom=camera.can_zoom,
            can_photograph=camera.can_photograph,
            palettes=list(camera.palettes),
            palette=camera.palette,
            zoom_fraction=None if camera.zoom_percent is None else camera.zoom_percent / 100.0,
            magnification=camera.magnification,
            horizontal_fov_deg=camera.horizontal_fov_deg,
            storage_left_mb=camera.storage_left_mb,
            photographs=camera.photographs,
            videos=[
                VideoOfferModel(
                    stream_id=one.id,
                    name=one.name,
                    thermal=one.thermal,
                    running=one.running,
                    horizontal_fov_deg=one.horizontal_fov_deg,
                    sentence=one.sentence,
                )
                for one in camera.streams
            ],
            sentence=camera.sentence,
        )

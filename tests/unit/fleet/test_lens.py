"""A photograph is done when the camera has told of a new one, and only when it says that it was taken."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dfr.core.camera import PayloadCamera, Photograph
from dfr.core.command import Origin, Request, TakePhotograph
from dfr.core.telemetry import Telemetry
from dfr.fleet.mavlink.commander import Commander, OrderFailed
from dfr.fleet.mavlink.lens import photograph
from dfr.fleet.mavlink.timing import Timing

CAMERA = PayloadCamera(
    component_id=100, name="Acme", can_zoom=False, can_photograph=True, palettes=(), palette=None, zoom_percent=None,
    horizontal_fov_deg=66.0, vertical_fov_deg=None, wide_fov_deg=66.0, streams=(), photographs=0, storage_left_mb=None,
    sentence="",
)  # fmt: skip
REQUEST = Request("r1", "sky-1", TakePhotograph(), Origin.PILOT, "pat")
BEFORE = Photograph(0, 1.0, None, None, None, None, None, "http://camera/0.jpg", succeeded=True)


class Accepts(Commander):
    """Accepts every command; `then` is what the camera tells afterwards."""

    def __init__(self, then: tuple[Photograph, ...], camera: PayloadCamera | None = CAMERA) -> None:
        self.known = Telemetry("sky-1", camera=camera, photographs=(BEFORE,))
        self.then, self.timing = then, Timing()

    @property
    def name(self) -> str:
        return "SKY-1"

    def telemetry(self) -> Telemetry:
        return self.known

    async def command(self, *args: Any, **more: Any) -> Any:
        self.known = replace(self.known, photographs=(BEFORE, *self.then))

    async def seen(self, look: Callable[[Telemetry], Any], within_s: float) -> Any:
        return look(self.known)


def take(*then: Photograph, camera: PayloadCamera | None = CAMERA) -> str:
    return asyncio.run(photograph(Accepts(then, camera), REQUEST))


def test_a_new_one_that_was_taken() -> None:
    assert take(replace(BEFORE, index=1)) == "Photograph 1 of SKY-1 is taken."


def test_one_that_failed_is_none() -> None:
    with pytest.raises(OrderFailed, match="says that taking the photograph failed"):
        take(replace(BEFORE, index=1, succeeded=False))


def test_accepted_and_not_told_is_not_done() -> None:
    with pytest.raises(OrderFailed, match="accepted the photograph, but told of none"):
        take()


def test_a_camera_that_takes_none_is_said() -> None:
    with pytest.raises(OrderFailed, match="cannot take photographs"):
        take(camera=replace(CAMERA, can_photograph=False))

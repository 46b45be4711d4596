"""Which videos the relay is asked for."""

from dataclasses import replace

from dfr.core.asset import Asset, Camera
from dfr.core.camera import PayloadCamera, VideoStream
from dfr.core.telemetry import Telemetry
from dfr.streams import wanted_streams
from tests.unit.dispatch.small import SKY_1

WIDE = VideoStream("sky-1", "Wide", "rtsp://10.0.0.8/wide")
HEAT = VideoStream("sky-1-100-2", "Heat", "rtsp://10.0.0.8/heat", thermal=True)
LOST = VideoStream("sky-1-100-3", "Nose", "", sentence="No address.")


def told(*streams: VideoStream) -> dict[str, Telemetry]:
    return {"sky-1": Telemetry("sky-1", camera=PayloadCamera(100, "Acme", streams=streams))}


def wanted(asset: Asset, telemetry: dict[str, Telemetry]) -> list[tuple[str, str, str]]:
    return [(one.id, one.name, one.url) for one in wanted_streams([asset], telemetry)]


def test_what_the_site_declares_wins() -> None:
    declared = replace(SKY_1, cameras=(Camera("rtsp://site/own"),))
    assert wanted(declared, told(WIDE, HEAT)) == [("sky-1", "SKY-1", "rtsp://site/own")]


def test_else_every_video_that_the_camera_tells_of() -> None:
    assert wanted(SKY_1, told(WIDE, HEAT, LOST)) == [
        ("sky-1", "SKY-1", "rtsp://10.0.0.8/wide"),
        ("sky-1-100-2", "SKY-1 Heat", "rtsp://10.0.0.8/heat"),
    ]


def test_a_camera_that_has_told_nothing_gives_none() -> None:
    assert wanted(SKY_1, {}) == []
    assert wanted(SKY_1, {"sky-1": Telemetry("sky-1")}) == []

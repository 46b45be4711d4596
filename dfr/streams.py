"""Which videos the relay is asked for: those that the site declares, else those that the cameras tell of. Pure."""

from collections.abc import Mapping, Sequence

from dfr.core.asset import Asset
from dfr.core.telemetry import Telemetry
from dfr.video.wanted import WantedStream


def wanted_streams(assets: Sequence[Asset], telemetry: Mapping[str, Telemetry]) -> tuple[WantedStream, ...]:
    """What a site declares wins; a camera's first video has its aircraft's id and name, the others their own.

    A camera that falls silent keeps its videos here, so that they come back by themselves.
    """
    wanted: list[WantedStream] = []
    for asset in assets:
        if asset.cameras:
            wanted += [WantedStream(asset.id, asset.id, asset.name, camera.url) for camera in asset.cameras[:1]]
            continue
        known = telemetry.get(asset.id)
        camera = known.camera if known is not None else None
        for stream in camera.streams if camera is not None else ():
            if stream.url:
                name = asset.name if stream.id == asset.id else f"{asset.name} {stream.name}"
                wanted.append(WantedStream(stream.id, asset.id, name, stream.url))
    return tuple(wanted)

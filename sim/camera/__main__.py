"""python -m sim.camera --site launch/sites/tucson: the simulated cameras of a site, served as RTSP."""

import argparse
import asyncio
import contextlib
import logging
import re
import signal
import sys
from pathlib import Path

from sim.camera.encoder import VideoFormat
from sim.camera.render import World
from sim.camera.running import serving
from sim.camera.scenes import Scene, SceneFile, parse_scene
from sim.camera.site import SiteError, read_site


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sim.camera", description=__doc__)
    parser.add_argument("--site", type=Path, required=True, help="the site's folder, with dfr.toml")
    parser.add_argument("--count", type=int, help="only the first COUNT assets")
    parser.add_argument("--rtsp-port", type=int, help="instead of the port in the assets' video URLs")
    parser.add_argument("--payload-base", type=int, default=14030, help="asset i hears its pose on UDP port BASE + i")
    parser.add_argument("--size", type=_size, default=(960, 540), metavar="WxH", help="default 960x540")
    parser.add_argument("--fps", type=int, default=20, help="pictures a second, default 20")
    parser.add_argument("--kbit", type=int, default=2000, help="kbit/s a stream, default 2000")
    parser.add_argument("--scene", type=parse_scene, action="append", default=[], metavar="LAT,LON[,KIND]")
    parser.add_argument("--scenes", type=Path, metavar="FILE", help="JSON list of scenes, read again when it changes")
    return parser.parse_args()


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    if not found or int(found[1]) % 16 or int(found[2]) % 2:
        raise argparse.ArgumentTypeError("a size is WIDTHxHEIGHT, the width a multiple of 16 and the height even")
    return int(found[1]), int(found[2])


async def run(options: argparse.Namespace) -> None:
    """Serves until SIGINT or SIGTERM."""
    video = VideoFormat(*options.size, options.fps, options.kbit * 1000)
    specs, docks = read_site(options.site, options.payload_base, video)
    file = SceneFile(options.scenes) if options.scenes else None
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)

    def scenes() -> tuple[Scene, ...]:
        return (*options.scene, *(file.read() if file else ()))

    async with serving(specs[: options.count], World(docks, options.site), scenes, options.rtsp_port) as served:
        for asset_id, one in served.items():
            print(f"{asset_id}: {one.url}, pose on udp://127.0.0.1:{one.camera.link.port}", flush=True)
        await ended.wait()


def main() -> int:
    """0 after a clean end, 1 when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(run(arguments()))
        except SiteError as error:
            print(error, file=sys.stderr)
            return 1
        except OSError as error:
            print(f"The cameras cannot listen: {error.strerror or error}. Is another copy running?", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A ground receiver that hears made-up aircraft: `python -m sim.traffic --site tucson --encounter helicopter`."""

import argparse
import math
import signal
import sys
import threading
from dataclasses import replace

from sim.autopilot.site import site_folder
from sim.traffic.encounters import ENCOUNTERS, Meeting, helicopter, overflights
from sim.traffic.flight import Aircraft
from sim.traffic.receiver import GroundReceiver, Sky
from sim.traffic.site import TrafficSite, read_site

NEAREST_PAD_M = 1600.0
"""A helicopter that comes from farther away has room to brake."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim.traffic", description=__doc__)
    parser.add_argument("--site", required=True, help="a folder with a dfr.toml, or a name under launch/sites")
    parser.add_argument("--http-port", type=int, help="default: of the site's receivers on this machine")
    parser.add_argument("--sbs-port", type=int, help="BaseStation lines over TCP; default: the site's, or none")
    parser.add_argument("--encounter", choices=list(ENCOUNTERS), help="one of ours is met")
    parser.add_argument("--over", metavar="LAT,LON", help="where; default the first dock")
    parser.add_argument("--above", type=float, default=60.0, help="our height above the first dock there, metres")
    parser.add_argument("--track", type=float, default=0.0, help="our track there, degrees")
    parser.add_argument("--after", type=float, default=60.0, help="seconds from now to the meeting")
    parser.add_argument("--every", type=float, default=math.inf, help="again after so many seconds")
    return parser.parse_args()


def met(options: argparse.Namespace, site: TrafficSite) -> Aircraft:
    """The aircraft of the encounter that was asked for. Raises ValueError."""
    frame = site.frame
    north_m, east_m = 0.0, 0.0
    if options.over:
        north_m, east_m = frame.to_local(*(float(part) for part in options.over.split(",")))
    flown_s = min(options.after, 60.0)
    meeting = Meeting(frame, north_m, east_m, frame.altitude_amsl_m + options.above, options.track, flown_s)
    made = ENCOUNTERS[options.encounter](meeting)
    if options.encounter == "helicopter":
        made = helicopter(meeting, nearest_pad(site, north_m, east_m))
    return replace(made, begins_s=options.after - flown_s, repeats_s=options.every)


def nearest_pad(site: TrafficSite, north_m: float, east_m: float) -> tuple[float, float, float] | None:
    """The nearest helipad that is not too near, as high as the first dock; None when the site has none."""
    pads = [site.frame.to_local(*pad) for pad in site.helipads]
    far = [pad for pad in pads if math.dist(pad, (north_m, east_m)) > NEAREST_PAD_M]
    if not far:
        return None
    north, east = min(far, key=lambda pad: math.dist(pad, (north_m, east_m)))
    return north, east, site.frame.altitude_amsl_m


def main() -> None:
    options = arguments()
    try:
        site = read_site(site_folder(options.site))
        aircraft = overflights(site.frame)
        if options.encounter:
            aircraft = (*aircraft, met(options, site))
        http_ports = (options.http_port,) if options.http_port is not None else site.http_ports
        sbs_ports = (options.sbs_port,) if options.sbs_port is not None else site.sbs_ports
        if not http_ports and not sbs_ports:
            raise ValueError("The site declares no receiver on this machine: give --http-port or --sbs-port.")
        sky = Sky(aircraft, site.geoid_height_m)
        receivers = [GroundReceiver(sky, port) for port in http_ports]
        receivers += [GroundReceiver(sky, None, port) for port in sbs_ports]
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    for receiver in receivers:
        receiver.start()
        print(receiver.url if receiver.http_port else f"sbs://127.0.0.1:{receiver.sbs_port}", flush=True)
    ended.wait()
    for receiver in receivers:
        receiver.close()


if __name__ == "__main__":
    main()

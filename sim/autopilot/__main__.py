"""Fly simulated aircraft: `python -m sim.autopilot --site tucson --count 20` (a site's fleet), or `--solo URL`."""

import argparse
import math
import signal
import sys
from dataclasses import replace
from pathlib import Path

from sim.autopilot.face import FACES
from sim.autopilot.faults import FAULTS, FaultSpec
from sim.autopilot.fleet import Fleet
from sim.autopilot.signing import KEY_VARIABLE, key_of_environment
from sim.autopilot.site import site_folder, specs_of_site
from sim.autopilot.vehicle import VehicleSpec

PAYLOAD_BASE = 14030
"""Where PX4's own simulation sends its payload link, and the camera simulator listens."""


def parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:24} {sentence}" for name, sentence in FAULTS.items())
    made = argparse.ArgumentParser(
        prog="python -m sim.autopilot",
        description=__doc__,
        epilog=f"With {KEY_VARIABLE} in the environment MAVLink is signed.\n\nfaults:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--site", help="whose assets fly: a folder with a dfr.toml, or a name under launch/sites")
    what.add_argument("--solo", metavar="URL", help="one aircraft for the peer at URL (udpin:// when it listens)")
    made.add_argument("--count", type=int, help="so many of the site's assets; beyond them, more at its docks")
    made.add_argument("--face", choices=sorted(FACES), default="px4", help="what the solo aircraft takes itself for")
    made.add_argument("--system-id", type=int, default=1, help="of the solo aircraft")
    made.add_argument("--home", default="32.2217,-110.9265,728", help="latitude,longitude,amsl of the solo aircraft")
    made.add_argument("--speed", type=float, default=1.0, help="simulated seconds a second")
    made.add_argument("--seed", type=int, default=0, help="of gusts and headings: the same, and they come the same")
    made.add_argument("--wind-mps", type=float, default=0.0)
    made.add_argument("--wind-from-deg", type=float, default=270.0)
    made.add_argument(
        "--payload-base",
        type=int,
        default=PAYLOAD_BASE,
        help="aircraft i also sends to UDP port this + i, for its camera; 0 for none (default %(default)s)",
    )
    made.add_argument("--airframe-root", type=Path, default=Path("firmware_configs"))
    made.add_argument("--fault", action="append", default=[], metavar="SYSID:NAME[@START][+SECONDS]")
    return made


def specs_of(arguments: argparse.Namespace) -> list[VehicleSpec]:
    key = key_of_environment()
    faults = tuple(FaultSpec.parse(text) for text in arguments.fault)
    payload_base = arguments.payload_base or None
    if arguments.site is not None:
        if arguments.count is not None and arguments.count < 1:
            raise ValueError("--count is how many aircraft fly: at least 1.")
        specs = specs_of_site(
            site_folder(arguments.site), arguments.count, payload_base, arguments.airframe_root, faults
        )
        return [replace(spec, key=key) for spec in specs]
    latitude, longitude, amsl = (float(part) for part in arguments.home.split(","))
    payload = None if payload_base is None else ("127.0.0.1", payload_base)
    home = (latitude, longitude, amsl)
    return [
        VehicleSpec(
            arguments.system_id, home, arguments.solo, payload, faults=faults, key=key, autopilot=arguments.face
        )
    ]


def main() -> None:
    arguments = parser().parse_args()
    try:
        specs = specs_of(arguments)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    towards = math.radians(arguments.wind_from_deg + 180)
    wind = (arguments.wind_mps * math.cos(towards), arguments.wind_mps * math.sin(towards))
    fleet = Fleet(specs, arguments.speed, arguments.seed, wind)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: fleet.stop())
    for vehicle in fleet.vehicles:
        print(f"aircraft {vehicle.spec.system_id}: {vehicle.spec.link}", flush=True)
        if vehicle.unknown_parameters:
            print(
                f"  parameters that this autopilot does not have: {', '.join(vehicle.unknown_parameters)}", flush=True
            )
    fleet.run()
    fleet.close()
    if fleet.behind_s > 1.0:
        print(f"The machine was too slow: {fleet.behind_s:.0f} s were left out. Fly fewer aircraft, or slower.")


if __name__ == "__main__":
    main()

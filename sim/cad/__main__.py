"""python -m sim.cad --url http://127.0.0.1:8080 --token …: one call, sent as a CAD would."""

import argparse
import json
import sys

import httpx

from sim.cad.eido import write_eido
from sim.cad.send import send_eido


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.cad", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the service")
    parser.add_argument("--token", required=True, help="a bearer token with the role cad")
    parser.add_argument("--type", default="ACTSHOOT", help="APCO 2.103.2 code, default ACTSHOOT")
    parser.add_argument("--priority", type=int, default=10, help="EIDO priority, 0 to 10, 10 the most urgent")
    parser.add_argument("--at", required=True, metavar="LAT,LON", help="degrees, WGS 84")
    parser.add_argument("--note", default="", help="what the caller said")
    options = parser.parse_args()
    latitude_deg, longitude_deg = (float(part) for part in options.at.split(","))
    document = write_eido(options.type, options.priority, latitude_deg, longitude_deg, note=options.note)
    try:
        answer = send_eido(options.url, options.token, document)
    except httpx.HTTPStatusError as error:
        print(error.response.text, file=sys.stderr)
        return 1
    except httpx.HTTPError as error:
        print(f"The service at {options.url} does not answer: {error}", file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A recorded sky, served again: what is read of it, and one of ours put where its aircraft come."""

import asyncio
import json
import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dfr.airspace.encounter import Assessment, Level, Manoeuvre, Own, TrafficLimits, assess, traffic_at
from dfr.core.clock import ManualClock
from dfr.core.geo import Amsl, LocalFrame
from dfr.core.traffic import Datums, Intruder, PressureAltitude, TrafficPicture, above_sea
from dfr.traffic.receiver import ReceiverSettings
from dfr.traffic.room import TrafficRoom

RECORDED = Path(__file__).parents[1] / "data" / "traffic" / "aircraft.json"
CONTENT = RECORDED.read_bytes()
NOW_S = json.loads(CONTENT)["now"] + 0.4
DATUMS = Datums(geoid_height_m=46.3)
"""EGM96 west of London."""


@pytest.fixture(scope="module")
def picture() -> TrafficPicture:
    """What a service hears of it over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/data/aircraft.json"
    room = TrafficRoom((ReceiverSettings("recorded", url),), DATUMS, ManualClock(NOW_S))

    async def listen() -> None:
        running = asyncio.create_task(room.run())
        async with asyncio.timeout(10.0):
            while not room.picture(NOW_S).intruders:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(listen())
    server.shutdown()
    server.server_close()
    return room.picture(NOW_S)


def one(picture: TrafficPicture, address: str) -> Intruder:
    return next(intruder for intruder in picture.intruders if intruder.id == address)


def met(picture: TrafficPicture, intruder: Intruder, ahead_s: float, below_m: float = 0.0) -> Assessment:
    """One of ours hovers where the intruder will be."""
    known = above_sea(intruder, DATUMS)
    assert known is not None
    assert intruder.velocity is not None
    frame = LocalFrame(intruder.position)
    altitude_m = known[0].m + (intruder.climb_mps or 0.0) * ahead_s - below_m
    place = (intruder.velocity.east_mps * ahead_s, intruder.velocity.north_mps * ahead_s, altitude_m)
    own = Own(place, (0.0, 0.0, 0.0))
    return assess(own, traffic_at(picture, frame, NOW_S), TrafficLimits(), Amsl(altitude_m - 60.0))


def test_everything_with_a_place_that_is_not_old_is_read(picture: TrafficPicture) -> None:
    heard = {intruder.id for intruder in picture.intruders}
    assert heard == {"400b83", "04c3ad", "43ea47", "a788db", "3cf0b8", "8966fa", "400795"}
    assert picture.sources[0].bad_messages == 0
    assert picture.sources[0].sentence == ""
    light = one(picture, "43ea47")
    assert light.name == "Aeroplane VSB06"
    assert light.position_error_m == 3.0
    climbing = one(picture, "400b83")
    assert NOW_S - climbing.seen_s == pytest.approx(11.3)
    assert climbing.name == "Aircraft 400B83"


def test_its_two_altitudes_agree(picture: TrafficPicture) -> None:
    """Pressure at the day's setting, which the crews had dialled, and satellites over the geoid."""
    document = {entry["hex"]: entry for entry in json.loads(CONTENT)["aircraft"]}
    entry = document["400b83"]
    by_satellite = above_sea(one(picture, "400b83"), DATUMS)
    pressure = Intruder(
        "400b83", one(picture, "400b83").position, 0.0, NOW_S, "", altitude=PressureAltitude(entry["alt_baro"] * 0.3048)
    )
    by_pressure = above_sea(pressure, Datums(altimeter_hpa=entry["nav_qnh"]))
    assert by_satellite is not None
    assert by_pressure is not None
    assert abs(by_satellite[0].m - by_pressure[0].m) < by_satellite[1] + by_pressure[1]


def test_a_light_aeroplane_that_comes_makes_ours_act(picture: TrafficPicture) -> None:
    found = met(picture, one(picture, "43ea47"), ahead_s=25.0)
    assert (found.level, found.best) == (Level.AVOID, Manoeuvre.DESCEND)
    assert found.encounters[0].intruder.name == "Aeroplane VSB06"
    assert found.encounters[0].closing
    assert found.encounters[0].inside_s is not None
    assert 5.0 < found.encounters[0].inside_s < 25.0


def test_one_that_was_heard_a_while_ago_may_be_elsewhere(picture: TrafficPicture) -> None:
    """11 s without a position: it is moved on, and its error has grown."""
    climbing = one(picture, "400b83")
    traffic = traffic_at(picture, LocalFrame(climbing.position), NOW_S)
    index = traffic.intruders.index(climbing)
    east_m, north_m, _ = traffic.places_m[index]
    assert math.hypot(east_m, north_m) == pytest.approx(161.1 * 1852.0 / 3600.0 * 11.3, rel=0.01)
    assert traffic.errors_m[index] > climbing.position_error_m + 100.0


def test_an_airliner_at_40_000_feet_is_nothing_to_ours(picture: TrafficPicture) -> None:
    high = one(picture, "8966fa")
    found = met(picture, high, ahead_s=20.0, below_m=12_000.0)
    assert all(encounter.intruder.id != "8966fa" for encounter in found.encounters if encounter.level > Level.CLEAR)

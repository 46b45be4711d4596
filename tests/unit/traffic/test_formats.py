"""aircraft.json, BaseStation lines and ADSB_VEHICLE: what they say, in SI units, and what is left out."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.geo import Amsl, Ellipsoid
from dfr.core.traffic import Datums, PressureAltitude, TrafficCategory, above_sea
from dfr.fleet.mavlink.traffic import intruder as from_mavlink
from dfr.traffic import aircraft_json
from dfr.traffic.sbs import BaseStation

NOW_S = 1_800_000_000.0
HELICOPTER: dict[str, Any] = {
    "hex": "a1b2c3", "flight": "N123AB  ", "alt_baro": 3000, "alt_geom": 3150, "gs": 90.0, "track": 90.0,
    "baro_rate": -600, "category": "A7", "lat": 32.23, "lon": -110.91, "nac_p": 9, "gva": 2,
    "seen_pos": 1.5, "seen": 0.2,
}  # fmt: skip


def parsed(*entries: Any, **top: Any) -> tuple[tuple[Any, ...], int, float]:
    return aircraft_json.parse(json.dumps({"now": NOW_S, "messages": 1, "aircraft": entries} | top), "roof", NOW_S)


def test_an_aircraft_json_entry_in_si_units() -> None:
    (one,), bad, age_s = parsed(HELICOPTER)
    assert (bad, age_s) == (0, 0.0)
    assert (one.id, one.callsign, one.category) == ("a1b2c3", "N123AB", TrafficCategory.ROTORCRAFT)
    assert one.altitude == Ellipsoid(pytest.approx(960.12))
    assert (one.altitude_error_m, one.position_error_m) == (45.0, 30.0)
    assert one.velocity.east_mps == pytest.approx(46.3)
    assert one.velocity.north_mps == pytest.approx(0.0, abs=1e-9)
    assert one.climb_mps == pytest.approx(-3.048)
    assert one.seen_s == NOW_S - 1.5
    assert one.name == "Helicopter N123AB"


@pytest.mark.parametrize(
    "entry",
    [
        {"hex": "a1b2c3"},
        {**HELICOPTER, "seen_pos": 45.0},
        {**HELICOPTER, "lat": None},
    ],
)
def test_without_a_position_of_now_it_is_no_traffic(entry: dict[str, Any]) -> None:
    assert parsed(entry) == ((), 0, 0.0)


@pytest.mark.parametrize("entry", [None, 7, [], {**HELICOPTER, "lat": 95.0}, {**HELICOPTER, "gs": "fast"},
                                   {k: v for k, v in HELICOPTER.items() if k != "hex"}])  # fmt: skip
def test_a_bad_entry_is_counted_and_the_others_count(entry: Any) -> None:
    found, bad, _ = parsed(entry, HELICOPTER)
    assert (len(found), bad) == (1, 1)


def test_on_the_ground_and_pressure_altitude() -> None:
    (ground,), _, _ = parsed({k: v for k, v in {**HELICOPTER, "alt_baro": "ground"}.items() if k != "alt_geom"})
    assert ground.on_ground
    assert ground.altitude is None
    (pressure,), _, _ = parsed({k: v for k, v in HELICOPTER.items() if k != "alt_geom"})
    assert pressure.altitude == PressureAltitude(pytest.approx(914.4))


@pytest.mark.parametrize(("text", "why"), [("<html>", "JSON"), ("[]", "aircraft"), ('{"aircraft": 3}', "aircraft")])
def test_no_document_is_said(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        aircraft_json.parse(text, "roof", NOW_S)


def test_an_old_document_makes_old_positions_and_a_wrong_clock_does_not() -> None:
    (one,), _, age_s = parsed(HELICOPTER, now=NOW_S - 20.0)
    assert (one.seen_s, age_s) == (NOW_S - 21.5, 20.0)
    (one,), _, age_s = parsed(HELICOPTER, now=NOW_S - 86_400.0)
    assert (one.seen_s, age_s) == (NOW_S - 1.5, 0.0)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
       | st.dictionaries(st.sampled_from(sorted(HELICOPTER)), inner, max_size=6), max_leaves=12))  # fmt: skip
def test_any_entry_is_taken_or_counted(entry: Any) -> None:
    found, bad, _ = parsed(entry)
    assert len(found) + bad <= 1
    assert all(math.isfinite(one.seen_s) for one in found)


def test_altitudes_become_sea_level_with_their_error() -> None:
    (geometric,), _, _ = parsed(HELICOPTER)
    (pressure,), _, _ = parsed({k: v for k, v in HELICOPTER.items() if k != "alt_geom"})
    known = above_sea(geometric, Datums(geoid_height_m=-29.0))
    assert known == (Amsl(pytest.approx(989.12)), 50.0)
    unknown = above_sea(geometric, Datums())
    assert unknown is not None
    assert unknown[1] > 150.0
    altitude, error_m = above_sea(pressure, Datums(altimeter_hpa=1023.25)) or (Amsl(0.0), 0.0)
    assert altitude.m - 914.4 == pytest.approx(83.0, abs=1.0)
    assert error_m == pytest.approx(38.1 + 91.44)
    assert (above_sea(pressure, Datums()) or (Amsl(0.0), 0.0))[1] == pytest.approx(150.0 + 38.1 + 91.44)


def line(kind: int, **fields: str) -> str:
    names = ("callsign", "altitude", "speed", "track", "lat", "lon", "climb")
    places = {"hex": 4, "ground": 21} | {name: 10 + number for number, name in enumerate(names)}
    parts = [""] * 22
    parts[0], parts[1], parts[4] = "MSG", str(kind), "A1B2C3"
    for name, value in fields.items():
        parts[places[name]] = value
    return ",".join(parts) + "\r\n"


def test_base_station_lines_are_put_together() -> None:
    station = BaseStation("roof")
    assert station.take(line(1, callsign="N123AB  "), NOW_S) is None
    assert station.take(line(4, speed="90", track="0", climb="-600"), NOW_S + 0.1) is None
    one = station.take(line(3, altitude="3000", lat="32.23", lon="-110.91", ground="0"), NOW_S + 0.2)
    assert one is not None
    assert (one.id, one.callsign, one.on_ground) == ("a1b2c3", "N123AB", False)
    assert one.altitude == PressureAltitude(pytest.approx(914.4))
    assert one.velocity is not None
    assert one.velocity.north_mps == pytest.approx(46.3)
    later = station.take(line(3, lat="32.24", lon="-110.91"), NOW_S + 20.0)
    assert later is not None
    assert (later.velocity, later.altitude) == (None, None)
    assert station.bad_lines == 0


@pytest.mark.parametrize(
    "text", ["MSG,3", "rubbish", line(3, lat="95", lon="0"), line(3, altitude="nan"), line(9), line(3, hex="xyz")]
)
def test_a_bad_line_is_counted(text: str) -> None:
    station = BaseStation("roof")
    assert station.take(text, NOW_S) is None
    assert station.bad_lines == 1


@given(st.text(max_size=200))
def test_no_line_is_fatal(text: str) -> None:
    BaseStation("roof").take(text, NOW_S)
    BaseStation("roof").take("MSG," + text, NOW_S)


def test_base_station_keeps_a_bounded_number() -> None:
    station = BaseStation("roof", most=2)
    for address in ("A1B2C1", "A1B2C2", "A1B2C3"):
        station.take(line(1, callsign=address, hex=address), NOW_S)
    assert station.take(line(3, hex="A1B2C1", lat="32", lon="-110"), NOW_S).callsign == ""  # type: ignore[union-attr]


MAVLINK = {
    "ICAO_address": 0xA1B2C3, "lat": 322300000, "lon": -1109100000, "altitude_type": 1, "altitude": 960000,
    "heading": 9000, "hor_velocity": 4630, "ver_velocity": -305, "callsign": "N123AB", "emitter_type": 7, "tslc": 2,
    "flags": 1 | 2 | 4 | 8 | 16 | 128, "squawk": 1200,
}  # fmt: skip


def test_adsb_vehicle_says_what_its_flags_say() -> None:
    one = from_mavlink(MAVLINK, "SKY-1", NOW_S)
    assert one is not None
    assert (one.id, one.name, one.seen_s) == ("a1b2c3", "Helicopter N123AB", NOW_S - 2)
    assert one.altitude == Ellipsoid(960.0)
    assert one.velocity is not None
    assert one.velocity.east_mps == pytest.approx(46.3)
    assert one.climb_mps == pytest.approx(-3.05)
    assert from_mavlink({**MAVLINK, "flags": 2 | 4 | 8}, "SKY-1", NOW_S) is None
    bare = from_mavlink({**MAVLINK, "flags": 1, "ver_velocity": 0}, "SKY-1", NOW_S)
    assert bare is not None
    assert (bare.altitude, bare.velocity, bare.climb_mps, bare.callsign) == (None, None, None, "")
    pressure = from_mavlink({**MAVLINK, "altitude_type": 0}, "SKY-1", NOW_S)
    assert pressure is not None
    assert pressure.altitude == PressureAltitude(960.0)

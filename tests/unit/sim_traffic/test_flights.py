"""Made-up aircraft: how they fly, that they meet ours where they shall, and that receivers' formats carry them."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.geo import Ellipsoid
from dfr.core.traffic import Datums, TrafficCategory, above_sea
from dfr.traffic import aircraft_json
from dfr.traffic.sbs import BaseStation
from sim.autopilot.frames import LocalFrame
from sim.traffic import formats
from sim.traffic.encounters import ENCOUNTERS, Meeting, helicopter, overflights
from sim.traffic.flight import Aircraft, Leg, State
from sim.traffic.site import read_site

TUCSON = Path(__file__).resolve().parents[3] / "launch" / "sites" / "tucson"
FRAME = LocalFrame(32.2217, -110.9265, 768.0)
MEETING = Meeting(FRAME, 400.0, -300.0, 830.0, own_track_deg=70.0, after_s=40.0)


@given(st.floats(0.0, 90.0), st.floats(0.0, 360.0), st.floats(-4.0, 4.0), st.floats(-8.0, 8.0), st.floats(0.0, 60.0))
def test_a_turn_is_what_small_steps_make_of_it(
    speed: float, track: float, turn: float, climb: float, seconds: float
) -> None:
    leg = Leg(turn_degps=turn, climb_mps=climb)
    start = State(10.0, 20.0, 800.0, speed, track)
    whole = start.after(leg, seconds)
    north, east, steps = 10.0, 20.0, 400
    for index in range(steps):
        heading = math.radians(track + turn * (index + 0.5) * seconds / steps)
        north += speed * math.cos(heading) * seconds / steps
        east += speed * math.sin(heading) * seconds / steps
    assert (whole.north_m, whole.east_m) == pytest.approx((north, east), abs=0.5)
    assert whole.amsl_m == pytest.approx(800.0 + climb * seconds)


def test_braking_ends_at_rest() -> None:
    state = State(0.0, 0.0, 0.0, 40.0, 0.0).after(Leg(speed_up_mps2=-1.0), 40.0)
    assert (state.speed_mps, state.north_m) == pytest.approx((0.0, 800.0))


@pytest.mark.parametrize("name", ENCOUNTERS)
def test_every_encounter_is_at_the_place_at_the_time(name: str) -> None:
    state = ENCOUNTERS[name](MEETING).state(MEETING.after_s)
    assert state is not None
    assert math.dist((state.north_m, state.east_m), (MEETING.north_m, MEETING.east_m)) < 1.0
    assert 0.0 <= state.amsl_m - MEETING.amsl_m <= 60.0


@pytest.mark.parametrize(("name", "off_deg"), [("head-on", 180.0), ("overtaking", 0.0), ("crossing", 270.0)])
def test_it_comes_from_where_its_name_says(name: str, off_deg: float) -> None:
    state = ENCOUNTERS[name](MEETING).state(MEETING.after_s)
    assert state is not None
    assert (state.track_deg - MEETING.own_track_deg) % 360.0 == pytest.approx(off_deg, abs=1e-6)


def test_the_helicopter_descends_to_the_pad_hovers_and_leaves() -> None:
    pad = (2400.0, -1800.0, 745.0)
    made = helicopter(MEETING, pad)
    hovering_s = made.legs[0].lasts_s + made.legs[1].lasts_s
    for after_s in (hovering_s + 1.0, hovering_s + 59.0):
        state = made.state(after_s)
        assert state is not None
        assert (state.north_m, state.east_m, state.amsl_m) == pytest.approx(pad, abs=0.5)
        assert state.speed_mps == pytest.approx(0.0)
    gone = made.state(hovering_s + 115.0)
    assert gone is not None
    assert gone.amsl_m > 900.0
    assert made.state(made.ends_s + 1.0) is None
    with pytest.raises(ValueError, match="too near"):
        helicopter(replace(MEETING, after_s=1.0), (500.0, -300.0, 745.0))


def test_it_comes_again() -> None:
    made = replace(helicopter(MEETING), begins_s=60.0, repeats_s=400.0)
    assert made.state(59.0) is None
    assert made.state(100.0) == made.state(500.0)


def test_overflights_keep_far_from_everything_that_flies_here() -> None:
    for aircraft in overflights(FRAME):
        for now_s in range(0, 3600, 30):
            state = aircraft.state(float(now_s))
            assert state is not None
            far_m = math.hypot(state.north_m, state.east_m)
            assert state.amsl_m - FRAME.altitude_amsl_m > 1800.0 or far_m > 13_000.0


@pytest.mark.parametrize("sends_altitude", [True, False])
def test_what_it_writes_is_read_as_it_flies(sends_altitude: bool) -> None:
    flying = Aircraft("a1b2c3", "N123AB", "A7", FRAME, State(500.0, -700.0, 900.0, 40.0, 123.0, -3.0))
    flying = replace(flying, sends_altitude=sends_altitude)
    state = flying.start
    document = formats.aircraft_json([(flying, state)], -29.0, 1000.0, 7)
    (read,), bad, _ = aircraft_json.parse(document, "test", 1000.0)
    assert bad == 0
    assert (read.id, read.callsign, read.category) == ("a1b2c3", "N123AB", TrafficCategory.ROTORCRAFT)
    station = BaseStation("test")
    lines = [station.take(line, 1000.0) for line in formats.base_station(flying, state, 1000.0)]
    assert station.bad_lines == 0
    for one in (read, lines[-1]):
        assert one is not None
        assert FRAME.to_local(one.position.latitude_deg, one.position.longitude_deg) == pytest.approx(
            (500.0, -700.0), abs=1.0
        )
        assert one.velocity is not None
        assert math.hypot(one.velocity.north_mps, one.velocity.east_mps) == pytest.approx(40.0, abs=0.3)
        known = above_sea(one, Datums(-29.0, 1013.25))
        assert (known is not None) is sends_altitude
        if known is not None:
            assert known[0].m == pytest.approx(900.0, abs=5.0)
    assert not sends_altitude or isinstance(read.altitude, Ellipsoid)


def test_the_example_site_says_what_is_needed() -> None:
    site = read_site(TUCSON)
    assert site.http_ports == (8754,)
    assert site.sbs_ports == ()
    assert len(site.helipads) == 7
    assert site.geoid_height_m < 0.0

"""The proof of where the camera looked: kept, broken, with holes; and that the journal's form loses nothing."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.attitude import from_angles
from dfr.core.clock import ManualClock
from dfr.core.flight import FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position
from dfr.core.look import LookSample
from dfr.core.telemetry import Attitude, Gimbal, Telemetry, Timed
from dfr.dispatch.debrief import flight_report, horizon_proof
from dfr.dispatch.horizon import Stretch, prove, stretches
from dfr.dispatch.witness import decode, encode, sample_of
from tests.support.fakes import FakeFleet
from tests.unit.dispatch.small import Rig, small_site

S = FlightState
NOON_S = 1_795_262_400.0
OUT = Stretch("On the way out", NOON_S, NOON_S + 84.0, after_scene=False)
HOME = Stretch("On the way home", NOON_S, NOON_S + 60.0, after_scene=True)


def sample(after_s: float, pitch_deg: float = 0.0, height_m: float = 50.0) -> LookSample:
    orientation = from_angles(0.0, pitch_deg, 30.0)
    where = Position(32.22, -110.92)
    return LookSample(NOON_S + after_s, after_s, where, Amsl(760.0), AboveTakeoff(height_m), None, orientation, 66.0)


def film(lasts_s: float, pitch: Callable[[float], float]) -> list[LookSample]:
    return [sample(index / 10, pitch(index / 10)) for index in range(round(lasts_s * 10) + 1)]


def test_a_level_camera_is_proven_with_its_lowest_moment() -> None:
    proof = prove(OUT, film(84.0, lambda at: -3.1 if at == 67.0 else 0.5))
    assert proof.proven
    assert proof.lowest_deg == pytest.approx(-3.1)
    assert proof.sentence == (
        "On the way out, 84 s: camera within 10 degrees of the horizon at all times; lowest 3.1 degrees below at "
        "12:01:07 UTC; no sample was missing for longer than 0.1 s."
    )


def test_one_low_sample_breaks_it_and_is_named() -> None:
    proof = prove(OUT, film(84.0, lambda at: -35.0 if 5.0 <= at < 5.2 else 0.0))
    assert not proof.kept
    assert proof.whole
    assert "lower than 10 degrees below the horizon in 2 samples from 12:00:05 UTC to 12:00:05 UTC" in proof.sentence
    assert "35.0 degrees below" in proof.sentence


def test_a_hole_in_the_record_is_no_proof() -> None:
    with_hole = [one for one in film(84.0, lambda _: 0.0) if not 10.0 < one.at_s - NOON_S < 14.0]
    proof = prove(OUT, with_hole)
    assert proof.kept
    assert not proof.proven
    assert "nothing was recorded for 4.0 s from 12:00:10 UTC, so there it is not proven" in proof.sentence


@pytest.mark.parametrize("kept", [slice(0, 700), slice(200, None)])
def test_a_record_that_begins_late_or_ends_early_has_a_hole_too(kept: slice) -> None:
    assert not prove(OUT, film(84.0, lambda _: 0.0)[kept]).whole


def test_nothing_recorded_or_somebody_else_flying_proves_nothing() -> None:
    assert "nothing is proven" in prove(OUT, []).sentence
    taken = prove(replace(OUT, taken_over=True), film(84.0, lambda _: 0.0))
    assert not taken.proven
    assert "somebody else flew it" in taken.sentence


def test_on_its_dock_it_may_look_anywhere() -> None:
    docked = [sample(index / 10, -60.0, height_m=0.5) for index in range(841)]
    proof = prove(OUT, docked)
    assert proof.proven
    assert "did not leave its dock" in proof.sentence


def test_turning_up_from_the_scene_is_given_its_time_and_no_more() -> None:
    assert prove(HOME, film(60.0, lambda at: min(0.0, -40.0 + 20.0 * at))).proven
    assert not prove(HOME, film(60.0, lambda at: min(0.0, -40.0 + 5.0 * at))).kept


def test_the_stretches_of_a_flight() -> None:
    states = [
        (0.0, S.PREPARING),
        (1.0, S.LAUNCHING),
        (10.0, S.EN_ROUTE),
        (60.0, S.ON_SCENE),
        (90.0, S.RETURNING),
        (120.0, S.LANDING),
        (140.0, S.COMPLETED),
    ]
    found = stretches(states, 140.0)
    assert [(one.name, one.from_s, one.to_s, one.after_scene) for one in found] == [
        ("On the way out", 1.0, 60.0, False),
        ("On the way home", 90.0, 140.0, True),
    ]
    taken = stretches([(0.0, S.LAUNCHING), (5.0, S.TAKEN_OVER), (9.0, S.RETURNING)], 20.0)
    assert [(one.from_s, one.to_s, one.taken_over) for one in taken] == [
        (0.0, 5.0, False),
        (5.0, 9.0, True),
        (9.0, 20.0, False),
    ]


def test_every_state_is_either_free_or_in_a_stretch() -> None:
    for state in FlightState:
        found = stretches([(0.0, state)], 1.0)
        assert bool(found) == (state not in (S.PREPARING, S.ON_SCENE) and not state.is_over)


@given(st.floats(-90.0, 30.0), st.floats(0.0, 359.0), st.floats(0.0, 3600.0))
def test_the_journals_form_keeps_angles_and_times(pitch_deg: float, yaw_deg: float, after_s: float) -> None:
    before = replace(sample(after_s), gimbal=from_angles(0.0, pitch_deg, yaw_deg), position_s=NOON_S + after_s - 0.15)
    (after,) = decode(encode([before]))
    assert after.at_s == pytest.approx(before.at_s, abs=1e-3)
    assert after.position_s == pytest.approx(before.position_s, abs=1e-3)
    turned, was = after.gimbal.turned(1.0, 0.0, 0.0), before.gimbal.turned(1.0, 0.0, 0.0)
    assert math.dist(turned, was) < 1e-3, "a twentieth of a degree"
    assert (after.boot_s, after.aircraft) == (pytest.approx(before.boot_s, abs=1e-3), None)


def test_a_position_that_has_stopped_is_not_kept_as_one_of_now() -> None:
    known = FakeFleet(small_site().assets, ManualClock()).telemetry()["sky-1"]
    assert known.kinematics is not None
    stopped = replace(known, gimbal=Timed(Gimbal(0.0, 90.0), known.kinematics.at_s + 8.0))
    seen = sample_of(stopped)
    assert seen is not None
    (kept,) = decode(encode([seen]))
    assert kept.position_s is not None
    assert kept.at_s - kept.position_s == pytest.approx(8.0, abs=1e-3)


def test_aircraft_and_camera_are_kept_each_as_it_is_turned_and_with_its_clock() -> None:
    known = FakeFleet(small_site().assets, ManualClock()).telemetry()["sky-1"]
    assert known.kinematics is not None
    at_s, aircraft = known.kinematics.at_s, from_angles(4.0, -9.0, 120.0)
    gimbal = Gimbal(-30.0, 75.0)
    now = replace(known, attitude=Timed(Attitude(aircraft, 61.5), at_s), gimbal=Timed(gimbal, at_s))
    seen = sample_of(now)
    assert seen is not None
    (kept,) = decode(encode([seen]))
    assert kept.aircraft is not None
    assert (kept.aircraft.pitch_deg, kept.aircraft.yaw_deg) == (
        pytest.approx(-9.0, abs=0.05),
        pytest.approx(120.0, abs=0.05),
    )
    assert (kept.gimbal.pitch_deg, kept.gimbal.yaw_deg) == (
        pytest.approx(-30.0, abs=0.05),
        pytest.approx(75.0, abs=0.05),
    )
    assert kept.boot_s == 61.5


def test_a_journal_from_before_says_nothing_of_the_positions_time() -> None:
    kept = encode([sample(0.0)])
    kept["rows"] = [row[:9] for row in kept["rows"]]
    (old,) = decode(kept)
    assert old.position_s is None
    assert old.position == sample(0.0).position


def test_a_whole_flight_is_witnessed_and_proven(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    plain = rig.fleet.telemetry

    def telemetry() -> dict[str, Telemetry]:
        on_scene = any(one.state is S.ON_SCENE for one in rig.memory.under_way())
        gimbal = Timed(Gimbal(-40.0 if on_scene else 0.0, 90.0), rig.now_s)
        return {one: replace(known, gimbal=gimbal) for one, known in plain().items()}

    rig.fleet.telemetry = telemetry  # type: ignore[method-assign]
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    (out,) = horizon_proof(rig.journal, rig.flight(flight_id))
    assert out.proven, out.sentence
    assert "no sample was missing for longer than 0.4 s" in out.sentence
    report = flight_report(rig.journal, rig.flight(flight_id), None)
    assert [one.sentence for one in report.horizon] == [out.sentence]
    assert rig.journal.verify() == []

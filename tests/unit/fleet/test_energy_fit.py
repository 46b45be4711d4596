"""The energy model from logs: known coefficients come back, what a log lacks is said, and a real PX4 log is read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyulog import ULog

from dfr.airspace.energy_fit import NAMES, Samples, columns, fit_battery, fit_power
from dfr.core.energy import BatteryModel, PowerModel
from dfr.core.geo import FloatArray
from dfr.fleet.flight_log import LogError, read_log

LOG = Path(__file__).parents[2] / "data" / "px4" / "sih_flight.ulg"
TRUE = PowerModel(70.0, 160.0, 0.032, 29.0, 10.0, 6.3, 16.0)
OLD = PowerModel(100.0, 100.0, 0.01, 20.0, 5.0, 6.3, 16.0)
PACK = BatteryModel(67.0, 5000.0, 4, 4.05, 3.6, 0.025)
SEED = 11


def flight(
    true: PowerModel, airspeed_mps: FloatArray, climb_mps: FloatArray, noise_w: float = 3.0, seed: int = SEED
) -> Samples:
    """What a battery of PACK shows on this flight."""
    random = np.random.default_rng(seed)
    count = len(airspeed_mps)
    flown = Samples(1.0, np.zeros(count), airspeed_mps, climb_mps, np.zeros(count), np.zeros(count), None)
    power = columns(flown, true.hover_induced_mps) @ np.array([getattr(true, name) for name in NAMES])
    power = power + random.normal(0.0, noise_w, count)
    fraction = 1.0 - np.cumsum(power) / 3600.0 / PACK.energy_wh
    rest_v = PACK.cells * (PACK.empty_cell_v + (PACK.full_cell_v - PACK.empty_cell_v) * fraction)
    current = power / rest_v
    for _ in range(8):
        current = power / (rest_v - current * PACK.resistance_ohm)
    voltage = rest_v - current * PACK.resistance_ohm
    return replace(flown, power_w=power, fraction=fraction, voltage_v=voltage, current_a=current)


def whole() -> tuple[FloatArray, FloatArray]:
    """Hovering, climbing, legs at several speeds, sinking."""
    airspeed = np.concatenate([np.zeros(90), np.full(40, 4.0), np.full(40, 8.0), np.full(40, 12.0), np.full(30, 15.0)])
    climb = np.zeros_like(airspeed)
    climb[5:25], climb[40:60], climb[140:160] = 4.0, -2.0, 1.5
    return airspeed, climb


@settings(max_examples=40, deadline=None)
@given(
    st.floats(20.0, 400.0), st.floats(50.0, 800.0), st.floats(0.005, 0.2), st.floats(5.0, 150.0), st.floats(1.0, 50.0),
    st.integers(0, 1000),
)  # fmt: skip
def test_known_coefficients_come_back_within_their_error(
    base: float, induced: float, parasitic: float, climb: float, descent: float, seed: int
) -> None:
    true = PowerModel(base, induced, parasitic, climb, descent, 6.3, 16.0)
    fit = fit_power(flight(true, *whole(), seed=seed), OLD)
    for one in fit.coefficients:
        if one.error is not None:
            assert abs(one.value - getattr(true, one.name)) <= 6.0 * one.error, one
    assert fit.residual < 4.0


def test_a_whole_flight_lacks_nothing_and_its_residual_is_the_noise() -> None:
    samples = flight(TRUE, *whole())
    fit = fit_power(samples, OLD)
    assert fit.lacks == ()
    assert all(one.error is not None and one.error > 0.0 for one in fit.coefficients)
    assert fit.residual == pytest.approx(3.0, rel=0.2)
    battery = fit_battery(samples, replace(PACK, energy_wh=100.0, resistance_ohm=0.1))
    assert battery["energy_wh"].value == pytest.approx(67.0, rel=0.02)
    assert battery["resistance_ohm"].value == pytest.approx(0.025, abs=0.005)
    assert battery.lacks == ()


@pytest.mark.parametrize(
    ("airspeed", "climb", "said", "kept"),
    [
        (0.0, 0.0, "No flight faster than 8 m/s", ("induced_w", "parasitic_w_per_mps3")),
        (12.0, 0.0, "No hovering", ("induced_w", "parasitic_w_per_mps3")),
        (0.0, 3.0, "No descent", ("descent_j_per_m",)),
        (0.0, -2.0, "No climb", ("climb_j_per_m",)),
    ],
)
def test_what_a_flight_does_not_show_keeps_its_value_and_is_said(
    airspeed: float, climb: float, said: str, kept: tuple[str, ...]
) -> None:
    rates = np.zeros(60)
    rates[20:40] = climb
    fit = fit_power(flight(TRUE, np.full(60, airspeed), rates), OLD)
    assert any(sentence.startswith(said) for sentence in fit.lacks)
    for name in kept:
        assert fit[name].value == getattr(OLD, name)
        assert fit[name].error is None


def test_what_would_draw_less_than_nothing_is_taken_as_nothing() -> None:
    samples = flight(replace(TRUE, descent_j_per_m=0.0), *whole())
    sinking = samples.climb_mps < 0.0
    fit = fit_power(replace(samples, power_w=samples.power_w + 20.0 * sinking), OLD)
    assert fit["descent_j_per_m"].value == 0.0
    assert any("below 0" in sentence for sentence in fit.lacks)


def test_a_short_or_even_flight_says_nothing_of_the_battery() -> None:
    still = flight(TRUE, np.zeros(40), np.zeros(40), noise_w=0.0)
    fit = fit_battery(still, PACK)
    assert fit["energy_wh"].error is None
    assert fit["resistance_ohm"].error is None
    assert len(fit.lacks) == 2


def test_a_real_log_of_px4_says_what_its_simulated_battery_does() -> None:
    """PX4's simulated battery drains with time alone: every coefficient but the constant one is next to nothing."""
    samples, lacks = read_log(LOG, 74.0)
    assert 300.0 < samples.seconds < 600.0
    assert lacks[0].startswith("The log holds no current")
    assert any("neither airspeed nor wind" in sentence for sentence in lacks)
    fit = fit_power(samples, OLD)
    assert fit["base_w"].value + fit["induced_w"].value == pytest.approx(222.0, abs=2.0)
    assert fit["parasitic_w_per_mps3"].value < 0.005
    assert fit["climb_j_per_m"].value < 0.5
    assert fit.residual < 1.0
    assert fit_battery(samples, PACK).lacks == (
        "The log holds no current: energy_wh and resistance_ohm keep their values.",
    )


def test_a_log_with_a_current_gives_its_coefficients_back(tmp_path: Path) -> None:
    """The same flight with what a battery of known coefficients would have shown."""
    log = ULog(str(LOG))
    topics = {one.name: one.data for one in log.data_list}
    samples, _ = read_log(LOG, 74.0)
    power = columns(samples, 6.3) @ np.array([getattr(TRUE, name) for name in NAMES])
    battery, position = topics["battery_status"], topics["vehicle_local_position"]
    airspeed = np.hypot(position["vx"], position["vy"])
    count = len(airspeed)
    rows = Samples(1.0, np.zeros(count), airspeed, -position["vz"], airspeed, airspeed, None)
    drawn = columns(rows, 6.3) @ np.array([getattr(TRUE, name) for name in NAMES])
    power = np.interp(battery["timestamp"], position["timestamp"], drawn)
    battery["voltage_v"][:] = 15.0
    battery["current_a"][:] = power / 15.0
    log.write_ulog(str(tmp_path / "flown.ulg"))
    again, lacks = read_log(tmp_path / "flown.ulg", 74.0)
    assert not any("current" in sentence for sentence in lacks)
    fit = fit_power(again, OLD)
    assert fit["base_w"].value + fit["induced_w"].value == pytest.approx(230.0, rel=0.03)
    assert fit["climb_j_per_m"].value == pytest.approx(29.0, rel=0.15)


def test_what_is_no_log_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.ulg").write_bytes(b"not a log at all, but long enough for a header")
    with pytest.raises(LogError, match="is not a ULog"):
        read_log(tmp_path / "no.ulg", 74.0)
    with pytest.raises(LogError, match="is not a ULog"):
        read_log(tmp_path / "missing.ulg", 74.0)

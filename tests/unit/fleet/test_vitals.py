"""What the messages about an aircraft's parts mean."""

import pytest

from dfr.core.onboard import Estimate, FixKind, SatelliteFix, Sensor, Storage
from dfr.core.weather import Wind
from dfr.fleet.mavlink import decode, vitals

NONE = 65535


def test_a_satellite_fix_with_its_accuracy() -> None:
    fields = {"fix_type": 3, "eph": 70, "h_acc": 900, "v_acc": 1780}
    assert vitals.satellite_fix(fields) == SatelliteFix(FixKind.FULL, 0.7, 0.9, 1.78)


@pytest.mark.parametrize(
    ("fix_type", "kind"),
    [(0, FixKind.NONE), (1, FixKind.NONE), (2, FixKind.FLAT), (4, FixKind.CORRECTED), (6, FixKind.FIXED)],
)
def test_what_a_fix_does_not_say_is_unknown(fix_type: int, kind: FixKind) -> None:
    assert vitals.satellite_fix({"fix_type": fix_type, "eph": NONE}) == SatelliteFix(kind)


def test_a_fix_that_nobody_knows_is_none() -> None:
    assert vitals.satellite_fix({"fix_type": 99, "eph": 70}) is None


def test_the_estimate() -> None:
    fields = {"pos_horiz_accuracy": 0.4, "pos_vert_accuracy": None, "mag_ratio": 0.1}
    assert vitals.estimate(fields) == Estimate(0.4, None, 0.1)


def test_sensors_that_must_be_there_are_told_also_when_they_are_not() -> None:
    told = {one.name: one for one in vitals.sensors(0x1F & ~0x10, 0x0F, 0x0B)}
    assert told["GPS"] == Sensor("GPS", False, False, False)
    assert told["GPS"].sentence == "There is no GPS."
    assert told["compass"].sentence == "The compass is not healthy."
    assert told["gyroscope"].sentence == ""
    assert "battery" not in told


def test_a_sensor_that_is_not_enabled_is_not_unhealthy() -> None:
    assert not [one for one in vitals.sensors(0x2F, 0x0F, 0x0F) if one.sentence]


@pytest.mark.parametrize(
    ("voltages", "further", "cells_v"),
    [
        ([16200, *[NONE] * 9], [0] * 4, ()),
        ([65534, 12000, *[NONE] * 8], [0] * 4, ()),
        ([4100, 4090, 4110, 4000, *[NONE] * 6], [0] * 4, (4.1, 4.09, 4.11, 4.0)),
        ([4100] * 10, [4100, 4000, 0, 0], (*[4.1] * 11, 4.0)),
    ],
)
def test_cells_are_told_apart_only_where_the_battery_does(
    voltages: list[int], further: list[int], cells_v: tuple[float, ...]
) -> None:
    fields = {"id": 0, "battery_remaining": 80, "voltages": voltages, "voltages_ext": further}
    battery = decode.battery(fields)
    assert battery is not None
    assert battery.cells_v == cells_v
    everything = [mv for mv in (*voltages, *further) if mv not in (0, NONE)]
    assert battery.voltage_v == pytest.approx(sum(everything) / 1e3)


@pytest.mark.parametrize(
    ("count", "status", "usable"),
    [(1, 2, True), (1, 1, False), (0, 0, False)],
)
def test_storage(count: int, status: int, usable: bool) -> None:
    fields = {"storage_count": count, "status": status, "total_capacity": 30436.0, "available_capacity": 28102.0}
    assert vitals.storage(fields) == Storage(usable, 30436.0, 28102.0)


@pytest.mark.parametrize(
    ("north", "east", "from_deg"), [(5.0, 0.0, 180.0), (0.0, 5.0, 270.0), (-5.0, 0.0, 0.0), (0.0, 0.0, None)]
)
def test_wind_goes_where_the_message_says_and_comes_from_the_other_side(
    north: float, east: float, from_deg: float | None
) -> None:
    wind = vitals.wind({"wind_x": north, "wind_y": east})
    assert wind == Wind(abs(north + east), from_deg)


def test_wind_that_is_not_known() -> None:
    assert vitals.wind({"wind_x": None, "wind_y": 1.0}) is None

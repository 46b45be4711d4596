"""The file of an ArduPilot airframe: what it promises, what it must name, and its types."""

from pathlib import Path

from dfr.fleet.firmware import load_airframe, load_parameters
from dfr.fleet.mavlink.fleet import OWN_SYSTEM_ID
from sim.autopilot.ardupilot.parameters import ArduPilotParameters

COPTER = Path(__file__).parents[3] / "firmware_configs" / "x500_copter"
VALUES = {parameter.name: parameter.value for parameter in load_parameters(COPTER).parameters}


def test_it_promises_what_its_parameters_allow() -> None:
    airframe = load_airframe(COPTER)
    assert airframe.autopilot == "ardupilot"
    assert airframe.cruise_mps <= VALUES["WPNAV_SPEED"] / 100
    assert airframe.climb_mps <= VALUES["WPNAV_SPEED_UP"] / 100
    assert airframe.descent_mps <= VALUES["WPNAV_SPEED_DN"] / 100
    assert VALUES["BATT_CAPACITY"] == airframe.battery.capacity_mah
    assert VALUES["BATT_CRT_VOLT"] < VALUES["BATT_LOW_VOLT"] < VALUES["BATT_ARM_VOLT"]
    cells, empty_v, full_v = airframe.battery.cells, airframe.battery.empty_cell_v, airframe.battery.full_cell_v
    low_fraction = (VALUES["BATT_LOW_VOLT"] / cells - empty_v) / (full_v - empty_v)
    assert low_fraction < airframe.reserve_fraction, "a planned landing is no failsafe"


def test_the_service_is_its_ground_station_and_its_fence_is_on() -> None:
    assert VALUES["SYSID_MYGCS"] == OWN_SYSTEM_ID
    assert (VALUES["FENCE_ENABLE"], VALUES["FS_GCS_ENABLE"]) == (1, 1)
    assert not {"FENCE_ALT_MAX", "FENCE_TYPE"} & VALUES.keys(), "they come with each fence"


def test_it_names_every_family_of_safety_parameters() -> None:
    families = (
        "FENCE_", "FS_GCS_", "FS_EKF_", "FS_THR_", "FS_OPTIONS", "BATT_LOW", "BATT_CRT", "BATT_FS_", "RTL_", "WPNAV_",
        "LAND_", "PILOT_", "GPS_", "ARMING_CHECK", "DISARM_DELAY", "SYSID_",
    )  # fmt: skip
    assert not [family for family in families if not any(name.startswith(family) for name in VALUES)]


def test_every_parameter_is_one_that_copter_has_with_its_type() -> None:
    """As far as the built-in autopilot's table of them goes, which was copied from Copter's own."""
    copter = ArduPilotParameters()
    for name, value in VALUES.items():
        assert name in copter
        assert isinstance(copter[name], type(value)), name

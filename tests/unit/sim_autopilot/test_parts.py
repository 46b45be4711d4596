"""The autopilot's parts by themselves: parameters, failsafes, battery, gimbal, mission, faults, site file."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.battery import Batteries, Battery
from sim.autopilot.failsafe import Action, Failsafe
from sim.autopilot.faults import Faults, FaultSpec
from sim.autopilot.frames import LocalFrame
from sim.autopilot.gimbal import RATE_DEGPS, Gimbal, Gimbals, Region
from sim.autopilot.items import Item
from sim.autopilot.mission import Mission
from sim.autopilot.modes import Mode, mode_of
from sim.autopilot.parameters import Parameters, float_of_int, int_of_float
from sim.autopilot.site import site_folder, specs_of_site

FRAME = LocalFrame(32.2217, -110.9265, 728.0)


@settings(deadline=None)
@given(st.integers(-(2**22), 2**22))
def test_an_integer_survives_the_float_field(value: int) -> None:
    assert int_of_float(float_of_int(value)) == value


def test_parameters_have_px4s_values_and_the_multicopters() -> None:
    parameters = Parameters()
    assert parameters["GF_ACTION"] == 2
    assert isinstance(parameters["GF_ACTION"], int)
    assert parameters["MPC_XY_CRUISE"] == 5.0
    assert parameters["RTL_RETURN_ALT"] == 30.0, "rc.mc_defaults, not the generated 60"
    with pytest.raises(KeyError):
        parameters.set("GF_NONSENSE", 1)


def test_an_airframes_file_is_applied_and_unknown_names_come_back(tmp_path: Path) -> None:
    file = tmp_path / "parameters.toml"
    file.write_text('[GF_ACTION]\nvalue = 3\nreason = "r"\n[NOT_A_NAME]\nvalue = 1.0\n')
    parameters = Parameters()
    assert parameters.apply_file(file) == ["NOT_A_NAME"]
    assert parameters["GF_ACTION"] == 3


def test_a_failsafe_waits_then_acts_and_stays() -> None:
    failsafe = Failsafe()
    assert failsafe.update({"link": Action.RETURN}, 0.0, 5.0) == ["Failsafe activated: entering Hold for 5 seconds\t"]
    assert failsafe.action is Action.HOLD
    assert failsafe.update({"link": Action.RETURN}, 4.9, 5.0) == []
    assert failsafe.update({}, 5.0, 5.0) == ["Failsafe activated\t"], "gone meanwhile, yet latched"
    assert failsafe.action is Action.RETURN
    failsafe.clear()
    assert failsafe.update({}, 6.0, 5.0) == []
    assert failsafe.action is Action.NONE


def test_the_most_severe_cause_wins_and_a_takeover_is_not_undone_by_what_lasts() -> None:
    failsafe = Failsafe()
    failsafe.update({"fence": Action.HOLD}, 0.0, 5.0)
    assert failsafe.action is Action.HOLD
    failsafe.update({"fence": Action.HOLD, "offboard": Action.RETURN}, 1.0, 5.0)
    assert failsafe.action is Action.RETURN, "a mode that is gone is left without the wait"
    failsafe.clear()
    failsafe.update({"fence": Action.HOLD, "offboard": Action.RETURN}, 2.0, 5.0)
    assert failsafe.action is Action.NONE
    failsafe.update({"fence": Action.HOLD, "battery": Action.LAND}, 3.0, 0.0)
    assert failsafe.action is Action.LAND


def test_a_warning_moves_nothing() -> None:
    failsafe = Failsafe()
    assert failsafe.update({"fence": Action.WARN}, 0.0, 5.0) == []
    assert not failsafe.active


def test_the_battery_drains_armed_down_to_its_floor_and_is_full_again_disarmed() -> None:
    parameters = Parameters()
    batteries = Batteries(1)
    battery = Battery(batteries, 0, parameters)
    battery.load(armed=True)
    for _ in range(300):
        batteries.step(0.1)
    assert battery.true == pytest.approx(0.5)
    assert battery.voltage_v == pytest.approx(15.3)
    for _ in range(600):
        batteries.step(0.1)
    assert battery.percent == 50
    battery.load(armed=False)
    batteries.step(0.1)
    assert battery.true == 1.0
    assert battery.percent < 60, "the report trails"


@settings(deadline=None)
@given(st.floats(-90, 30), st.floats(-180, 180))
def test_the_gimbal_reaches_an_angle_no_faster_than_its_rate(pitch: float, yaw: float) -> None:
    gimbals = Gimbals(1)
    gimbal = Gimbal(gimbals, 0)
    gimbal.point(pitch, yaw, mavlink.GIMBAL_MANAGER_FLAGS_YAW_LOCK)
    gimbals.step(0.5, np.array([[0.0, 0.0, 0.0]]), np.array([0.0]))
    assert abs(gimbal.pitch_deg) <= RATE_DEGPS * 0.5 + 1e-9
    assert abs(gimbal.yaw_deg) <= RATE_DEGPS * 0.5 + 1e-9
    for _ in range(40):
        gimbals.step(0.1, np.array([[0.0, 0.0, 0.0]]), np.array([0.0]))
    assert gimbal.pitch_deg == pytest.approx(pitch)
    assert math.cos(math.radians(gimbal.yaw_deg - yaw)) == pytest.approx(1.0)


def test_a_gimbal_that_follows_turns_with_the_aircraft_and_one_that_locks_does_not() -> None:
    for flags, expected in ((0, 90.0), (mavlink.GIMBAL_MANAGER_FLAGS_YAW_LOCK, 0.0)):
        gimbals = Gimbals(1)
        gimbal = Gimbal(gimbals, 0)
        gimbal.point(0.0, 0.0, flags)
        for _ in range(40):
            gimbals.step(0.1, np.array([[0.0, 0.0, 0.0]]), np.array([90.0]))
        assert gimbal.yaw_deg == pytest.approx(expected)


def test_the_gimbal_looks_at_a_region() -> None:
    gimbals = Gimbals(1)
    gimbal = Gimbal(gimbals, 0)
    gimbal.look_at(Region(0.0, 50.0, 0.0))
    for _ in range(40):
        gimbals.step(0.1, np.array([[0.0, 0.0, -50.0]]), np.array([0.0]))
    assert (gimbal.pitch_deg, gimbal.yaw_deg) == pytest.approx((-45.0, 90.0))


def waypoint(
    command: int, north: float, hold_s: float = 0.0, frame: int = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
) -> Item:
    latitude, longitude = FRAME.to_global(north, 0.0)
    return Item(frame, command, 0, 1, (hold_s, 2.0, 0.0, math.nan), round(latitude * 1e7), round(longitude * 1e7), 30.0)


def test_a_mission_goes_from_place_to_place_and_ends_with_its_return() -> None:
    mission = Mission(FRAME, Parameters())
    speed = Item(mavlink.MAV_FRAME_MISSION, mavlink.MAV_CMD_DO_CHANGE_SPEED, 0, 1, (1.0, 8.0, -1.0, 0.0), 0, 0, 0.0)
    home = Item(mavlink.MAV_FRAME_MISSION, mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH, 0, 1, (0.0, 0.0, 0.0, 0.0), 0, 0, 0.0)
    items = [waypoint(mavlink.MAV_CMD_NAV_TAKEOFF, 0.0), speed, waypoint(mavlink.MAV_CMD_NAV_WAYPOINT, 90.0, 5.0), home]
    mission.store(items)
    assert mission.leg is not None
    assert mission.leg.is_take_off
    mission.advance(10.0)
    assert (mission.current, mission.speed_mps) == (2, 8.0)
    mission.at_leg(20.0)
    mission.at_leg(24.0)
    assert mission.current == 2, "holds for five seconds"
    mission.at_leg(25.0)
    assert mission.finished
    assert mission.ending == mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH


def test_an_unknown_frame_is_refused() -> None:
    mission = Mission(FRAME, Parameters())
    bad = waypoint(mavlink.MAV_CMD_NAV_WAYPOINT, 10.0, frame=99)
    assert mission.refusal_of([bad]) == mavlink.MAV_MISSION_UNSUPPORTED_FRAME


@pytest.mark.parametrize("mode", [m for m in Mode if m is not Mode.DESCEND])
def test_modes_are_found_by_the_numbers_they_report(mode: Mode) -> None:
    assert mode_of(mode.custom_mode >> 16 & 0xFF, mode.custom_mode >> 24) is mode


def test_mode_numbers_are_px4s() -> None:
    assert Mode.LOITER.custom_mode == 50593792
    assert Mode.ORBIT.custom_mode == 16973824
    assert Mode.OFFBOARD.custom_mode == 393216


def test_faults_are_parsed_and_last_as_long_as_they_say() -> None:
    spec = FaultSpec.parse("12:link_drop@30+20")
    assert spec == FaultSpec(12, "link_drop", 30.0, 20.0)
    assert FaultSpec.parse("7:gps_lost") == FaultSpec(7, "gps_lost")
    faults = Faults()
    faults.begin(spec.name, spec.start_s, spec.lasts_s)
    assert [faults.active("link_drop", t) for t in (29.0, 30.0, 49.9, 50.0)] == [False, True, True, False]
    for wrong in ("link_drop", "12:nothing", "12:link_drop@", "x:gps_lost"):
        with pytest.raises(ValueError, match="is no fault"):
            FaultSpec.parse(wrong)


SITE = """
[[docks]]
id = "downtown"
latitude_deg = 32.2
longitude_deg = -110.9
altitude_amsl_m = 740.0
[[assets]]
id = "sky-1"
dock = "downtown"
system_id = 11
airframe = "x500"
link = "udpin://127.0.0.1:14541"
[[assets]]
id = "sky-2"
dock = "downtown"
system_id = 12
airframe = "other"
link = "udpin://127.0.0.1:14542"
"""


def test_a_sites_aircraft_are_read_with_their_airframes_files(tmp_path: Path) -> None:
    (tmp_path / "dfr.toml").write_text(SITE)
    file = tmp_path / "frames" / "x500" / "parameters.toml"
    file.parent.mkdir(parents=True)
    file.write_text("")
    fault = FaultSpec(12, "gps_lost")
    first, second = specs_of_site(tmp_path, None, 14030, tmp_path / "frames", (fault,))
    assert (first.system_id, first.home, first.link) == (11, (32.2, -110.9, 740.0), "udpin://127.0.0.1:14541")
    assert (first.parameters_file, second.parameters_file) == (file, None)
    assert (first.payload_link, second.payload_link) == (("127.0.0.1", 14030), ("127.0.0.1", 14031))
    assert (first.faults, second.faults) == ((), (fault,))
    assert len(specs_of_site(tmp_path, 1)) == 1


@pytest.mark.parametrize(
    ("text", "words"), [("", "declares no"), (SITE.replace('"downtown"\nlat', '"x"\nlat'), "dock")]
)
def test_a_site_without_aircraft_or_dock_says_so(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "dfr.toml").write_text(text)
    with pytest.raises(ValueError, match=words):
        specs_of_site(tmp_path)


def test_more_aircraft_than_a_site_declares_stand_at_its_docks_with_ids_and_ports_of_their_own() -> None:
    folder = site_folder("tucson")
    declared, fleet = specs_of_site(folder), specs_of_site(folder, 20, payload_base=15000)
    assert [spec.link for spec in fleet[: len(declared)]] == [spec.link for spec in declared]
    assert len({spec.system_id for spec in fleet}) == len({spec.link for spec in fleet}) == 20
    assert {spec.home for spec in fleet} == {spec.home for spec in declared}
    assert [spec.payload_link for spec in fleet] == [("127.0.0.1", 15000 + index) for index in range(20)]
    assert fleet[-1].system_id == fleet[-2].system_id + 1
    with pytest.raises(ValueError, match="Ask for at most"):
        specs_of_site(folder, 300)


def test_a_site_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="tucson"):
        site_folder("tuscon")

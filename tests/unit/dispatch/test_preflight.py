"""Every check of the pre-flight list has a case that passes, one that fails and one that does not know."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from dfr.core.asset import Camera
from dfr.core.check import Check, CheckState
from dfr.core.clock import ManualClock
from dfr.core.geo import Agl, Amsl, Ellipsoid, Waypoint
from dfr.core.limits import AirframeLimits, Equipment, Need, PreflightSettings
from dfr.core.onboard import Estimate, FixKind, SatelliteFix, Sensor, Storage
from dfr.core.regime import Regime, RegimeLimits
from dfr.core.remote_id import RemoteId, RemoteIdState
from dfr.core.stream import Stream, StreamState
from dfr.core.telemetry import Battery, FenceOnBoard, Health, LandedState, LinkState, Telemetry, Timed
from dfr.core.traffic import Datums, GroundVelocity, Intruder, TrafficCategory, TrafficPicture, TrafficSource
from dfr.core.weather import Weather, Wind
from dfr.dispatch.fences import FenceBook
from dfr.dispatch.picture import Picture, SiteRegimes
from dfr.dispatch.preflight import CHECKS, aircraft, blockers, path, preflight, rules, stores, weather
from dfr.dispatch.preflight.subject import Subject
from dfr.dispatch.readiness import readiness
from tests.support.fakes import SENSORS, FakeFleet
from tests.unit.dispatch.small import SKY_1, SKY_2, place, small_site

PASSED, FAILED, UNKNOWN, NOT_REQUIRED = (
    CheckState.PASSED,
    CheckState.FAILED,
    CheckState.UNKNOWN,
    CheckState.NOT_REQUIRED,
)
CLOCK = ManualClock()
NOW_S = CLOCK.now_s()
REGIME = Regime(
    "part_107",
    "Part 107",
    limits=RegimeLimits(
        remote_id_required=True,
        least_visibility_m=4828.0,
        least_below_cloud_m=152.4,
        light_visible_m=4828.0,
        traffic_sensor_required=True,
    ),
    rules={"light": "14 CFR 107.29"},
)
FINE = Weather(
    NOW_S - 600.0,
    "METAR KTUS",
    Wind(4.0, 280.0),
    16_000.0,
    Agl(math.inf),
    Agl(math.inf),
    precipitation=(),
    temperature_c=25.0,
)
LIVE = Stream("sky-1", "sky-1", "SKY-1", StreamState.LIVE, "", NOW_S, last_frame_s=NOW_S - 0.1)
EQUIPPED = Equipment(light_visible_m=5000.0, adsb_in=True)
FILMED = replace(SKY_1, cameras=(Camera("rtsp://camera"),), airframe=replace(SKY_1.airframe, equipment=EQUIPPED))
SITE = replace(
    small_site(FILMED, SKY_2), regimes=SiteRegimes((REGIME,)), preflight=PreflightSettings(weather_declared=True)
)
FENCES = FenceBook(SITE).plans
WAY = (Waypoint(SKY_1.dock.position, Amsl(760.0)), Waypoint(place(450.0, 270.0), Amsl(760.0)))


def fine_picture() -> Picture:
    """Everything is as it should be."""
    fleet = FakeFleet(SITE.assets, CLOCK)
    telemetry = {
        asset_id: replace(
            one,
            fence=FenceOnBoard(FENCES[asset_id].digest, NOW_S),
            remote_id=RemoteId(RemoteIdState.GOOD, "Good.", NOW_S),
            battery=Timed(Battery(0.95, 16.2, (4.05, 4.05, 4.04, 4.06)), NOW_S),
        )
        for asset_id, one in fleet.telemetry().items()
    }
    return Picture(NOW_S, SITE, telemetry, {}, FENCES, {}, weather=FINE, streams=(LIVE,))


@dataclass
class Case:
    """One change of the fine picture and what the check says then."""

    check: Callable[[Subject], Check]
    state: CheckState
    says: str = ""
    """In value or sentence."""
    heard: dict[str, Any] = field(default_factory=dict)
    """Of SKY-1's telemetry."""
    other: dict[str, Any] = field(default_factory=dict)
    """Of SKY-2's."""
    picture: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    regime: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    equipment: dict[str, Any] = field(default_factory=lambda: {"light_visible_m": 5000.0, "adsb_in": True})
    way: tuple[Waypoint, ...] = WAY
    launching: bool = False
    blocks: bool | None = None

    def subject(self) -> Subject:
        before = fine_picture()
        site = replace(
            before.site,
            preflight=replace(before.site.preflight, **self.settings),
            regimes=SiteRegimes((replace(REGIME, limits=replace(REGIME.limits, **self.regime)),)),
        )
        limits, equipment = AirframeLimits(**self.limits), Equipment(**self.equipment)
        asset = replace(FILMED, airframe=replace(FILMED.airframe, limits=limits, equipment=equipment))
        if "cameras" in self.picture:
            asset = replace(asset, cameras=self.picture["cameras"])
        telemetry = {
            "sky-1": replace(before.telemetry["sky-1"], **self.heard),
            "sky-2": replace(before.telemetry["sky-2"], **self.other),
        }
        changes = {name: value for name, value in self.picture.items() if name != "cameras"}
        picture = replace(before, site=site, telemetry=telemetry, **changes)
        return Subject(asset, picture, self.way, self.launching)


def at(waypoint: Waypoint, before: Telemetry) -> dict[str, Any]:
    """In the air at a place."""
    assert before.kinematics is not None
    there = replace(before.kinematics.value, position=waypoint.position, altitude=waypoint.altitude)
    return {"kinematics": Timed(there, NOW_S), "landed": Timed(LandedState.IN_AIR, NOW_S)}


def helicopter(east_m: float, north_m: float) -> dict[str, Any]:
    """Received there, where it hovers."""
    heard = Intruder(
        "a1b2c3",
        place(east_m, north_m),
        10.0,
        NOW_S,
        "test",
        "N123AB",
        TrafficCategory.ROTORCRAFT,
        Ellipsoid(760.0),
        10.0,
        GroundVelocity(0.0, 0.0),
        0.0,
    )
    return {"traffic": TrafficPicture((heard,), datums=Datums(geoid_height_m=0.0))}


def standing(waypoint: Waypoint, before: Telemetry) -> dict[str, Any]:
    return at(waypoint, before) | {"landed": Timed(LandedState.ON_GROUND, NOW_S)}


HERE = fine_picture().telemetry["sky-1"]
assert HERE.kinematics is not None
OLD = Timed(HERE.kinematics.value, NOW_S - 3.0)
NO_HEADING = Timed(replace(HERE.kinematics.value, heading_deg=None), NOW_S)
BAD_COMPASS = tuple(replace(one, healthy=one.name != "compass") for one in SENSORS)
NO_GPS = tuple(Sensor(one.name, one.name != "GPS", one.name != "GPS", True) for one in SENSORS)
NOON_S, SUNSET_S = NOW_S + 12 * 3600.0, NOW_S + 60_060.0
"""The clock of tests begins at one in the morning here; the sun sets at 17:41 that day."""
NOTHING: dict[str, Any] = {}


def receiver(heard_s: float, sentence: str = "") -> dict[str, Any]:
    return {"traffic": TrafficPicture(sources=(TrafficSource("roof", heard_s, sentence),))}


BESIDE = Waypoint(place(60.0, 0.0), Amsl(705.0))
ON_ROOF = Waypoint(SKY_1.dock.position, Amsl(725.0))


def wet(**changes: Any) -> dict[str, Any]:
    return {"weather": replace(FINE, **changes)}


NOTHING_SAID = {"weather": replace(FINE, wind=None, visibility_m=None, cloud_base=None, precipitation=None,
                                   temperature_c=None)}  # fmt: skip
NO_WEATHER: dict[str, Any] = {"weather": None}

CASES = [
    *(Case(check, PASSED) for check in CHECKS),
    Case(aircraft.radio_link, FAILED, "not heard for 5 s", {"link": LinkState.LOST, "link_changed_s": NOW_S - 5.0}),
    Case(aircraft.radio_link, UNKNOWN, "never heard", {"link": LinkState.NEVER_SEEN}),
    Case(aircraft.on_the_ground, FAILED, "somebody else flies it", {"armed": Timed(True, NOW_S)}),
    Case(aircraft.on_the_ground, FAILED, "in the air", {"landed": Timed(LandedState.IN_AIR, NOW_S)}),
    Case(aircraft.on_the_ground, UNKNOWN, "has not said", {"armed": None}),
    Case(aircraft.position, FAILED, "3.0 s old", {"kinematics": OLD}),
    Case(aircraft.position, FAILED, "guess", {"satellite_fix": Timed(SatelliteFix(FixKind.FLAT), NOW_S)}),
    Case(aircraft.position, UNKNOWN, "no position", {"kinematics": None}),
    Case(aircraft.satellite_fix, FAILED, "2D fix", {"satellite_fix": Timed(SatelliteFix(FixKind.FLAT), NOW_S)}),
    Case(aircraft.satellite_fix, FAILED, "5 satellites", {"satellites": Timed(5, NOW_S)}),
    Case(aircraft.satellite_fix, UNKNOWN, "has not said", {"satellite_fix": None}),
    Case(aircraft.position_accuracy, FAILED, "7.5 m", {"estimate": Timed(Estimate(7.5, 1.0, 0.1), NOW_S)}),
    Case(aircraft.position_accuracy, UNKNOWN, "exact", {"satellite_fix": None, "estimate": None}),
    Case(aircraft.home_position, FAILED, "60 m from its dock", {"home": Timed(BESIDE, NOW_S)}),
    Case(aircraft.home_position, UNKNOWN, "where its home is", {"home": None}),
    Case(aircraft.home_height, FAILED, "20 m above its dock", {"home": Timed(ON_ROOF, NOW_S)}),
    Case(aircraft.home_height, UNKNOWN, "how high", {"home": None}),
    Case(aircraft.heading, FAILED, "calibrate", {"estimate": Timed(Estimate(0.4, 0.4, 1.2), NOW_S)}),
    Case(aircraft.heading, UNKNOWN, "heading", {"kinematics": NO_HEADING}),
    Case(aircraft.sensors, FAILED, "compass is not healthy", {"sensors": Timed(BAD_COMPASS, NOW_S)}),
    Case(aircraft.sensors, FAILED, "There is no GPS", {"sensors": Timed(NO_GPS, NOW_S)}),
    Case(aircraft.sensors, UNKNOWN, "sensors", {"sensors": None}),
    Case(aircraft.autopilot, FAILED, "pre-arm", {"health": Timed(Health(False, ("Its pre-arm check fails.",)), NOW_S)}),
    Case(aircraft.autopilot, UNKNOWN, "health", {"health": None}),
    Case(aircraft.parameters, FAILED, "NAV_DLL_ACT is 0", {"parameter_faults": ("NAV_DLL_ACT is 0.",)}),
    Case(aircraft.parameters, UNKNOWN, "have not been read", {"parameter_faults": None}),
    Case(stores.battery, FAILED, "40%", {"battery": Timed(Battery(0.4), NOW_S)}),
    Case(stores.battery, FAILED, "90% is the least", limits={"least_battery_fraction": 0.9},
         heard={"battery": Timed(Battery(0.8), NOW_S)}),
    Case(stores.battery, UNKNOWN, "battery", {"battery": None}),
    Case(stores.battery_cells, FAILED, "0.30 V apart", {"battery": Timed(Battery(0.9, 16.0, (4.1, 4.1, 3.8)), NOW_S)},
         blocks=True),
    Case(stores.battery_cells, UNKNOWN, "apart", {"battery": Timed(Battery(0.9), NOW_S)}, blocks=False),
    Case(stores.battery_cells, UNKNOWN, "apart", {"battery": Timed(Battery(0.9), NOW_S)},
         settings={"cells": Need.REQUIRE}, blocks=True),
    Case(stores.storage, FAILED, "no storage", {"storage": Timed(Storage(False), NOW_S)}, blocks=True),
    Case(stores.storage, FAILED, "100 MB left", {"storage": Timed(Storage(True, 1000.0, 100.0), NOW_S)}, blocks=True),
    Case(stores.storage, UNKNOWN, "how much room", {"storage": None}, blocks=False),
    Case(stores.storage, UNKNOWN, "how much room", {"storage": None}, settings={"storage": Need.REQUIRE}, blocks=True),
    Case(stores.storage, NOT_REQUIRED, settings={"storage": Need.OFF}),
    Case(aircraft.remote_id, FAILED, "no GNSS", {"remote_id": RemoteId(RemoteIdState.BAD, "no GNSS", NOW_S)}),
    Case(aircraft.remote_id, UNKNOWN, "has been heard", {"remote_id": RemoteId()}, blocks=True),
    Case(aircraft.remote_id, UNKNOWN, "has been heard", {"remote_id": RemoteId()}, settings={"remote_id": Need.WARN},
         blocks=False),
    Case(aircraft.remote_id, NOT_REQUIRED, "site", {"remote_id": RemoteId()}, settings={"remote_id": Need.OFF}),
    Case(aircraft.remote_id, NOT_REQUIRED, "regime", {"remote_id": RemoteId()}, regime={"remote_id_required": False}),
    Case(stores.fence, FAILED, "dropped", {"fence_problem": "PX4 has dropped the fence."}, blocks=True),
    Case(stores.fence, UNKNOWN, "waits for it", {"fence": None}, blocks=False),
    Case(stores.fence, UNKNOWN, "nothing launches without it", {"fence": None}, launching=True, blocks=True),
    Case(stores.video, FAILED, "no pictures", picture={
        "streams": (replace(LIVE, state=StreamState.LOST, sentence="There are no pictures."),)}, blocks=True),
    Case(stores.video, FAILED, "4 s old", picture={"streams": (replace(LIVE, last_frame_s=NOW_S - 4.0),)}),
    Case(stores.video, FAILED, "4 s old", picture={"streams": (replace(LIVE, last_frame_s=NOW_S - 4.0),)},
         settings={"video": Need.WARN}, blocks=False),
    Case(stores.video, UNKNOWN, "Nothing is known", picture={"streams": ()}),
    Case(stores.video, NOT_REQUIRED, "no video declared", picture={"cameras": ()}),
    Case(path.launch_column, FAILED, "outside", {"home": Timed(Waypoint(place(5000.0, 0.0), Amsl(705.0)), NOW_S)}),
    Case(path.launch_column, FAILED, "SKY-2 is in the air", other=at(Waypoint(place(10.0, 0.0), Amsl(730.0)), HERE)),
    Case(path.launch_column, PASSED, other=at(Waypoint(place(10.0, 0.0), Amsl(900.0)), HERE)),
    Case(path.launch_column, FAILED, "N123AB is 300 m from the way", picture=helicopter(-300.0, 0.0), blocks=True),
    Case(path.launch_column, PASSED, picture=helicopter(-3000.0, 0.0)),
    Case(path.launch_column, UNKNOWN, "no home", {"home": None}),
    Case(path.landing_place, FAILED, "SKY-2 stands on", other=standing(Waypoint(place(4.0, 0.0), Amsl(705.0)), HERE)),
    Case(path.landing_place, PASSED, other=standing(Waypoint(place(40.0, 0.0), Amsl(705.0)), HERE)),
    Case(path.landing_place, UNKNOWN, "never heard", {"link_changed_s": None}),
    Case(path.way_home, FAILED, "leaves its fence", way=(*WAY, Waypoint(place(3000.0, 0.0), Amsl(760.0)))),
    Case(path.way_home, FAILED, "SKY-2 is in the air", other=at(Waypoint(place(225.0, 135.0), Amsl(765.0)), HERE)),
    Case(path.way_home, FAILED, "SKY-1's way home: Helicopter", picture=helicopter(900.0, 270.0), blocks=True),
    Case(path.way_home, PASSED, picture=helicopter(3000.0, 270.0)),
    Case(path.way_home, UNKNOWN, "no home", {"home": None}),
    Case(path.way_home, NOT_REQUIRED, "no scene", way=()),
    Case(weather.weather_report, FAILED, "100 min old", picture=wet(observed_s=NOW_S - 6000.0), blocks=True),
    Case(weather.weather_report, FAILED, "100 min old", picture=wet(observed_s=NOW_S - 6000.0),
         settings={"weather": Need.WARN}, blocks=False),
    Case(weather.weather_report, UNKNOWN, "No weather report", picture=NO_WEATHER, blocks=True),
    Case(weather.weather_report, NOT_REQUIRED, "not watched", settings={"weather_declared": False}),
    Case(weather.wind, FAILED, "11.0 m/s from 280°", picture=wet(wind=Wind(11.0, 280.0))),
    Case(weather.wind, FAILED, "SKY-2 in the air", other={"wind": Timed(Wind(12.0, 90.0), NOW_S),
                                                         "landed": Timed(LandedState.IN_AIR, NOW_S)}),
    Case(weather.wind, PASSED, other={"wind": Timed(Wind(12.0, 90.0), NOW_S - 90.0),
                                      "landed": Timed(LandedState.IN_AIR, NOW_S)}),
    Case(weather.wind, UNKNOWN, "no weather report", picture=NOTHING_SAID),
    Case(weather.wind, UNKNOWN, "fresh enough", picture=wet(observed_s=NOW_S - 6000.0)),
    Case(weather.wind, NOT_REQUIRED, "not watched", picture=NO_WEATHER, settings={"weather_declared": False}),
    Case(weather.gusts, FAILED, "Gusts reach 14.0 m/s", picture=wet(wind=Wind(6.0, 280.0, 14.0))),
    Case(weather.gusts, UNKNOWN, "no weather report", picture=NO_WEATHER),
    Case(weather.visibility, FAILED, "4.0 km", picture=wet(visibility_m=4000.0)),
    Case(weather.visibility, UNKNOWN, "no weather report", picture=NOTHING_SAID),
    Case(weather.visibility, NOT_REQUIRED, "no limit", regime={"least_visibility_m": None}),
    Case(weather.clouds, FAILED, "150 m above the ground", picture=wet(cloud_base=Agl(150.0))),
    Case(weather.clouds, PASSED, "lowest at 300 m", picture=wet(cloud_base=Agl(300.0))),
    Case(weather.clouds, UNKNOWN, "no weather report", picture=NOTHING_SAID),
    Case(weather.precipitation, FAILED, "Light rain", picture=wet(precipitation=("light rain",))),
    Case(weather.precipitation, FAILED, "Thunderstorm", picture=wet(thunderstorm=True)),
    Case(weather.precipitation, NOT_REQUIRED, picture=wet(precipitation=("rain",)), limits={"rain_allowed": True}),
    Case(weather.precipitation, UNKNOWN, "no weather report", picture=NOTHING_SAID),
    Case(weather.temperature, FAILED, "-3 °C", picture=wet(temperature_c=-3.0)),
    Case(weather.temperature, UNKNOWN, "no weather report", picture=NOTHING_SAID),
    Case(rules.light, PASSED, "day", picture={"now_s": NOON_S}),
    Case(rules.light, PASSED, "seen from 5.0 km", equipment={"light_visible_m": 5000.0}),
    Case(rules.light, FAILED, "Part 107 (14 CFR 107.29) asks", equipment={"light_visible_m": 0.0},
         blocks=True),
    Case(rules.light, FAILED, "civil twilight, no light", equipment={"light_visible_m": 0.0},
         picture={"now_s": SUNSET_S - 600.0}),
    Case(rules.light, FAILED, "allows none", regime={"night_allowed": False}, equipment={"light_visible_m": 5000.0}),
    Case(rules.light, PASSED, "twilight", regime={"night_allowed": False, "light_visible_m": None},
         picture={"now_s": SUNSET_S - 600.0}),
    Case(rules.light, UNKNOWN, "not known", equipment=NOTHING, blocks=True),
    Case(rules.light, NOT_REQUIRED, "no limit", regime={"light_visible_m": None}),
    Case(rules.traffic_sensor, PASSED, "on board", equipment={"adsb_in": True}),
    Case(rules.traffic_sensor, PASSED, "roof", equipment=NOTHING, picture=receiver(NOW_S - 5.0)),
    Case(rules.traffic_sensor, FAILED, "neither", equipment=NOTHING, blocks=True),
    Case(rules.traffic_sensor, UNKNOWN, "is heard", equipment=NOTHING, picture=receiver(NOW_S - 90.0), blocks=True),
    Case(rules.traffic_sensor, UNKNOWN, "silent", equipment=NOTHING,
         picture=receiver(NOW_S, "It is silent."), blocks=True),
    Case(rules.traffic_sensor, NOT_REQUIRED, "regime", regime={"traffic_sensor_required": False}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check.__name__}-{case.state}")
def test_a_check_says_what_it_found(case: Case) -> None:
    found = case.check(case.subject())
    assert found.state is case.state, found
    assert case.says.lower() in f"{found.value} {found.sentence}".lower()
    assert (found.sentence == "") is (found.state in (PASSED, NOT_REQUIRED))
    assert found.name
    assert found.limit
    if case.blocks is not None:
        assert found.blocks is case.blocks
    if found.state in (PASSED, NOT_REQUIRED):
        assert not found.blocks


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_check_has_its_rows(check: Callable[[Subject], Check]) -> None:
    assert {case.state for case in CASES if case.check is check} >= {PASSED, FAILED, UNKNOWN}


def test_names_are_told_apart() -> None:
    names = [check.name for check in preflight(FILMED, fine_picture())]
    assert len(set(names)) == len(names) == len(CHECKS)


@pytest.mark.parametrize("case", [case for case in CASES if case.blocks], ids=lambda case: case.check.__name__)
def test_a_check_that_blocks_keeps_the_aircraft_from_going_and_says_so(case: Case) -> None:
    subject = case.subject()
    state, sentences = readiness(subject.asset, subject.picture, subject.way, subject.launching)
    assert state == "not_ready"
    assert case.check(subject).sentence in sentences


@pytest.mark.parametrize("case", [case for case in CASES if case.state is FAILED], ids=lambda case: case.check.__name__)
def test_a_failed_check_blocks_unless_the_site_says_otherwise(case: Case) -> None:
    assert case.check(replace(case, settings={}).subject()).blocks


def test_when_all_is_well_it_is_ready_and_nothing_blocks() -> None:
    picture = fine_picture()
    assert readiness(FILMED, picture, WAY, launching=True) == ("ready", ())
    assert blockers(preflight(FILMED, picture, WAY, launching=True)) == ()


def test_what_sensors_and_parameters_say_is_not_said_again_by_the_autopilot() -> None:
    faults = ("The compass is not healthy.", "NAV_DLL_ACT is 0.")
    heard: dict[str, Any] = {
        "health": Timed(Health(False, faults), NOW_S),
        "sensors": Timed(BAD_COMPASS, NOW_S),
        "parameter_faults": faults[1:],
    }
    case = Case(aircraft.autopilot, PASSED, heard=heard)
    assert case.check(case.subject()).state is PASSED
    subject = case.subject()
    assert len(readiness(subject.asset, subject.picture)[1]) == 2

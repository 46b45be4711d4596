"""What a flight is flown under: chosen before the launch, kept with it, and each of its limits refuses alone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.core.asset import Asset
from dfr.core.command import Command, GoTo, Launch, Orbit, Origin, Request
from dfr.core.flight import FlightState
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Waypoint
from dfr.core.limits import Equipment, Need, PreflightSettings
from dfr.core.regime import ControlledAirspace, NearStructure, Regime, RegimeLimits
from dfr.core.weather import Weather, Wind
from dfr.core.zone import Zone, ZoneKind
from dfr.dispatch.choice import choose
from dfr.dispatch.gate import Refused, authorize
from dfr.dispatch.orders import OrderContext, command_for
from dfr.dispatch.picture import Picture, Site, SiteRegimes
from dfr.dispatch.policy import PolicyAction, Rule
from dfr.dispatch.refusal import NotDone
from dfr.dispatch.table import Effect
from tests.unit.dispatch.small import (
    AREA,
    GROUND,
    HELIPAD,
    ORIGIN,
    SCENE,
    SCHOOL,
    SKY_1,
    SKY_2,
    Rig,
    a_flight,
    circle,
    place,
    small_site,
)

RULES = {
    name: f"rule of {name}"
    for name in (
        "greatest_height", "greatest_speed", "least_visibility", "least_below_cloud", "night", "light",
        "traffic_sensor", "most_aircraft_a_pilot", "remote_id", "controlled_airspace", "farthest_from_pilot", "tether",
    )
}  # fmt: skip
OPEN = Regime("open", "The open regime", "made up", RegimeLimits(), RULES)
CONTROLLED = Zone("class-c", "the class C", ZoneKind.CAUTION, circle(500.0, 300.0, 200.0), controlled=True)


def under(**limits: object) -> Regime:
    return replace(OPEN, id="strict", name="The strict regime", limits=RegimeLimits(**limits))  # type: ignore[arg-type]


def site_under(*regimes: Regime, pilots: int = 1, authorisation: str = "", assets: tuple[Asset, ...] = ()) -> Site:
    return replace(
        small_site(*assets),
        regimes=SiteRegimes(regimes, pilots, authorisation),
        airspace=Airspace([AREA, HELIPAD, SCHOOL, CONTROLLED], FlatGround(GROUND), ORIGIN),
    )


def rig(folder: Path, site: Site) -> Rig:
    made = Rig(folder, site)
    made.ready()
    return made


FORBIDDING: dict[str, RegimeLimits] = {
    "greatest_height": RegimeLimits(greatest_height=Agl(30.0)),
    "least_visibility": RegimeLimits(least_visibility_m=5000.0),
    "least_below_cloud": RegimeLimits(least_below_cloud_m=150.0),
    "night": RegimeLimits(night_allowed=False),
    "light": RegimeLimits(light_visible_m=4828.0),
    "traffic_sensor": RegimeLimits(traffic_sensor_required=True),
    "remote_id": RegimeLimits(remote_id_required=True),
    "controlled_airspace": RegimeLimits(controlled_airspace=ControlledAirspace.AUTHORISED),
    "farthest_from_pilot": RegimeLimits(farthest_from_pilot_m=300.0),
    "tether": RegimeLimits(tether_required=True),
}
"""Each alone keeps everybody on the ground: at night, with nothing on board, and a scene in controlled airspace."""


def low_clouds(now_s: float) -> Weather:
    base = Agl(100.0)
    return Weather(now_s, "METAR", Wind(1.0, 0.0), 4000.0, base, base, precipitation=(), temperature_c=20.0)


@pytest.mark.parametrize("limit", FORBIDDING)
def test_each_limit_alone_refuses_a_launch_and_is_named(tmp_path: Path, limit: str) -> None:
    strict = replace(OPEN, id="strict", name="The strict regime", limits=FORBIDDING[limit])
    weather = PreflightSettings(weather_declared=True, weather=Need.REQUIRE)
    site = site_under(OPEN, strict)
    if limit in ("least_visibility", "least_below_cloud"):
        site = replace(site, preflight=weather)
    made = rig(tmp_path, site)
    picture = made.director.picture(made.now_s)
    if limit in ("least_visibility", "least_below_cloud"):
        picture = replace(picture, weather=low_clouds(made.now_s))
    free, refused = choose(SCENE, picture, "sky-1"), choose(SCENE, picture, "sky-1", regime=strict)
    assert free.best is not None, free.sentence
    assert refused.best is None
    assert f"The strict regime (rule of {limit})" in refused.sentence


def test_heights_are_planned_below_the_regime_s(tmp_path: Path) -> None:
    """The site flies 60 m above the ground; a regime that ends there leaves 5 m less, for the aircraft's altitude."""
    made = rig(tmp_path, site_under(OPEN, under(greatest_height=Agl(60.0))))
    picture = made.director.picture(made.now_s)
    free, low = choose(SCENE, picture, "sky-1"), choose(SCENE, picture, "sky-1", regime=made.site.regimes.may_use[1])
    assert free.best is not None
    assert low.best is not None
    assert max(corner.altitude.m for corner in free.best.route.waypoints) == 760.0
    assert max(corner.altitude.m for corner in low.best.route.waypoints) <= 755.0


def test_the_equipment_that_a_regime_asks_for_lets_it_go(tmp_path: Path) -> None:
    strict = under(light_visible_m=4828.0, traffic_sensor_required=True, tether_required=True)
    carried = Equipment(light_visible_m=5000.0, adsb_in=True, tethered=True)
    asset = replace(SKY_1, airframe=replace(SKY_1.airframe, equipment=carried))
    made = rig(tmp_path, site_under(strict, assets=(asset,)))
    assert choose(SCENE, made.director.picture(made.now_s)).best is not None


def test_an_authorisation_opens_controlled_airspace_where_the_regime_knows_one(tmp_path: Path) -> None:
    authorised = under(controlled_airspace=ControlledAirspace.AUTHORISED)
    closed = under(controlled_airspace=ControlledAirspace.CLOSED)
    made = rig(tmp_path, site_under(authorised, authorisation="LAANC-1"))
    picture = made.director.picture(made.now_s)
    assert choose(SCENE, picture).best is not None
    assert choose(SCENE, picture, regime=closed).best is None
    assert choose(place(-500.0, 500.0), picture, regime=closed).best is not None


def test_a_flight_keeps_the_regime_it_was_begun_under_over_a_restart(tmp_path: Path) -> None:
    strict = under(greatest_height=Agl(100.0), near_structure=NearStructure(15.0, 15.0), most_aircraft_a_pilot=2)
    rules = (Rule("urgent", PolicyAction.AUTO, priorities=frozenset({1}), regime="strict"),)
    made = rig(tmp_path, replace(site_under(OPEN, strict), rules=rules))
    flight_id = made.launched()
    assert made.flight(flight_id).regime == strict
    made.until_state(flight_id, FlightState.EN_ROUTE)
    made.site = replace(made.site, regimes=SiteRegimes((OPEN,)))
    made.restart()
    assert made.flight(flight_id).regime == strict
    assert made.director.picture(made.now_s).regime_of(made.flight(flight_id)) == strict


def test_without_a_rule_s_regime_it_is_the_site_s_first(tmp_path: Path) -> None:
    made = rig(tmp_path, site_under(OPEN, under(tether_required=True)))
    assert made.flight(made.launched()).regime == OPEN


def test_a_pilot_chooses_one_of_the_site_s(tmp_path: Path) -> None:
    strict = under(most_aircraft_a_pilot=1)
    made = rig(tmp_path, site_under(OPEN, strict))
    incident = made.call(source_id="2", type="ROBBERY", priority=3).incident
    with pytest.raises(NotDone) as refused:
        made.by_hand(incident.id, regime_id="part_108")
    assert refused.value.sentences == ("This site may not fly under a regime part_108; it may under open, strict.",)
    assert made.by_hand(incident.id, regime_id="strict").regime == strict


def test_a_journal_of_before_regimes_is_read(tmp_path: Path) -> None:
    made = rig(tmp_path, site_under(under(farthest_from_pilot_m=5000.0)))
    flight = made.flight(made.launched())
    old = json.loads(made.memory._journal.read(kinds=("flight",)).__next__().data)
    assert old.pop("regime")["id"] == "strict"
    made.journal.append("flight", old | {"id": "flight-old"}, at_s=made.now_s, flight_id="flight-old")
    made.restart()
    assert made.flight("flight-old").regime is None
    picture = made.director.picture(made.now_s)
    assert picture.regime_of(made.flight("flight-old")) is made.site.regimes.default
    assert made.flight(flight.id).regime == made.site.regimes.default


def in_flight(made: Rig, regime: Regime) -> Picture:
    """SKY-1 hovers above its dock on a flight under a regime."""
    picture = made.director.picture(made.now_s)
    return replace(picture, flights={"sky-1": a_flight(FlightState.ON_SCENE, made.clock, regime=regime)})


def asked(picture: Picture, command: Command) -> str:
    request = Request("r", "sky-1", command, Origin.PILOT, "pilot", "flight-1")
    answer = authorize(request, picture, picture.now_s)
    return " ".join(answer.reasons) if isinstance(answer, Refused) else ""


FAST = under(greatest_speed_mps=8.0)
NEAR = under(farthest_from_pilot_m=300.0)
LOW = under(greatest_height=Agl(50.0))


def flying(tmp_path: Path) -> Rig:
    made = rig(tmp_path, site_under(OPEN))
    flight_id = made.launched()
    made.until_state(flight_id, FlightState.ON_SCENE)
    return made


def test_each_limit_holds_for_what_a_pilot_asks_in_flight(tmp_path: Path) -> None:
    made = flying(tmp_path)
    there = Waypoint(place(400.0, 300.0), Amsl(755.0))
    go, orbit = GoTo(there, 10.0), Orbit(place(400.0, 250.0), Amsl(755.0), 30.0, 10.0)
    for command in (go, orbit):
        assert asked(in_flight(made, OPEN), command) == ""
        assert "(rule of greatest_speed) allows 8.0 m/s" in asked(in_flight(made, FAST), command)
        assert asked(in_flight(made, FAST), replace(command, speed_mps=8.0)) == ""
        assert "(rule of farthest_from_pilot) allows 300 m" in asked(in_flight(made, NEAR), command)
        assert "(rule of greatest_height) allows 50 m above ground" in asked(in_flight(made, LOW), command)


def test_controlled_airspace_is_not_entered_but_may_be_left(tmp_path: Path) -> None:
    made = flying(tmp_path)
    closed = under(controlled_airspace=ControlledAirspace.CLOSED)
    inside = in_flight(made, closed)
    assert asked(inside, GoTo(Waypoint(place(100.0, 60.0), Amsl(755.0)), 10.0)) == ""
    kinematics = inside.telemetry["sky-1"].kinematics
    assert kinematics is not None
    moved = replace(kinematics, value=replace(kinematics.value, position=place(0.0, 0.0)))
    outside = replace(
        inside, telemetry={**inside.telemetry, "sky-1": replace(inside.telemetry["sky-1"], kinematics=moved)}
    )
    assert "rule of controlled_airspace" in asked(outside, GoTo(Waypoint(place(450.0, 270.0), Amsl(755.0)), 10.0))


def test_the_launch_itself_is_held_against_the_flight_s_regime(tmp_path: Path) -> None:
    made = rig(tmp_path, site_under(OPEN))
    picture = made.director.picture(made.now_s)
    for regime, said in ((LOW, "rule of greatest_height"), (NEAR, "rule of farthest_from_pilot"),
                         (under(tether_required=True), "rule of tether"), (OPEN, "")):  # fmt: skip
        flight = a_flight(FlightState.PREPARING, made.clock, regime=regime)
        found = asked(replace(picture, flights={"sky-1": flight}), Launch(AboveTakeoff(50.0)))
        assert said in found
        assert (found == "") is (said == "")


def test_orders_are_no_faster_than_the_regime(tmp_path: Path) -> None:
    made = rig(tmp_path, site_under(OPEN))
    flight = a_flight(FlightState.EN_ROUTE, made.clock, leg=1)
    context = OrderContext(SKY_1.airframe, made.site.settings, None, None, None, GROUND, FAST)
    for effect in (Effect.SEND_LEG, Effect.SEND_ORBIT):
        command = command_for(effect, flight, context)
        assert isinstance(command, GoTo | Orbit)
        assert command.speed_mps == min(8.0, command_for(effect, flight, replace(context, regime=OPEN)).speed_mps)  # type: ignore[union-attr]


@pytest.mark.parametrize(("pilots", "each", "may"), [(1, 1, False), (2, 1, True), (1, 2, True), (1, None, True)])
def test_aircraft_a_pilot(tmp_path: Path, pilots: int, each: int | None, may: bool) -> None:
    """Of the new flight's regime and of those that are flown already, whichever allows less."""
    made = rig(tmp_path, site_under(OPEN, pilots=pilots))
    picture = made.director.picture(made.now_s)
    strict = under(most_aircraft_a_pilot=each)
    for flown, new in ((strict, OPEN), (OPEN, strict)):
        flight = a_flight(FlightState.EN_ROUTE, made.clock, SKY_2.id, id="flight-2", regime=flown)
        busy = replace(picture, flights={SKY_2.id: flight})
        choice = choose(SCENE, busy, "sky-1", regime=new)
        assert (choice.best is not None) is may, choice.sentence
        mine = a_flight(FlightState.PREPARING, made.clock, regime=new)
        said = asked(replace(busy, flights={**busy.flights, "sky-1": mine}), Launch(AboveTakeoff(50.0)))
        assert (said == "") is may
        assert may or "The strict regime (rule of most_aircraft_a_pilot) allows 1 a pilot" in said


def test_the_guard_goes_by_each_flight_s_regime(tmp_path: Path) -> None:
    made = flying(tmp_path)
    overwatch = made.director._overwatch
    assert overwatch.foresee(in_flight(made, OPEN))["sky-1"].action == "clear"
    assert overwatch.foresee(in_flight(made, under(greatest_height=Agl(20.0))))["sky-1"].action == "return"

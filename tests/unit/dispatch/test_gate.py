"""The one gate: every reason against every kind of command."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.airspace.leaving import rest_of_way_out
from dfr.core.clock import ManualClock
from dfr.core.command import (
    Command,
    Disarm,
    GoTo,
    Hold,
    Launch,
    LookAt,
    LookAtHorizon,
    Orbit,
    Origin,
    Request,
    ReturnHome,
    UploadFence,
)
from dfr.core.fence import FencePlan
from dfr.core.flight import FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.onboard import FixKind, SatelliteFix
from dfr.core.rally import RallyPoint
from dfr.core.telemetry import Battery, FenceOnBoard, Health, LandedState, LinkState, Telemetry, Timed
from dfr.dispatch.fences import FenceBook, outside_fence
from dfr.dispatch.gate import Authorized, Refused, authorize
from dfr.dispatch.picture import Picture, Site
from tests.support.fakes import FakeFleet
from tests.unit.dispatch.small import AIRSPACE, AT_SCHOOL, SCENE, SKY_1, SKY_2, a_flight, asset, place, small_site

S = FlightState
UP = Amsl(755.0)
ON_SCENE_PLACE = place(450.0, 270.0)


@dataclass
class Case:
    """A picture that a test spoils."""

    picture: Picture

    @property
    def telemetry(self) -> Telemetry:
        return self.picture.telemetry["sky-1"]

    def hear(self, asset_id: str = "sky-1", **changes: object) -> "Case":
        changed = replace(self.picture.telemetry[asset_id], **changes)  # type: ignore[arg-type]
        self.picture = replace(self.picture, telemetry={**self.picture.telemetry, asset_id: changed})
        return self

    def fly(self, state: FlightState, asset_id: str = "sky-1", **changes: object) -> "Case":
        clock = ManualClock(self.picture.now_s)
        flight = a_flight(state, clock, asset_id, **changes)
        self.picture = replace(self.picture, flights={**self.picture.flights, asset_id: flight})
        return self

    def aloft(self, at: Position = ON_SCENE_PLACE, altitude: Amsl = UP, asset_id: str = "sky-1") -> "Case":
        kinematics = self.picture.telemetry[asset_id].kinematics
        assert kinematics is not None
        value = replace(kinematics.value, position=at, altitude=altitude, height=AboveTakeoff(altitude.m - 705.0))
        now_s = self.picture.now_s
        return self.hear(asset_id, kinematics=Timed(value, now_s), landed=Timed(LandedState.IN_AIR, now_s))

    def ask(self, command: Command, **changes: object) -> Authorized | Refused:
        request = Request("r", "sky-1", command, Origin.PILOT, "pat", "flight-1")
        return authorize(replace(request, **changes), self.picture, self.picture.now_s)  # type: ignore[arg-type]

    def reasons(self, command: Command, **changes: object) -> tuple[str, ...]:
        answer = self.ask(command, **changes)
        return answer.reasons if isinstance(answer, Refused) else ()


def on_dock(site: Site | None = None) -> Case:
    """Every aircraft on its dock with its fence on board; SKY-1 is about to launch."""
    site = site or small_site()
    clock = ManualClock()
    telemetry = dict(FakeFleet(site.assets, clock).telemetry())
    book = FenceBook(site)
    plans, problems = book.plans, book.problems
    case = Case(Picture(clock.now_s(), site, telemetry, {}, plans, problems))
    for asset_id, plan in plans.items():
        case.hear(asset_id, fence=_on_board(plan))
    return case.fly(S.LAUNCHING)


def flying(state: FlightState = S.ON_SCENE) -> Case:
    return on_dock().fly(state).aloft()


def _on_board(plan: FencePlan) -> FenceOnBoard:
    return FenceOnBoard(plan.digest, 0.0)


LAUNCH = Launch(AboveTakeoff(45.0))
GO = GoTo(Waypoint(place(440.0, 300.0), UP), 12.0)
ORBIT = Orbit(SCENE, UP, 60.0, 5.0)
LOOK = LookAt(SCENE, Amsl(700.0))
IN_FLIGHT: tuple[Command, ...] = (GO, ORBIT, Hold(), ReturnHome(), LOOK, LookAtHorizon())


def fence(case: Case) -> UploadFence:
    return UploadFence(case.picture.fences["sky-1"])


# -- who may ask ----------------------------------------------------------------------------------------------------


def test_nobody_else_makes_an_authorized() -> None:
    request = Request("r", "sky-1", Hold(), Origin.PILOT, "pat", "flight-1")
    for key in (None, object(), "key"):
        with pytest.raises(TypeError, match="gate"):
            Authorized(request, 0.0, key=key)
    with pytest.raises(TypeError):
        Authorized(request, 0.0)  # type: ignore[call-arg]


@pytest.mark.parametrize("command", IN_FLIGHT)
def test_all_is_well_on_scene(command: Command) -> None:
    case = flying()
    answer = case.ask(command)
    assert isinstance(answer, Authorized), answer
    assert answer.request.command is command
    assert answer.at_s == case.picture.now_s


def test_all_is_well_on_the_dock() -> None:
    case = on_dock()
    for command in (LAUNCH, fence(case), Disarm(), LookAtHorizon()):
        assert isinstance(case.ask(command), Authorized), command


@pytest.mark.parametrize("command", [*IN_FLIGHT, LAUNCH, Disarm()])
def test_an_unknown_aircraft_is_never_commanded(command: Command) -> None:
    (reason,) = flying().reasons(command, asset_id="stranger")
    assert "stranger" in reason


@pytest.mark.parametrize("command", [*IN_FLIGHT, LAUNCH, Disarm()])
def test_a_command_names_the_flight_that_the_aircraft_is_on(command: Command) -> None:
    case = flying()
    assert any("not on the flight" in reason for reason in case.reasons(command, flight_id="flight-2"))
    assert any("none was named" in reason for reason in case.reasons(command, flight_id=None))
    case.picture = replace(case.picture, flights={})
    assert any("not on the flight" in reason for reason in case.reasons(command))


def test_a_flight_of_another_aircraft_does_not_open_the_gate() -> None:
    case = flying()
    case.fly(S.ON_SCENE, "sky-2", id="flight-2")
    assert any("not on the flight" in reason for reason in case.reasons(Hold(), flight_id="flight-2"))


def test_without_a_flight_the_engine_may_put_a_fence_on_board_and_nothing_else() -> None:
    case = on_dock()
    case.picture = replace(case.picture, flights={})
    assert isinstance(case.ask(fence(case), flight_id=None, origin=Origin.ENGINE), Authorized)
    assert isinstance(case.ask(fence(case), flight_id=None, origin=Origin.PILOT), Refused)
    for command in (LAUNCH, *IN_FLIGHT, Disarm()):
        assert isinstance(case.ask(command, flight_id=None, origin=Origin.ENGINE), Refused)


@pytest.mark.parametrize("origin", [Origin.ENGINE, Origin.GUARD, Origin.POLICY])
@pytest.mark.parametrize("command", IN_FLIGHT)
def test_taken_over_it_is_left_alone_by_all_but_the_pilot(command: Command, origin: Origin) -> None:
    case = flying(S.TAKEN_OVER)
    assert any("somebody else" in reason for reason in case.reasons(command, origin=origin))
    assert isinstance(case.ask(Hold(), origin=Origin.PILOT), Authorized)


# -- silence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [LinkState.LOST, LinkState.NEVER_SEEN])
def test_what_makes_a_flight_safer_is_sent_into_silence(link: LinkState) -> None:
    case = flying().hear(link=link)
    assert isinstance(case.ask(Hold()), Authorized)
    assert isinstance(case.ask(ReturnHome()), Authorized)


@pytest.mark.parametrize("command", [GO, ORBIT, LOOK, LookAtHorizon()])
def test_nothing_else_is(command: Command) -> None:
    assert any("not heard" in reason for reason in flying().hear(link=LinkState.LOST).reasons(command))
    case = on_dock().hear(link=LinkState.LOST)
    assert any("not heard" in reason for reason in case.reasons(LAUNCH))
    assert any("not heard" in reason for reason in case.reasons(fence(case)))


# -- ground and air -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("landed", [None, LandedState.TAKING_OFF, LandedState.IN_AIR, LandedState.LANDING])
def test_motors_are_never_stopped_in_the_air_nor_when_that_is_unknown(landed: LandedState | None) -> None:
    case = flying().hear(landed=None if landed is None else Timed(landed, 0.0))
    assert any("in the air" in reason for reason in case.reasons(Disarm()))


@pytest.mark.parametrize("command", [GO, ORBIT, Hold()])
def test_on_the_ground_nothing_flies(command: Command) -> None:
    assert any("on the ground" in reason for reason in on_dock().reasons(command))


def test_a_return_is_let_through_on_the_ground_to_end_a_launch() -> None:
    assert isinstance(on_dock().fly(S.RETURNING).ask(ReturnHome()), Authorized)


@pytest.mark.parametrize("command", [GO, ORBIT])
def test_an_old_or_unknown_position_moves_nothing(command: Command) -> None:
    case = flying()
    kinematics = case.telemetry.kinematics
    assert kinematics is not None
    old = Timed(kinematics.value, case.picture.now_s - 0.6)
    assert any("0.6 s old" in reason for reason in case.hear(kinematics=old).reasons(command))
    assert any("no position" in reason for reason in case.hear(kinematics=None).reasons(command))
    fresh = Timed(kinematics.value, case.picture.now_s - 0.4)
    assert isinstance(case.hear(kinematics=fresh).ask(command), Authorized)
    guess = Timed(SatelliteFix(FixKind.FLAT), case.picture.now_s)
    assert any("a guess" in reason for reason in case.hear(kinematics=fresh, satellite_fix=guess).reasons(command))


# -- where ----------------------------------------------------------------------------------------------------------


def test_the_way_does_not_lead_through_a_no_fly_zone() -> None:
    case = flying().aloft(place(800.0, 500.0))
    reasons = case.reasons(GoTo(Waypoint(place(800.0, 1200.0), UP), 12.0))
    assert any("The way there" in reason and "the helipad" in reason for reason in reasons)
    assert any("way home" in reason and "the helipad" in reason for reason in case.reasons(
        GoTo(Waypoint(place(1100.0, 1080.0), UP), 12.0)
    ))  # fmt: skip


def test_every_reason_is_given_at_once() -> None:
    case = flying().aloft(place(800.0, 500.0), Amsl(815.0))
    reasons = case.reasons(GoTo(Waypoint(place(1200.0, 1200.0), Amsl(900.0)), 12.0))
    assert any("The way there" in reason and "the helipad" in reason for reason in reasons)
    assert any("The way there" in reason and "too high" in reason for reason in reasons)
    assert any("way home" in reason for reason in reasons)
    silent = case.hear(link=LinkState.LOST, landed=Timed(LandedState.ON_GROUND, 0.0), kinematics=None).reasons(GO)
    assert len(silent) == 3
    both = case.fly(S.TAKEN_OVER).reasons(GO, origin=Origin.ENGINE)
    assert len(both) == 4


def test_without_a_home_there_is_no_way_home() -> None:
    assert any("home" in reason for reason in flying().hear(home=None).reasons(GO))


def test_it_is_not_sent_out_of_the_area_nor_above_the_ceiling() -> None:
    assert any("the test area" in r for r in flying().reasons(GoTo(Waypoint(place(1990.0, 0.0), UP), 12.0)))
    too_high = flying().reasons(GoTo(Waypoint(place(460.0, 270.0), Amsl(830.0)), 12.0))
    assert any("too high" in reason for reason in too_high)


@pytest.mark.parametrize(
    ("orbit", "words"),
    [
        (Orbit(place(800.0, 560.0), UP, 80.0, 5.0), "the helipad"),
        (Orbit(place(1950.0, 0.0), UP, 60.0, 5.0), "the test area"),
        (Orbit(SCENE, Amsl(840.0), 60.0, 5.0), "too high"),
        (Orbit(place(1060.0, 1060.0), UP, 40.0, 5.0), "The straight way home"),
    ],
)
def test_an_orbit_is_judged_all_round(orbit: Orbit, words: str) -> None:
    assert any(words in reason for reason in flying().reasons(orbit))


def test_the_nearest_rally_point_on_board_is_where_the_way_back_leads() -> None:
    behind = GoTo(Waypoint(place(1060.0, 1060.0), UP), 12.0)
    assert any("The straight way home" in reason for reason in flying().reasons(behind))
    assert not any("from there" in reason for reason in with_rally_point(1300.0, 900.0).reasons(behind))
    before = GoTo(Waypoint(place(600.0, 600.0), UP), 12.0)
    assert not any("from there" in reason for reason in flying().reasons(before))
    hidden = with_rally_point(1000.0, 1000.0).reasons(before)
    assert any("The straight way to The park from there" in reason for reason in hidden)


def with_rally_point(east_m: float, north_m: float) -> Case:
    case = flying()
    park = RallyPoint("park", "The park", place(east_m, north_m), Amsl(700.0))
    plan = replace(case.picture.fences["sky-1"], rally_points=(park,))
    case.picture = replace(case.picture, fences={**case.picture.fences, "sky-1": plan})
    return case


FLYING = flying()
FAR = st.floats(-2100.0, 2100.0)
HEIGHTS = st.floats(705.0, 780.0) | st.floats(780.0, 860.0)


@settings(max_examples=80, deadline=None)
@given(FAR, FAR, HEIGHTS, FAR, FAR, HEIGHTS)
def test_a_goto_that_passes_is_one_that_the_airspace_allows(
    east: float, north: float, altitude: float, to_east: float, to_north: float, to_altitude: float
) -> None:
    here, there = Waypoint(place(east, north), Amsl(altitude)), Waypoint(place(to_east, to_north), Amsl(to_altitude))
    case = FLYING.aloft(here.position, here.altitude)
    passed = isinstance(case.ask(GoTo(there, 12.0)), Authorized)
    home_m = max(to_altitude, SKY_1.dock.altitude.m + case.picture.site.settings.return_height.m)
    raised = Waypoint(there.position, Amsl(home_m))
    above_home = Waypoint(SKY_1.dock.position, Amsl(home_m))
    allowed = AIRSPACE.segment(here, there).allowed and AIRSPACE.segment(raised, above_home).allowed
    rest = rest_of_way_out(AIRSPACE, here, there)
    allowed |= rest is not None and AIRSPACE.segment(*rest).allowed
    home = Waypoint(SKY_1.dock.position, SKY_1.dock.altitude)
    fenced_out = outside_fence(here, there, case.picture.fences["sky-1"], home, case.picture.site)
    assert passed is (allowed and not fenced_out)


# -- the camera -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in FlightState if state is not S.ON_SCENE])
def test_the_camera_looks_at_places_on_scene_alone(state: FlightState) -> None:
    assert any("horizon" in reason for reason in flying(state).reasons(LOOK))
    assert isinstance(flying(state).ask(LookAtHorizon()), Authorized)


def test_the_camera_does_not_look_into_a_privacy_zone_unless_the_call_is_there() -> None:
    look = LookAt(AT_SCHOOL, Amsl(700.0))
    assert any("the school" in reason for reason in flying().reasons(look))
    assert isinstance(flying().fly(S.ON_SCENE, scene=AT_SCHOOL).ask(look), Authorized)


# -- launch ---------------------------------------------------------------------------------------------------------


def test_nothing_launches_without_its_fence_verified() -> None:
    case = on_dock()
    on_board = case.telemetry.fence
    assert on_board is not None
    for wrong in (None, replace(on_board, digest="another")):
        assert any("fence" in reason for reason in on_dock().hear(fence=wrong).reasons(LAUNCH))
    case.picture = replace(case.picture, fences={})
    assert any("fence" in reason for reason in case.reasons(LAUNCH))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"battery": Timed(Battery(0.3), 0.0)}, "battery"),
        ({"battery": None}, "battery"),
        ({"health": Timed(Health(False, ("No compass.",)), 0.0)}, "No compass."),
        ({"kinematics": None}, "position"),
        ({"home": None}, "home"),
        ({"landed": Timed(LandedState.IN_AIR, 0.0)}, "in the air"),
        ({"armed": Timed(True, 0.0)}, "armed"),
        ({"fence_problem": "The autopilot dropped its fence."}, "dropped"),
    ],
)
def test_an_aircraft_that_is_not_ready_does_not_launch(changes: dict[str, object], words: str) -> None:
    assert any(words in reason for reason in on_dock().hear(**changes).reasons(LAUNCH))


def test_a_launch_gives_every_reason_at_once() -> None:
    case = on_dock().hear(battery=Timed(Battery(0.3), 0.0), health=None, fence=None)
    reasons = case.reasons(LAUNCH)
    assert len(reasons) == 3


def test_a_launch_is_judged_along_its_whole_route() -> None:
    route = (Waypoint(SKY_1.dock.position, UP), Waypoint(place(700.0, 700.0), UP), Waypoint(place(1200.0, 1200.0), UP))
    assert any("the helipad" in reason for reason in on_dock().fly(S.LAUNCHING, route=route).reasons(LAUNCH))
    assert any("too high" in reason for reason in on_dock().reasons(Launch(AboveTakeoff(130.0))))


def three() -> Site:
    return small_site(SKY_1, SKY_2, asset(3, 500.0, -900.0), most_in_the_air=1)


def test_no_more_are_in_the_air_than_the_pilots_on_duty_may_have() -> None:
    assert isinstance(on_dock(three()).ask(LAUNCH), Authorized)
    assert isinstance(on_dock(three()).fly(S.PREPARING, "sky-2", id="flight-2").ask(LAUNCH), Authorized)
    reasons = on_dock(three()).fly(S.ON_SCENE, "sky-2", id="flight-2").aloft(asset_id="sky-2").reasons(LAUNCH)
    assert any("1 aircraft" in reason and "may have 1" in reason for reason in reasons)


@pytest.mark.parametrize("state", [S.LAUNCHING, S.LINK_LOST, S.RETURNING])
def test_a_launch_under_way_counts_although_it_has_not_lifted_off(state: FlightState) -> None:
    case = on_dock(three()).fly(state, "sky-2", id="flight-2")
    assert any("may have 1" in reason for reason in case.reasons(LAUNCH))


def test_an_aircraft_that_was_never_heard_is_not_in_the_air() -> None:
    case = on_dock(three())
    case.picture = replace(case.picture, telemetry={**case.picture.telemetry, "sky-2": Telemetry("sky-2")})
    assert isinstance(case.ask(LAUNCH), Authorized)

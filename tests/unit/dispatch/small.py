"""A small site in memory: flat ground, a square to fly in, one helipad, one school; and everything that dispatch is."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.core.asset import Asset, Dock
from dfr.core.clock import ManualClock
from dfr.core.flight import Decision, Flight, FlightState
from dfr.core.geo import Amsl, LocalFrame, Position, Waypoint
from dfr.core.incident import IncidentState
from dfr.core.report import Report
from dfr.core.zone import Zone, ZoneKind
from dfr.dispatch.airspace_keeper import AirspaceKeeper
from dfr.dispatch.calls import CallDesk, CallTaken
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.memory import Memory
from dfr.dispatch.picture import FlightSettings, Site
from dfr.dispatch.policy import PolicyAction, Rule
from dfr.dispatch.standby import Standby
from dfr.journal.journal import Journal
from tests.support.airframes import airframe
from tests.support.fakes import FakeFleet

ORIGIN = Position(32.22, -110.92)
FRAME = LocalFrame(ORIGIN)
GROUND = Amsl(700.0)
AIRFRAME = airframe("x500", 12.0, 3.0, 2.5)
TURN_S = 0.4


def place(east_m: float, north_m: float) -> Position:
    return FRAME.to_position(east_m, north_m)


def circle(east_m: float, north_m: float, radius_m: float) -> BaseGeometry:
    ring = Point(east_m, north_m).buffer(radius_m).exterior.coords
    return Polygon(FRAME.array_to_longitude_latitude(ring))


def square(half_m: float) -> BaseGeometry:
    corners = [(-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m)]
    return Polygon(FRAME.array_to_longitude_latitude(corners))


AREA = Zone("area", "the test area", ZoneKind.OPERATING_AREA, square(2000.0))
HELIPAD = Zone("helipad", "the helipad", ZoneKind.NO_FLY, circle(800.0, 800.0, 150.0))
SCHOOL = Zone("school", "the school", ZoneKind.PRIVACY, circle(-600.0, 0.0, 60.0))
AIRSPACE = Airspace([AREA, HELIPAD, SCHOOL], FlatGround(GROUND), ORIGIN)

SCENE = place(500.0, 300.0)
NO_FLY_SCENE = place(800.0, 800.0)
BEHIND_HELIPAD = place(1300.0, 1300.0)
OUTSIDE = place(2500.0, 0.0)
AT_SCHOOL = place(-600.0, 0.0)

RULES = (
    Rule("noise", PolicyAction.NEVER, types=frozenset({"NOISE"})),
    Rule("urgent", PolicyAction.AUTO, priorities=frozenset({1})),
    Rule("robbery", PolicyAction.ADVISE, types=frozenset({"ROBBERY"})),
)


def asset(number: int, east_m: float, north_m: float) -> Asset:
    dock = Dock(f"dock-{number}", f"Dock {number}", place(east_m, north_m), Amsl(705.0))
    return Asset(f"sky-{number}", f"SKY-{number}", 10 + number, dock, AIRFRAME)


SKY_1, SKY_2 = asset(1, 0.0, 0.0), asset(2, -1000.0, -800.0)


def small_site(*assets: Asset, most_in_the_air: int = 3) -> Site:
    chosen = assets or (SKY_1, SKY_2)
    settings = FlightSettings(most_in_the_air=most_in_the_air)
    return Site({one.id: one for one in chosen}, AIRSPACE, RULES, settings)


def a_flight(state: FlightState, clock: ManualClock, asset_id: str = "sky-1", **changes: object) -> Flight:
    """A flight of SKY-1 to the scene."""
    values: dict[str, object] = {
        "id": "flight-1",
        "incident_id": "incident-1",
        "asset_id": asset_id,
        "state": state,
        "state_since_s": clock.now_s(),
        "decision": Decision("urgent", "SKY-1 goes."),
        "scene": SCENE,
        "route": (Waypoint(ORIGIN, Amsl(755.0)), Waypoint(place(450.0, 270.0), Amsl(755.0))),
        "look_at": SCENE,
    }
    return Flight(**(values | changes))  # type: ignore[arg-type]


def a_report(source_id: str = "1", position: Position | None = SCENE, **changes: object) -> Report:
    values: dict[str, object] = {
        "source": "cad",
        "source_id": source_id,
        "type": "ACTSHOOT",
        "source_priority": "1",
        "priority": 1,
        "position": position,
        "uncertainty_m": None,
        "address": "",
        "description": "",
        "source_updated_s": None,
        "status": IncidentState.OPEN,
        "note": "" if position else "The call has no coordinates.",
    }
    return Report(**(values | changes))  # type: ignore[arg-type]


class AtOnce(Executor):
    """Works when it is given something; while `later` is set it only takes it, until `work` is called."""

    def __init__(self) -> None:
        self.later = False
        self._waiting: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001  whatever it is, the future holds it
                future.set_exception(error)

        self._waiting.append(work)
        if not self.later:
            self.work()
        return future

    def work(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()


class Rig:
    """Dispatch with fake aircraft, turned by hand."""

    def __init__(self, folder: Path, site: Site | None = None) -> None:
        self.path = folder / "journal.sqlite"
        self.site = site or small_site()
        self.clock = ManualClock()
        self.fleet = FakeFleet(self.site.assets, self.clock)
        self.worker = AtOnce()
        self.chooser = AtOnce()
        self._open()

    def _open(self) -> None:
        self.journal = Journal(self.path)
        self.memory = Memory(self.journal)
        self.director = FlightDirector(self.site, self.memory, self.fleet)
        self.calls = CallDesk(self.memory, self.director, worker=self.chooser)
        self.standby = Standby(self.director)
        self.airspace = AirspaceKeeper(self.memory, self.director, worker=self.worker, settles_s=0.0)
        self.fleet.on_outcome = lambda outcome: self.director.order_ended(outcome, self.now_s)

    @property
    def now_s(self) -> float:
        return self.clock.now_s()

    def restart(self) -> None:
        """The service dies and is started again; the aircraft know nothing of it."""
        self.journal.close()
        self._open()
        self.director.adopt_from_journal(self.now_s)

    def turn(self, seconds: float = TURN_S) -> None:
        self.fleet.step(seconds)
        self.airspace.tend(self.now_s)
        self.calls.tend(self.now_s)
        self.director.watch(self.now_s)
        self.standby.tend(self.now_s)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TURN_S)):
            self.turn()

    def until(self, holds: Callable[[], bool], within_s: float = 300.0) -> None:
        deadline_s = self.now_s + within_s
        while not holds():
            assert self.now_s < deadline_s, f"not within {within_s} s; flights: {list(self.memory.flights.values())}"
            self.turn()

    def ready(self) -> None:
        """Every aircraft has its fence on board."""
        self.until(lambda: all(one.fence is not None for one in self.fleet.telemetry().values()), 30.0)

    def call(self, **changes: object) -> CallTaken:
        """What becomes of a report; as decided, unless the chooser works later."""
        taken = self.calls.take(a_report(**changes), "raw", "cad", self.now_s)  # type: ignore[arg-type]
        return self.calls.as_decided(taken) if taken.decided is not None and taken.decided.done() else taken

    def by_hand(self, incident_id: str, asset_id: str | None = None, regime_id: str = "") -> Flight:
        """Pat sends an aircraft. Raises NotDone."""
        return self.calls.launch_by_hand(incident_id, asset_id, "pat", self.now_s, regime_id).result(timeout=0)

    def launched(self, **changes: object) -> str:
        """A call that launches; the flight's id."""
        taken = self.call(**changes)
        assert taken.flight_id is not None, taken.sentence
        return taken.flight_id

    def flight(self, flight_id: str) -> Flight:
        return self.memory.flights[flight_id]

    def until_state(self, flight_id: str, state: FlightState, within_s: float = 300.0) -> Flight:
        self.until(lambda: self.flight(flight_id).state is state, within_s)
        return self.flight(flight_id)

"""Who commands the aircraft, all at the same time: pilots and CAD through the real gate, and others who ask nobody.

Several of them speak about the same aircraft in the same turn and contradict each other; the last word holds.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import FenceError, on_board_fence
from dfr.airspace.way_out import way_out
from dfr.core.asset import Airframe, Asset, Dock
from dfr.core.command import Command, GoTo, Hold, Orbit, Origin, Request, ReturnHome
from dfr.core.fence import FencePlan
from dfr.core.flight import Decision, Flight, FlightState
from dfr.core.geo import Amsl, FloatArray, Position, Waypoint
from dfr.core.telemetry import Kinematics, LandedState, LinkState, Telemetry, Timed
from dfr.dispatch.gate import Authorized, authorize
from dfr.dispatch.picture import FlightSettings, Picture, Site
from sim.autopilot.body import Body
from tests.proof.zones import FRAME, GROUND_M

BEGIN_S = 1_700_000_000.0
TALK_EACH_TURN = 0.03
"""The share of aircraft that are spoken about in one turn, a tenth of a second."""
ASKS = 0.15
"""How likely each of those who ask the gate has something to say about one of those."""
DOES_NOT_ASK = 0.5
"""The same of those who ask nobody."""
_NAN = float("nan")


class Clients:
    """Everybody who wants something, and what the gate needs to know to judge them."""

    def __init__(self, airspace: Airspace, airframe: Airframe, starts: FloatArray, rng: np.random.Generator) -> None:
        self._rng = rng
        self._settings = FlightSettings()
        docks = [self._dock(number, place) for number, place in enumerate(starts[:2].tolist())]
        plans = [self._plan(airspace, dock) for dock in docks]
        self._assets: dict[str, Asset] = {}
        self._flights: dict[str, Flight] = {}
        self._fences: dict[str, FencePlan] = {}
        for index in range(len(starts)):
            dock, plan = docks[index % len(docks)], plans[index % len(docks)]
            asset = Asset(f"sky-{index}", f"SKY-{index}", index + 1, dock, airframe)
            self._assets[asset.id] = asset
            self._flights[asset.id] = _flight(asset)
            if plan is not None:
                self._fences[asset.id] = plan
        self._site = Site(self._assets, airspace, (), self._settings)
        self.passed: dict[str, int] = {}
        """How often the gate let each kind of command pass."""
        self.refused = 0

    def take(self, airspace: Airspace) -> None:
        """Zones have changed."""
        self._site = Site(self._assets, airspace, (), self._settings)

    def speak(self, bodies: Sequence[Body], seen: Sequence[Kinematics], listening: np.ndarray, turn: int) -> None:
        """One turn: everybody says what they want of some aircraft, in any order."""
        rng = self._rng
        for index in np.flatnonzero((rng.random(len(bodies)) < TALK_EACH_TURN) & listening).tolist():
            everybody = (
                (self._pilot, ASKS), (self._pilot, ASKS), (self._cad, ASKS / 3.0),
                (self._stranger, DOES_NOT_ASK), (self._joystick, DOES_NOT_ASK),
            )  # fmt: skip
            for number in rng.permutation(len(everybody)).tolist():
                speaks, how_likely = everybody[number]
                if rng.random() < how_likely:
                    speaks(index, bodies[index], seen[index], turn)

    def send_out(self, index: int, body: Body, seen: Kinematics, turn: int) -> None:
        """As the service does with an aircraft over which a zone appeared: by the nearest way out, if there is one."""
        here = Waypoint(seen.position, seen.altitude)
        place = way_out(self._site.airspace, here)
        if place is not None:
            self._ask(GoTo(Waypoint(place, here.altitude), 12.0), Origin.ENGINE, index, body, seen, turn)

    def _pilot(self, index: int, body: Body, seen: Kinematics, turn: int) -> None:
        """A click on the map, a stop, or a circle; as near as not to be refused each time."""
        rng, wish = self._rng, self._rng.random()
        east, north = FRAME.to_local(seen.position)
        place = FRAME.to_position(east + float(rng.normal(0.0, 250.0)), north + float(rng.normal(0.0, 250.0)))
        altitude = Amsl(GROUND_M + float(rng.uniform(30.0, 75.0)))
        command: Command
        if wish < 0.85:
            command = GoTo(Waypoint(place, altitude), float(rng.uniform(2.0, 12.0)))
        elif wish < 0.97:
            command = Hold()
        else:
            command = Orbit(place, altitude, float(rng.uniform(20.0, 60.0)), float(rng.uniform(2.0, 8.0)))
        self._ask(command, Origin.PILOT, index, body, seen, turn)

    def _cad(self, index: int, body: Body, seen: Kinematics, turn: int) -> None:
        """The call is cancelled, while others go on asking for the aircraft."""
        self._ask(ReturnHome(), Origin.POLICY, index, body, seen, turn)

    def _stranger(self, index: int, body: Body, seen: Kinematics, turn: int) -> None:
        """Another ground station, which asks nobody: anywhere, as fast as it flies."""
        rng = self._rng
        north, east, _ = body.position
        down = -float(rng.uniform(15.0, 90.0))
        target = (north + float(rng.normal(0.0, 600.0)), east + float(rng.normal(0.0, 600.0)), down)
        body.go(target, float(rng.uniform(2.0, 12.0)))

    def _joystick(self, index: int, body: Body, seen: Kinematics, turn: int) -> None:
        """Velocities that nobody has turned along the border."""
        rng = self._rng
        angle, speed = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.0, 12.0)
        down_mps = -1.0 if body.height_m < 20.0 else float(rng.uniform(-3.0, 1.0))
        body.direct((_NAN, _NAN, _NAN), (float(speed * np.cos(angle)), float(speed * np.sin(angle)), down_mps), _NAN)

    def _ask(self, command: Command, origin: Origin, index: int, body: Body, seen: Kinematics, turn: int) -> None:
        now_s = BEGIN_S + 0.1 * turn
        asset_id = f"sky-{index}"
        request = Request(f"{turn}-{index}", asset_id, command, origin, "a client", f"flight-{index}")
        answer = authorize(request, self._picture(asset_id, seen, now_s), now_s)
        if isinstance(answer, Authorized):
            name = type(command).__name__
            self.passed[name] = self.passed.get(name, 0) + 1
            self._carry_out(command, body, self._assets[asset_id].dock)
        else:
            self.refused += 1

    def _picture(self, asset_id: str, seen: Kinematics, now_s: float) -> Picture:
        dock = self._assets[asset_id].dock
        heard = Telemetry(
            asset_id,
            LinkState.ONLINE,
            BEGIN_S,
            Timed(seen, now_s),
            landed=Timed(LandedState.IN_AIR, now_s),
            home=Timed(Waypoint(dock.position, dock.altitude), now_s),
        )
        telemetry: Mapping[str, Telemetry] = {asset_id: heard}
        return Picture(now_s, self._site, telemetry, self._flights, self._fences, {})

    def _carry_out(self, command: Command, body: Body, dock: Dock) -> None:
        """As the built-in autopilot does; a Return ends above the dock, for what is on the ground leaves nothing."""
        match command:
            case GoTo():
                body.go(_ned(command.waypoint), command.speed_mps)
            case Orbit():
                body.orbit(_ned(Waypoint(command.center, command.altitude)), command.radius_m, command.speed_mps)
            case Hold():
                body.go((*body.stop_point(), body.position[2]), 10.0)
            case ReturnHome():
                height_m = max(body.height_m, self._settings.return_height.m)
                body.go(_ned(Waypoint(dock.position, Amsl(GROUND_M + height_m))), 12.0)

    @staticmethod
    def _dock(number: int, place: list[float]) -> Dock:
        return Dock(f"dock-{number}", f"Dock {number}", FRAME.to_position(*place), Amsl(GROUND_M))

    def _plan(self, airspace: Airspace, dock: Dock) -> FencePlan | None:
        home = Waypoint(dock.position, dock.altitude)
        try:
            return on_board_fence(airspace, home, self._settings.fence_height, self._settings.return_height)
        except FenceError:
            return None


def _flight(asset: Asset) -> Flight:
    number = asset.id.removeprefix("sky-")
    scene = Position(asset.dock.position.latitude_deg, asset.dock.position.longitude_deg)
    return Flight(
        id=f"flight-{number}",
        incident_id=f"incident-{number}",
        asset_id=asset.id,
        state=FlightState.ON_SCENE,
        state_since_s=BEGIN_S,
        decision=Decision("proof", f"{asset.name} flies."),
        scene=scene,
        route=(Waypoint(scene, Amsl(GROUND_M + 60.0)),),
    )


def _ned(place: Waypoint) -> tuple[float, float, float]:
    east, north = FRAME.to_local(place.position)
    return north, east, GROUND_M - place.altitude.m

"""Many aircraft of the built-in autopilot's dynamics over random zones, sent anywhere by several clients at once.

What is proved: however they are commanded, the guard of the service, which sees them late and is heard late, keeps
every one of them inside the border of what is allowed, also when somebody draws a zone while they fly. One world is
one random set of zones with one wind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from dfr.airspace.airspace import Airspace
from dfr.airspace.guard import GuardAction, GuardLimits, GuardVerdict, foresee_each
from dfr.core.geo import AboveTakeoff, Amsl, FloatArray, Position
from dfr.core.telemetry import Kinematics, Velocity
from dfr.fleet.firmware import load_airframe, load_parameters
from dfr.site import FIRMWARE_CONFIGS
from sim.autopilot.body import Body
from sim.autopilot.dynamics import STEP_S, Dynamics
from sim.autopilot.parameters import Parameters
from tests.proof.clients import Clients
from tests.proof.zones import FRAME, GROUND_M, as_published, open_places, random_airspace, temporary_zone

TURN_STEPS = 5
"""The guard looks ten times a second."""
DRAWN = 2
"""Zones that people draw during one flight."""
FAR_M = 100.0
"""A distance that is greater is told as this: measuring it would take long and prove nothing."""
AIRFRAME = load_airframe(FIRMWARE_CONFIGS / "x500_sitl")
LIMITS = GuardLimits()
_STOPS = (GuardAction.HOLD, GuardAction.RETURN)


@dataclass(frozen=True)
class World:
    """`down_s` is how old the position is that the guard sees, `up_s` how long its order takes to the aircraft."""

    seed: int
    wind_ne_mps: tuple[float, float]
    down_s: float
    up_s: float

    def __post_init__(self) -> None:
        assert self.down_s + self.up_s <= LIMITS.latency_s + 1e-9, "more than the guard is told to reckon with"


@dataclass(frozen=True)
class Flown:
    """(n,) metres: how near to the border each aircraft came, negative beyond it; and how near to the lid;
    at most FAR_M."""

    nearest_border_m: FloatArray
    nearest_lid_m: FloatArray
    stopped: int = 0
    """How often the guard stopped one."""
    refused: int = 0
    """How often the gate refused a client."""
    passed: dict[str, int] = field(default_factory=dict)
    """How often it let each kind of command pass."""
    overtaken: int = 0
    """Aircraft over which a zone was drawn, or so near that none could have stopped before it."""


def fly(world: World, count: int, seconds: float, *, guarded: bool = True) -> Flown:
    """Fly `count` aircraft, from places that are open, and command them at random all the time."""
    rng = np.random.default_rng(world.seed)
    airspace = random_airspace(rng)
    starts = open_places(airspace, rng, count)
    if len(starts) == 0:
        return Flown(np.zeros(0), np.zeros(0))
    heights_m = np.minimum(rng.uniform(20.0, 60.0, len(starts)), airspace.lids_m(starts) - GROUND_M - 6.0)
    keep = heights_m > 10.0
    if not np.any(keep):
        return Flown(np.zeros(0), np.zeros(0))
    swarm = _Swarm(world, starts[keep], heights_m[keep])
    clients = Clients(airspace, AIRFRAME, starts[keep], rng)
    turns = round(seconds / STEP_S / TURN_STEPS)
    drawn_at = set(rng.integers(turns // 5, turns * 4 // 5, DRAWN).tolist())
    zones = _Zones(airspace, len(swarm))
    for turn in range(turns):
        swarm.advance()
        seen = swarm.seen()
        if turn in drawn_at:
            zones.draw(rng, seen)
            clients.take(zones.airspace)
            for index in np.flatnonzero(zones.overtaken & swarm.listening()).tolist():
                clients.send_out(index, swarm.bodies[index], seen[index], turn)
        clients.speak(swarm.bodies, seen, swarm.listening(), turn)
        verdicts = zones.verdicts(seen)
        if guarded:
            _guard(swarm, verdicts)
        zones.measure(seen, verdicts, swarm.places(), swarm.heights_m())
    return Flown(zones.nearest_m, zones.nearest_lid_m, swarm.stopped, clients.refused, clients.passed, zones.count)


class _Zones:
    """The zones that hold now, and by which of them each aircraft is measured.

    One over which a zone is drawn cannot help being in it: it is measured by those of before until it was once seen
    clear of the new ones, as far from them as the guard keeps everybody.
    """

    def __init__(self, airspace: Airspace, count: int) -> None:
        self.airspace = airspace
        self._published = [as_published(airspace)]
        self._measured_by = np.zeros(count, dtype=int)
        self.overtaken = np.zeros(count, dtype=bool)
        self.nearest_m, self.nearest_lid_m = np.full(count, FAR_M), np.full(count, FAR_M)
        self.count = 0

    def draw(self, rng: np.random.Generator, seen: Sequence[Kinematics]) -> None:
        zone = temporary_zone(rng, len(self._published))
        self.airspace = self.airspace.with_zones([*self.airspace.zones, zone])
        self._published.append(as_published(self.airspace))
        self.overtaken = ~self._clear(seen, self.verdicts(seen))
        self.count += int(np.sum(self.overtaken))

    def verdicts(self, seen: Sequence[Kinematics]) -> list[GuardVerdict]:
        return foresee_each(seen, self.airspace, [AIRFRAME.stopping] * len(seen), LIMITS)

    def _clear(self, seen: Sequence[Kinematics], verdicts: Sequence[GuardVerdict]) -> npt.NDArray[np.bool_]:
        degrees = [(k.position.longitude_deg, k.position.latitude_deg) for k in seen]
        places = np.asarray(shapely.points(FRAME.array_to_local(degrees)))
        away = self.airspace.border_distances(places, FAR_M) >= self.airspace.margin_m
        return np.asarray(away & [verdict.action not in _STOPS for verdict in verdicts])

    def measure(
        self, seen: Sequence[Kinematics], verdicts: Sequence[GuardVerdict], places: FloatArray, heights_m: FloatArray
    ) -> None:
        if np.any(self.overtaken):
            self.overtaken &= ~self._clear(seen, verdicts)
        self._measured_by[~self.overtaken] = len(self._published) - 1
        for number in np.unique(self._measured_by).tolist():
            who = np.flatnonzero(self._measured_by == number)
            published = self._published[number]
            side_m = published.border_distances(np.asarray(shapely.points(places[who])), FAR_M)
            lid_m = published.lids_m(places[who]) - GROUND_M - heights_m[who]
            self.nearest_m[who] = np.minimum(self.nearest_m[who], side_m)
            self.nearest_lid_m[who] = np.minimum(self.nearest_lid_m[who], lid_m)


class _Swarm:
    """Aircraft in the air at rest; the past of each is kept as long as telemetry is late."""

    def __init__(self, world: World, starts: FloatArray, heights_m: FloatArray) -> None:
        count = len(starts)
        self.dynamics = Dynamics(max(count, 1), world.wind_ne_mps, world.seed)
        parameters = Parameters()
        for setting in load_parameters(FIRMWARE_CONFIGS / "x500_sitl").parameters:
            if setting.name in parameters:
                parameters.set(setting.name, setting.value)
        d = self.dynamics
        d.position[:count, 0], d.position[:count, 1] = starts[:, 1], starts[:, 0]
        d.position[:count, 2] = -heights_m
        d.on_ground[:] = False
        d.thrust[:, 2] = -9.80665
        d.control.lifting[:] = True
        d.control.ramp[:] = 1.0
        self.bodies = [Body(d, index, parameters) for index in range(count)]
        for index, body in enumerate(self.bodies):
            body.take_limits()
            d.guidance.restart(index, d.position[index], np.zeros(3), np.zeros(3))
            body.go(body.position, 5.0)
        self._past: list[tuple[FloatArray, FloatArray]] = []
        self._late = max(1, round(world.down_s / (STEP_S * TURN_STEPS)))
        self._up = max(0, round(world.up_s / (STEP_S * TURN_STEPS)))
        self._orders: list[tuple[int, int]] = []
        """(turn, index) of Holds on their way up."""
        self.turn = 0
        self.stopped = 0
        self.deaf_until = np.zeros(count, dtype=int)

    def __len__(self) -> int:
        return len(self.bodies)

    def advance(self) -> None:
        self.turn += 1
        for _ in range(TURN_STEPS):
            self.dynamics.step()
        self._past.append((self.dynamics.position.copy(), self.dynamics.velocity.copy()))
        del self._past[: -self._late - 1]
        for due, index in [order for order in self._orders if order[0] <= self.turn]:
            self._orders.remove((due, index))
            body = self.bodies[index]
            body.go((*body.stop_point(), body.position[2]), 10.0)

    def listening(self) -> npt.NDArray[np.bool_]:
        """(n,) whether anybody but the guard is heard."""
        return self.deaf_until < self.turn

    def hold(self, index: int) -> None:
        """The guard's Hold: it arrives later, and for some seconds nobody else is listened to."""
        self.stopped += 1
        self._orders.append((self.turn + self._up, index))
        self.deaf_until[index] = self.turn + self._up + 60

    def seen(self) -> list[Kinematics]:
        position, velocity = self._past[0]
        degrees = FRAME.array_to_longitude_latitude(position[: len(self), [1, 0]])
        return [
            Kinematics(Position(lat, lon), Amsl(GROUND_M - down), AboveTakeoff(-down), Velocity(*speed), 0.0)
            for (lon, lat), down, speed in zip(
                degrees.tolist(), position[: len(self), 2].tolist(), velocity[: len(self)].tolist(), strict=True
            )
        ]

    def places(self) -> FloatArray:
        """(n, 2) east, north metres."""
        return self.dynamics.position[: len(self), [1, 0]]

    def heights_m(self) -> FloatArray:
        return -self.dynamics.position[: len(self), 2]


def _guard(swarm: _Swarm, verdicts: Sequence[GuardVerdict]) -> None:
    listening = swarm.listening()
    for index, verdict in enumerate(verdicts):
        if verdict.action in _STOPS and listening[index]:
            swarm.hold(index)

"""Many aircraft of the built-in autopilot's dynamics over random zones, sent anywhere by several clients at once.

What is proved: however they are commanded, the guard of the service, which sees them late and is heard late, keeps
every one of them inside the border of what is allowed. One world is one random set of zones with one wind.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.guard import GuardAction, GuardLimits, foresee_each
from dfr.airspace.layers import to_degrees
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray, LocalFrame, Position
from dfr.core.telemetry import Kinematics, Velocity
from dfr.core.zone import Zone, ZoneKind
from dfr.fleet.firmware import load_airframe, load_parameters
from dfr.site import FIRMWARE_CONFIGS
from sim.autopilot.body import Body
from sim.autopilot.dynamics import STEP_S, Dynamics
from sim.autopilot.parameters import Parameters

ORIGIN = Position(32.22, -110.93)
FRAME = LocalFrame(ORIGIN)
GROUND_M = 700.0
HALF_M = 900.0
MARGIN_M = 50.0
"""As the example site has it: at least what the airframe needs beyond its own fence."""
TURN_STEPS = 5
"""The guard looks ten times a second."""
AIRFRAME = load_airframe(FIRMWARE_CONFIGS / "x500_sitl")
LIMITS = GuardLimits()


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
    """(n,) metres: how near to the border each aircraft came, negative beyond it; and how near to the lid."""

    nearest_border_m: FloatArray
    nearest_lid_m: FloatArray
    stopped: int
    """How often the guard stopped one."""


def random_airspace(rng: np.random.Generator) -> Airspace:
    """An operating area with bites out of it, no-fly zones of all kinds and sizes, and low ceilings."""
    shapes: list[Zone] = [_zone("area", ZoneKind.OPERATING_AREA, _area(rng))]
    for number in range(int(rng.integers(0, 14))):
        shapes.append(_zone(f"closed {number}", ZoneKind.NO_FLY, _shape(rng)))
    for number in range(int(rng.integers(0, 4))):
        top = Agl(float(rng.uniform(40.0, 120.0)))
        shapes.append(_zone(f"low {number}", ZoneKind.CEILING, _shape(rng, 4.0), top=top))
    return Airspace(shapes, FlatGround(Amsl(GROUND_M)), ORIGIN, MARGIN_M)


def fly(world: World, count: int, seconds: float, *, guarded: bool = True) -> Flown:
    """Fly `count` aircraft, from places that are open, and command them at random all the time."""
    rng = np.random.default_rng(world.seed)
    airspace = random_airspace(rng)
    starts = _open_places(airspace, rng, count)
    if len(starts) == 0:
        return Flown(np.zeros(0), np.zeros(0), 0)
    heights_m = np.minimum(rng.uniform(20.0, 60.0, len(starts)), airspace.lids_m(starts) - GROUND_M - 6.0)
    keep = heights_m > 10.0
    swarm = _Swarm(world, starts[keep], heights_m[keep])
    # What counts in the end is what is published: no margin around it, nothing kept.
    published = Airspace(airspace.zones, airspace.ground, ORIGIN, 0.0, clearance_m=0.0, height_margin_m=0.0)
    nearest, lid = np.full(len(swarm), np.inf), np.full(len(swarm), np.inf)
    for _ in range(round(seconds / STEP_S / TURN_STEPS)):
        swarm.advance()
        if len(swarm):
            _command(swarm, airspace, rng)
            if guarded:
                _guard(swarm, airspace)
        places = swarm.places()
        nearest = np.minimum(nearest, published.border_distances(np.asarray(shapely.points(places))))
        lid = np.minimum(lid, published.lids_m(places) - GROUND_M - swarm.heights_m())
    return Flown(nearest, lid, swarm.stopped)


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


def _command(swarm: _Swarm, airspace: Airspace, rng: np.random.Generator) -> None:
    """Several clients, none of whom asks anybody: places to go to, velocities, heights, all as fast as it flies."""
    for index in np.flatnonzero((rng.random(len(swarm)) < 0.04) & (swarm.deaf_until < swarm.turn)):
        body, wish = swarm.bodies[int(index)], rng.random()
        north, east, _ = body.position
        down = -float(rng.uniform(15.0, 90.0))
        if wish < 0.5:
            target = (north + float(rng.normal(0.0, 600.0)), east + float(rng.normal(0.0, 600.0)), down)
            body.go(target, float(rng.uniform(2.0, 12.0)))
        else:
            angle, speed = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.0, 12.0)
            velocity = (float(speed * np.cos(angle)), float(speed * np.sin(angle)), float(rng.uniform(-3.0, 1.0)))
            if body.height_m < 20.0:
                velocity = (*velocity[:2], -1.0)
            body.direct((np.nan, np.nan, np.nan), velocity, np.nan)


def _guard(swarm: _Swarm, airspace: Airspace) -> None:
    verdicts = foresee_each(swarm.seen(), airspace, [AIRFRAME.stopping] * len(swarm), LIMITS)
    for index, verdict in enumerate(verdicts):
        if verdict.action in (GuardAction.HOLD, GuardAction.RETURN) and swarm.deaf_until[index] < swarm.turn:
            swarm.hold(index)


def _zone(name: str, kind: ZoneKind, shape: BaseGeometry, top: Agl | None = None) -> Zone:
    return Zone(name.replace(" ", "-"), name, kind, to_degrees(shapely.segmentize(shape, 200.0), FRAME), top=top)


def _area(rng: np.random.Generator) -> BaseGeometry:
    area: BaseGeometry = box(-HALF_M, -HALF_M, HALF_M, HALF_M)
    for _ in range(int(rng.integers(0, 4))):
        edge = Point(float(rng.choice([-HALF_M, HALF_M])), float(rng.uniform(-HALF_M, HALF_M)))
        area = area.difference(edge.buffer(float(rng.uniform(50.0, 500.0)), quad_segs=int(rng.integers(1, 6))))
    return max(shapely.get_parts(area), key=lambda part: part.area)


def _shape(rng: np.random.Generator, larger: float = 1.0) -> BaseGeometry:
    east, north = rng.uniform(-HALF_M, HALF_M, 2).tolist()
    size = float(rng.uniform(10.0, 150.0)) * larger
    match int(rng.integers(0, 4)):
        case 0:
            return Point(east, north).buffer(size)
        case 1:
            return Point(east, north).buffer(size).difference(Point(east, north).buffer(size * 0.6))
        case 2:
            long = size * float(rng.uniform(1.0, 6.0))
            sliver = box(-long, -2.0, long, 2.0)
            return shapely.transform(sliver, lambda c: _turned(c, rng.uniform(0.0, np.pi), east, north))
        case _:
            angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(3, 9))))
            around = rng.uniform(0.3, 1.0, len(angles)) * size
            corners = np.column_stack([east + around * np.cos(angles), north + around * np.sin(angles)])
            shape = Polygon(corners).buffer(0.0)
            return shape if shape.area > 1.0 else Point(east, north).buffer(size)


def _turned(coordinates: FloatArray, angle: float, east: float, north: float) -> FloatArray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack([
        east + coordinates[:, 0] * cosine - coordinates[:, 1] * sine,
        north + coordinates[:, 0] * sine + coordinates[:, 1] * cosine,
    ])  # fmt: skip


def _open_places(airspace: Airspace, rng: np.random.Generator, count: int) -> FloatArray:
    places = rng.uniform(-HALF_M, HALF_M, (count * 20, 2))
    inside = shapely.contains_xy(airspace.open, places)
    return places[inside][:count]

"""The aircraft's movement: repeatable, within its limits, and independent of who else flies."""

import math

import numpy as np
import pytest

from sim.autopilot import Fleet, VehicleSpec
from sim.autopilot.body import Body, Place
from sim.autopilot.dynamics import STEP_S, Dynamics
from sim.autopilot.modes import Mode
from sim.autopilot.parameters import Parameters


def hovering(count: int, wind: tuple[float, float] = (0.0, 0.0), seed: int = 0, **tuned: float) -> list[Body]:
    """Aircraft that hover 30 m up, at rest."""
    dynamics = Dynamics(count, wind, seed)
    parameters = Parameters()
    for name, value in tuned.items():
        parameters.set(name, value)
    dynamics.position[:, 2] = -30.0
    dynamics.on_ground[:] = False
    dynamics.thrust[:, 2] = -9.80665
    dynamics.control.lifting[:] = True
    dynamics.control.ramp[:] = 1.0
    bodies = [Body(dynamics, index, parameters) for index in range(count)]
    for body in bodies:
        body.take_limits()
        dynamics.guidance.restart(body._index, dynamics.position[body._index], np.zeros(3), np.zeros(3))
        body.go((0.0, 0.0, -30.0), 5.0)
    return bodies


def fly(body: Body, seconds: float) -> list[Place]:
    """The velocity after every step."""
    velocities = []
    for _ in range(round(seconds / STEP_S)):
        body._dynamics.step()
        velocities.append(body.velocity)
    return velocities


def test_a_leg_ends_at_its_target_and_at_rest() -> None:
    (body,) = hovering(1)
    body.go((100.0, 0.0, -30.0), 5.0)
    fly(body, 45.0)
    assert body.position == pytest.approx((100.0, 0.0, -30.0), abs=0.3)
    assert math.hypot(*body.velocity) < 0.15


@pytest.mark.parametrize("after_s", [0.3, 1.0, 2.0, 6.0])
def test_a_hold_after_velocities_of_offboard_stops_from_the_speed_that_it_has(after_s: float) -> None:
    (body,) = hovering(1)
    body.direct((math.nan,) * 3, (12.0, 0.0, 0.0), math.nan)
    fly(body, after_s)
    start_m, speed_mps = body.position[0], body.velocity[0]
    body.go((*body.stop_point(), body.position[2]), 10.0)
    fly(body, 15.0)
    assert math.hypot(*body.velocity) < 0.3
    assert body.position[0] - start_m < 0.8 * max(speed_mps, 4.0) + speed_mps**2 / (2.0 * 2.0)


def test_nobody_is_faster_than_the_tilt_allows_into_the_wind() -> None:
    speeds = []
    for wind in ((0.0, 0.0), (-4.0, 0.0)):
        (body,) = hovering(1, wind)
        body._dynamics.gust = np.zeros((1, 2))
        body.go((1000.0, 0.0, -30.0), 20.0)
        speeds.append(fly(body, 40.0)[-1][0])
    assert speeds[0] == pytest.approx(9.7, abs=0.3)
    assert speeds[0] - speeds[1] == pytest.approx(4.0, abs=1.0)


def test_wind_pushes_and_the_control_pushes_back() -> None:
    (body,) = hovering(1, (0.0, 8.0))
    fly(body, 2.0)
    pushed_m = body.position[1]
    assert pushed_m > 1.0, "it comes as a blow"
    fly(body, 40.0)
    assert abs(body.position[1]) < 1.0, "the integrator leans against it"
    roll, _, _ = body.attitude
    assert abs(math.degrees(roll)) > 20.0 or abs(math.degrees(body.attitude[1])) > 20.0


def test_gusts_come_from_the_seed() -> None:
    def gusts(seed: int) -> bytes:
        (body,) = hovering(1, (6.0, 0.0), seed)
        fly(body, 5.0)
        return body._dynamics.gust.tobytes() + body._dynamics.position.tobytes()

    assert gusts(1) == gusts(1)
    assert gusts(1) != gusts(2)


def test_the_neighbours_do_not_matter() -> None:
    targets = [(80.0, 40.0, -30.0), (0.0, 0.0, -30.0), (-50.0, 3.0, -10.0), (500.0, 0.0, -60.0), (1.0, 1.0, -30.0)]
    tracks = []
    for count in (1, 5):
        bodies = hovering(count)
        for body, target in zip(bodies, targets, strict=False):
            body.go(target, 5.0)
        fly(bodies[0], 12.0)
        tracks.append(bodies[0].position)
    assert tracks[0] == tracks[1]


@pytest.mark.parametrize(
    ("name", "value", "most"),
    [("MPC_XY_VEL_MAX", 3.0, 3.3), ("MPC_XY_CRUISE", 2.0, 2.2)],
)
def test_the_speed_parameters_bind(name: str, value: float, most: float) -> None:
    (body,) = hovering(1, **{name: value})
    body.go((200.0, 0.0, -30.0), 2.0 if name == "MPC_XY_CRUISE" else 5.0)
    assert max(math.hypot(*velocity[:2]) for velocity in fly(body, 30.0)) < most


@pytest.mark.parametrize(("up", "name"), [(True, "MPC_Z_V_AUTO_UP"), (False, "MPC_Z_V_AUTO_DN")])
def test_climb_and_descent_keep_to_their_parameters(up: bool, name: str) -> None:
    (body,) = hovering(1, **{name: 1.0})
    body.go((0.0, 0.0, -60.0 if up else -10.0), 5.0)
    fastest = max(-velocity[2] if up else velocity[2] for velocity in fly(body, 25.0))
    assert 0.85 < fastest < 1.15


def test_more_jerk_and_acceleration_are_sooner_there() -> None:
    def seconds_to(metres: float, **tuned: float) -> float:
        (body,) = hovering(1, **tuned)
        body.go((200.0, 0.0, -30.0), 5.0)
        for step in range(2000):
            body._dynamics.step()
            if body.position[0] > metres:
                return step * STEP_S
        raise AssertionError("never")

    assert seconds_to(15.0, MPC_ACC_HOR=6.0, MPC_JERK_AUTO=15.0) < seconds_to(15.0) - 0.4
    assert seconds_to(15.0, MPC_ACC_HOR=1.0) > seconds_to(15.0) + 0.4


def hop(seed: int) -> bytes:
    """Three take off to 12 m in a gusty wind with nobody on the link: all that moves, after every second."""
    specs = [VehicleSpec(ident, (32.2, -110.9, 740.0), ("127.0.0.1", 9)) for ident in (1, 2, 3)]
    fleet = Fleet(specs, seed=seed, wind_ne_mps=(3.0, -2.0))
    world, track = fleet.world, []
    try:
        for second in range(25):
            for aircraft in fleet.vehicles if second == 6 else ():
                aircraft.navigator.take_off_down_m = -12.0
                assert aircraft.commander.choose(Mode.TAKEOFF)
                assert aircraft.commander.arm() == 0
            fleet.advance(round(1 / STEP_S), float(second))
            body, gimbals, batteries = world.dynamics, world.gimbals, world.batteries
            track += [body.position, body.velocity, body.yaw, gimbals.yaw, gimbals.pitch, batteries.reported]
        assert fleet.vehicle(2).body.height_m == pytest.approx(12.0, abs=1.5)
    finally:
        fleet.close()
    return b"".join(values.tobytes() for values in track)


def test_one_seed_is_one_flight_byte_for_byte_and_another_is_another() -> None:
    assert hop(3) == hop(3)
    assert hop(3) != hop(4)


def test_what_has_no_thrust_falls_to_the_ground_and_stays() -> None:
    (body,) = hovering(1)
    body.idle()
    fly(body, 8.0)
    assert body.on_ground
    assert body.position[2] == 0.0


def test_it_leans_into_its_way() -> None:
    (body,) = hovering(1)
    body.go((100.0, 0.0, -30.0), 5.0)
    fly(body, 1.5)
    roll, pitch, _ = body.attitude
    assert pitch < -0.05, "nose down to the north"
    assert roll == pytest.approx(0.0, abs=1e-6)


def test_a_hold_at_speed_ends_ahead_and_does_not_come_back() -> None:
    (body,) = hovering(1)
    body.go((300.0, 0.0, -30.0), 5.0)
    fly(body, 15.0)
    north_m = body.position[0]
    body.go((*body.stop_point(), -30.0), 5.0)
    velocities = fly(body, 15.0)
    assert body.position[0] - north_m > 5.0
    assert min(velocity[0] for velocity in velocities) > -0.5

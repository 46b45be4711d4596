"""The aircraft's movement: repeatable, within its limits, and independent of who else flies."""

import numpy as np
import pytest

from sim.autopilot import Fleet, VehicleSpec
from sim.autopilot.dynamics import STEP_S, Dynamics
from sim.autopilot.modes import Mode


def flown(count: int, seconds: float, wind: tuple[float, float] = (0.0, 0.0), **setpoints: object) -> Dynamics:
    """Aircraft that start 30 m up, at rest."""
    dynamics = Dynamics(count, wind)
    dynamics.thrust[:] = True
    dynamics.position[:, 2] = dynamics.target_down[:] = -30.0
    dynamics.on_ground[:] = False
    dynamics.speed[:] = 5.0
    for name, value in setpoints.items():
        getattr(dynamics, name)[:] = value
    for _ in range(round(seconds / STEP_S)):
        dynamics.step()
    return dynamics


def test_a_leg_ends_at_its_target_and_at_rest() -> None:
    dynamics = flown(1, 40.0, target=(100.0, 0.0))
    assert dynamics.position[0] == pytest.approx([100.0, 0.0, -30.0], abs=0.3)
    assert np.linalg.norm(dynamics.velocity) < 0.15


def test_nobody_is_faster_than_the_tilt_allows_into_the_wind() -> None:
    still = flown(1, 20.0, target=(1000.0, 0.0), speed=20.0)
    against = flown(1, 20.0, (-4.0, 0.0), target=(1000.0, 0.0), speed=20.0)
    assert still.velocity[0, 0] == pytest.approx(9.6, abs=0.3)
    assert still.velocity[0, 0] - against.velocity[0, 0] == pytest.approx(4.0, abs=0.4)


def test_the_neighbours_do_not_matter() -> None:
    alone = flown(1, 12.0, target=(80.0, 40.0))
    among = flown(5, 12.0, target=[(80.0, 40.0), (0.0, 0.0), (-50.0, 3.0), (500.0, 0.0), (1.0, 1.0)])
    assert np.array_equal(alone.position[0], among.position[0])


def hop(seed: int) -> list[tuple[float, ...]]:
    """Take off to 12 m with nobody on the link: position, velocity and heading after every second."""
    fleet = Fleet([VehicleSpec(1, (32.2, -110.9, 740.0), ("127.0.0.1", 9))], seed=seed)
    aircraft, track = fleet.vehicle(1), []
    try:
        for second in range(25):
            if second == 6:
                aircraft.navigator.take_off_down_m = -12.0
                assert aircraft.commander.choose(Mode.TAKEOFF)
                assert aircraft.commander.arm() == 0
            fleet.advance(round(1 / STEP_S), float(second))
            track.append((*aircraft.body.position, *aircraft.body.velocity, aircraft.body.yaw_rad))
    finally:
        fleet.close()
    return track


def test_one_seed_is_one_flight_and_another_is_another() -> None:
    assert hop(3) == hop(3)
    assert hop(3) != hop(4)
    assert hop(3)[-1][2] == pytest.approx(-12.0, abs=1.0)


def test_what_has_no_thrust_falls_to_the_ground_and_stays() -> None:
    dynamics = flown(1, 5.0, thrust=False)
    assert dynamics.on_ground[0]
    assert dynamics.position[0, 2] == 0.0


def test_it_leans_into_its_way() -> None:
    dynamics = flown(1, 1.5, target=(100.0, 0.0))
    roll, pitch, _ = dynamics.attitude(0)
    assert pitch < -0.05, "nose down to the north"
    assert roll == pytest.approx(0.0, abs=1e-6)

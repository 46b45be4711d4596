"""However aircraft are commanded, by whomever, the guard keeps each of them inside what is allowed."""

import numpy as np
import pytest

from tests.proof.flown import Flown, World, fly

AIRCRAFT = 100
SECONDS = 30.0


def world(seed: int) -> World:
    """Wind up to 7 m/s and its gusts; as late as the guard is told to reckon with, however that is shared out."""
    rng = np.random.default_rng(seed)
    wind_north, wind_east = rng.uniform(-5.0, 5.0, 2).tolist()
    down_s = float(rng.choice([0.1, 0.2, 0.3]))
    return World(seed, (wind_north, wind_east), down_s, 0.4 - down_s)


def worst(flown: Flown) -> str:
    return f"{flown.nearest_border_m.min():.1f} m from the border, {flown.nearest_lid_m.min():.1f} m below the ceiling"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(20))
def test_no_aircraft_is_ever_outside(seed: int) -> None:
    flown = fly(world(seed), AIRCRAFT, SECONDS)
    assert len(flown.nearest_border_m) > 0
    assert flown.nearest_border_m.min() > 0.0, worst(flown)
    assert flown.nearest_lid_m.min() > 0.0, worst(flown)


def test_without_the_guard_they_leave() -> None:
    """The same flights: so the test above can fail."""
    flown = fly(world(2), AIRCRAFT, SECONDS, guarded=False)
    assert flown.nearest_border_m.min() < -10.0
    assert flown.nearest_lid_m.min() < -5.0

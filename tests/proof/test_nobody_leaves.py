"""However aircraft are commanded, by whomever, the guard keeps each of them inside what is allowed."""

import numpy as np
import pytest

from tests.proof.flown import Flown
from tests.proof.many import Tally, fly_seed

CLIMBED_OUT = 1005
"""Here two went above their ceiling while the guard took a climb to end sooner than one that also brakes sideways."""


def worst(flown: Flown) -> str:
    return f"{flown.nearest_border_m.min():.1f} m from the border, {flown.nearest_lid_m.min():.1f} m below the ceiling"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [*range(19), CLIMBED_OUT])
def test_no_aircraft_is_ever_outside(seed: int) -> None:
    flown = fly_seed(seed)
    assert len(flown.nearest_border_m) > 0
    assert flown.nearest_border_m.min() > 0.0, worst(flown)
    assert flown.nearest_lid_m.min() > 0.0, worst(flown)
    assert flown.refused > 0
    assert {"GoTo", "Hold", "ReturnHome"} <= set(flown.passed)


def test_without_the_guard_they_leave_and_are_counted() -> None:
    """The same flights: so the test above can fail. And a zone was drawn over some of them."""
    flown, tally = fly_seed(2, guarded=False), Tally()
    assert flown.nearest_border_m.min() < -10.0
    assert flown.nearest_lid_m.min() < -5.0
    assert flown.overtaken > 0
    tally.add(2, flown)
    assert (tally.flown, tally.outside_in) == (100, [2])
    assert tally.outside == np.sum((flown.nearest_border_m <= 0.0) | (flown.nearest_lid_m <= 0.0))

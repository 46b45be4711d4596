"""A regime's height in the airspace: it only lowers what the site allows, but near structures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import on_board_fence
from dfr.airspace.ground import FlatGround
from dfr.airspace.structures import Structure, Structures
from dfr.core.geo import Agl, Amsl, FloatArray
from dfr.core.regime import HeightRule, NearStructure
from tests.unit.airspace.places import AREA, FRAME, GROUND_M, HOME, ORIGIN, at, ceiling, disc

TOWER = Structure("tower", Polygon(FRAME.array_to_longitude_latitude(disc(0, 0, 20).exterior.coords)), Agl(90.0), 0.0)
GROUND = FlatGround(Amsl(GROUND_M), 2.0)
CELL = ceiling(disc(1000.0, 0.0, 300.0), 40.0)


def site(height_margin_m: float = 5.0) -> Airspace:
    structures = Structures([TOWER], GROUND, FRAME, position_error_m=0.0)
    return Airspace([AREA, CELL], GROUND, ORIGIN, structures=structures, height_margin_m=height_margin_m)


SHIELDED = HeightRule(Agl(60.96), NearStructure(15.24, 15.24), "the shielded waiver (at or below 200 ft)")


def lids_above_ground_m(airspace: Airspace, places: FloatArray) -> FloatArray:
    return airspace.lids_m(places) - GROUND_M


def test_it_lowers_the_limit_everywhere_and_raises_it_near_a_structure() -> None:
    places = np.array([(500.0, 0.0), (0.0, 0.0), (34.0, 0.0), (37.0, 0.0), (1000.0, 0.0)])
    plain, shielded = site(), site().under(SHIELDED)
    assert lids_above_ground_m(plain, places) == pytest.approx([114.92, 114.92, 114.92, 114.92, 33.0], abs=0.01)
    # 60.96 less 2 and 5; over the tower 90 - 2 + 15.24 - 5; a cell's ceiling stays what it is.
    assert lids_above_ground_m(shielded, places) == pytest.approx([53.96, 98.24, 98.24, 53.96, 33.0], abs=0.01)


def test_refusals_say_whose_limit_it_is() -> None:
    verdict = site().under(SHIELDED).point(at(500.0, 0.0, 80.0))
    assert not verdict.allowed
    assert "the shielded waiver (at or below 200 ft) allows 61 m above ground" in " ".join(verdict.reasons)
    assert site().point(at(500.0, 0.0, 80.0)).allowed
    assert site().under(SHIELDED).point(at(500.0, 0.0, 50.0)).allowed


def test_a_regime_that_allows_more_changes_nothing_but_is_kept_apart() -> None:
    lofty = site().under(HeightRule(Agl(300.0), NearStructure(300.0, 300.0), "lofty"))
    places = np.array([(500.0, 0.0), (0.0, 0.0)])
    assert lofty.lids_m(places) == pytest.approx(site().lids_m(places))
    assert "lofty" not in " ".join(lofty.point(at(500.0, 0.0, 200.0)).reasons)


def test_it_is_made_once_and_shares_the_fence_on_board() -> None:
    airspace = site()
    assert airspace.under(SHIELDED) is airspace.under(SHIELDED)
    assert airspace.under(HeightRule()) is airspace
    assert on_board_fence(airspace.under(SHIELDED), HOME) == on_board_fence(airspace, HOME)
    assert airspace.under(SHIELDED).open is airspace.open


PLACES = st.tuples(st.floats(-2500.0, 2500.0), st.floats(-2500.0, 2500.0))


@settings(deadline=None, max_examples=60)
@given(st.floats(10.0, 200.0), st.floats(0.0, 200.0), st.floats(0.0, 500.0), PLACES)
def test_no_regime_ever_allows_more_than_the_site(
    height: float, above: float, within: float, at_m: tuple[float, float]
) -> None:
    airspace = site()
    limited = airspace.under(HeightRule(Agl(height), NearStructure(above, within), "any"))
    place = np.array([at_m])
    assert limited.lids_m(place)[0] <= airspace.lids_m(place)[0] + 1e-9
    near = np.hypot(*at_m) <= 20.0 + within + 0.5
    if not near and np.hypot(at_m[0] - 1000.0, at_m[1]) > 320.0:
        assert limited.lids_m(place)[0] <= GROUND_M + height - 7.0 + 1e-6

"""The fence as mission items."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.fence import FenceCircle, FencePlan, FencePolygon
from dfr.core.geo import Position
from dfr.fleet.mavlink.common import Cmd
from dfr.fleet.mavlink.fence import difference, encode

positions = st.builds(Position, st.floats(-89.9, 89.9), st.floats(-180.0, 180.0))
polygons = st.builds(FencePolygon, st.lists(positions, min_size=3, max_size=8).map(tuple), st.booleans())
circles = st.builds(FenceCircle, positions, st.floats(0.1, 5000.0), st.booleans())
plans = st.builds(
    FencePlan, st.lists(polygons, min_size=1, max_size=4).map(tuple), st.lists(circles, max_size=4).map(tuple)
)
_CIRCLES = (Cmd.FENCE_CIRCLE_INCLUSION, Cmd.FENCE_CIRCLE_EXCLUSION)


@given(plans)
def test_polygons_come_before_circles_and_every_corner_knows_their_number(plan: FencePlan) -> None:
    items = encode(plan)
    kinds = [item.command in _CIRCLES for item in items]
    assert kinds == sorted(kinds)
    corners = iter(items)
    for polygon in plan.polygons:
        for corner in polygon.corners:
            item = next(corners)
            assert item.param1 == len(polygon.corners)
            assert abs(item.x / 1e7 - corner.latitude_deg) <= 1e-7
            assert abs(item.y / 1e7 - corner.longitude_deg) <= 1e-7


@given(plans, st.data())
def test_every_changed_item_is_noticed(plan: FencePlan, data: st.DataObject) -> None:
    items = encode(plan)
    assert difference(items, list(items)) == ""
    index = data.draw(st.integers(0, len(items) - 1))
    change = data.draw(st.sampled_from([{"x": 2}, {"y": -2}, {"param1": 1.0}, {"command": 9}]))
    ((name, by),) = change.items()
    changed = list(items)
    changed[index] = replace(items[index], **{name: getattr(items[index], name) + by})
    assert f"Fence item {index + 1} of {len(items)} came back different" in difference(items, changed)
    assert "came back" in difference(items, items[:-1])


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (FencePlan(()), "empty"),
        (FencePlan((FencePolygon((Position(0, 0), Position(0, 1)), True),)), "2 corners"),
        (FencePlan((), (FenceCircle(Position(0, 0), 0.0, True),)), "radius of 0.0 m"),
    ],
)
def test_plans_that_px4_would_break_are_refused(plan: FencePlan, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        encode(plan)

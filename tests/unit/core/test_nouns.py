"""Fence plans and their names, flights, incidents, and how heights are said."""

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.core.fence import FenceCircle, FencePlan, FencePolygon
from dfr.core.flight import FlightState
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Ellipsoid, Position
from dfr.core.incident import Incident, IncidentState
from dfr.core.telemetry import Timed, Velocity
from dfr.core.zone import altitude_text

POSITIONS = st.builds(Position, st.floats(32.0, 32.5), st.floats(-111.2, -110.7))
POLYGONS = st.builds(
    FencePolygon, st.lists(POSITIONS, min_size=3, max_size=6, unique=True).map(tuple), inclusion=st.booleans()
)
CIRCLES = st.builds(FenceCircle, POSITIONS, st.floats(10.0, 500.0), inclusion=st.booleans())
PLANS = st.builds(
    FencePlan,
    st.lists(POLYGONS, min_size=1, max_size=3).map(tuple),
    st.lists(CIRCLES, max_size=2).map(tuple),
    st.none() | st.builds(AboveTakeoff, st.floats(20.0, 120.0)),
)


@given(PLANS)
def test_equal_plans_have_equal_digests(plan: FencePlan) -> None:
    again = FencePlan(
        tuple(replace(polygon) for polygon in plan.polygons), tuple(replace(c) for c in plan.circles), plan.max_height
    )
    assert again.digest == plan.digest


@given(PLANS, st.data())
def test_any_moved_corner_changes_the_digest(plan: FencePlan, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(plan.polygons) - 1))
    polygon = plan.polygons[number]
    index = data.draw(st.integers(0, len(polygon.corners) - 1))
    corner = polygon.corners[index]
    east, north = data.draw(st.sampled_from([(2e-7, 0.0), (0.0, 2e-7), (0.01, 0.0), (-2e-7, -2e-7)]))
    moved = Position(corner.latitude_deg + north, corner.longitude_deg + east)
    corners = (*polygon.corners[:index], moved, *polygon.corners[index + 1 :])
    polygons = (*plan.polygons[:number], replace(polygon, corners=corners), *plan.polygons[number + 1 :])
    assert replace(plan, polygons=polygons).digest != plan.digest


@given(PLANS)
def test_everything_else_changes_it_too(plan: FencePlan) -> None:
    first = plan.polygons[0]
    turned = replace(first, inclusion=not first.inclusion)
    others = [
        replace(plan, polygons=(turned, *plan.polygons[1:])),
        replace(plan, polygons=plan.polygons[1:]),
        replace(plan, polygons=(*plan.polygons, first)),
        replace(plan, max_height=AboveTakeoff(0.0 if plan.max_height is None else plan.max_height.m + 1.0)),
        replace(plan, circles=(*plan.circles, FenceCircle(first.corners[0], 5.0, inclusion=False))),
    ]
    others += [replace(plan, circles=(replace(c, radius_m=c.radius_m + 0.5),)) for c in plan.circles[:1]]
    others += [replace(plan, circles=(replace(c, inclusion=not c.inclusion),)) for c in plan.circles[:1]]
    assert plan.digest not in {other.digest for other in others}


def test_what_the_wire_cannot_carry_does_not_change_the_digest() -> None:
    corners = tuple(Position(32.2 + i * 0.01, -110.9 - i * i * 0.01) for i in range(3))
    trembling = tuple(Position(c.latitude_deg + 2e-8, c.longitude_deg) for c in corners)
    assert FencePlan((FencePolygon(corners, True),)).digest == FencePlan((FencePolygon(trembling, True),)).digest


def test_two_states_are_ends() -> None:
    assert {state for state in FlightState if state.is_over} == {FlightState.COMPLETED, FlightState.ABORTED}


def test_a_revised_incident_says_when_and_leaves_the_first_alone() -> None:
    incident = Incident("incident-1", "cad", "1", "ROBBERY", 2, None, 10.0, 10.0)
    closed = incident.revised(20.0, state=IncidentState.CLOSED)
    assert (closed.state, closed.updated_s, closed.received_s) == (IncidentState.CLOSED, 20.0, 10.0)
    assert incident.state is IncidentState.OPEN
    with pytest.raises(FrozenInstanceError):
        incident.priority = 1  # type: ignore[misc]


def test_values_know_their_age() -> None:
    assert Timed(1.0, 100.0).age_s(102.5) == 2.5
    assert Velocity(3.0, 4.0, 12.0).ground_mps == 5.0


@pytest.mark.parametrize(
    ("altitude", "text"),
    [
        (Agl(121.92), "122 m above ground"),
        (Amsl(800.0), "800 m above mean sea level"),
        (AboveTakeoff(45.0), "45 m above take-off"),
        (Ellipsoid(770.4), "770 m above the ellipsoid"),
    ],
)
def test_a_height_is_said_with_its_datum(altitude: Agl, text: str) -> None:
    assert altitude_text(altitude) == text

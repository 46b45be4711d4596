"""Flights where their dock's fence does not reach: a fence of their own goes on board, and rally points with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dfr.core.command import Launch, UploadFence
from dfr.core.flight import FlightState
from dfr.core.geo import Agl, Amsl
from dfr.core.incident import IncidentState
from dfr.core.rally import RallyPoint
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone, ZoneKind
from tests.unit.dispatch.small import AIRSPACE, AREA, SKY_1, Rig, circle, place, small_site

S = FlightState
LOW = Zone("low", "the low cell", ZoneKind.CEILING, circle(500.0, 300.0, 250.0), top=Agl(75.0))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, replace(small_site(SKY_1), airspace=AIRSPACE.with_zones([AREA, LOW])))
    rig.ready()
    rig.run(2.0)
    yield rig
    rig.journal.close()


def uploads(rig: Rig) -> list[UploadFence]:
    return [order for order in rig.fleet.commands("sky-1") if isinstance(order, UploadFence)]


def test_a_flight_takes_its_own_fence_and_its_dock_gets_its_own_back(rig: Rig) -> None:
    docks = rig.director.fences["sky-1"]
    flight_id = rig.launched()
    flight = rig.flight(flight_id)
    assert flight.state is S.PREPARING
    assert flight.fence is not None
    assert flight.fence.max_height is not None
    assert docks.max_height is not None
    assert flight.fence.max_height.m < docks.max_height.m
    rig.until_state(flight_id, S.ON_SCENE)
    orders = [type(order) for order in rig.fleet.commands("sky-1") if isinstance(order, UploadFence | Launch)]
    assert orders == [UploadFence, UploadFence, Launch]
    assert uploads(rig)[-1].plan == flight.fence == rig.director.fences["sky-1"]
    rig.call(status=IncidentState.CANCELLED)
    rig.until_state(flight_id, S.COMPLETED, 600.0)
    rig.run(20.0)
    assert uploads(rig)[-1].plan == docks


def test_a_restart_remembers_it(rig: Rig) -> None:
    flight_id = rig.launched()
    fence = rig.flight(flight_id).fence
    rig.restart()
    assert rig.flight(flight_id).fence == fence


def test_a_dock_that_is_not_prepared_yet_offers_what_its_fence_reaches(rig: Rig) -> None:
    rig.director.zones.fences.prepared.clear()
    rig.airspace._unprepared.clear()
    refused = rig.call()
    assert refused.flight_id is None
    assert rig.launched(source_id="2", position=place(-500.0, 300.0))


def test_zones_that_change_in_flight_make_its_own_fence_anew(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    before = rig.flight(flight_id).fence
    added = TemporaryZone(
        "zone-1",
        "the fire",
        rig.now_s,
        rig.now_s + 3600.0,
        "anna",
        rig.now_s,
        center=place(620.0, 120.0),
        radius_m=40.0,
    )
    rig.airspace.add(added, rig.now_s)
    rig.run(20.0)
    after = rig.flight(flight_id).fence
    assert after is not None
    assert after != before
    assert uploads(rig)[-1].plan == after


def test_rally_points_go_on_board_with_the_flight_that_relies_on_them(tmp_path: Path) -> None:
    wall = Zone("wall", "the wall", ZoneKind.NO_FLY, circle(500.0, 0.0, 100.0))
    park = RallyPoint("park", "The park", place(700.0, 400.0), Amsl(700.0))
    site = replace(small_site(SKY_1), airspace=AIRSPACE.with_zones([AREA, wall]), rally_points=(park,))
    rig = Rig(tmp_path, site)
    rig.ready()
    rig.run(2.0)
    flight_id = rig.launched(position=place(1100.0, 0.0))
    fence = rig.flight(flight_id).fence
    assert fence is not None
    assert fence.rally_points == (park,)
    rig.until_state(flight_id, S.ON_SCENE)
    rig.journal.close()

"""Zones and fences of now, and the temporary zones that people add and lift."""

from pathlib import Path
from typing import Any

import pytest

from dfr.server.access import API
from dfr.server.auth_store import Role
from dfr.server.services import DeskRefusal
from tests.unit.server.world import NOW_S, World

CIRCLE = {
    "name": "Fire on 4th",
    "reason": "Helicopters",
    "center": {"latitude_deg": 32.22, "longitude_deg": -110.93},
    "radius_m": 400.0,
    "lasts_s": 5400.0,
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_pilot_adds_a_zone_and_it_is_on_every_map(world: World) -> None:
    answer = world.ask("POST", f"{API}/zones/temporary", Role.PILOT, json=CIRCLE)
    assert answer.status_code == 201, answer.text
    added = answer.json()
    assert (added["start_s"], added["end_s"], added["made_by"]) == (NOW_S, NOW_S + 5400.0, "pilot-token")
    shown = {one["id"]: one["properties"] for one in world.ask("GET", f"{API}/zones", Role.RTCC).json()["features"]}
    assert shown[added["id"]]["kind"] == "temporary"
    assert shown[added["id"]]["ends_s"] == NOW_S + 5400.0
    assert not shown[added["id"]]["in_force"]
    assert shown["cell-1"]["in_force"]
    assert shown["cell-1"]["times"] == "always"


def test_lifting_it_takes_it_off(world: World) -> None:
    zone_id = world.ask("POST", f"{API}/zones/temporary", Role.CAD, json=CIRCLE).json()["id"]
    lifted = world.ask("DELETE", f"{API}/zones/temporary/{zone_id}", Role.PILOT).json()
    assert (lifted["lifted_s"], lifted["lifted_by"]) == (NOW_S, "pilot-token")
    assert [one["id"] for one in world.ask("GET", f"{API}/zones", Role.RTCC).json()["features"]] == ["cell-1"]


def test_corners_make_a_zone_too(world: World) -> None:
    corners = [
        {"latitude_deg": lat, "longitude_deg": lon} for lat, lon in ((32.2, -110.9), (32.3, -110.9), (32.3, -111))
    ]
    order = {"name": "Parade", "corners": corners, "lasts_s": 600.0, "start_s": NOW_S + 60.0}
    added = world.ask("POST", f"{API}/zones/temporary", Role.ADMIN, json=order).json()
    assert (added["start_s"], added["end_s"]) == (NOW_S + 60.0, NOW_S + 660.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"center": None, "radius_m": None}, "either corners, or a centre"),
        ({"radius_m": None}, "radius"),
        ({"lasts_s": 0.0}, "lasts_s"),
        ({"name": "  "}, "no name"),
        ({"shape": "round"}, "shape"),
        ({"center": None, "radius_m": None, "corners": [{"latitude_deg": 1, "longitude_deg": 1}]}, "at least three"),
    ],
)
def test_what_is_no_zone_is_refused_in_words(world: World, changes: dict[str, Any], says: str) -> None:
    answer = world.ask("POST", f"{API}/zones/temporary", Role.PILOT, json=CIRCLE | changes)
    assert answer.status_code == 422
    assert says in answer.text
    assert not world.desk.temporary


def test_a_refusal_of_the_engine_is_answered(world: World) -> None:
    world.desk.refusal = DeskRefusal(404, "Unknown zone", "Nobody added a zone x.")
    answer = world.ask("DELETE", f"{API}/zones/temporary/x", Role.PILOT)
    assert (answer.status_code, answer.json()["detail"]) == (404, "Nobody added a zone x.")


def test_who_only_watches_adds_none(world: World) -> None:
    for role in (Role.RTCC, Role.VIEWER):
        assert world.ask("POST", f"{API}/zones/temporary", role, json=CIRCLE).status_code == 403

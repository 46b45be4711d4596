"""What goes wrong on the way: each gets a sentence, a record and the right status, and the rest goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import NEAR_DOWNTOWN, World, running_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OUTSIDE = (32.45, -110.93)
AT_THE_AIRPORT = (32.1161, -110.9410)
INSIDE_A_ZERO_CELL = (32.1666, -110.8833)
"""On Davis-Monthan's runway, inside the operating area."""


def detail(answer: Any) -> str:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return str(answer.json()["detail"])


def test_calls_that_cannot_be_flown_are_told_why_and_the_rest_goes_on(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        service = world.service
        early = service.report_call("early", NEAR_DOWNTOWN)
        assert early.status_code == 201
        assert early.json()["flight_id"] is None
        assert "No aircraft can go" in early.json()["sentence"]

        service.until_ready("sky-1")
        unreadable = service.http.post("/cad/eido", content=b"{not json", headers={"Content-Type": "application/json"})
        assert unreadable.status_code == 422
        outside = service.report_call("outside", OUTSIDE)
        assert outside.status_code == 422
        assert "outside this site's operating area" in detail(outside)
        nowhere = service.report_call("nowhere", (0.0, 0.0))
        assert nowhere.status_code == 422
        assert "geocoder" in detail(nowhere)
        closed = service.report_call("closed", INSIDE_A_ZERO_CELL)
        assert closed.status_code == 201
        assert closed.json()["flight_id"] is None
        assert "Nearest place" in closed.json()["sentence"], closed.json()["sentence"]
        low = service.report_call("low", NEAR_DOWNTOWN, type="FSTRU", priority=3)
        assert low.json()["flight_id"] is None
        assert "the pilot decides" in low.json()["sentence"]

        refusals = service.items("refusals")
        assert {"Outside the jurisdiction", "No usable position", "Nobody can go"} <= {r["title"] for r in refusals}
        assert all(refusal["sentences"] for refusal in refusals)

        by_hand = service.http.post(f"/incidents/{low.json()['id']}/launch", json={})
        assert by_hand.status_code in (200, 201, 202), by_hand.text
        flight_id = service.items("flights")[-1]["id"]
        service.until_state(flight_id, "en_route")
        older = service.report_call("low", NEAR_DOWNTOWN, type="FSTRU", priority=3, updated="2020-01-01T00:00:00Z")
        assert older.status_code == 200
        busy = service.report_call("second", NEAR_DOWNTOWN)
        assert "another flight" in busy.json()["sentence"]
        service.command(flight_id, "return")
        service.until_state(flight_id, "completed", within_s=120.0)


def test_an_aircraft_that_vanishes_is_told_and_found_again(tmp_path: Path) -> None:
    with running_world(tmp_path, speed=4.0) as world:
        service, vehicle = world.service, world.fleet.vehicle(11)
        service.until_ready("sky-1")
        flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route")
        _drop_link(world, 60.0)
        lost = service.until_state(flight_id, "link_lost", within_s=30.0)
        assert "failsafe brings it home" in lost["sentence"]
        assert service.asset("sky-1")["telemetry"]["link"] == "lost"
        alarms = service.http.get("/health").json()
        assert alarms["status"] == "ok", "one lost aircraft stops nothing else"
        found = service.until_state(flight_id, "returning", "landing", "completed", within_s=90.0)
        assert found["state"] in ("returning", "landing", "completed")
        service.until_state(flight_id, "completed", within_s=120.0)
        assert not vehicle.armed


def test_a_fence_that_the_autopilot_drops_keeps_it_on_the_ground(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        world.fleet.vehicle(11).fault("fence_dropped")
        service = world.service
        asset = service.until(
            "the fence is said to be missing",
            lambda: (a := service.asset("sky-1")) and any("fence" in s for s in a["sentences"]) and a,
        )
        assert asset["readiness"] == "not_ready"
        call = service.report_call("1", NEAR_DOWNTOWN).json()
        assert call["flight_id"] is None
        assert "fence" in call["sentence"]


def test_an_undeclared_aircraft_is_shown_and_never_commanded(tmp_path: Path) -> None:
    from sim.autopilot.fleet import running_fleet
    from sim.autopilot.vehicle import VehicleSpec

    with running_world(tmp_path) as world:
        service = world.service
        own = world.fleet.vehicle(11).spec
        stranger = VehicleSpec(77, own.home, own.link)
        with running_fleet([stranger], 2.0) as others:
            found = service.until("the stranger is shown", lambda: _strangers(world), 40.0)
            assert found[0]["system_id"] == 77
            service.until_ready("sky-1")
            flight_id = service.report_call("1", NEAR_DOWNTOWN).json()["flight_id"]
            service.until_state(flight_id, "en_route")
            assert not others.vehicle(77).armed
            assert others.vehicle(77).fence.items == []


def _strangers(world: World) -> list[dict[str, Any]]:
    from websockets.sync.client import connect

    url = world.service.url.replace("http", "ws") + "/api/v1/live"
    with connect(url, additional_headers={"Authorization": f"Bearer {world.service.token}"}) as socket:
        message = json.loads(socket.recv(timeout=10.0))
    strangers: list[dict[str, Any]] = message.get("snapshot", message).get("strangers", [])
    return strangers


def _drop_link(world: World, seconds: float) -> None:
    world.fleet.vehicle(11).fault("link_drop", seconds)

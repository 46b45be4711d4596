"""An ArduPilot aircraft on the site beside a PX4 one: a call is flown by it, its pilot is obeyed, it comes home."""

from pathlib import Path

import pytest

from dfr.core.geo import Position, distance_m
from sim.cad.eido import write_eido
from tests.support.world import NEAR_DOWNTOWN, running_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_call_is_flown_by_an_ardupilot_aircraft(tmp_path: Path) -> None:
    with running_world(tmp_path, assets=2, first_airframe="x500_copter") as world:
        service, copter, other = world.service, world.fleet.vehicle(11), world.fleet.vehicle(12)
        service.until_ready("sky-1")
        service.until_ready("sky-2")
        assert (copter.mode, other.mode) == ("STABILIZE", "LOITER")
        call = service.http.post("/cad/eido", json=write_eido("ACTSHOOT", 10, *NEAR_DOWNTOWN, note="shots")).json()
        assert "SKY-1 goes" in call["sentence"]
        flight_id = call["flight_id"]
        service.until_state(flight_id, "on_scene")
        assert copter.mode == "GUIDED"
        where = Position(*copter.position[:2])
        assert distance_m(where, Position(*NEAR_DOWNTOWN)) < 100.0
        assert service.command(flight_id, "hold").status_code == 202
        service.until("it brakes", lambda: copter.mode == "BRAKE", 20.0)
        offset = {"kind": "offset", "bearing_deg": 0.0, "distance_m": 30.0}
        assert service.command(flight_id, "move", to=offset).status_code == 202
        service.until("it moved", lambda: distance_m(Position(*copter.position[:2]), where) > 20.0, 30.0)
        assert service.command(flight_id, "return").status_code == 202
        service.until("it flies home", lambda: copter.mode == "RTL", 20.0)
        service.until("it is down", lambda: not copter.armed, 120.0)
        assert not other.armed

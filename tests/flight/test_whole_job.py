"""The main job over real sockets: a call becomes a flight that looks at the scene, obeys its pilot and comes home."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dfr.core.geo import Position, distance_m
from dfr.journal.journal import Journal
from sim.cad.eido import write_eido
from tests.support.world import NEAR_DOWNTOWN, World, running_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CLOSE_TO_DOCK = (32.2232, -110.9285)
"""About 250 m from the downtown dock."""


def true_place(world: World, system_id: int = 11) -> Position:
    latitude_deg, longitude_deg, _ = world.fleet.vehicle(system_id).position
    return Position(latitude_deg, longitude_deg)


def journal_kinds(path: Path, flight_id: str) -> list[str]:
    with Journal(path, read_only=True) as journal:
        return [entry.kind for entry in journal.read(flight_id=flight_id)]


def test_a_call_becomes_a_flight_to_the_scene_and_home(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        service, vehicle = world.service, world.fleet.vehicle(11)
        service.until_ready("sky-1")
        document = write_eido("ACTSHOOT", 10, *NEAR_DOWNTOWN, note="shots heard")
        answer = service.http.post("/cad/eido", json=document)
        assert answer.status_code == 201
        call = answer.json()
        assert "SKY-1 goes" in call["sentence"]
        flight_id = call["flight_id"]
        en_route = service.until_state(flight_id, "en_route")
        assert en_route["decision"]["rule"] == "Shooting, stabbing, hostage"
        assert abs(vehicle.gimbal.pitch_deg) < 2.0, "until on scene the camera looks at the horizon"
        assert service.command(flight_id, "look", at={"kind": "scene"}).status_code == 409

        left = service.asset("sky-1")["endurance"]
        assert 0.0 < left["on_scene_s"] < left["left_s"], "its pilot is told what it will have there"

        service.until_state(flight_id, "on_scene")
        scene = Position(*NEAR_DOWNTOWN)
        assert 40.0 < distance_m(true_place(world), scene) < 80.0
        service.until("the camera looks down at the scene", lambda: vehicle.gimbal.pitch_deg < -20.0, 10.0)

        assert service.command(flight_id, "orbit").status_code == 202
        service.until("it orbits", lambda: service.asset("sky-1")["telemetry"]["mode"]["value"] == "orbit", 20.0)
        before = true_place(world)
        assert service.command(flight_id, "hold").status_code == 202
        service.until("it holds", lambda: service.asset("sky-1")["telemetry"]["mode"]["value"] == "hold", 20.0)
        offset = {"kind": "offset", "bearing_deg": 0.0, "distance_m": 30.0}
        assert service.command(flight_id, "move", to=offset).status_code == 202
        service.until("it moved", lambda: distance_m(true_place(world), before) > 20.0, 20.0)

        far = {"kind": "position", "latitude_deg": 32.4, "longitude_deg": -110.93}
        refused = service.command(flight_id, "move", to=far)
        assert refused.status_code == 409
        assert "operating area" in refused.json()["detail"]
        assert any(item["flight_id"] == flight_id for item in service.items("refusals"))

        assert service.command(flight_id, "return").status_code == 202
        done = service.until_state(flight_id, "completed", within_s=120.0)
        assert not vehicle.armed
        assert distance_m(true_place(world), Position(32.2217, -110.9265)) < 3.0
        times = done["times"]
        assert times["requested_s"] <= times["takeoff_sent_s"] < times["airborne_s"] < times["on_scene_s"]
        report = service.http.get(f"/flights/{flight_id}/report").json()
        assert report["distance_flown_m"] > 800.0
        names = [command["command"] for command in report["commands"]]
        # Called for before its fence was on board, it puts it there first.
        assert [name for name in names if name != "UploadFence"][:2] == ["Launch", "LookAtHorizon"]
        assert [c for c in report["commands"] if not c["outcome"]] == []
        service.stop(signal.SIGINT)
        with Journal(service.journal, read_only=True) as journal:
            assert journal.verify() == []


def test_a_call_that_repeats_itself_launches_once(tmp_path: Path) -> None:
    with running_world(tmp_path, assets=2) as world:
        service = world.service
        service.until_ready("sky-1", "sky-2")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: service.report_call("42", NEAR_DOWNTOWN), range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(service.items("flights")) == 1
        flight_id = service.items("flights")[0]["id"]
        service.until_state(flight_id, "en_route")
        cancelled = service.report_call("42", NEAR_DOWNTOWN, status="cancelled")
        assert cancelled.status_code == 200
        service.until_state(flight_id, "returning", "landing", "completed")
        service.until_state(flight_id, "completed", within_s=120.0)


def test_killed_at_every_stage_the_service_finishes_the_flight(tmp_path: Path) -> None:
    # In real time, as a restart must be quicker than the aircraft's own link-loss failsafe.
    with running_world(tmp_path, speed=1.0) as world:
        service = world.service
        service.until_ready("sky-1")
        flight_id = service.report_call("7", CLOSE_TO_DOCK).json()["flight_id"]
        for stage in ("launching", "en_route", "on_scene"):
            service.until_state(flight_id, stage, within_s=120.0)
            service.kill()
            assert world.fleet.vehicle(11).armed
            service.start()
        # Even before the aircraft is heard again it can be called home.
        assert service.command(flight_id, "return").status_code == 202
        service.until_state(flight_id, "returning")
        service.kill()
        service.start()
        service.until_state(flight_id, "completed", within_s=120.0)
        assert len(service.items("flights")) == 1
        service.stop(signal.SIGINT)
        kinds = journal_kinds(service.journal, flight_id)
        assert kinds.count("flight") >= 5
        with Journal(service.journal, read_only=True) as journal:
            launches = [e for e in journal.read(kinds=("command",)) if json.loads(e.data)["name"] == "Launch"]
            assert journal.verify() == []
        assert len(launches) <= 2, "a launch is sent again only when the crash may have swallowed it"


def test_the_video_process_killed_never_touches_the_flight(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        service = world.service
        service.until_ready("sky-1")
        flight_id = service.report_call("9", NEAR_DOWNTOWN).json()["flight_id"]
        service.until_state(flight_id, "en_route")
        for process in _video_processes(service.process.pid if service.process else 0):
            process_kill(process)
        health = service.until(
            "video is said to be down", lambda: (h := service.http.get("/health").json())["video"] != "ok" and h, 10.0
        )
        assert health["status"] == "ok"
        service.until_state(flight_id, "on_scene")
        service.until("video is back", lambda: service.http.get("/health").json()["video"] == "ok", 30.0)


def _video_processes(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    found = [pid for pid in children if b"dfr.video" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert found, "the service has no video process"
    return [int(pid) for pid in found]


def process_kill(pid: int) -> None:
    import os

    os.kill(pid, signal.SIGKILL)

"""What the routes answer, and how they say no."""

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import LinearRing

from dfr.core.geo import AboveTakeoff, Position, distance_m
from dfr.core.pilot import LookTarget, Offset, PilotAction, PilotCommand, Stick
from dfr.server.auth_store import Role
from dfr.server.services import CallResult, CommandResult, DeskHealth, DeskRefusal
from dfr.video.errors import VideoProcessDown
from tests.unit.server.world import FENCE, INCIDENT, NOW_S, SCENE, World

CALL = {
    "source": "tpd",
    "source_id": "2026-118",
    "type": "ROBBERY",
    "priority": 1,
    "latitude_deg": 32.229,
    "longitude_deg": -110.917,
}
EIDO = (Path(__file__).parents[2] / "data/eido/synthetic_tucson_1_new.json").read_text(encoding="utf-8")
COMMANDS = "/api/v1/flights/flight-1/commands"
WHEP = "/api/v1/streams/sky-1/whep"
SDP = {"Content-Type": "application/sdp"}


def test_a_plain_call_becomes_an_incident(world: World) -> None:
    response = world.ask("POST", "/api/v1/cad/incidents", Role.CAD, json=CALL)
    assert response.status_code == 201
    answer = response.json()
    assert (answer["id"], answer["position"]["latitude_deg"]) == ("incident-1", SCENE.latitude_deg)
    assert (answer["flight_id"], answer["duplicate"], answer["sentence"]) == ("flight-1", False, "SKY-1 goes.")
    report, raw, sender = world.desk.reports[0]
    assert (report.source_id, json.loads(raw), sender) == ("2026-118", CALL, "cad-token")


def test_an_eido_becomes_an_incident(world: World) -> None:
    assert world.ask("POST", "/api/v1/cad/eido", Role.CAD, content=EIDO).status_code == 201
    report, raw, _ = world.desk.reports[0]
    assert (report.type, report.priority, raw) == ("SHOOT", 1, EIDO)


@pytest.mark.parametrize(("duplicate", "created"), [(True, False), (False, False)])
def test_news_of_a_known_incident_is_no_new_one(world: World, duplicate: bool, created: bool) -> None:
    world.desk.result = CallResult(INCIDENT, None, duplicate, "Known.", created)
    response = world.ask("POST", "/api/v1/cad/incidents", Role.CAD, json=CALL)
    assert (response.status_code, response.json()["duplicate"]) == (200, duplicate)


@pytest.mark.parametrize(
    ("path", "raw", "pointer"),
    [
        ("incidents", json.dumps(CALL | {"priority": 9}), "/priority"),
        ("incidents", "{", ""),
        ("incidents", "", ""),
        ("eido", "{}", "/$id"),
        ("eido", EIDO[:200], ""),
    ],
)
def test_an_unreadable_call_is_kept_and_said(world: World, path: str, raw: str, pointer: str) -> None:
    response = world.ask("POST", f"/api/v1/cad/{path}", Role.CAD, content=raw)
    problem = response.json()
    assert (response.status_code, problem["status"], problem["refusal_id"]) == (422, 422, "refusal-7")
    assert problem["errors"] == [{"pointer": pointer, "sentence": problem["detail"]}]
    assert [(kept_raw, sender) for _, kept_raw, sender in world.desk.unreadable] == [(raw, "cad-token")]


def test_bytes_that_are_no_text_are_kept_and_said(world: World) -> None:
    assert world.ask("POST", "/api/v1/cad/eido", Role.CAD, content=b"\xff\xfe{}").status_code == 422
    assert len(world.desk.unreadable) == 1


def test_a_refusal_of_the_desk_is_a_problem_document(world: World) -> None:
    sentences = ("The scene lies 40 km outside Tucson.", "No asset reaches it.")
    world.desk.refusal = DeskRefusal(422, "Outside the jurisdiction", " ".join(sentences), "refusal-3", sentences)
    response = world.ask("POST", "/api/v1/cad/incidents", Role.CAD, json=CALL)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:dfr:problem:outside-the-jurisdiction",
        "title": "Outside the jurisdiction",
        "status": 422,
        "detail": " ".join(sentences),
        "sentences": list(sentences),
        "errors": [],
        "refusal_id": "refusal-3",
    }


def test_a_mistake_in_the_service_is_said_without_its_insides(world: World) -> None:
    world.desk.crash = RuntimeError("secret insides")
    response = world.ask("POST", COMMANDS, Role.PILOT, json={"action": "hold"})
    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["incidents", "assets", "flights", "streams", "refusals"])
def test_lists_hold_items(world: World, name: str) -> None:
    answer = world.ask("GET", f"/api/v1/{name}", Role.RTCC).json()
    assert len(answer["items"]) == 1


def test_a_flight_tells_all(world: World) -> None:
    flight = world.ask("GET", "/api/v1/flights/flight-1", Role.VIEWER).json()
    assert (flight["id"], flight["incident_id"], flight["asset_id"]) == ("flight-1", "incident-1", "sky-1")
    assert flight["state"] == "en_route"
    assert flight["decision"]["candidates"][0]["sentence"] == "62 s to the scene."
    assert flight["times"]["airborne_s"] == NOW_S - 10
    assert flight["times"]["landed_s"] is None
    assert len(flight["route"]) == 2


def test_every_telemetry_value_carries_its_time(world: World) -> None:
    telemetry = world.ask("GET", "/api/v1/assets/sky-1", Role.VIEWER).json()["telemetry"]
    for name in ("kinematics", "mode", "armed", "landed", "battery", "gimbal", "home", "health", "satellites"):
        assert telemetry[name]["at_s"] == NOW_S, name
    assert telemetry["kinematics"]["ground_speed_mps"] == 5.0
    assert telemetry["fence"]["verified_s"] == NOW_S


@pytest.mark.parametrize("path", ["incidents/none", "assets/none", "flights/none", "flights/none/report"])
def test_what_is_not_there_is_said(world: World, path: str) -> None:
    response = world.ask("GET", f"/api/v1/{path}", Role.ADMIN)
    assert response.status_code == 404
    assert "'none'" in response.json()["detail"]


def test_a_flight_report(world: World) -> None:
    report = world.ask("GET", "/api/v1/flights/flight-1/report", Role.PILOT).json()
    assert (report["distance_flown_m"], report["commands"][0]["outcome"]) == (812.0, "done")
    assert report["track"][0]["gimbal_pitch_deg"] == 0.0
    assert report["refusals"][0]["sentences"] == ["SKY-2 is charging."]


def test_a_launch_by_hand(world: World) -> None:
    response = world.ask("POST", "/api/v1/incidents/incident-1/launch", Role.PILOT, json={"asset_id": "sky-1"})
    assert (response.status_code, response.json()["id"]) == (201, "flight-1")
    world.ask("POST", "/api/v1/incidents/incident-1/launch", Role.PILOT, json={"regime_id": "part_107"})
    assert world.desk.launches == [
        ("incident-1", "sky-1", "pilot-token", ""),
        ("incident-1", None, "pilot-token", "part_107"),
    ]


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ({"action": "hold"}, PilotCommand(PilotAction.HOLD)),
        ({"action": "resume"}, PilotCommand(PilotAction.RESUME)),
        ({"action": "return"}, PilotCommand(PilotAction.RETURN)),
        ({"action": "orbit"}, PilotCommand(PilotAction.ORBIT)),
        (
            {"action": "orbit", "radius_m": 60, "speed_mps": 5},
            PilotCommand(PilotAction.ORBIT, radius_m=60, speed_mps=5),
        ),
        (
            {"action": "move", "to": {"kind": "position", "latitude_deg": 32.2, "longitude_deg": -110.9}},
            PilotCommand(PilotAction.MOVE, to=Position(32.2, -110.9)),
        ),
        (
            {
                "action": "move",
                "to": {"kind": "offset", "bearing_deg": 90, "distance_m": 30},
                "height_above_takeoff_m": 50,
            },
            PilotCommand(PilotAction.MOVE, to=Offset(90, 30), height=AboveTakeoff(50)),
        ),
        (
            {"action": "look", "at": {"kind": "position", "latitude_deg": 32.2, "longitude_deg": -110.9}},
            PilotCommand(PilotAction.LOOK, look_at=Position(32.2, -110.9)),
        ),
        (
            {"action": "look", "at": {"kind": "horizon"}},
            PilotCommand(PilotAction.LOOK, look_at=LookTarget.HORIZON),
        ),
        ({"action": "look", "at": {"kind": "scene"}}, PilotCommand(PilotAction.LOOK, look_at=LookTarget.SCENE)),
        (
            {"action": "fly", "hold_id": "a", "sequence": 4, "forward_mps": 3.5, "turn_degps": -20},
            PilotCommand(PilotAction.FLY, stick=Stick("a", 4, 3.5, turn_degps=-20)),
        ),
        (
            {"action": "fly", "hold_id": "a", "sequence": 5, "released": True},
            PilotCommand(PilotAction.FLY, stick=Stick("a", 5, released=True)),
        ),
    ],
)
def test_commands_reach_the_desk(world: World, body: dict[str, Any], command: PilotCommand) -> None:
    response = world.ask("POST", COMMANDS, Role.PILOT, json=body)
    assert (response.status_code, response.json()) == (202, {"accepted": True, "sentences": ["Holding."]})
    assert world.desk.commands == [("flight-1", command, "pilot-token")]


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"action": "dance"}, "/action", "hold"),
        ({}, "/action", "action"),
        ({"action": "orbit", "radius_m": 1}, "/radius_m", "greater than or equal to 10"),
        ({"action": "orbit", "radius": 60}, "/radius", "not known here"),
        ({"action": "move"}, "", "a place, a height, or both"),
        (
            {"action": "move", "to": {"kind": "position", "latitude_deg": 91, "longitude_deg": 0}},
            "/to/latitude_deg",
            "",
        ),
        ({"action": "move", "to": {"kind": "position", "latitude_deg": 32}}, "/to/longitude_deg", "missing"),
        ({"action": "look", "at": {}}, "/at/kind", "kind"),
        ({"action": "fly", "hold_id": "a", "sequence": 0, "up_mps": 900}, "/up_mps", "less than or equal to 20"),
        ({"action": "fly", "sequence": 0}, "/hold_id", "missing"),
        ([], "", ""),
    ],
)
def test_a_wrong_command_names_the_field(world: World, body: Any, pointer: str, words: str) -> None:
    response = world.ask("POST", COMMANDS, Role.PILOT, json=body)
    problem = response.json()
    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
    assert words in problem["detail"]
    assert problem["errors"][0]["pointer"] == pointer
    assert world.desk.commands == []


@pytest.mark.parametrize("raw", ["{", '{"action": "orbit", "radius_m": NaN}', '{"action": "orbit", "radius_m": 1e999}'])
def test_json_that_is_none_is_said(world: World, raw: str) -> None:
    response = world.ask("POST", COMMANDS, Role.PILOT, content=raw, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["detail"]


def test_a_refused_command_gives_every_reason(world: World) -> None:
    world.desk.command_result = CommandResult(False, ("It would leave the fence.", "The wind is too strong."))
    response = world.ask("POST", COMMANDS, Role.PILOT, json={"action": "hold"})
    assert response.status_code == 409
    assert response.json()["sentences"] == ["It would leave the fence.", "The wind is too strong."]


def test_a_request_too_large_is_not_read_to_its_end(world: World) -> None:
    for path, role in (("/api/v1/cad/eido", Role.CAD), (COMMANDS, Role.PILOT)):
        response = world.ask("POST", path, role, content=b" " * (2 << 20), headers={"Content-Type": "application/json"})
        assert (response.status_code, response.json()["status"]) == (413, 413)


def test_zones_and_base_map_are_geojson(world: World) -> None:
    response = world.ask("GET", "/api/v1/zones", Role.VIEWER)
    assert response.headers["Content-Type"] == "application/geo+json"
    feature = response.json()["features"][0]
    assert (feature["type"], feature["id"], feature["geometry"]["type"]) == ("Feature", "cell-1", "Polygon")
    assert feature["properties"]["kind"] == "ceiling"
    assert feature["properties"]["top"] == {"value_m": 91.44, "datum": "agl", "text": "91 m above ground"}
    street = world.ask("GET", "/api/v1/basemap", Role.VIEWER).json()["features"][0]
    assert (street["properties"]["kind"], street["properties"]["lanes"]) == ("street", 2)


def test_fences_are_geojson_with_circles_as_polygons(world: World) -> None:
    response = world.ask("GET", "/api/v1/fences", Role.VIEWER)
    assert response.headers["Content-Type"] == "application/geo+json"
    polygon, circle = response.json()["features"]
    assert polygon["geometry"] == {
        "type": "Polygon",
        "coordinates": [[[-111.0, 32.2], [-110.9, 32.2], [-110.9, 32.3], [-111.0, 32.2]]],
    }
    of_both = {"asset_id": "sky-1", "max_height_above_takeoff_m": 54.0, "digest": FENCE.digest}
    assert polygon["properties"] == of_both | {"inclusion": True}
    assert circle["properties"] == of_both | {"inclusion": False}
    (ring,) = circle["geometry"]["coordinates"]
    assert (len(ring), ring[0]) == (65, ring[-1])
    assert len({tuple(corner) for corner in ring}) == 64
    for longitude_deg, latitude_deg in ring:
        assert distance_m(SCENE, Position(latitude_deg, longitude_deg)) == pytest.approx(200.0, abs=0.01)
    assert LinearRing(ring).is_ccw  # RFC 7946, 3.1.6


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("identity", None)])
def test_the_base_map_is_packed_for_those_who_take_it(world: World, accepted: str, encoding: str | None) -> None:
    response = world.ask("GET", "/api/v1/basemap", Role.VIEWER, headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == encoding
    assert response.json()["type"] == "FeatureCollection"


def test_the_site(world: World) -> None:
    site = world.ask("GET", "/api/v1/site", Role.VIEWER).json()
    assert (site["name"], site["bounds"]["west_deg"], site["notes"]) == ("tucson", -111.02, ["Synthetic."])


@pytest.mark.parametrize(
    ("desk", "status", "words"),
    [
        (DeskHealth(NOW_S, True), 200, ""),
        (DeskHealth(NOW_S - 1.9, True), 200, ""),
        (DeskHealth(NOW_S - 2.1, True), 503, "stood still for 2.1 s"),
        (DeskHealth(None, True), 503, "not run yet"),
        (DeskHealth(NOW_S, False, "The relay is being restarted."), 200, "being restarted"),
    ],
)
def test_health(world: World, desk: DeskHealth, status: int, words: str) -> None:
    world.desk.health_now = desk
    response = world.ask("GET", "/api/v1/health")
    health = response.json()
    assert (response.status_code, health["status"]) == (status, "ok" if status == 200 else "failing")
    assert health["video"] == ("ok" if desk.video_ok else "failing")
    assert words in " ".join(health["sentences"])
    assert bool(health["sentences"]) == bool(words)


def test_who_am_i(world: World) -> None:
    me = world.ask("GET", "/api/v1/session", Role.CAD).json()
    assert me == {"user": "cad-token", "roles": ["cad"], "kind": "token", "expires_s": None}


def test_signing_in_by_password_and_out(world: World) -> None:
    world.auth.users.add("pat", "correct horse battery", [Role.PILOT])
    body = {"user": "pat", "password": "correct horse battery"}
    response = world.ask("POST", "/api/v1/session", json=body)
    assert (response.status_code, response.json()["roles"]) == (201, ["pilot"])
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    cookies, ours = dict(response.cookies), {"Sec-Fetch-Site": "same-origin"}
    assert world.ask("GET", "/api/v1/session", cookies=cookies).json()["user"] == "pat"
    assert world.ask("DELETE", "/api/v1/session", cookies=cookies, headers=ours).status_code == 204
    assert world.ask("GET", "/api/v1/session", cookies=cookies).status_code == 401


def test_over_https_the_cookie_is_for_https_alone(tmp_path: Path) -> None:
    world = World(tmp_path, secure_cookies=True)
    response = world.ask("POST", "/api/v1/session", json={"link": world.auth.add_link("pat", [Role.PILOT])})
    assert "Secure" in response.headers["Set-Cookie"]
    assert "max-age" in response.headers["Strict-Transport-Security"]
    world.auth.close()


def test_a_wrong_password_and_then_too_many(world: World) -> None:
    body = {"user": "pat", "password": "wrong"}
    statuses = [world.ask("POST", "/api/v1/session", json=body).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert world.ask("POST", "/api/v1/session", json=body).headers["Retry-After"] == "1"


def test_a_used_link_says_so(world: World) -> None:
    link = world.auth.add_link("pat", [Role.PILOT])
    assert world.ask("POST", "/api/v1/session", json={"link": link}).status_code == 201
    response = world.ask("POST", "/api/v1/session", json={"link": link})
    assert (response.status_code, "used already" in response.json()["detail"]) == (401, True)


def test_watching_a_stream_from_offer_to_end(world: World) -> None:
    response = world.ask("POST", WHEP, Role.RTCC, content="offer", headers=SDP)
    assert (response.status_code, response.text) == (201, "answer to offer")
    assert response.headers["Content-Type"].startswith("application/sdp")
    session = response.headers["Location"]
    assert session == f"{WHEP}/session-1"
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag"}
    assert world.ask("PATCH", session, Role.RTCC, content="a=candidate", headers=fragment).status_code == 204
    assert world.video.fragments == [("session-1", "a=candidate")]
    assert world.ask("DELETE", session, Role.RTCC).status_code == 200
    assert world.video.open == {}
    assert world.ask("DELETE", session, Role.RTCC).status_code == 200, "what has ended is ended"
    assert world.ask("PATCH", session, Role.RTCC, content="a=candidate", headers=fragment).status_code == 404


def test_nobody_ends_or_steers_anothers_view(world: World) -> None:
    session = world.ask("POST", WHEP, Role.RTCC, content="offer", headers=SDP).headers["Location"]
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag"}
    assert world.ask("DELETE", session, Role.ADMIN).status_code == 404
    assert world.ask("PATCH", session, Role.PILOT, content="x", headers=fragment).status_code == 404
    assert world.video.open == {"session-1": "sky-1"}


def test_signing_out_ends_what_is_watched(world: World) -> None:
    cookies, ours = world.sign_in([Role.RTCC]), {"Sec-Fetch-Site": "same-origin"}
    world.ask("POST", WHEP, cookies=cookies, content="offer", headers=SDP | ours)
    world.ask("POST", WHEP, Role.PILOT, content="offer", headers=SDP)
    world.ask("DELETE", "/api/v1/session", cookies=cookies, headers=ours)
    assert world.video.open == {"session-2": "sky-1"}


@pytest.mark.parametrize(
    ("path", "headers", "content", "status"),
    [
        ("/api/v1/streams/none/whep", SDP, "offer", 404),
        (WHEP, {"Content-Type": "application/json"}, "offer", 415),
        (WHEP, SDP, "", 400),
    ],
)
def test_a_wrong_offer_is_said(world: World, path: str, headers: dict[str, str], content: str, status: int) -> None:
    response = world.ask("POST", path, Role.RTCC, content=content, headers=headers)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert world.video.open == {}


def test_a_relay_that_is_away_is_said(world: World) -> None:
    world.video.error = VideoProcessDown("Live video is being restarted.")
    response = world.ask("POST", WHEP, Role.RTCC, content="offer", headers=SDP)
    assert (response.status_code, response.json()["title"]) == (503, "Video is being restarted")

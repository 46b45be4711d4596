"""The table of routes and roles: complete, and kept at the door for every route and every role."""

import asyncio
import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from dfr.server.access import ACCESS, PUBLIC, WEBSOCKET
from dfr.server.auth_store import Role
from tests.unit.server.world import HOST, World

SAMPLES = {
    "incident_id": "incident-1",
    "zone_id": "zone-1",
    "asset_id": "sky-1",
    "flight_id": "flight-1",
    "stream_id": "sky-1",
    "session_id": "none",
    "path:path": "x.js",
}
ROWS = sorted(ACCESS, key=str)
HTTP_ROWS = [row for row in ROWS if row[0] != WEBSOCKET]
CLOSED_ROWS = [row for row in HTTP_ROWS if ACCESS[row] is not PUBLIC]


def sample(path: str) -> str:
    return re.sub(r"\{([^}]+)\}", lambda found: SAMPLES[found[1]], path)


def knock(world: World, path: str, headers: list[tuple[bytes, bytes]]) -> str:
    """Ask for a WebSocket; "accepted", or the status of the denial."""
    sent: list[dict[str, Any]] = []
    told = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

    async def receive() -> dict[str, Any]:
        return told.pop(0) if len(told) > 1 or sent else await asyncio.sleep(60)  # type: ignore[func-returns-value]

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", HOST.encode()), *headers],
        "scheme": "ws",
        "server": (HOST, 80),
        "client": ("127.0.0.1", 1),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    asyncio.run(world.app(scope, receive, send))  # type: ignore[arg-type]
    first = sent[0]
    return "accepted" if first["type"] == "websocket.accept" else str(first["status"])


def test_every_route_is_in_the_table_and_the_table_holds_no_other(world: World) -> None:
    routes = set()
    for route in iter_route_contexts(world.app.routes):
        methods = getattr(route, "methods", None) or {WEBSOCKET}
        routes |= {(method, route.path) for method in methods}
    assert routes == set(ACCESS)


@pytest.mark.parametrize("row", CLOSED_ROWS, ids=" ".join)
def test_nobody_passes_without_session_or_token(world: World, row: tuple[str, str]) -> None:
    method, path = row
    response = world.ask(method, sample(path))
    if path.startswith("/api/"):
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.headers["Content-Type"] == "application/problem+json"
    else:
        assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")


def test_every_role_passes_exactly_where_the_table_says(world: World) -> None:
    for method, path in HTTP_ROWS:
        allowed = ACCESS[method, path]
        for role in Role:
            status = world.ask(method, sample(path), role).status_code
            assert status != 401, (method, path, role)
            assert (status == 403) == (allowed is not PUBLIC and role not in allowed), (method, path, role, status)


@pytest.mark.parametrize("role", list(Role))
def test_the_live_socket_keeps_the_table(world: World, role: Role) -> None:
    allowed = ACCESS[WEBSOCKET, "/api/v1/live"]
    assert allowed is not None
    bearer = (b"authorization", f"Bearer {world.tokens[role]}".encode())
    assert knock(world, "/api/v1/live", [bearer]) == ("accepted" if role in allowed else "403")


def test_the_live_socket_opens_for_no_stranger(world: World) -> None:
    assert knock(world, "/api/v1/live", []) == "401"


def test_the_live_socket_opens_for_our_own_pages_alone(world: World) -> None:
    cookies = world.sign_in([Role.PILOT])
    cookie = (b"cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()).encode())
    assert knock(world, "/api/v1/live", [cookie, (b"origin", f"http://{HOST}".encode())]) == "accepted"
    assert knock(world, "/api/v1/live", [cookie, (b"origin", b"http://evil.example")]) == "403"
    assert knock(world, "/api/v1/live", [cookie]) == "403"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/api/v1/incidents/", "/openapi.json", "/docs"])
def test_an_unknown_address_tells_strangers_nothing(world: World, path: str) -> None:
    assert world.ask("GET", path).status_code in (303, 401)
    response = world.ask("GET", path, Role.ADMIN)
    assert (response.status_code, response.json()["status"]) == (404, 404)


def test_a_wrong_method_names_the_right_ones(world: World) -> None:
    response = world.ask("PUT", "/api/v1/incidents", Role.ADMIN)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert "GET" in response.json()["detail"]


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic cGF0OnB3", ""])
def test_a_wrong_token_is_none(world: World, header: str) -> None:
    assert world.ask("GET", "/api/v1/incidents", headers={"Authorization": header}).status_code == 401


OURS, THEIRS = f"http://{HOST}", "https://evil.example"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": OURS}, 202),
        ({"Origin": OURS, "Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({}, 403),
        ({"Origin": THEIRS}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": THEIRS, "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": OURS, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_a_cookie_commands_only_from_our_own_pages(world: World, headers: dict[str, str], status: int) -> None:
    cookies = world.sign_in([Role.PILOT])
    path = "/api/v1/flights/flight-1/commands"
    response = world.ask("POST", path, cookies=cookies, headers=headers, json={"action": "hold"})
    assert response.status_code == status
    assert len(world.desk.commands) == (1 if status == 202 else 0)


def test_a_token_commands_from_anywhere_but_another_site(world: World) -> None:
    path, hold = "/api/v1/flights/flight-1/commands", {"action": "hold"}
    assert world.ask("POST", path, Role.PILOT, json=hold).status_code == 202
    assert world.ask("POST", path, Role.PILOT, json=hold, headers={"Origin": THEIRS}).status_code == 403


def test_nobody_is_signed_in_from_another_site(world: World) -> None:
    link = world.auth.add_link("pat", [Role.PILOT])
    stolen = world.ask("POST", "/api/v1/session", json={"link": link}, headers={"Origin": THEIRS})
    assert stolen.status_code == 403
    assert world.ask("POST", "/api/v1/session", json={"link": link}, headers={"Origin": OURS}).status_code == 201

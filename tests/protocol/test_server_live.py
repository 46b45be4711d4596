"""The live socket over a real server: a snapshot, then changes, whatever the client does."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dfr.core.flight import FlightState
from dfr.core.telemetry import Telemetry, Timed
from dfr.server.auth_store import Role
from dfr.server.changes import MAX_PENDING
from dfr.server.routes import live
from tests.unit.server.world import FLIGHT, NOW_S, REFUSAL, TELEMETRY, World


async def eventually(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def serving(world: World) -> AsyncIterator[str]:
    """The world behind a real server; its address without the scheme."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(world.app, log_level="warning", ws_max_queue=4, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await eventually(lambda: server.started)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def watch(world: World, address: str, role: Role = Role.PILOT) -> Any:
    headers = {"Authorization": f"Bearer {world.tokens[role]}"}
    return connect(f"ws://{address}/api/v1/live", additional_headers=headers, proxy=None)


async def heard(client: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(client.recv(), 10))
    return message


async def until(client: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while not wanted(message := await heard(client)):
            pass
    return message


def play(tmp_path: Path, scene: Callable[[World, str], Awaitable[None]]) -> None:
    world = World(tmp_path)

    async def play_it() -> None:
        async with serving(world) as address:
            await scene(world, address)

    asyncio.run(asyncio.wait_for(play_it(), 40))
    world.auth.close()


def test_a_snapshot_then_changes_in_sequence(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        async with watch(world, address) as client:
            first = await heard(client)
            assert (first["type"], first["sequence"], first["dropped"]) == ("snapshot", 1, 0)
            assert first["engine_age_s"] == 0.0
            assert [flight["id"] for flight in first["snapshot"]["flights"]] == ["flight-1"]
            assert first["snapshot"]["assets"][0]["telemetry"]["mode"] == {"at_s": NOW_S, "value": "mission"}
            world.desk.hub.publish(replace(FLIGHT, state=FlightState.ON_SCENE))
            second = await heard(client)
            assert (second["type"], second["sequence"]) == ("change", 2)
            assert [(c["kind"], c["flight"]["state"]) for c in second["changes"]] == [("flight", "on_scene")]

    play(tmp_path, scene)


def test_a_quiet_service_still_says_that_it_lives(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        async with watch(world, address) as client:
            await heard(client)
            world.clock.advance(3.0)
            quiet = await heard(client)
            assert (quiet["type"], quiet["changes"]) == ("change", [])
            assert (quiet["clock_s"], quiet["engine_age_s"]) == (NOW_S + 3.0, 3.0)

    play(tmp_path, scene)


def test_fast_telemetry_is_thinned_and_its_last_value_arrives(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        async with watch(world, address) as client:
            await heard(client)
            for number in range(200):
                world.desk.hub.publish(replace(TELEMETRY, satellites=Timed(number, NOW_S)))
                await asyncio.sleep(0.002)
            counts: list[int] = []
            while not counts or counts[-1] != 199:
                counts += [change["telemetry"]["satellites"]["count"] for change in (await heard(client))["changes"]]
            assert counts == sorted(counts)
            assert len(counts) < 100

    play(tmp_path, scene)


def test_a_viewer_sees_no_refusals(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        async with watch(world, address, Role.VIEWER) as viewer, watch(world, address, Role.RTCC) as analyst:
            assert (await heard(viewer))["snapshot"]["refusals"] == []
            assert len((await heard(analyst))["snapshot"]["refusals"]) == 1
            world.desk.hub.publish(REFUSAL)
            world.desk.hub.publish(FLIGHT)
            seen = {name: await heard(client) for name, client in (("viewer", viewer), ("analyst", analyst))}
            kinds = {name: [change["kind"] for change in message["changes"]] for name, message in seen.items()}
            assert kinds == {"viewer": ["flight"], "analyst": ["refusal", "flight"]}

    play(tmp_path, scene)


def test_a_client_that_missed_changes_gets_a_new_snapshot(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        async with watch(world, address) as client:
            await heard(client)
            world.desk.shown = replace(world.desk.shown, flights=())
            for number in range(MAX_PENDING + 5):
                world.desk.hub.publish(Telemetry(f"sky-{number}"))
            message = await until(client, lambda message: message["type"] == "snapshot")
            assert message["dropped"] == 5
            assert message["snapshot"]["flights"] == []

    play(tmp_path, scene)


def test_a_client_that_reads_nothing_delays_nobody_and_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SEND_TIMEOUT_S", 0.5)
    texts = tuple(replace(TELEMETRY.texts[0], text="x" * 50_000) for _ in range(20))

    async def scene(world: World, address: str) -> None:
        headers = {"Authorization": f"Bearer {world.tokens[Role.PILOT]}"}
        async with (
            connect(
                f"ws://{address}/api/v1/live",
                additional_headers=headers,
                proxy=None,
                max_queue=1,
                max_size=None,
                compression=None,
                close_timeout=0.1,
            ) as stuck,
            watch(world, address) as lively,
        ):
            await heard(lively)
            for number in range(60):
                world.desk.hub.publish(replace(TELEMETRY, texts=texts, satellites=Timed(number, NOW_S)))
                world.desk.hub.publish(replace(FLIGHT, leg=number))
                message = await until(lively, lambda message: bool(message["changes"]))
                assert message["changes"][-1]["flight"]["leg"] == number
                if world.desk.hub.listeners == 1:
                    break
            assert world.desk.hub.listeners == 1
            with contextlib.suppress(ConnectionClosed):
                await stuck.close()

    play(tmp_path, scene)


def test_a_socket_ends_with_its_session(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        link = world.auth.add_link("pat", [Role.PILOT])
        session_id, identity = world.auth.sign_in_by_link(link, "127.0.0.1")
        headers = {"Cookie": f"dfr_session={session_id}"}
        url, origin = f"ws://{address}/api/v1/live", f"http://{address}"
        with pytest.raises(InvalidStatus) as caught:
            await connect(url, additional_headers=headers, origin="http://evil.example", proxy=None)  # type: ignore[arg-type]
        assert caught.value.response.status_code == 403
        async with connect(url, additional_headers=headers, origin=origin, proxy=None) as client:  # type: ignore[arg-type]
            await heard(client)
            world.auth.sign_out(identity)
            with pytest.raises(ConnectionClosed) as closed:
                await until(client, lambda message: False)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, "Sign in again" in closed.value.rcvd.reason) == (1008, True)

    play(tmp_path, scene)


def test_a_stranger_gets_a_problem_document_and_no_socket(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://{address}/api/v1/live", proxy=None)
        assert caught.value.response.status_code == 401
        assert b"Sign in first" in (caught.value.response.body or b"")

    play(tmp_path, scene)


def test_a_client_that_leaves_is_forgotten(tmp_path: Path) -> None:
    async def scene(world: World, address: str) -> None:
        async with watch(world, address) as client:
            await heard(client)
        await eventually(lambda: world.desk.hub.listeners == 0)

    play(tmp_path, scene)

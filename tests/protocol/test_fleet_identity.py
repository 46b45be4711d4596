"""Aircraft named by the serial number of their autopilot, over real sockets."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from dfr.core.command import Hold, OutcomeKind, UploadFence
from dfr.core.telemetry import LinkState, Telemetry
from dfr.fleet.mavlink.parameters import read_hash
from dfr.fleet.serial_number import normalised
from sim.autopilot import VehicleSpec, running_fleet
from tests.protocol.fleet_rig import Rig, asset, free_port, rig, spec, square

SPEED = 5.0
"""Vehicle seconds a second: the machine of the tests has other things to do."""
NUMBER = "0a0b0c0d0e0f"


def meet(
    aircraft: Sequence[VehicleSpec], port: int, scenario: Callable[[Rig], Awaitable[None]], **declared: Any
) -> None:
    async def run() -> None:
        async with rig(port, assets=[replace(asset(7), **declared)]) as it:
            await scenario(it)

    with running_fleet(aircraft, speed=SPEED):
        asyncio.run(run())


def test_an_aircraft_is_known_by_its_serial_number_whatever_its_system_id(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()

    async def scenario(it: Rig) -> None:
        await it.ready()
        assert (await it.do(UploadFence(square(500.0)))).kind is OutcomeKind.DONE
        commander = it.fleet.commander("sky-7")
        asked: list[Any] = []
        monkeypatch.setattr(
            commander.connected(), "send", lambda name, fields: asked.append((name, fields["target_system"]))
        )
        await read_hash(commander)
        # The driver's housekeeping may ask it for something else in the same moment.
        assert ("PARAM_REQUEST_READ", 33) in asked
        assert {system_id for _, system_id in asked} == {33}, "it alone is asked, by the id that it has"
        assert it.fleet.strangers() == ()

    meet(
        [replace(spec(33, port), serial_number=NUMBER)],
        port,
        scenario,
        system_id=None,
        serial_number=normalised(NUMBER),
    )


def test_an_aircraft_that_has_id_and_number_is_ours() -> None:
    port = free_port()

    async def scenario(it: Rig) -> None:
        await it.ready()

    meet([replace(spec(7, port), serial_number=NUMBER)], port, scenario, serial_number=normalised(NUMBER))


def test_the_right_id_with_another_number_is_a_stranger_and_not_commanded() -> None:
    port = free_port()

    def said(seen: Telemetry) -> bool:
        return "says the serial number ff01 and not 0a0b0c0d0e0f" in seen.link_problem

    async def scenario(it: Rig) -> None:
        seen = await it.until(said)
        assert seen.link is LinkState.NEVER_SEEN
        assert seen.kinematics is None
        async with asyncio.timeout(5.0):
            while not it.fleet.strangers() or it.fleet.strangers()[0].position is None:
                await asyncio.sleep(0.02)
        (stranger,) = it.fleet.strangers()
        assert stranger.system_id == 7
        assert "It is shown and not commanded." in stranger.sentence
        outcome = await it.do(Hold())
        assert outcome.kind is OutcomeKind.FAILED
        assert "nothing was sent" in outcome.sentence
        assert it.sent == []

    meet([replace(spec(7, port), serial_number="ff01")], port, scenario, serial_number=normalised(NUMBER))


def test_another_aircraft_in_its_place_after_a_silence_is_asked_anew() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port, assets=[replace(asset(7), serial_number=normalised(NUMBER))]) as it:
            with running_fleet([replace(spec(7, port), serial_number=NUMBER)], speed=SPEED):
                await it.ready()
            await it.until(lambda seen: seen.link is LinkState.LOST)
            with running_fleet([replace(spec(7, port), serial_number="ff01")], speed=SPEED):
                seen = await it.until(lambda seen: "another one" in seen.link_problem)
                assert seen.link is LinkState.LOST
            await asyncio.sleep(3.0)
            with running_fleet([replace(spec(7, port), serial_number=NUMBER)], speed=SPEED):
                await it.until(lambda seen: seen.link is LinkState.ONLINE)

    asyncio.run(run())


def test_the_built_in_autopilots_number_is_its_own_and_stays() -> None:
    port = free_port()
    number = hashlib.sha256(b"built-in autopilot 7").digest()[:18].hex().rstrip("0")

    async def scenario(it: Rig) -> None:
        await it.ready()

    meet([spec(7, port)], port, scenario, serial_number=number)


def test_one_id_on_two_links_is_two_aircraft_and_neither_is_commanded() -> None:
    one, two = free_port(), free_port()

    async def run() -> None:
        links = {"sky-7": f"udpin://127.0.0.1:{one}", "sky-8": f"udpin://127.0.0.1:{two}"}
        async with rig(0, (7, 8), links=links) as it:
            seen = await it.until(
                lambda seen: (
                    seen.health is not None and any("claim system id 7" in why for why in seen.health.value.missing)
                )
            )
            assert seen.health is not None
            assert any(str(one) in why and str(two) in why for why in seen.health.value.missing)
            outcome = await it.do(UploadFence(square(500.0)))
            assert outcome.kind is OutcomeKind.FAILED
            assert "Two aircraft claim system id 7" in outcome.sentence

    with running_fleet([spec(7, one), spec(7, two)], speed=SPEED):
        asyncio.run(run())

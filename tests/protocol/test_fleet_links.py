"""UDP, TCP and serial links to the built-in autopilot, and what happens when they go and come back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from dfr.core.command import Launch, OutcomeKind, UploadFence
from dfr.core.geo import AboveTakeoff
from dfr.core.telemetry import LandedState, LinkState, Telemetry
from dfr.fleet.mavlink.timing import Timing
from sim.autopilot import Fleet, VehicleSpec, running_fleet
from tests.protocol.bridges import SerialBridge, TcpBridge
from tests.protocol.fleet_rig import FIRMWARE, HOME, Rig, free_port, rig, spec, square

SLOW_BYTES_A_SECOND = 5760.0
PATIENT = Timing(ack_s=3.0)
"""Four aircraft and their bridges in one process answer slowly on a busy machine."""


def online(seen: Telemetry) -> bool:
    return seen.link is LinkState.ONLINE


def lost(seen: Telemetry) -> bool:
    return seen.link is LinkState.LOST


def problem(seen: Telemetry) -> bool:
    return seen.link_problem != ""


def connect(
    aircraft_port: int, links: dict[str, str], scenario: Callable[[Rig, Fleet], Awaitable[None]], speed: float = 5.0
) -> None:
    async def run(aircraft: Fleet) -> None:
        async with rig(0, links=links) as it:
            await scenario(it, aircraft)

    with running_fleet([spec(7, aircraft_port)], speed=speed) as aircraft:
        asyncio.run(run(aircraft))


def test_a_serial_radio_is_picked_up_when_it_is_plugged_in_and_again_after_it_was_pulled(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    with SerialBridge(port) as radio:

        async def scenario(it: Rig, aircraft: Fleet) -> None:
            seen = await it.until(problem)
            assert str(port) in seen.link_problem
            assert seen.link is LinkState.NEVER_SEEN
            radio.plug()
            seen = await it.until(online)
            assert seen.link_problem == ""
            await it.ready()
            assert (await it.do(UploadFence(square(500.0)))).kind is OutcomeKind.DONE
            radio.unplug()
            seen = await it.until(lambda one: lost(one) and problem(one))
            assert "It is tried again." in seen.link_problem
            radio.plug()
            await it.until(online)

        connect(radio.port, {"sky-7": f"serial://{port}:57600"}, scenario)


def test_a_slow_radio_is_asked_for_no_more_than_it_carries(tmp_path: Path) -> None:
    """At 57600 baud: the built-in autopilot's own rates would take more; positions arrive young all the same."""
    port = tmp_path / "ttyUSB0"
    with SerialBridge(port, SLOW_BYTES_A_SECOND) as radio:

        async def scenario(it: Rig, aircraft: Fleet) -> None:
            radio.plug()
            await it.until(online)
            main = aircraft.vehicle(7).links[0].schedule
            async with asyncio.timeout(20.0):
                while main.rates_hz["ATTITUDE"]:
                    await asyncio.sleep(0.05)
            assert 2.0 <= main.rates_hz["GLOBAL_POSITION_INT"] <= 10.0
            assert main.rates_hz["LOCAL_POSITION_NED"] == 0.0
            await it.ready()
            radio.lost_bytes = radio.carried_bytes = 0
            await asyncio.sleep(3.0)
            assert radio.lost_bytes == 0
            assert 0 < radio.carried_bytes < 3.0 * SLOW_BYTES_A_SECOND * 0.8
            assert (await it.do(UploadFence(square(500.0)))).kind is OutcomeKind.DONE

        connect(radio.port, {"sky-7": f"serial://{port}:57600"}, scenario, speed=1.0)


def test_a_port_that_brings_something_else_says_so(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    with SerialBridge(port) as radio:
        radio.plug()

        async def scenario(it: Rig, aircraft: Fleet) -> None:
            def noisy(seen: Telemetry) -> bool:
                radio._write(b"\x00\x55noise" * 20)
                return "Is 9600 its baud rate?" in seen.link_problem

            await it.until(noisy)

        connect(free_port(), {"sky-7": f"serial://{port}:9600"}, scenario)


def test_tcp_is_called_until_somebody_answers_and_again_after_a_restart() -> None:
    port = free_port()
    with TcpBridge(port, calls=False) as peer:

        async def scenario(it: Rig, aircraft: Fleet) -> None:
            seen = await it.until(problem)
            assert f"tcpout://127.0.0.1:{port}" in seen.link_problem
            peer.up()
            await it.until(online)
            peer.hang_up()
            await it.until(lambda seen: lost(seen) and problem(seen))
            peer.up()
            seen = await it.until(online)
            assert seen.link_problem == ""
            await it.ready()

        connect(peer.port, {"sky-7": f"tcpout://127.0.0.1:{port}"}, scenario)


def test_tcp_calls_are_taken_and_taken_again() -> None:
    port = free_port()
    with TcpBridge(port, calls=True) as peer:

        async def scenario(it: Rig, aircraft: Fleet) -> None:
            seen = await it.until(problem)
            assert "Nobody has called" in seen.link_problem
            peer.up()
            await it.until(online)
            peer.hang_up()
            await it.until(lost)
            peer.up()
            await it.until(online)
            await it.ready()

        connect(peer.port, {"sky-7": f"tcpin://127.0.0.1:{port}"}, scenario)


def test_aircraft_on_udp_in_udp_out_tcp_and_serial_fly_on_one_service(tmp_path: Path) -> None:
    listens, calls, answers = free_port(), free_port(), free_port()
    with SerialBridge(tmp_path / "tty") as radio, TcpBridge(calls, calls=False) as peer:
        radio.plug()
        peer.up()
        parameters = FIRMWARE / "parameters.toml"
        aircraft = [
            spec(7, listens),
            VehicleSpec(8, HOME, f"udpout://127.0.0.1:{answers}", parameters_file=parameters),
            spec(9, peer.port),
            spec(10, radio.port),
        ]
        links = {
            "sky-7": f"udpin://127.0.0.1:{listens}",
            "sky-8": f"udpout://127.0.0.1:{answers}",
            "sky-9": f"tcpout://127.0.0.1:{calls}",
            "sky-10": f"serial://{tmp_path / 'tty'}:115200",
        }

        async def run() -> None:
            async with rig(0, (7, 8, 9, 10), links=links, timing=PATIENT) as it:
                for asset_id in links:
                    await it.ready(asset_id)
                outcomes = await asyncio.gather(*(it.do(Launch(AboveTakeoff(20.0)), asset_id) for asset_id in links))
                assert [outcome.kind for outcome in outcomes] == [OutcomeKind.DONE] * 4, [
                    one.sentence for one in outcomes
                ]
                for asset_id in links:
                    landed = it.telemetry(asset_id).landed
                    assert landed is not None
                    assert landed.value is not LandedState.ON_GROUND

        with running_fleet(aircraft, speed=2.0):
            asyncio.run(run())

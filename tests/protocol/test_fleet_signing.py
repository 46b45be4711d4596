"""MAVLink 2 signing on the wire: who has the key is heard and obeyed, and nobody else."""

import asyncio
import hashlib
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from pymavlink.dialects.v20 import common as mavlink

from dfr.core.clock import SystemClock
from dfr.core.command import Launch, OutcomeKind, UploadFence
from dfr.core.geo import AboveTakeoff
from dfr.core.telemetry import LinkState, Telemetry
from dfr.fleet.link_url import parse_link
from dfr.fleet.mavlink.frames import Deframer, heartbeat_frame
from dfr.fleet.mavlink.lines import Reader, open_line
from dfr.fleet.mavlink.signing import Signer
from dfr.fleet.mavlink.transport import Transport
from sim.autopilot import Fleet, running_fleet
from tests.protocol.fleet_rig import Rig, free_port, rig, spec, square

KEY = hashlib.sha256(b"a key for these tests").digest()
SPEED = 5.0
OTHER_KEY = hashlib.sha256(b"somebody else's").digest()


def signer(key: bytes = KEY) -> Signer:
    return Signer(key, now_s=time.time())


def codec(system_id: int, component_id: int, key: bytes | None) -> mavlink.MAVLink:
    made = mavlink.MAVLink(None, srcSystem=system_id, srcComponent=component_id)
    if key is not None:
        made.signing.secret_key, made.signing.sign_outgoing, made.signing.link_id = key, True, 77
        made.signing.timestamp = round((time.time() - 1420070400) * 1e5)
    return made


def return_home(key: bytes | None) -> bytes:
    command = mavlink.MAVLink_command_long_message(7, 1, mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH, 0, *[0.0] * 7)
    return bytes(command.pack(codec(250, 190, key)))


def fly(
    aircraft_key: bytes | None,
    service: Signer | None,
    scenario: Callable[[Rig, Fleet, tuple[str, int]], Awaitable[None]],
) -> None:
    """The aircraft listens, so that a stranger can send to the very port that the service sends to."""
    port = free_port()

    async def run(aircraft: Fleet) -> None:
        async with rig(0, links={"sky-7": f"udpout://127.0.0.1:{port}"}, signer=service) as it:
            await scenario(it, aircraft, ("127.0.0.1", port))

    given = replace(spec(7, port), link=f"udpout://127.0.0.1:{port}", key=aircraft_key)
    with running_fleet([given], speed=SPEED) as aircraft:
        asyncio.run(run(aircraft))


def test_a_strangers_return_on_the_same_port_does_nothing_and_ours_is_obeyed() -> None:
    async def scenario(it: Rig, aircraft: Fleet, address: tuple[str, int]) -> None:
        await it.ready()
        assert (await it.do(UploadFence(square(500.0)))).kind is OutcomeKind.DONE
        assert (await it.do(Launch(AboveTakeoff(20.0)))).kind is OutcomeKind.DONE
        vehicle = aircraft.vehicle(7)
        link = vehicle.links[0]
        replay = return_home(KEY)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(return_home(None), address)
            stranger.sendto(return_home(OTHER_KEY), address)
            stranger.sendto(return_home(None)[:-1] + b"\0", address)
            await asyncio.sleep(0.5)
            assert vehicle.mode == "LOITER"
            assert link.target != stranger.getsockname(), "nor has it taken the link over"
            assert it.telemetry().link is LinkState.ONLINE
            stranger.sendto(replay, address)
            async with asyncio.timeout(5.0):
                while vehicle.mode != "RTL":
                    await asyncio.sleep(0.02)
            vehicle.commander.choose(type(vehicle.commander.mode).LOITER)
            await asyncio.sleep(0.2)
            assert vehicle.mode == "LOITER"
            stranger.sendto(replay, address)
            await asyncio.sleep(0.5)
            assert vehicle.mode == "LOITER", "recorded and sent again, it is worth nothing"

    fly(KEY, signer(), scenario)


def test_without_a_key_a_stranger_is_obeyed() -> None:
    """What signing is for: the test above would fail without it."""

    async def scenario(it: Rig, aircraft: Fleet, address: tuple[str, int]) -> None:
        await it.ready()
        assert (await it.do(Launch(AboveTakeoff(20.0)))).kind is OutcomeKind.DONE
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(return_home(None), address)
            async with asyncio.timeout(5.0):
                while aircraft.vehicle(7).mode != "RTL":
                    await asyncio.sleep(0.02)

    fly(None, None, scenario)


def disbelieved(word: str) -> Callable[[Telemetry], bool]:
    return lambda seen: f"come {word} since" in seen.link_problem


def test_an_aircraft_without_the_key_is_not_believed_and_that_is_said() -> None:
    async def scenario(it: Rig, aircraft: Fleet, address: tuple[str, int]) -> None:
        seen = await it.until(disbelieved("unsigned"))
        assert seen.link is LinkState.NEVER_SEEN
        assert "in the name of SKY-7 (system id 7)" in seen.link_problem
        assert any("they are not believed" in one.sentence for one in it.fleet.strangers())

    fly(None, signer(), scenario)


def test_an_aircraft_with_another_key_is_not_believed() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port, signer=signer()) as it:
            seen = await it.until(disbelieved("wrongly signed"))
            assert seen.link is LinkState.NEVER_SEEN

    with running_fleet([replace(spec(7, port), key=OTHER_KEY)], speed=SPEED):
        asyncio.run(run())


def test_an_aircraft_with_a_key_says_to_a_service_without_one_what_is_missing() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port) as it:
            seen = await it.until(lambda seen: "this service has no MAVLink key" in seen.link_problem)
            assert "SKY-7 signs its messages" in seen.link_problem
            await it.until(lambda seen: seen.link is LinkState.ONLINE)

    with running_fleet([replace(spec(7, port), key=KEY)], speed=SPEED):
        asyncio.run(run())


def test_a_pretender_beside_a_signed_aircraft_changes_nothing_of_it() -> None:
    port = free_port()

    async def run() -> None:
        async with rig(port, signer=signer()) as it:
            await it.ready()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as pretender:
                away = mavlink.MAVLink_global_position_int_message(1, 10000000, 10000000, 0, 0, 0, 0, 0, 0)
                pretender.sendto(bytes(away.pack(codec(7, 1, None))), ("127.0.0.1", port))
                seen = await it.until(disbelieved("unsigned"))
            assert seen.link is LinkState.ONLINE
            await asyncio.sleep(0.2)
            kinematics = it.telemetry().kinematics
            assert kinematics is not None
            assert kinematics.value.position.latitude_deg > 32.0
            assert (await it.do(UploadFence(square(500.0)))).kind is OutcomeKind.DONE

    with running_fleet([replace(spec(7, port), key=KEY)], speed=SPEED):
        asyncio.run(run())


def test_what_many_threads_send_at_once_leaves_in_the_order_of_its_timestamps() -> None:
    """An autopilot refuses a frame that is older than the last one: it would take it for a recording."""
    threads, frames_each = 8, 100
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as aircraft:
        aircraft.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        aircraft.bind(("127.0.0.1", 0))
        aircraft.settimeout(2.0)
        transport, reader = Transport(245, SystemClock(), signer()), Reader()
        reader.start()
        url = parse_link(f"udpout://127.0.0.1:{aircraft.getsockname()[1]}")
        line = open_line(url, 0, reader, transport.take, lambda _: None)
        transport.add(line)
        (channel,) = line.channels
        write = channel.write
        channel.write = lambda frame: (time.sleep(0), write(frame))[1]  # the others' turn, just before it leaves
        frame = heartbeat_frame(245, 191)
        senders = [
            threading.Thread(target=lambda: [transport.send(frame) for _ in range(frames_each)]) for _ in range(threads)
        ]
        before_s = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)  # hand over between any two steps
        try:
            for sender in senders:
                sender.start()
            came = [aircraft.recv(2048)]
            while len(came) < threads * frames_each - line.dropped and any(one.is_alive() for one in senders):
                came.append(aircraft.recv(2048))
            for sender in senders:
                sender.join()
        finally:
            sys.setswitchinterval(before_s)
            line.close()
            reader.stop()
    stamps = [int.from_bytes(next(Deframer().datagram(one))[-12:-6], "little") for one in came]
    assert len(stamps) > threads
    assert stamps == sorted(set(stamps))
    assert [one[4] for one in came[:256]] == [(came[0][4] + i) % 256 for i in range(min(256, len(came)))]

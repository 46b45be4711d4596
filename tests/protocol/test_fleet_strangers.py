"""An aircraft that no asset declares is shown, and nothing but heartbeats reaches it: looked at from its own side."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pymavlink.dialects.v20 import all as mavlink

from dfr.core.command import Launch, OutcomeKind, UploadFence
from dfr.core.geo import AboveTakeoff
from dfr.fleet.serial_number import normalised
from sim.autopilot import running_fleet
from tests.protocol.fleet_rig import HOME, asset, free_port, rig, spec, square

STRANGER = 9
NUMBER = "0a0b0c0d0e0f"
BEAT_S = 0.2
QUESTION = ("COMMAND_LONG", mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)


@contextmanager
def stranger(port: int) -> Iterator[set[tuple[str, int, int]]]:
    """Says where it is, and keeps what comes for it: message, command and first parameter."""
    came: set[tuple[str, int, int]] = set()
    stop = threading.Event()

    def live() -> None:
        speaks, hears = mavlink.MAVLink(None, srcSystem=STRANGER, srcComponent=1), mavlink.MAVLink(None)
        hears.robust_parsing = True
        latitude, longitude = round(HOME[0] * 1e7), round(HOME[1] * 1e7)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as radio:
            radio.settimeout(BEAT_S)
            boot_ms = 0
            while not stop.is_set():
                boot_ms += round(BEAT_S * 1e3)
                beat = mavlink.MAVLink_heartbeat_message(2, 12, 81, 50593792, 3, 3)
                place = mavlink.MAVLink_global_position_int_message(boot_ms, latitude, longitude, 0, 0, 0, 0, 0, 0)
                for message in (beat, place):
                    radio.sendto(message.pack(speaks), ("127.0.0.1", port))
                try:
                    data = radio.recv(2048)
                except TimeoutError:
                    continue
                for message in hears.parse_buffer(data) or ():
                    if getattr(message, "target_system", 0) == STRANGER:
                        command, first = getattr(message, "command", 0), int(getattr(message, "param1", 0))
                        came.add((message.get_type(), command, first))

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield came
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("by_number", [False, True], ids=["declared by id", "declared by serial number"])
def test_a_stranger_is_shown_and_sent_nothing(by_number: bool) -> None:
    """Where assets are declared by serial number it is asked for its own, once and again, and for nothing else."""
    port = free_port()
    ours, flown = asset(7), spec(7, port)
    if by_number:
        ours = replace(ours, system_id=None, serial_number=normalised(NUMBER))
        flown = replace(flown, serial_number=NUMBER)

    async def run(came: set[tuple[str, int, int]]) -> None:
        async with rig(port, assets=[ours]) as it:
            await it.ready()
            assert (await it.do(UploadFence(square(300.0)))).kind is OutcomeKind.DONE
            assert (await it.do(Launch(AboveTakeoff(20.0)))).kind is OutcomeKind.DONE
            async with asyncio.timeout(10.0):
                while not it.fleet.strangers() or it.fleet.strangers()[0].position is None:
                    await asyncio.sleep(0.02)
            (shown,) = it.fleet.strangers()
            assert shown.system_id == STRANGER
            assert "it is not commanded" in shown.sentence
            await asyncio.sleep(3.0)
        assert came == ({QUESTION} if by_number else set())

    with running_fleet([flown], speed=5.0), stranger(port) as came:
        asyncio.run(run(came))

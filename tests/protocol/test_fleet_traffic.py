"""ADSB_VEHICLE of an aircraft's own receiver, over a real socket."""

import asyncio

import pytest
from pymavlink.dialects.v20 import common as mavlink

from dfr.core.geo import Ellipsoid
from dfr.core.traffic import Intruder, TrafficCategory
from sim.autopilot.fleet import running_fleet
from tests.protocol.fleet_rig import SPEED, free_port, rig, spec

FLAGS = (
    mavlink.ADSB_FLAGS_VALID_COORDS
    | mavlink.ADSB_FLAGS_VALID_ALTITUDE
    | mavlink.ADSB_FLAGS_VALID_HEADING
    | mavlink.ADSB_FLAGS_VALID_VELOCITY
    | mavlink.ADSB_FLAGS_VALID_CALLSIGN
)


def test_what_an_aircraft_hears_reaches_the_service() -> None:
    port = free_port()
    heard: list[Intruder] = []
    message = mavlink.MAVLink_adsb_vehicle_message(
        0xA1B2C3, 322300000, -1109100000, mavlink.ADSB_ALTITUDE_TYPE_GEOMETRIC, 960000, 9000, 4630, -305, b"N123AB",
        mavlink.ADSB_EMITTER_TYPE_ROTOCRAFT, 1, FLAGS, 1200,
    )  # fmt: skip

    async def fly() -> None:
        with running_fleet([spec(7, port)], speed=SPEED) as simulated:
            async with rig(port, on_traffic=lambda intruder, now_s: heard.append(intruder)) as fleet:
                await fleet.until(lambda seen: seen.mode is not None)
                async with asyncio.timeout(20.0):
                    while not heard:
                        simulated.vehicle(7).links[0].send(message)
                        await asyncio.sleep(0.1)

    asyncio.run(fly())
    one = heard[0]
    assert (one.id, one.name, one.source) == ("a1b2c3", "Helicopter N123AB", "SKY-7")
    assert one.category is TrafficCategory.ROTORCRAFT
    assert one.altitude == Ellipsoid(960.0)
    assert one.velocity is not None
    assert one.velocity.east_mps == pytest.approx(46.3)
    assert one.climb_mps == pytest.approx(-3.05)

"""The Remote ID module's health, from the aircraft's other component over a real socket."""

import asyncio
from dataclasses import replace

from dfr.core.remote_id import RemoteIdState
from sim.autopilot.fleet import running_fleet
from tests.protocol.fleet_rig import SPEED, free_port, rig, spec


def test_remote_id_is_good_then_bad_then_silent() -> None:
    port = free_port()

    async def fly() -> None:
        with running_fleet([replace(spec(7, port), remote_id=True)], speed=SPEED) as simulated:
            async with rig(port) as fleet:
                await fleet.until(lambda seen: seen.remote_id.state is RemoteIdState.GOOD)
                simulated.vehicle(7).fault("remote_id_bad")
                seen = await fleet.until(lambda seen: seen.remote_id.state is RemoteIdState.BAD)
                assert "missing operator location" in seen.remote_id.sentence
                simulated.vehicle(7).fault("remote_id_silent")
                await fleet.until(lambda seen: "not heard any more" in seen.remote_id.sentence)

    asyncio.run(fly())

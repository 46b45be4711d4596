"""What an aircraft tells of its parts, over a real socket: receiver, estimate, sensors, storage, cells."""

import asyncio

from dfr.core.onboard import FixKind
from sim.autopilot.fleet import running_fleet
from tests.protocol.fleet_rig import SPEED, free_port, rig, spec


def test_the_parts_are_told_and_a_weak_cell_is_seen() -> None:
    port = free_port()

    async def fly() -> None:
        with running_fleet([spec(7, port)], speed=SPEED) as simulated:
            async with rig(port) as fleet:
                seen = await fleet.until(
                    lambda now: None not in (now.satellite_fix, now.estimate, now.sensors, now.storage, now.battery)
                )
                assert seen.satellite_fix is not None
                assert seen.satellite_fix.value.kind is FixKind.FULL
                assert seen.satellite_fix.value.horizontal_m == 0.9
                assert seen.estimate is not None
                assert seen.estimate.value.horizontal_m is not None
                assert seen.sensors is not None
                assert {"gyroscope", "accelerometer", "compass", "barometer", "GPS"} <= {
                    sensor.name for sensor in seen.sensors.value if sensor.present and not sensor.sentence
                }
                assert seen.storage is not None
                assert seen.storage.value.usable
                assert seen.battery is not None
                assert seen.battery.value.cells_v == (), "PX4's simulated battery does not tell its cells apart"
                simulated.vehicle(7).fault("weak_cell")
                seen = await fleet.until(lambda now: now.battery is not None and now.battery.value.cells_v != ())
                assert seen.battery is not None
                cells = seen.battery.value.cells_v
                assert 0.29 < max(cells) - min(cells) < 0.31

    asyncio.run(fly())


def test_an_aircraft_without_storage_says_so() -> None:
    port = free_port()

    async def fly() -> None:
        with running_fleet([spec(7, port)], speed=SPEED) as simulated:
            simulated.vehicle(7).fault("no_storage")
            async with rig(port) as fleet:
                seen = await fleet.until(lambda now: now.storage is not None)
                assert seen.storage is not None
                assert not seen.storage.value.usable

    asyncio.run(fly())

"""Each named failure of the built-in autopilot against the driver: nothing wrong is believed, no silent end.

A row of `FAULTS` without one here fails. Those that other modules fly are named with the test that does.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dfr.core.command import GoTo, Launch, OutcomeKind, ReturnHome, UploadFence
from dfr.core.geo import AboveTakeoff
from dfr.core.telemetry import FlightMode, LinkState
from dfr.fleet.mavlink.timing import Timing
from sim.autopilot import Fleet, running_fleet
from sim.autopilot.faults import FAULTS
from tests.protocol import test_firmware_tool, test_fleet_faults, test_fleet_remote_id, test_fleet_vitals
from tests.protocol.fleet_rig import Rig, free_port, place, rig, spec, square
from tests.protocol.test_fleet_faults import QUICK, begin, clear

LAUNCH = Launch(AboveTakeoff(15.0))
NEAR = GoTo(place(30.0, 0.0, 15.0), 9.0)
Scenario = Callable[[Rig, Fleet], Awaitable[None]]


async def ack_twice(it: Rig, aircraft: Fleet) -> None:
    """The second acknowledgement is not taken for that of the next command."""
    begin(aircraft, "ack_twice")
    assert (await it.do(LAUNCH)).kind is OutcomeKind.DONE
    assert (await it.do(NEAR)).kind is OutcomeKind.DONE


async def ack_of_another(it: Rig, aircraft: Fleet) -> None:
    begin(aircraft, "ack_of_another")
    outcome = await it.do(LAUNCH)
    assert outcome.kind is OutcomeKind.FAILED
    assert "did not acknowledge" in outcome.sentence


async def upload_refused_at_item(it: Rig, aircraft: Fleet) -> None:
    begin(aircraft, "upload_refused_at_item")
    await no_fence(it, aircraft, "The upload failed")


async def upload_stops_half_way(it: Rig, aircraft: Fleet) -> None:
    begin(aircraft, "upload_stops_half_way")
    await no_fence(it, aircraft, "The upload")


async def no_fence(it: Rig, aircraft: Fleet, why: str) -> None:
    outcome = await it.do(UploadFence(square(300.0)))
    assert outcome.kind is OutcomeKind.FAILED
    assert why in outcome.sentence
    assert it.telemetry().fence is None
    assert why in it.telemetry().fence_problem
    assert aircraft.vehicle(7).fence.items == []


async def uplink_lost(it: Rig, aircraft: Fleet) -> None:
    await it.do(LAUNCH)
    begin(aircraft, "uplink_lost")
    outcome = await it.do(NEAR)
    assert "its telemetry arrives, so the way to it is broken" in outcome.sentence
    seen = await it.until(lambda seen: seen.unanswered_since_s is not None)
    assert seen.link is LinkState.ONLINE
    clear(aircraft, "uplink_lost")
    await it.until(lambda seen: seen.unanswered_since_s is None)


async def downlink_lost(it: Rig, aircraft: Fleet) -> None:
    await it.do(LAUNCH)
    begin(aircraft, "downlink_lost")
    await it.until(lambda seen: seen.link is LinkState.LOST)
    outcome = await it.do(ReturnHome())
    assert outcome.kind is OutcomeKind.FAILED, "not seen is not done"
    assert aircraft.vehicle(7).mode == "RTL", "and it did arrive"


async def link_bad(it: Rig, aircraft: Fleet) -> None:
    begin(aircraft, "link_bad")
    await it.ready()
    assert (await it.do(LAUNCH)).kind is OutcomeKind.DONE
    assert (await it.do(NEAR)).kind is OutcomeKind.DONE


async def gps_lost(it: Rig, aircraft: Fleet) -> None:
    await it.do(LAUNCH)
    begin(aircraft, "gps_lost")
    seen = await it.until(lambda seen: seen.position_is_guess)
    assert seen.position_now(it.fleet._clock.now_s()) is None
    seen = await it.until(lambda seen: seen.mode is not None and seen.mode.value is FlightMode.LAND)
    assert any("Failsafe activated" in text.text for text in seen.texts)


async def gps_jump(it: Rig, aircraft: Fleet) -> None:
    """What the autopilot believes is what there is to go by: the goal is seen where it says that it is."""
    await it.do(LAUNCH)
    aircraft.vehicle(7).fault("gps_jump")
    assert (await it.do(NEAR)).kind is OutcomeKind.DONE


async def heading_unstable(it: Rig, aircraft: Fleet) -> None:
    begin(aircraft, "heading_unstable")
    outcome = await it.do(LAUNCH)
    assert outcome.kind is OutcomeKind.FAILED
    assert "does not arm" in outcome.sentence
    assert "heading estimate not stable" in outcome.sentence or "Resolve system health failures" in outcome.sentence
    await it.until(lambda seen: seen.health is not None and not seen.health.value.armable)


async def motor_fails(it: Rig, aircraft: Fleet) -> None:
    await it.do(LAUNCH)
    begin(aircraft, "motor_fails")
    await it.until(lambda seen: seen.motors_ok is not None and not seen.motors_ok.value)
    await it.on_ground()


async def battery_sag(it: Rig, aircraft: Fleet) -> None:
    await it.do(LAUNCH)
    begin(aircraft, "battery_sag")
    await it.until(lambda seen: seen.battery is not None and seen.battery.value.remaining_fraction < 0.2)
    await it.until(lambda seen: seen.mode is not None and seen.mode.value in (FlightMode.RETURN, FlightMode.LAND))


async def wind_12_mps(it: Rig, aircraft: Fleet) -> None:
    """Stronger than the aircraft is fast: a flight into it ends with a sentence, not with patience."""
    await it.do(LAUNCH)
    begin(aircraft, "wind_12_mps")
    outcome = await it.do(GoTo(place(0.0, -200.0, 15.0), 9.0))
    assert outcome.kind is OutcomeKind.FAILED
    assert "missing" in outcome.sentence


async def clock_restarts(it: Rig, aircraft: Fleet) -> None:
    assert (await it.do(UploadFence(square(300.0)))).kind is OutcomeKind.DONE
    begin(aircraft, "clock_restarts")
    seen = await it.until(lambda seen: seen.fence is None)
    assert "restarted" in seen.fence_problem


async def id_twice(it: Rig, aircraft: Fleet) -> None:
    begin(aircraft, "id_twice")
    await it.until(lambda seen: seen.health is not None and not seen.health.value.armable)
    outcome = await it.do(LAUNCH)
    assert outcome.kind is OutcomeKind.FAILED
    assert not aircraft.vehicle(7).armed


FLOWN: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        ack_twice, ack_of_another, upload_refused_at_item, upload_stops_half_way, uplink_lost, downlink_lost, link_bad,
        gps_lost, gps_jump, heading_unstable, motor_fails, battery_sag, wind_12_mps, clock_restarts, id_twice,
    )
}  # fmt: skip
ELSEWHERE = {
    "ack_never": test_fleet_faults.NOT_LAUNCHED,
    "ack_then_ignore": test_fleet_faults.NOT_LAUNCHED,
    "not_armable": test_fleet_faults.NOT_LAUNCHED,
    "fence_upload_refused": test_fleet_faults.FENCE_FAULTS,
    "fence_readback_differs": test_fleet_faults.FENCE_FAULTS,
    "fence_dropped": test_fleet_faults.FENCE_FAULTS,
    "link_drop": test_fleet_faults.test_a_link_that_drops_is_lost_and_comes_back,
    "weak_cell": test_fleet_vitals,
    "no_storage": test_fleet_vitals,
    "parameters_kept": test_firmware_tool,
    "remote_id_bad": test_fleet_remote_id,
    "remote_id_silent": test_fleet_remote_id,
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str) -> None:
    assert (name in FLOWN) is not (name in ELSEWHERE)
    if name not in FLOWN:
        return
    port = free_port()

    async def run(aircraft: Fleet) -> None:
        async with rig(port, timing=TIMINGS.get(name, QUICK)) as it:
            await it.ready()
            await FLOWN[name](it, aircraft)

    with running_fleet([spec(7, port)], speed=SPEEDS.get(name, 5.0)) as aircraft:
        asyncio.run(run(aircraft))


SPEEDS = {"link_bad": 4.0}
"""Its delay is on the aircraft's clock."""
TIMINGS = {"link_bad": Timing()}

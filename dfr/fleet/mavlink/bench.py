"""One aircraft on the bench: its parameters compared, written, and the autopilot restarted. For the time when the
service does not run: nothing here goes through the gate, so nothing here is done to an aircraft that may be flying.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from dfr.core.telemetry import LandedState, LinkState, Telemetry
from dfr.fleet.firmware import Difference, Parameter, ParameterFile, compare
from dfr.fleet.mavlink.commander import Commander
from dfr.fleet.mavlink.common import AckResult, Cmd, ack_words
from dfr.fleet.mavlink.fleet import MavlinkFleet
from dfr.fleet.mavlink.parameters import read_parameters
from dfr.fleet.mavlink.wire import WireError

HEARD_S = 15.0
STATE_S = 6.0
OLDEST_STATE_S = 5.0
REBOOT_S = 60.0
LOOK_S = 0.2
EXTENDED_SYS_STATE_ID = 245

OnRead = Callable[[int, int], None]


class BenchError(Exception):
    """It cannot be done; the message is a sentence."""


class Bench:
    """Used by one event loop. `file` is what the aircraft should have."""

    def __init__(self, fleet: MavlinkFleet, commander: Commander, file: ParameterFile) -> None:
        self._fleet = fleet
        self._commander = commander
        self.file = file

    @property
    def name(self) -> str:
        return self._commander.name

    async def differences(self, on_read: OnRead = lambda done, of: None) -> tuple[Difference, ...]:
        """What is not on the aircraft as the file wants it. Raises BenchError."""
        try:
            found, _ = await read_parameters(self._commander, self.file.parameters, on_read)
        except WireError as error:
            raise BenchError(f"The parameters of {self.name} could not be read: {error}") from error
        return compare(self.file, found)

    async def must_be_on_ground(self) -> None:
        """Raises BenchError unless it said just now that it lies on the ground, disarmed."""
        known = await self._commander.seen(lambda telemetry: True if self._state_known(telemetry) else None, STATE_S)
        telemetry = self._commander.telemetry()
        if known is None or telemetry.armed is None or telemetry.landed is None:
            raise BenchError(
                f"{self.name} does not say whether it is armed and on the ground; nothing is written to an aircraft "
                "that may be flying."
            )
        if telemetry.armed.value:
            raise BenchError(f"{self.name} is armed; nothing is written to an armed aircraft. Disarm it first.")
        if telemetry.landed.value is not LandedState.ON_GROUND:
            state = telemetry.landed.value.replace("_", " ")
            raise BenchError(f"{self.name} is {state}; nothing is written to an aircraft that is not on the ground.")

    def _state_known(self, telemetry: Telemetry) -> bool:
        now_s = self._commander.clock.now_s()
        seen = (telemetry.armed, telemetry.landed)
        fresh = all(one is not None and one.age_s(now_s) <= OLDEST_STATE_S for one in seen)
        if not fresh:
            self._commander.ask(Cmd.SET_MESSAGE_INTERVAL, (float(EXTENDED_SYS_STATE_ID), 2e5))
        return telemetry.link is LinkState.ONLINE and fresh

    async def write(self, parameter: Parameter) -> str:
        """Write one, read it back: "" when it is there, else the sentence. Raises BenchError when it may be flying."""
        await self.must_be_on_ground()
        wire, timeout_s = self._commander.connected(), self._commander.timing.parameter_s
        wanted = f"{parameter.value:g}"
        try:
            await wire.write_parameter(parameter.name, parameter.value, timeout_s)
            found = await wire.read_parameter(parameter.name, parameter.value, timeout_s)
        except WireError as error:
            return f"{parameter.name} was not taken as {wanted}: {error}"
        if compare(ParameterFile(self.file.airframe, (parameter,)), {parameter.name: found}):
            return f"{parameter.name} was written as {wanted} and reads {found:g}: the autopilot does not take it."
        return ""

    async def reboot(self) -> None:
        """Restart the autopilot and wait until it is heard again. Raises BenchError."""
        await self.must_be_on_ground()
        cache = self._commander.cache
        boots, mark = cache.boots, cache.mark
        self._commander.ask(Cmd.PREFLIGHT_REBOOT_SHUTDOWN, (1.0,))

        def refused(_: Telemetry) -> int | None:
            acks = cache.acks_since(mark, Cmd.PREFLIGHT_REBOOT_SHUTDOWN)
            return acks[-1].result if acks else None

        result = await self._commander.seen(refused, self._commander.timing.ack_s)
        if result is not None and result != AckResult.ACCEPTED:
            raise BenchError(f"{self.name} refused to restart {ack_words(result)}. Switch its power off and on.")

        def back(telemetry: Telemetry) -> bool | None:
            return True if cache.boots != boots and telemetry.link is LinkState.ONLINE else None

        if await self._commander.seen(back, REBOOT_S) is None:
            raise BenchError(
                f"{self.name} has not come back {REBOOT_S:.0f} s after it was told to restart. Look at its power and "
                "its link; what was written is kept, and `dfr firmware check` says how it stands."
            )


@asynccontextmanager
async def bench(
    fleet: MavlinkFleet, asset_id: str, file: ParameterFile, heard_s: float = HEARD_S
) -> AsyncIterator[Bench]:
    """The aircraft once it is heard. `fleet` is not started yet and knows this asset. Raises BenchError."""
    commander = fleet.commander(asset_id)
    await fleet.start()
    try:
        await _heard(fleet, commander, heard_s)
        yield Bench(fleet, commander, file)
    finally:
        await fleet.stop()


async def _heard(fleet: MavlinkFleet, commander: Commander, within_s: float) -> None:
    loop = asyncio.get_running_loop()
    end_s = loop.time() + within_s
    while commander.wire is None or commander.telemetry().link is not LinkState.ONLINE:
        if fleet.link_problems:
            raise BenchError(
                f"{fleet.link_problems[0]} While the service runs it holds the link: its console shows the "
                "differences; stop the service to write parameters."
            )
        if loop.time() > end_s:
            others = ", ".join(str(stranger.system_id) for stranger in fleet.strangers())
            heard = f" Heard on its link: system id {others}." if others else ""
            raise BenchError(
                f"{commander.name} ({commander.asset.known_by}) was not heard within {within_s:.0f} s.{heard} "
                "Check that it is powered and that its link in the site file is right."
            )
        await asyncio.sleep(LOOK_S)

"""What an aircraft takes itself for: PX4 or ArduPilot Copter, over one body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import commands, telemetry
from sim.autopilot.ardupilot import commands as copter_commands
from sim.autopilot.ardupilot import telemetry as copter_telemetry
from sim.autopilot.ardupilot.commander import CopterCommander
from sim.autopilot.ardupilot.fence import CopterFence
from sim.autopilot.ardupilot.parameters import ArduPilotParameters
from sim.autopilot.commander import Commander
from sim.autopilot.fence import Fence
from sim.autopilot.parameters import Parameters

if TYPE_CHECKING:
    from sim.autopilot.commands import Handler
    from sim.autopilot.telemetry import Builder


@dataclass(frozen=True, slots=True)
class Face:
    """The table of differences."""

    parameters: type[Parameters]
    commander: Any
    """A Commander class; its fence is of the face's own kind."""
    fence: type[Fence]
    handlers: "Mapping[int, Handler]"
    builders: "Mapping[str, Builder]"
    rates_hz: Mapping[str, float]
    answers_modes_twice: bool
    tells_its_way: bool
    """Whether the flight home is told in texts."""

    def message_name(self, message_id: int) -> str | None:
        named = (name for name in self.builders if getattr(mavlink, f"MAVLINK_MSG_ID_{name}") == message_id)
        return next(named, None)


FACES = {
    "px4": Face(
        Parameters, Commander, Fence, commands.FLIGHT_HANDLERS, telemetry.BUILDERS, telemetry.RATES_HZ,
        answers_modes_twice=True, tells_its_way=True,
    ),
    "ardupilot": Face(
        ArduPilotParameters, CopterCommander, CopterFence, copter_commands.FLIGHT_HANDLERS, copter_telemetry.BUILDERS,
        copter_telemetry.RATES_HZ, answers_modes_twice=False, tells_its_way=False,
    ),
}  # fmt: skip

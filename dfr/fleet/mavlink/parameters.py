"""The parameters of an airframe's file, read from one aircraft: again and again where a slow radio loses some.

PX4 answers a request for the parameter `_HASH_CHECK` with the CRC of all its parameters (MAVLink, parameter protocol,
"Parameter caching"): a hash that was found good once need not be read again parameter by parameter.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from dfr.core.telemetry import Telemetry
from dfr.fleet.firmware import Parameter, ParameterFile, compare
from dfr.fleet.mavlink import common
from dfr.fleet.mavlink.cache import PARAMETER_HASH
from dfr.fleet.mavlink.commander import Commander, OrderFailed
from dfr.fleet.mavlink.wire import UnknownParameter, WireError

READING = "Reading parameters"
ROUNDS = 2
"""What was lost is asked for again, after everything else."""
SIDE_BY_SIDE = 8
"""So many are asked for at a time, fewer than any autopilot's queue and any radio's buffer hold."""
HASH_S = 1.0
HASHES_KEPT = 16

Found = dict[str, int | float]


async def read_parameters(
    commander: Commander, parameters: Iterable[Parameter], on_read: Callable[[int, int], None] = lambda done, of: None
) -> tuple[Found, tuple[str, ...]]:
    """What the aircraft has of them, and the names it does not know. `on_read` is told how many of how many are done.

    Raises WireError when some did not come in `ROUNDS` rounds.
    """
    wire = commander.connected()
    asked = wanted = list(parameters)
    total = len(wanted)
    found: Found = {}
    unknown: list[str] = []
    lost: WireError | None = None
    missing: list[Parameter] = []

    async def read_from(waiting: Iterator[Parameter]) -> None:
        nonlocal lost
        for parameter in waiting:
            if missing and not found:
                return  # after so long a wait nothing has come at all
            try:
                found[parameter.name] = await wire.read_parameter(
                    parameter.name, parameter.value, commander.timing.parameter_s
                )
            except UnknownParameter:
                unknown.append(parameter.name)
            except WireError as error:
                lost = error
                missing.append(parameter)
            on_read(len(found) + len(unknown), total)

    for _ in range(ROUNDS):
        missing.clear()
        waiting = iter(wanted)
        async with asyncio.TaskGroup() as readers:
            for _ in range(SIDE_BY_SIDE):
                readers.create_task(read_from(waiting))
        if not missing:
            order = {parameter.name: at for at, parameter in enumerate(asked)}
            return found, tuple(sorted(unknown, key=order.__getitem__))
        if lost is not None and not found:
            raise lost
        wanted = list(missing)
    names = ", ".join(parameter.name for parameter in wanted[:5])
    raise WireError(f"{len(wanted)} of {total} parameters did not come ({names}): {lost}")


async def read_hash(commander: Commander) -> float | None:
    """The hash of all parameters as it stands on the aircraft; None when it does not answer.

    Its 32 bits arrive as those of a float, which does for comparing.
    """
    before = commander.cache.parameter_hashes
    commander.connected().send(
        "PARAM_REQUEST_READ",
        {
            "target_system": commander.system_id,
            "target_component": common.AUTOPILOT_COMPONENT,
            "param_id": PARAMETER_HASH,
            "param_index": -1,
        },
    )

    def answered(_: Telemetry) -> bool | None:
        return True if commander.cache.parameter_hashes != before else None

    return commander.cache.parameter_hash if await commander.seen(answered, HASH_S) else None


class ParameterCheck:
    """Whether an aircraft has its airframe's parameters, asked after every connect and restart."""

    def __init__(self, file: ParameterFile | None) -> None:
        self._file = file
        self._good: dict[float, None] = {}
        """Hashes under which everything was as the file says, oldest first."""

    async def missing(self, commander: Commander) -> tuple[str, ...]:
        """What keeps the aircraft on the ground, as sentences; empty when every parameter is as the file says."""
        if self._file is None:
            name = commander.asset.airframe.name
            return (f"There is no parameter file for the airframe {name}, so nothing was checked.",)
        try:
            known = await read_hash(commander)
            if known is not None and known in self._good:
                return ()
            with commander.cache.progress.show(READING, len(self._file.parameters), "parameters"):
                found, _ = await read_parameters(
                    commander,
                    self._file.parameters,
                    lambda done, _: commander.cache.progress.count(READING, done),
                )
        except (WireError, OrderFailed) as error:
            return (f"The safety parameters could not be read: {error}",)
        differences = compare(self._file, found)
        if known is not None and not differences:
            self._good[known] = None
            if len(self._good) > HASHES_KEPT:
                del self._good[next(iter(self._good))]
        return tuple(difference.sentence for difference in differences)

"""One aircraft's side of mavsdk: messages out and in, and its blocking calls on a thread of their own.

What was found out about mavsdk 4.1 and shapes this file:
- `send_message` only queues (0.1 ms) and is on the wire within a millisecond, so the event loop may call it.
- NaN is written as null in the JSON of a message; a literal NaN is refused as INVALID_FIELD.
- `send_command_async` keeps every callback for ever and repeats on its own timer, so acknowledgements are matched
  in `orders` instead, from COMMAND_ACK.
- Parameters and missions have blocking calls only: writing a parameter and the mission protocol run on one thread an
  aircraft, so a lost one keeps only itself waiting. JSON cannot carry PX4's integer parameters (their bits in a float
  make a NaN of -1), so `parameter_values` reads them from the frames, many at once and without a thread.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from typing import Protocol, TypeVar

from mavsdk import System
from mavsdk.plugins.mavlink_direct import MavlinkDirect, MavlinkDirectError, MavlinkMessage
from mavsdk.plugins.mission_raw import MissionItem, MissionRaw, MissionRawError
from mavsdk.plugins.param import Param, ParamError, ParamResult

from dfr.fleet.mavlink import common
from dfr.fleet.mavlink.fence import PlanItem
from dfr.fleet.mavlink.parameter_values import ParameterValues

log = logging.getLogger(__name__)
T = TypeVar("T")

FENCE, RALLY = 1, 2
"""MAV_MISSION_TYPE."""
_NO_SUCH_PARAMETER = (ParamResult.DOES_NOT_EXIST, ParamResult.WRONG_TYPE, ParamResult.TYPE_MISMATCH)


class WireError(Exception):
    """The aircraft did not answer or refused; the message is a sentence."""


class UnknownParameter(WireError):
    """The aircraft has no parameter of this name (or of this type)."""


class Wire(Protocol):
    """What the orders need of an aircraft's connection."""

    def send(self, name: str, fields: Mapping[str, object]) -> None:
        """Put one message on the wire; never blocks. Raises WireError."""
        ...

    async def read_parameter(self, name: str, like: int | float, timeout_s: float) -> int | float:
        """The value on the aircraft; `like` tells integer from float. Many may be read at once. Raises WireError."""
        ...

    async def write_parameter(self, name: str, value: int | float, timeout_s: float) -> None:
        """Raises WireError."""
        ...

    async def upload_fence(self, items: list[PlanItem], timeout_s: float) -> None:
        """Raises WireError."""
        ...

    async def download_fence(self, timeout_s: float) -> list[PlanItem]:
        """Raises WireError."""
        ...

    async def upload_rally_points(self, items: list[PlanItem], timeout_s: float) -> None:
        """Those and no others; none takes off those that are on board. Raises WireError."""
        ...

    async def download_rally_points(self, timeout_s: float) -> list[PlanItem]:
        """Raises WireError."""
        ...


class MavsdkWire:
    """Wire over one mavsdk System."""

    def __init__(self, system: System, system_id: int, own_ids: tuple[int, int]) -> None:
        self.system_id = system_id
        self._own_ids = own_ids
        self._system = system
        self._direct = MavlinkDirect(system)
        self._param = Param(system)
        self._mission = MissionRaw(system)
        self.parameters = ParameterValues(self._ask_parameter)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"mavsdk-{system_id}")

    def send(self, name: str, fields: Mapping[str, object]) -> None:
        target = (self.system_id, fields.get("target_component", common.AUTOPILOT_COMPONENT))
        message = MavlinkMessage(name, *self._own_ids, *target, json.dumps(fields, allow_nan=False))
        try:
            self._direct.send_message(message)
        except MavlinkDirectError as error:
            raise WireError(f"mavsdk could not send {name}: {error.result.name.lower()}.") from error

    async def _blocking(self, what: str, timeout_s: float, call: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except TimeoutError as error:
            raise WireError(f"{what} was not answered within {timeout_s:.0f} s.") from error
        except ParamError as error:
            kind = UnknownParameter if error.result in _NO_SUCH_PARAMETER else WireError
            raise kind(f"{what} failed: {_words(error.result)}.") from error
        except MissionRawError as error:
            raise WireError(f"{what} failed: {_words(error.result)}.") from error

    async def read_parameter(self, name: str, like: int | float, timeout_s: float) -> int | float:
        try:
            value = await self.parameters.read(name, timeout_s)
        except TimeoutError as error:
            raise WireError(f"Reading {name} was not answered within {timeout_s:.0f} s.") from error
        if isinstance(value, int) != isinstance(like, int):
            kind = "an integer" if isinstance(value, int) else "no integer"
            raise UnknownParameter(f"{name} is {kind} on the aircraft.")
        return value

    def _ask_parameter(self, name: str) -> None:
        self.send(
            "PARAM_REQUEST_READ",
            {
                "target_system": self.system_id,
                "target_component": common.AUTOPILOT_COMPONENT,
                "param_id": name,
                "param_index": -1,
            },
        )

    async def write_parameter(self, name: str, value: int | float, timeout_s: float) -> None:
        write: Callable[[str, int | float], object] = (
            self._param.set_param_int if isinstance(value, int) else self._param.set_param_float
        )
        await self._blocking(f"Writing {name}", timeout_s, lambda: write(name, value))

    async def upload_fence(self, items: list[PlanItem], timeout_s: float) -> None:
        await self._upload(self._mission.upload_geofence, FENCE, items, timeout_s)

    async def download_fence(self, timeout_s: float) -> list[PlanItem]:
        return await self._download(self._mission.download_geofence, timeout_s)

    async def upload_rally_points(self, items: list[PlanItem], timeout_s: float) -> None:
        if items:
            await self._upload(self._mission.upload_rally_points, RALLY, items, timeout_s)
            return
        # mavsdk uploads no empty list; what is on board then, the read-back tells.
        self.send(
            "MISSION_CLEAR_ALL",
            {
                "target_system": self.system_id,
                "target_component": common.AUTOPILOT_COMPONENT,
                "mission_type": RALLY,
            },
        )

    async def download_rally_points(self, timeout_s: float) -> list[PlanItem]:
        return await self._download(self._mission.download_rallypoints, timeout_s)

    async def _upload(
        self, upload: Callable[[list[MissionItem]], object], kind: int, items: list[PlanItem], timeout_s: float
    ) -> None:
        plan = [_to_mavsdk(index, item, kind) for index, item in enumerate(items)]
        try:
            await self._blocking("The upload", timeout_s, lambda: upload(plan))
        except (WireError, asyncio.CancelledError):
            self._cancel(self._mission.cancel_mission_upload)
            raise

    async def _download(self, download: Callable[[], list[MissionItem]], timeout_s: float) -> list[PlanItem]:
        try:
            items = await self._blocking("The read-back", timeout_s, download)
        except (WireError, asyncio.CancelledError):
            self._cancel(self._mission.cancel_mission_download)
            raise
        return [PlanItem(item.command, item.x, item.y, item.param1, item.frame, item.z) for item in items]

    def _cancel(self, cancel: Callable[[], object]) -> None:
        """End a transfer so that its thread is free again; there may be none any more."""
        try:
            cancel()
        except MissionRawError as error:
            log.debug("Nothing to cancel on system %d: %s", self.system_id, error)

    async def close(self, timeout_s: float) -> None:
        """Wait for the blocking call under way (mavsdk must not be destroyed below it), then let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.to_thread(self._thread.shutdown, wait=True)
        except TimeoutError:
            log.warning("A call to system %d was still waiting when the fleet stopped.", self.system_id)


def _words(result: IntEnum) -> str:
    return result.name.lower().replace("_", " ")


def _to_mavsdk(index: int, item: PlanItem, kind: int) -> MissionItem:
    return MissionItem(
        seq=index,
        frame=item.frame,
        command=item.command,
        current=0,
        autocontinue=1,
        param1=item.param1,
        x=item.x,
        y=item.y,
        z=item.z,
        mission_type=kind,
    )

"""Asks an aircraft for its gimbal manager and its cameras, and keeps what they told fresh. Sends, never waits.

A camera is asked for by a broadcast, as an autopilot may keep a camera's heartbeats to itself (PX4: MAV_HB_FORW_EN).
What does not come is asked for again; what has come is asked for at the pace at which it changes.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from dfr.core.camera import GimbalControl
from dfr.core.telemetry import LinkState
from dfr.fleet.mavlink.camera import give_back
from dfr.fleet.mavlink.commander import Commander
from dfr.fleet.mavlink.common import Cmd
from dfr.fleet.mavlink.definition import DefinitionError, PaletteSetting, fetch_palette
from dfr.fleet.mavlink.payload import HAS_STREAMS, LOST_AFTER_S, NO_GIMBAL_AFTER, Known, Payload
from dfr.fleet.mavlink.wire import WireError

log = logging.getLogger(__name__)

ANY_COMPONENT = 0
CAMERA_INFORMATION, CAMERA_SETTINGS, STORAGE_INFORMATION, CAMERA_CAPTURE_STATUS = 259, 260, 261, 262
VIDEO_STREAM_INFORMATION, VIDEO_STREAM_STATUS, CAMERA_FOV_STATUS = 269, 270, 271
GIMBAL_MANAGER_INFORMATION = 280
FIELD_OF_VIEW_HZ = 5.0
SOON_S, SELDOM_S = 1.0, 15.0
"""Between requests for what has not come: at first, and after `NO_GIMBAL_AFTER` of them."""
SETTINGS_EVERY_S, STATUS_EVERY_S, STREAMS_EVERY_S = 1.0, 5.0, 10.0
DEFINITION_AGAIN_S = 30.0
GIVE_BACK_AFTER_S = 20.0
"""Longer than a launch takes from its first order to arming."""


@dataclass(slots=True)
class _Asked:
    """When each thing is to be asked for next, and how often it was."""

    next_s: dict[str, float] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)

    def due(self, what: str, every_s: float, now_s: float) -> bool:
        if now_s < self.next_s.get(what, 0.0):
            return False
        self.next_s[what] = now_s + every_s
        self.times[what] = self.times.get(what, 0) + 1
        return True

    def patience_s(self, what: str) -> float:
        return SOON_S if self.times.get(what, 0) < NO_GIMBAL_AFTER else SELDOM_S


class PayloadWatch:
    """One aircraft's. `tend` is called several times a second."""

    def __init__(self, commander: Commander) -> None:
        self._commander = commander
        self._asked = _Asked()
        self._reading: asyncio.Task[None] | None = None
        self._ours_on_ground_s: float | None = None

    def tend(self) -> None:
        now_s = self._commander.clock.now_s()
        if self._commander.wire is None or self._commander.cache.link(now_s)[0] is not LinkState.ONLINE:
            return
        try:
            self._tend_gimbal(now_s)
            self._tend_cameras(now_s)
        except WireError as error:
            log.warning("%s: %s", self._commander.name, error)

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _tend_gimbal(self, now_s: float) -> None:
        known = self._commander.cache.payload(lambda payload: payload.manager)
        what = "gimbal"
        if known is None and self._asked.due(what, self._asked.patience_s(what), now_s):
            self._commander.cache.payload(_count_request)
            self._request(GIMBAL_MANAGER_INFORMATION)
        self._give_back_when_down(now_s)

    def _give_back_when_down(self, now_s: float) -> None:
        """On its dock the gimbal is nobody's: another ground station need not take it from us first."""
        armed = self._commander.cache.last("armed")
        down = armed is not None and not armed.value
        if not down or self._commander.cache.payload(_control) is not GimbalControl.OURS:
            self._ours_on_ground_s = None
            return
        since_s = self._ours_on_ground_s = now_s if self._ours_on_ground_s is None else self._ours_on_ground_s
        if now_s - since_s > GIVE_BACK_AFTER_S:
            give_back(self._commander)
            self._ours_on_ground_s = None

    def _tend_cameras(self, now_s: float) -> None:
        cameras = self._commander.cache.payload(lambda payload: tuple(payload.cameras.values()))
        heard = [known for known in cameras if now_s - known.heard_s < LOST_AFTER_S]
        pace_s = SELDOM_S if any(known.information for known in heard) else self._asked.patience_s("cameras")
        if self._asked.due("cameras", pace_s, now_s):
            self._request(CAMERA_INFORMATION, component_id=ANY_COMPONENT)
        for known in heard:
            self._tend_camera(known, now_s)

    def _tend_camera(self, known: Known, now_s: float) -> None:
        def due(what: str, every_s: float) -> bool:
            return self._asked.due(f"{what} {known.component_id}", every_s, now_s)

        component_id = known.component_id
        if known.information is None:
            if due("information", SOON_S):
                self._request(CAMERA_INFORMATION, component_id=component_id)
            return
        if due("settings", SETTINGS_EVERY_S):
            self._request(CAMERA_SETTINGS, component_id=component_id)
        if due("status", STATUS_EVERY_S):
            self._request(CAMERA_CAPTURE_STATUS, component_id=component_id)
            self._request(STORAGE_INFORMATION, component_id=component_id)
            self._commander.ask(
                Cmd.SET_MESSAGE_INTERVAL, (float(CAMERA_FOV_STATUS), 1e6 / FIELD_OF_VIEW_HZ), component_id
            )
        if known.information["flags"] & HAS_STREAMS:
            complete = known.streams and len(known.streams) >= max(s["count"] for s in known.streams.values())
            if due("streams", STREAMS_EVERY_S if complete else SOON_S):
                self._request(VIDEO_STREAM_INFORMATION, 0.0, component_id=component_id)
            if complete and due("stream status", STATUS_EVERY_S):
                self._request(VIDEO_STREAM_STATUS, 0.0, component_id=component_id)
        self._tend_palette(known, due)

    def _tend_palette(self, known: Known, due: Callable[[str, float], bool]) -> None:
        assert known.information is not None
        uri = str(known.information["cam_definition_uri"]).rstrip("\0")
        setting = known.palette_setting
        if setting is not None:
            if setting.values and due("palette", STATUS_EVERY_S):
                self._ask_palette(known.component_id, setting)
        elif uri and (self._reading is None or self._reading.done()) and due("definition", DEFINITION_AGAIN_S):
            self._reading = asyncio.create_task(self._read_definition(known, uri))

    async def _read_definition(self, known: Known, uri: str) -> None:
        try:
            found = await fetch_palette(uri)
        except DefinitionError as error:
            log.warning("%s: %s", self._commander.name, error)
            return
        setting = found or PaletteSetting("", 0, {})
        self._commander.cache.payload(lambda payload: payload.palette_known(known, setting))

    def _ask_palette(self, component_id: int, setting: PaletteSetting) -> None:
        if self._commander.wire is not None:
            fields = {
                "target_system": self._commander.system_id,
                "target_component": component_id,
                "param_id": setting.parameter,
                "param_index": -1,
            }
            self._commander.wire.send("PARAM_EXT_REQUEST_READ", fields)

    def _request(self, message_id: int, *params: float, component_id: int = 1) -> None:
        self._commander.ask(Cmd.REQUEST_MESSAGE, (float(message_id), *params), component_id)


def _control(payload: Payload) -> GimbalControl | None:
    return payload.gimbal_manager().control


def _count_request(payload: Payload) -> None:
    payload.manager_asked += 1

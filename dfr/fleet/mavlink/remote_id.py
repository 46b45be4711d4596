"""The Remote ID module's own messages (MAVLink Open Drone ID): good while it is heard and says good to arm."""

from dfr.core.remote_id import RemoteId, RemoteIdState
from dfr.fleet.mavlink.decode import Fields

ARM_STATUS = "OPEN_DRONE_ID_ARM_STATUS"
COMPONENTS = frozenset({236, 237, 238})
"""MAV_COMP_ID_ODID_TXRX_1 to 3."""
SILENT_S = 5.0
"""Its heartbeat and its arm status come once a second (ASTM F3411's tables are sent as often)."""
_GOOD_TO_ARM = 0
"""MAV_ODID_ARM_STATUS_GOOD_TO_ARM; every other value is a failure."""

_NOT_HEARD = RemoteId(RemoteIdState.UNKNOWN, "The aircraft is not heard, and its Remote ID module with it.")
_MUTE = RemoteId(RemoteIdState.UNKNOWN, "The Remote ID module is heard, but has not said whether it is good to arm.")
_GOOD = RemoteId(RemoteIdState.GOOD, "The Remote ID module says that it is good.")
_SILENT = RemoteId(RemoteIdState.BAD, "The Remote ID module is not heard any more: take it that nothing is broadcast.")


class RemoteIdWatch:
    """Of one aircraft. `see` takes the module's messages; `state` says what they mean now."""

    def __init__(self) -> None:
        self._heard_s: float | None = None
        self._status_s: float | None = None
        self._said = _MUTE
        self._shown = RemoteId()

    def see(self, name: str, component_id: int, fields: Fields, now_s: float) -> bool:
        """Whether the message was the module's, and so nobody else's business."""
        if component_id not in COMPONENTS and name != ARM_STATUS:
            return False
        self._heard_s = now_s
        if name == ARM_STATUS:
            self._status_s = now_s
            self._said = _GOOD if fields["status"] == _GOOD_TO_ARM else _bad(str(fields.get("error", "")))
        return True

    def state(self, aircraft_heard: bool, now_s: float) -> RemoteId:
        """`since_s` stays while state and sentence do."""
        now = self._judge(aircraft_heard, now_s)
        if (now.state, now.sentence) != (self._shown.state, self._shown.sentence):
            self._shown = RemoteId(now.state, now.sentence, now_s)
        return self._shown

    def _judge(self, aircraft_heard: bool, now_s: float) -> RemoteId:
        if self._heard_s is None:
            return RemoteId()
        if not aircraft_heard:
            return _NOT_HEARD
        if now_s - self._heard_s > SILENT_S:
            return _SILENT
        if self._status_s is None or now_s - self._status_s > SILENT_S:
            return _MUTE
        return self._said


def _bad(error: str) -> RemoteId:
    why = error.strip("\0 \t")
    said = f": '{why}'" if why else " and does not say why"
    return RemoteId(RemoteIdState.BAD, f"The Remote ID module says that it is not good to arm{said}.")

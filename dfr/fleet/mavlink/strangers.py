"""Aircraft that are heard and not declared: remembered to be shown, never commanded."""

import threading
from dataclasses import replace

from dfr.core.geo import Position
from dfr.dispatch.ports import Stranger
from dfr.fleet.mavlink import common, decode
from dfr.fleet.mavlink.decode import Fields

STRANGER_MESSAGES = ("HEARTBEAT", "GLOBAL_POSITION_INT")
FORGET_S = 60.0


class Strangers:
    """Thread-safe: the reading thread writes, the event loop reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[int, Stranger] = {}

    def on_message(self, system_id: int, name: str, fields: Fields, now_s: float) -> None:
        """A ground station or another component's heartbeat makes no aircraft."""
        with self._lock:
            known = self._heard.get(system_id)
            if name == "HEARTBEAT":
                if fields["autopilot"] != common.AUTOPILOT_INVALID and fields["type"] != common.TYPE_GCS:
                    self._heard[system_id] = replace(known or _stranger(system_id), heard_s=now_s)
            elif known is not None:
                position: Position | None = decode.position(fields)
                self._heard[system_id] = replace(known, heard_s=now_s, position=position or known.position)

    def heard(self, now_s: float) -> tuple[Stranger, ...]:
        """Those heard within the last minute, by system id."""
        with self._lock:
            self._heard = {key: one for key, one in self._heard.items() if now_s - one.heard_s < FORGET_S}
            return tuple(self._heard[key] for key in sorted(self._heard))


def _stranger(system_id: int) -> Stranger:
    sentence = (
        f"An aircraft with system id {system_id} is heard that no asset of the site declares; it is not commanded. "
        "Declare it in the site file, or find out whose it is."
    )
    return Stranger(system_id, 0.0, None, sentence)

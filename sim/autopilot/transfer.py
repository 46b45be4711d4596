"""The mission protocol's two-way transfer of one list (missions: type 0, fences: type 1, rally points: type 2).

Source: https://mavlink.io/en/services/mission.html. Timeouts run on the wall clock: the peer lives there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.items import Item

RETRY_S = 0.5
GIVE_UP_S = 5.0
MAX_ITEMS = 500
REFUSED_ITEM = 2

Peer = tuple[int, int]


@dataclass(slots=True)
class Upload:
    peer: Peer
    count: int
    items: list[Item] = field(default_factory=list)
    asked_s: float = 0.0
    heard_s: float = 0.0


class Transfer:
    """`accept` stores a complete list and answers a MAV_MISSION_RESULT; `stored` gives the list to read back."""

    def __init__(
        self,
        mission_type: int,
        send: Callable[[Any], None],
        accept: Callable[[list[Item]], int],
        stored: Callable[[], list[Item]],
        fault: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self.mission_type = mission_type
        self._send = send
        self._accept = accept
        self._stored = stored
        self._fault = fault
        self._upload: Upload | None = None

    def on_message(self, message: Any, now_s: float) -> None:
        """One of the protocol's messages for this list."""
        peer = (message.get_srcSystem(), message.get_srcComponent())
        match message.get_type():
            case "MISSION_COUNT":
                self._begin(peer, message.count, now_s)
            case "MISSION_ITEM_INT" if self._upload is not None and self._upload.peer == peer:
                self._take(self._upload, message, now_s)
            case "MISSION_REQUEST_LIST":
                count = len(self._stored())
                self._send(mavlink.MAVLink_mission_count_message(*peer, count, self.mission_type))
            case "MISSION_REQUEST_INT" | "MISSION_REQUEST":
                self._give(peer, message.seq)
            case "MISSION_CLEAR_ALL":
                self._finish(peer, self._accept([]))
            case "MISSION_ACK" if message.type == mavlink.MAV_MISSION_OPERATION_CANCELLED:
                self._upload = None

    def tick(self, now_s: float) -> None:
        """Ask again for an item that does not come, and give up in the end."""
        upload = self._upload
        if upload is None:
            return
        if now_s - upload.heard_s > GIVE_UP_S:
            self._finish(upload.peer, mavlink.MAV_MISSION_OPERATION_CANCELLED)
        elif now_s - upload.asked_s > RETRY_S:
            self._ask(upload, now_s)

    def _begin(self, peer: Peer, count: int, now_s: float) -> None:
        if count > MAX_ITEMS:
            self._finish(peer, mavlink.MAV_MISSION_NO_SPACE)
        elif count == 0:
            self._finish(peer, self._accept([]))
        else:
            self._upload = Upload(peer, count, heard_s=now_s)
            self._ask(self._upload, now_s)

    def _ask(self, upload: Upload, now_s: float) -> None:
        upload.asked_s = now_s
        self._send(mavlink.MAVLink_mission_request_int_message(*upload.peer, len(upload.items), self.mission_type))

    def _take(self, upload: Upload, message: Any, now_s: float) -> None:
        upload.heard_s = now_s
        if message.seq != len(upload.items):
            return
        if self._fault("upload_refused_at_item") and message.seq == REFUSED_ITEM:
            self._finish(upload.peer, mavlink.MAV_MISSION_INVALID)
            return
        upload.items.append(Item.from_message(message))
        if self._fault("upload_stops_half_way") and len(upload.items) >= upload.count // 2:
            self._upload = None
            return
        if len(upload.items) < upload.count:
            self._ask(upload, now_s)
        else:
            self._finish(upload.peer, self._accept(upload.items))

    def _give(self, peer: Peer, seq: int) -> None:
        items = self._stored()
        if not 0 <= seq < len(items):
            self._finish(peer, mavlink.MAV_MISSION_INVALID_SEQUENCE)
            return
        item = items[seq]
        self._send(
            mavlink.MAVLink_mission_item_int_message(
                *peer, seq, item.frame, item.command, item.current, item.autocontinue, *item.params,
                item.x, item.y, item.z, self.mission_type,
            )
        )  # fmt: skip

    def _finish(self, peer: Peer, result: int) -> None:
        self._upload = None
        self._send(mavlink.MAVLink_mission_ack_message(*peer, result, self.mission_type))

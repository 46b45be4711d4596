"""A ground station in lockstep with a simulated aircraft: real UDP sockets, but time passes only while it waits."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import Fleet, VehicleSpec

SYSTEM_ID = 11
HOME = (32.2217, -110.9265, 740.0)
NAN = math.nan


class Peer:
    """Hears everything, heartbeats as a ground station four times a second while `beats`."""

    def __init__(self, source: tuple[int, int] = (245, 191), seed: int = 0, **spec: Any) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.codec = mavlink.MAVLink(None, srcSystem=source[0], srcComponent=source[1])
        self.codec.robust_parsing = True
        self.fleet = Fleet([VehicleSpec(SYSTEM_ID, HOME, self.socket.getsockname(), **spec)], seed=seed)
        self.aircraft = self.fleet.vehicle(SYSTEM_ID)
        self.heard: list[Any] = []
        self.wire = bytearray()
        """Every byte that came."""
        self.address: Any = None
        self.beats = True
        self._beat_s = -1.0

    def __enter__(self) -> Peer:
        self.wait(6.0)
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.fleet.close()

    def send(self, message: Any) -> None:
        self.socket.sendto(message.pack(self.codec), self.address)
        self.codec.seq = (self.codec.seq + 1) % 256

    def turn(self) -> list[Any]:
        """One physics step; the messages it brought."""
        if self.beats and self.address is not None and self.fleet.now_s - self._beat_s > 0.25:
            self._beat_s = self.fleet.now_s
            self.send(mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, 8, 0, 0, 4, 3))
        self.fleet.advance(1, self.fleet.now_s)
        came: list[Any] = []
        while True:
            try:
                data, self.address = self.socket.recvfrom(65535)
            except BlockingIOError:
                break
            self.wire += data
            came += self.codec.parse_buffer(data) or []
        self.heard += came
        return came

    def wait(self, seconds: float) -> None:
        end = self.fleet.now_s + seconds
        while self.fleet.now_s < end:
            self.turn()

    def until(self, holds: Callable[[], bool], limit_s: float = 120.0) -> None:
        end = self.fleet.now_s + limit_s
        while not holds():
            assert self.fleet.now_s < end, f"not within {limit_s} s; mode {self.aircraft.mode}, texts {self.texts()}"
            self.turn()

    def answer(self, kind: str, limit_s: float = 3.0, **fields: Any) -> Any:
        """The next message of that kind with those fields; None when it does not come."""
        end = self.fleet.now_s + limit_s
        while self.fleet.now_s < end:
            for message in self.turn():
                if message.get_type() == kind and all(getattr(message, k) == v for k, v in fields.items()):
                    return message
        return None

    def command(self, command: int, *params: float, target: tuple[int, int] = (SYSTEM_ID, 1)) -> int | None:
        """COMMAND_LONG; its result, None when it is not answered."""
        padded = [*params, *[0.0] * (7 - len(params))]
        self.send(mavlink.MAVLink_command_long_message(*target, command, 0, *padded))
        answer = self.answer("COMMAND_ACK", command=command)
        return None if answer is None else int(answer.result)

    def reposition(self, north_m: float, east_m: float, height_m: float, speed_mps: float = -1.0) -> int | None:
        lat, lon = self.aircraft.frame.to_global(north_m, east_m)
        command = mavlink.MAV_CMD_DO_REPOSITION
        self.send(
            mavlink.MAVLink_command_int_message(
                SYSTEM_ID, 1, mavlink.MAV_FRAME_GLOBAL_INT, command, 0, 0, speed_mps, 1.0, 0.0, NAN,
                round(lat * 1e7), round(lon * 1e7), HOME[2] + height_m,
            )
        )  # fmt: skip
        answer = self.answer("COMMAND_ACK", command=command)
        return None if answer is None else int(answer.result)

    def take_off(self, height_m: float = 30.0) -> None:
        assert self.command(mavlink.MAV_CMD_NAV_TAKEOFF, NAN, 0, 0, NAN, NAN, NAN, HOME[2] + height_m) == 0
        assert self.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
        self.until(lambda: self.aircraft.mode == "LOITER")

    def square(self, half_m: float, north_m: float = 0.0) -> list[tuple[int, int, float, int, int]]:
        """A fence's items: command, frame, parameter 1, x, y."""
        corners = [(-half_m, -half_m), (-half_m, half_m), (half_m, half_m), (half_m, -half_m)]
        places = [self.aircraft.frame.to_global(north_m + n, e) for n, e in corners]
        return [(5001, 5, 4.0, round(lat * 1e7), round(lon * 1e7)) for lat, lon in places]

    def upload(self, items: list[tuple[int, int, float, int, int]], mission_type: int = 1) -> int | None:
        self.send(mavlink.MAVLink_mission_count_message(SYSTEM_ID, 1, len(items), mission_type))
        for _ in items:
            asked = self.answer("MISSION_REQUEST_INT")
            assert asked is not None
            command, frame, first, x, y = items[asked.seq]
            fields = (asked.seq, frame, command, 0, 1, first, 0.0, 0.0, 0.0, x, y, 0.0, mission_type)
            self.send(mavlink.MAVLink_mission_item_int_message(SYSTEM_ID, 1, *fields))
        answer = self.answer("MISSION_ACK", mission_type=mission_type)
        return None if answer is None else int(answer.type)

    def download(self, mission_type: int = 1) -> list[Any]:
        self.send(mavlink.MAVLink_mission_request_list_message(SYSTEM_ID, 1, mission_type))
        counted = self.answer("MISSION_COUNT", mission_type=mission_type)
        assert counted is not None
        items = []
        for seq in range(counted.count):
            self.send(mavlink.MAVLink_mission_request_int_message(SYSTEM_ID, 1, seq, mission_type))
            items.append(self.answer("MISSION_ITEM_INT", seq=seq))
        self.send(mavlink.MAVLink_mission_ack_message(SYSTEM_ID, 1, 0, mission_type))
        return items

    def texts(self) -> list[str]:
        """STATUSTEXTs so far, chunks joined."""
        joined: list[str] = []
        for message in self.heard:
            if message.get_type() == "STATUSTEXT":
                if message.chunk_seq:
                    joined[-1] += message.text
                else:
                    joined.append(message.text)
        return [text.rstrip("\t") for text in joined]

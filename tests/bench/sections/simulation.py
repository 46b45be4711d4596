"""How many simulated aircraft one core flies in real time, each at the rates that the service asks for.

The autopilot is one process, held to one core, and everything that it does is counted: CPU seconds a simulated second.
"""

import os
import selectors
import socket
import time
from collections.abc import Iterator
from types import TracebackType

from pymavlink.dialects.v20 import common as mavlink

from tests.bench.processes import cpu_seconds, free_udp_ports, module, started
from tests.bench.run import Run
from tests.bench.table import Row, number

AIRCRAFT = 200
LEAST = 200
FIRST_ID = 11
UP_S = 25.0
"""Until all have taken off and are under way."""
ASKED_HZ = {
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 10.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 5.0,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: 10.0,
}
HOME = (32.2217, -110.9265, 728.0)
SITE = """
[[docks]]
id = "dock"
latitude_deg = {home[0]}
longitude_deg = {home[1]}
altitude_amsl_m = {home[2]}

[[assets]]
id = "asset"
dock = "dock"
system_id = {first_id}
link = "udpin://127.0.0.1:{port}"
"""


class Ground:
    """A ground station with one socket an aircraft: it answers as the service does and counts what comes."""

    def __init__(self, first_port: int) -> None:
        self._codec = mavlink.MAVLink(None, srcSystem=245, srcComponent=190)
        self._selector = selectors.DefaultSelector()
        self._sockets = []
        self._addresses: dict[int, tuple[str, int]] = {}
        for index in range(AIRCRAFT):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind(("127.0.0.1", first_port + index))
            one.setblocking(False)
            self._sockets.append(one)
            self._selector.register(one, selectors.EVENT_READ, index)
        self.messages = 0
        self.positions = 0
        self.boot_ms: dict[int, int] = {}
        self._beat_s = 0.0

    def __enter__(self) -> "Ground":
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._selector.close()
        for one in self._sockets:
            one.close()

    def listen(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while (now_s := time.monotonic()) < until_s:
            if now_s - self._beat_s > 0.5:
                self._beat_s = now_s
                self.tell(mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, 8, 0, 0, 4, 3))
            for key, _ in self._selector.select(0.05):
                data, self._addresses[key.data] = key.fileobj.recvfrom(65535)  # type: ignore[union-attr]
                self._count(key.data, data)

    def _count(self, index: int, data: bytes) -> None:
        start = 0
        while start + 12 <= len(data):
            size = data[start + 1]
            ident = int.from_bytes(data[start + 7 : start + 10], "little")
            self.messages += 1
            if ident == mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT:
                self.positions += 1
                self.boot_ms[index] = int.from_bytes(data[start + 10 : start + 14], "little")
            start += 12 + size

    def tell(self, message: mavlink.MAVLink_message) -> None:
        """The same to every aircraft that was heard."""
        packed = message.pack(self._codec)
        for index, address in self._addresses.items():
            self._sockets[index].sendto(packed, address)

    def order(self, command: int, *params: float) -> None:
        """To each under its own system id."""
        for index, address in self._addresses.items():
            padded = [*params, *[0.0] * (7 - len(params))]
            message = mavlink.MAVLink_command_long_message(FIRST_ID + index, 1, command, 0, *padded)
            self._sockets[index].sendto(message.pack(self._codec), address)


def measure(run: Run) -> Iterator[Row]:
    port = free_udp_ports(AIRCRAFT)
    (run.folder / "dfr.toml").write_text(SITE.format(home=HOME, first_id=FIRST_ID, port=port))
    command = module("sim.autopilot", "--site", str(run.folder), "--count", str(AIRCRAFT), "--payload-base", "0")
    with Ground(port) as ground, started(command, run.folder / "autopilot.log") as process:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        ground.listen(10.0)
        for ident, rate_hz in ASKED_HZ.items():
            ground.order(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, ident, 1e6 / rate_hz)
        nan = float("nan")
        ground.order(mavlink.MAV_CMD_NAV_TAKEOFF, nan, 0, 0, nan, nan, nan, HOME[2] + 30)
        ground.order(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
        ground.listen(UP_S)
        ground.order(mavlink.MAV_CMD_DO_REPOSITION, 10, 1, 0, nan, HOME[0] + 0.01, HOME[1], HOME[2] + 40)
        ground.listen(1.0)
        seconds = run.samples(full=30, quick=8)
        cpu_s, boot_ms = cpu_seconds(process.pid), dict(ground.boot_ms)
        ground.messages = ground.positions = 0
        ground.listen(seconds)
        cpu_s = cpu_seconds(process.pid) - cpu_s
        flown_s = sum(ground.boot_ms[index] - begun for index, begun in boot_ms.items()) / 1e3 / max(len(boot_ms), 1)
    run.note(
        f"{len(boot_ms)} aircraft under way for {number(flown_s)} simulated in {seconds} real seconds, "
        f"{number(ground.positions / max(flown_s, 1e-9) / AIRCRAFT)} positions and "
        f"{number(ground.messages / max(flown_s, 1e-9) / AIRCRAFT)} messages a second each, "
        f"{number(cpu_s / max(flown_s, 1e-9))} CPU seconds a simulated second for all"
    )
    capacity = len(boot_ms) * flown_s / max(cpu_s, 1e-9)
    yield Row("simulated aircraft a core in real time", f"{capacity:.0f}", f"at least {LEAST}", capacity >= LEAST)

"""The MAVLink link to one aircraft's payload: hears its pose, is its camera, and its gimbal when it has none."""

import asyncio
import math
import time
from dataclasses import replace
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

from sim.camera.component import COMPONENT as CAMERA_COMPONENT
from sim.camera.component import CameraComponent
from sim.camera.gimbal import Gimbal, information, yaw_is_earth
from sim.camera.pose import Attitude, Pose, Position, attitude_from_quaternion, quaternion_from_attitude

GIMBAL_COMPONENT = mavlink.MAV_COMP_ID_GIMBAL
NO_GIMBAL_AFTER_S = 2.0
_TICK_S = 0.05
_HEARTBEAT_EACH_TICKS = 20


class PayloadLink(asyncio.DatagramProtocol):
    """One UDP port. `pose` is replaced as a whole, so that a render thread may read it at any time.

    Times are monotonic.
    """

    def __init__(self) -> None:
        self.pose = Pose()
        self.gimbal: Gimbal | None = None
        self.camera = CameraComponent(self._send_as_camera, lambda: self.pose)
        self.port = 0
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True
        self._sender = mavlink.MAVLink(None, srcSystem=1, srcComponent=GIMBAL_COMPONENT)
        self._camera_sender = mavlink.MAVLink(None, srcSystem=1, srcComponent=CAMERA_COMPONENT)
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: Any = None
        self._first_heard_s = math.inf
        self._last_heard_s = -math.inf
        self._ticker: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """Listens; port 0 lets the system pick (then read `port`). OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self.port = self._transport.get_extra_info("sockname")[1]
        self._ticker = asyncio.create_task(self._tick())

    def stop(self) -> None:
        """Stops listening and being a gimbal."""
        if self._ticker:
            self._ticker.cancel()
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Takes one datagram; anything that is no MAVLink in it is passed over."""
        for message in self._parser.parse_buffer(data) or []:
            if message.get_type() == "BAD_DATA":
                continue
            self._peer = addr
            self._hear(message, time.monotonic())

    def error_received(self, exc: Exception) -> None:
        """The aircraft's port is closed for the moment; it will speak again when it is there."""

    def _hear(self, message: Any, now_s: float) -> None:
        kind = message.get_type()
        if message.get_srcComponent() != CAMERA_COMPONENT:
            self.camera.hear(message, self._camera_sender.srcSystem)
        if message.get_srcComponent() == mavlink.MAV_COMP_ID_AUTOPILOT1:
            self._first_heard_s = min(self._first_heard_s, now_s)
            self._last_heard_s = now_s
            self._sender.srcSystem = self._camera_sender.srcSystem = message.get_srcSystem()
        if kind == "GLOBAL_POSITION_INT":
            velocity_mps = (message.vx / 100, message.vy / 100, message.vz / 100)
            place = (message.lat / 1e7, message.lon / 1e7, message.alt / 1000)
            self.pose = self.pose.with_position(Position(*place, velocity_mps, message.time_boot_ms / 1000, now_s))
        elif kind == "ATTITUDE":
            body = Attitude(message.roll, message.pitch, message.yaw)
            self.pose = replace(self.pose, body=body, body_rate_radps=message.yawspeed, body_heard_s=now_s)
        elif kind == "GIMBAL_DEVICE_ATTITUDE_STATUS":
            self._hear_gimbal(message, now_s)
        elif self.gimbal and kind == "GIMBAL_DEVICE_SET_ATTITUDE" and self._is_for_us(message):
            rates_radps = (message.angular_velocity_y, message.angular_velocity_z)
            heading_rad = self.pose.vehicle_yaw_rad(now_s)
            self.gimbal = self.gimbal.asked(message.flags, tuple(message.q), rates_radps, heading_rad)
        elif self.gimbal and kind == "COMMAND_LONG" and self._is_for_us(message):
            self._obey(message)

    def _hear_gimbal(self, message: Any, now_s: float) -> None:
        """A gimbal of the aircraft's own: from now on it is the one, and we are none.

        Our own echo is no such gimbal.
        """
        if self.gimbal and GIMBAL_COMPONENT in (message.gimbal_device_id, message.get_srcComponent()):
            return
        if any(math.isnan(part) for part in message.q):
            return
        self.gimbal = None
        self.pose = replace(
            self.pose,
            gimbal=attitude_from_quaternion(*message.q),
            gimbal_yaw_is_earth=yaw_is_earth(message.flags),
            gimbal_heard_s=now_s,
        )

    def _is_for_us(self, message: Any) -> bool:
        return message.target_system in (0, self._sender.srcSystem) and message.target_component in (
            0,
            GIMBAL_COMPONENT,
        )

    def _obey(self, message: Any) -> None:
        # A parameter that is left open is NaN on the wire.
        wanted_id = int(message.param1) if math.isfinite(message.param1) else None
        if message.command != mavlink.MAV_CMD_REQUEST_MESSAGE:
            if message.target_component == GIMBAL_COMPONENT:
                self._acknowledge(message, mavlink.MAV_RESULT_UNSUPPORTED)
            return
        if wanted_id == mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_INFORMATION:
            self._acknowledge(message, mavlink.MAV_RESULT_ACCEPTED)
            self._send(information(_boot_ms()))
        elif message.target_component == GIMBAL_COMPONENT:
            self._acknowledge(message, mavlink.MAV_RESULT_DENIED)

    def _acknowledge(self, message: Any, result: int) -> None:
        asker = (message.get_srcSystem(), message.get_srcComponent())
        self._send(mavlink.MAVLink_command_ack_message(message.command, result, 0, 0, *asker))

    async def _tick(self) -> None:
        """Twenty times a second: be the gimbal when there is none; HEARTBEAT and information once a second."""
        count = 0
        while True:
            await asyncio.sleep(_TICK_S)
            if time.monotonic() - self._last_heard_s < NO_GIMBAL_AFTER_S:
                self.camera.tick(_TICK_S, time.monotonic())
            if not self._is_gimbal(time.monotonic()):
                continue
            self.gimbal = (self.gimbal or Gimbal()).after(_TICK_S * self.pose.clock_rate)
            earth = self.gimbal.yaw_is_earth
            self.pose = replace(self.pose, gimbal=self.gimbal.attitude, gimbal_yaw_is_earth=earth)
            if count % _HEARTBEAT_EACH_TICKS == 0:
                self._send(
                    mavlink.MAVLink_heartbeat_message(
                        mavlink.MAV_TYPE_GIMBAL, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE, 3
                    )
                )
                self._send(information(_boot_ms()))
            self._send_status(self.gimbal)
            count += 1

    def _is_gimbal(self, now_s: float) -> bool:
        """Whether the part of the gimbal is ours: the aircraft speaks, and no gimbal of its own has for a while."""
        if now_s - self._last_heard_s > NO_GIMBAL_AFTER_S:
            return False
        silent_since_s = max(self.pose.gimbal_heard_s, self._first_heard_s)
        return self.gimbal is not None or now_s - silent_since_s >= NO_GIMBAL_AFTER_S

    def _send_status(self, gimbal: Gimbal) -> None:
        q = quaternion_from_attitude(gimbal.attitude)
        unknown = (math.nan, math.nan, math.nan)
        self._send(
            mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, _boot_ms(), gimbal.flags, q, *unknown, 0)
        )

    def _send(self, message: Any) -> None:
        self._send_by(self._sender, message)

    def _send_as_camera(self, message: Any) -> None:
        self._send_by(self._camera_sender, message)

    def _send_by(self, sender: mavlink.MAVLink, message: Any) -> None:
        if self._transport and self._peer:
            self._transport.sendto(message.pack(sender), self._peer)
            sender.seq = (sender.seq + 1) % 256


def _boot_ms() -> int:
    return int(time.monotonic() * 1000) & 0xFFFFFFFF

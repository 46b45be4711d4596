"""The gimbal that the camera itself is when the aircraft has none: MAVLink gimbal protocol v2, the device's side.

PX4 drives it with MNT_MODE_IN=4 and MNT_MODE_OUT=2. Roll and pitch are kept against the horizon; yaw follows the
aircraft unless GIMBAL_DEVICE_FLAGS_YAW_LOCK holds it against north.
"""

import math
from dataclasses import dataclass, replace

from pymavlink.dialects.v20 import common as mavlink

from sim.camera.pose import Attitude, attitude_from_quaternion

SLEW_RADPS = math.radians(90.0)
PITCH_RANGE_RAD = (math.radians(-120.0), math.radians(30.0))
_RETRACT = mavlink.GIMBAL_DEVICE_FLAGS_RETRACT | mavlink.GIMBAL_DEVICE_FLAGS_NEUTRAL
_LEVEL = mavlink.GIMBAL_DEVICE_FLAGS_ROLL_LOCK | mavlink.GIMBAL_DEVICE_FLAGS_PITCH_LOCK


@dataclass(frozen=True, slots=True)
class Gimbal:
    """Pitch against the horizon; yaw against north when `yaw_is_earth`, against the aircraft's nose otherwise.

    And what is asked of it.
    """

    pitch_rad: float = 0.0
    yaw_rad: float = 0.0
    yaw_is_earth: bool = False
    wanted_pitch_rad: float = 0.0
    wanted_yaw_rad: float = 0.0
    rate_radps: tuple[float, float] | None = None

    @property
    def attitude(self) -> Attitude:
        """Where it points now."""
        return Attitude(0.0, self.pitch_rad, self.yaw_rad)

    @property
    def flags(self) -> int:
        """GIMBAL_DEVICE_FLAGS of its attitude status."""
        if self.yaw_is_earth:
            return _LEVEL | mavlink.GIMBAL_DEVICE_FLAGS_YAW_LOCK | mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME
        return _LEVEL | mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME

    def asked(
        self, flags: int, q: tuple[float, float, float, float], rates_radps: tuple[float, float], vehicle_yaw_rad: float
    ) -> "Gimbal":
        """The gimbal after GIMBAL_DEVICE_SET_ATTITUDE; a quaternion of NaN leaves the angle, rates of NaN mean none.

        `rates_radps` is pitch and yaw.
        """
        if flags & _RETRACT:
            level = self._in_frame(False, vehicle_yaw_rad)
            return replace(level, wanted_pitch_rad=0.0, wanted_yaw_rad=0.0, rate_radps=None)
        gimbal = self._in_frame(_is_earth(flags), vehicle_yaw_rad)
        if not any(math.isnan(part) for part in q):
            wanted = attitude_from_quaternion(*q)
            return replace(gimbal, wanted_pitch_rad=wanted.pitch_rad, wanted_yaw_rad=wanted.yaw_rad, rate_radps=None)
        pitch_radps, yaw_radps = (0.0 if math.isnan(rate) else rate for rate in rates_radps)
        return replace(gimbal, rate_radps=(pitch_radps, yaw_radps))

    def after(self, duration_s: float) -> "Gimbal":
        """The gimbal `duration_s` later, turning no faster than its motors can."""
        if self.rate_radps is not None:
            pitch_radps, yaw_radps = (max(-SLEW_RADPS, min(SLEW_RADPS, rate)) for rate in self.rate_radps)
            pitch_rad = _clamped(self.pitch_rad + pitch_radps * duration_s)
            yaw_rad = wrapped(self.yaw_rad + yaw_radps * duration_s)
            return replace(self, pitch_rad=pitch_rad, yaw_rad=yaw_rad)
        most = SLEW_RADPS * duration_s
        pitch_step = max(-most, min(most, _clamped(self.wanted_pitch_rad) - self.pitch_rad))
        yaw_step = max(-most, min(most, wrapped(self.wanted_yaw_rad - self.yaw_rad)))
        return replace(self, pitch_rad=self.pitch_rad + pitch_step, yaw_rad=wrapped(self.yaw_rad + yaw_step))

    def _in_frame(self, earth: bool, vehicle_yaw_rad: float) -> "Gimbal":
        if earth == self.yaw_is_earth:
            return self
        shift_rad = vehicle_yaw_rad if earth else -vehicle_yaw_rad
        return replace(
            self,
            yaw_is_earth=earth,
            yaw_rad=wrapped(self.yaw_rad + shift_rad),
            wanted_yaw_rad=wrapped(self.wanted_yaw_rad + shift_rad),
        )


def yaw_is_earth(flags: int) -> bool:
    """Whether the yaw of a GIMBAL_DEVICE_ATTITUDE_STATUS is against north; old senders say it by YAW_LOCK alone."""
    return _is_earth(flags)


def _is_earth(flags: int) -> bool:
    if flags & mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME:
        return True
    if flags & mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME:
        return False
    return bool(flags & mavlink.GIMBAL_DEVICE_FLAGS_YAW_LOCK)


def wrapped(angle_rad: float) -> float:
    """The same angle in -pi..pi."""
    return math.remainder(angle_rad, 2 * math.pi)


def _clamped(pitch_rad: float) -> float:
    return max(PITCH_RANGE_RAD[0], min(PITCH_RANGE_RAD[1], pitch_rad))


def information(boot_ms: int) -> mavlink.MAVLink_gimbal_device_information_message:
    """GIMBAL_DEVICE_INFORMATION of this gimbal."""
    capabilities = (
        mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_RETRACT
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_NEUTRAL
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_ROLL_LOCK
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_PITCH_AXIS
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_PITCH_LOCK
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_YAW_AXIS
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_YAW_FOLLOW
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_HAS_YAW_LOCK
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_SUPPORTS_INFINITE_YAW
        | mavlink.GIMBAL_DEVICE_CAP_FLAGS_SUPPORTS_YAW_IN_EARTH_FRAME
    )
    names = (b"simulated", b"camera gimbal", b"")
    none, turn = 0.0, math.pi
    return mavlink.MAVLink_gimbal_device_information_message(
        boot_ms, *names, 1, 1, 0, capabilities, 0, none, none, *PITCH_RANGE_RAD, -turn, turn, 0
    )

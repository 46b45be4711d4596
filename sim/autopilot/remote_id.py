"""The aircraft's Remote ID module: a MAVLink component of its own, whose messages the autopilot passes on."""

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.faults import Faults

PERIOD_S = 1.0


class RemoteIdModule:
    """Heartbeat and arm status once a second of the aircraft's clock."""

    def __init__(self, system_id: int, faults: Faults) -> None:
        self.codec = mavlink.MAVLink(None, srcSystem=system_id, srcComponent=mavlink.MAV_COMP_ID_ODID_TXRX_1)
        self._faults = faults
        self._due_s = 0.0

    def due(self, now_s: float) -> list[bytes]:
        """The packed messages that it sends now."""
        if now_s < self._due_s or self._faults.active("remote_id_silent", now_s):
            return []
        self._due_s = now_s + PERIOD_S
        good = not self._faults.active("remote_id_bad", now_s)
        status = mavlink.MAV_ODID_ARM_STATUS_GOOD_TO_ARM if good else mavlink.MAV_ODID_ARM_STATUS_PRE_ARM_FAIL_GENERIC
        messages = (
            mavlink.MAVLink_heartbeat_message(
                mavlink.MAV_TYPE_ODID, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE, 3
            ),
            mavlink.MAVLink_open_drone_id_arm_status_message(status, b"" if good else b"missing operator location"),
        )
        packed = []
        for message in messages:
            packed.append(message.pack(self.codec))
            self.codec.seq = (self.codec.seq + 1) % 256
        return packed

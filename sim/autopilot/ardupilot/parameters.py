"""ArduPilot's parameters: its names, types, defaults and wire encoding, and what its body is shaped by."""

import csv
from collections.abc import Callable
from pathlib import Path

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.parameters import Parameters, Value

DATA_PATH = Path(__file__).with_name("parameters.csv")
TYPES = {
    "Int8": mavlink.MAV_PARAM_TYPE_INT8,
    "Int16": mavlink.MAV_PARAM_TYPE_INT16,
    "Int32": mavlink.MAV_PARAM_TYPE_INT32,
    "Float": mavlink.MAV_PARAM_TYPE_REAL32,
}

Own = Callable[[str], Value]
NO_LIMIT_MPS = 50.0
ARMING_DELAY_S = 2.0
"""Copter's ARMING_DELAY_SEC: the motors do not spool up sooner after arming."""
SPOOL_S = 0.5
"""MOT_SPOOL_TIME's default."""


def _metres(name: str) -> Callable[[Own], Value]:
    return lambda own: own(name) / 100


TRANSLATED: dict[str, Callable[[Own], Value]] = {
    "MPC_XY_CRUISE": _metres("WPNAV_SPEED"),
    "MPC_XY_VEL_MAX": lambda own: NO_LIMIT_MPS,
    "MPC_ACC_HOR": _metres("WPNAV_ACCEL"),
    "MPC_Z_V_AUTO_UP": _metres("WPNAV_SPEED_UP"),
    "MPC_Z_VEL_MAX_UP": _metres("WPNAV_SPEED_UP"),
    "MPC_TKO_SPEED": _metres("WPNAV_SPEED_UP"),
    "MPC_TKO_RAMP_T": lambda own: 1.0,
    "MPC_Z_V_AUTO_DN": _metres("WPNAV_SPEED_DN"),
    "MPC_Z_VEL_MAX_DN": _metres("WPNAV_SPEED_DN"),
    "MPC_LAND_SPEED": _metres("LAND_SPEED"),
    "MPC_LAND_ALT1": _metres("LAND_ALT_LOW"),
    "MPC_LAND_ALT2": _metres("LAND_ALT_LOW"),
    "NAV_ACC_RAD": _metres("WPNAV_RADIUS"),
    "RTL_RETURN_ALT": _metres("RTL_ALT"),
    "RTL_DESCEND_ALT": _metres("RTL_ALT"),
    "RTL_LAND_DELAY": lambda own: own("RTL_LOIT_TIME") / 1000,
    "RTL_CONE_ANG": lambda own: 0,
    "COM_SPOOLUP_TIME": lambda own: ARMING_DELAY_S + SPOOL_S,
    "COM_DISARM_PRFLT": lambda own: own("DISARM_DELAY"),
    "COM_DISARM_LAND": lambda own: 0.5,
    "SIM_BAT_DRAIN": lambda own: 1200.0,
    "SIM_BAT_MIN_PCT": lambda own: 0.0,
}
"""The body is PX4's to the last name: each of its parameters that ArduPilot's have a say in, in PX4's unit."""


class ArduPilotParameters(Parameters):
    """Its own are named, listed, read and written; the body's are answered from `TRANSLATED`, else as PX4's default."""

    system_id_name = "SYSID_THISMAV"
    tells_hash = False

    def __init__(self) -> None:
        super().__init__()
        self._body = dict(self._values)
        self._values.clear()
        self._is_int.clear()
        self._kinds: dict[str, int] = {}
        with DATA_PATH.open(newline="") as file:
            for row in csv.DictReader(line for line in file if not line.startswith("#")):
                name, kind = row["name"], TYPES[row["type"]]
                self._kinds[name], self._is_int[name] = kind, kind != TYPES["Float"]
                self._values[name] = self._typed(name, float(row["default"]))

    def __getitem__(self, name: str) -> Value:
        if name in self._values:
            return self._values[name]
        translated = TRANSLATED.get(name)
        return self._body[name] if translated is None else translated(self._values.__getitem__)

    def constrain(self) -> list[str]:
        return []

    def mavlink_type(self, name: str) -> int:
        return self._kinds[name]

    def encoded(self, name: str) -> float:
        """Every number as the float that equals it (MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_C_CAST)."""
        return float(self._values[name])

    def set_encoded(self, name: str, raw: float, mavlink_type: int) -> bool:
        """A PARAM_SET; its type is not read. Integers are rounded to."""
        if name not in self._values:
            return False
        self.set(name, round(raw) if self._is_int[name] else raw)
        return True

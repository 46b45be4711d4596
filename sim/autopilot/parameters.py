"""An aircraft's parameters: PX4's names, types, defaults and wire encoding."""

import csv
import struct
import tomllib
import zlib
from pathlib import Path

from pymavlink.dialects.v20 import common as mavlink

Value = float | int

HASH = "_HASH_CHECK"
DATA_PATH = Path(__file__).with_name("parameters.csv")

# What PX4's multicopter start-up script sets over the generated defaults (rc.mc_defaults).
MULTICOPTER_DEFAULTS: dict[str, Value] = {
    "NAV_ACC_RAD": 2.0,
    "RTL_RETURN_ALT": 30.0,
    "RTL_DESCEND_ALT": 10.0,
    "RTL_LAND_DELAY": 0.0,
}


def autopilot_of(parameters_file: Path) -> str:
    """Whose parameters they are, by the airframe.toml beside them: px4 or ardupilot."""
    airframe = parameters_file.with_name("airframe.toml")
    return str(tomllib.loads(airframe.read_text()).get("autopilot", "px4")) if airframe.is_file() else "px4"


def float_of_int(value: int) -> float:
    """PX4 sends an INT32 parameter as the same four bytes in the float field (MAVLink's byte-wise encoding)."""
    return float(struct.unpack("<f", struct.pack("<i", value))[0])


def int_of_float(raw: float) -> int:
    """The reverse of `float_of_int`."""
    return int(struct.unpack("<i", struct.pack("<f", raw))[0])


class Parameters:
    """Named values in a fixed order; a value keeps the type that PX4 declares."""

    system_id_name = "MAV_SYS_ID"
    tells_hash = True
    """Whether `_HASH_CHECK` is answered."""

    def __init__(self) -> None:
        self._is_int: dict[str, bool] = {}
        self._values: dict[str, Value] = {}
        self.version = 0
        """Grows with every change."""
        with DATA_PATH.open(newline="") as file:
            for row in csv.DictReader(line for line in file if not line.startswith("#")):
                self._is_int[row["name"]] = row["type"] == "Int32"
                self._values[row["name"]] = self._typed(row["name"], float(row["default"]))
        for name, value in MULTICOPTER_DEFAULTS.items():
            self.set(name, value)

    @property
    def names(self) -> list[str]:
        return list(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def set(self, name: str, value: Value) -> None:
        """Raises KeyError for a name that PX4 does not have."""
        self._values[name] = self._typed(name, value)
        self.version += 1

    def apply_file(self, path: Path) -> list[str]:
        """Apply a `parameters.toml` (a table a parameter, with its `value`); returns the names unknown here."""
        unknown = []
        for name, entry in tomllib.loads(path.read_text()).items():
            if name in self._values:
                self.set(name, entry["value"])
            else:
                unknown.append(name)
        return unknown

    def constrain(self) -> list[str]:
        """What PX4 lowers by itself after a change: speeds above MPC_XY_VEL_MAX; its sentences come back."""
        texts = []
        for name, what in (("MPC_XY_CRUISE", "Cruise"), ("MPC_VEL_MANUAL", "Manual")):
            if self[name] > self["MPC_XY_VEL_MAX"]:
                self.set(name, self["MPC_XY_VEL_MAX"])
                texts.append(f"{what} speed has been constrained by max speed\t")
        return texts

    @property
    def hash(self) -> float:
        """A CRC-32 of all names and values, its bits as a float's: PX4 answers `_HASH_CHECK` with one."""
        crc = 0
        for name in sorted(self._values):
            crc = zlib.crc32(name.encode() + struct.pack("<f", self.encoded(name)), crc)
        return float(struct.unpack("<f", struct.pack("<I", crc))[0])

    def mavlink_type(self, name: str) -> int:
        return int(mavlink.MAV_PARAM_TYPE_INT32 if self._is_int[name] else mavlink.MAV_PARAM_TYPE_REAL32)

    def encoded(self, name: str) -> float:
        value = self._values[name]
        return float_of_int(int(value)) if self._is_int[name] else float(value)

    def set_encoded(self, name: str, raw: float, mavlink_type: int) -> bool:
        """A PARAM_SET. PX4 ignores one whose type is not the parameter's own; False then."""
        if name not in self._values or mavlink_type != self.mavlink_type(name):
            return False
        self.set(name, int_of_float(raw) if self._is_int[name] else raw)
        return True

    def _typed(self, name: str, value: Value) -> Value:
        return int(value) if self._is_int[name] else float(value)

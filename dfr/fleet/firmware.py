"""An airframe's files in `firmware_configs/`: the safety parameters it must have, and what it can do."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from dfr.core.asset import Airframe
from dfr.core.energy import BatteryModel, PowerModel
from dfr.core.limits import AirframeLimits, Equipment
from dfr.core.stopping import Stopping

D = TypeVar("D", AirframeLimits, Equipment)
_FLOAT_DIGITS = 1e-5
"""PX4 keeps floats in 32 bits; equal means equal to five digits."""
AUTOPILOTS = ("px4", "ardupilot")
_POWER_ABOVE_0 = ("base_w", "hover_induced_mps", "max_airspeed_mps")
_POWER_FROM_0 = ("induced_w", "parasitic_w_per_mps3", "climb_j_per_m", "descent_j_per_m")
_BATTERY_ABOVE_0 = ("energy_wh", "capacity_mah", "cells", "full_cell_v", "empty_cell_v")


class FirmwareError(ValueError):
    """A file in `firmware_configs/` cannot be used; the message names the file and says why."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: an int is a PX4 INT32, a float a PX4 FLOAT. `breaks` says what happens when it differs."""

    name: str
    value: int | float
    unit: str
    reason: str
    breaks: str = ""
    reboot: bool = False
    """A new value is taken only after a restart of the autopilot."""


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """The safety parameters of an airframe, in the file's order."""

    airframe: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that is not on the aircraft as the file wants it. `found` None: the aircraft does not have it."""

    parameter: Parameter
    found: int | float | None
    airframe: str

    @property
    def sentence(self) -> str:
        """`NAV_DLL_ACT is 0 on the aircraft, 2 in x500_sitl: …`"""
        wanted, name = self.parameter.value, self.parameter.name
        unit = f" {self.parameter.unit}" if self.parameter.unit else ""
        if self.found is None:
            return (
                f"{name} is unknown to the aircraft; {self.airframe} needs it at {wanted:g}{unit}. Check its firmware."
            )
        breaks = self.parameter.breaks or self.parameter.reason
        return (
            f"{name} is {self.found:g} on the aircraft, {wanted:g}{unit} in {self.airframe}: {breaks} "
            f"Set it with `param set {name} {wanted:g}` or in the ground station."
        )


def load_parameters(folder: Path) -> ParameterFile:
    """`folder/parameters.toml`: a table a parameter, with value, unit, reason and (optional) breaks and reboot.

    Raises FirmwareError naming every fault of the file at once.
    """
    path = folder / "parameters.toml"
    parameters, faults = [], []
    for name, table in _read(path).items():
        try:
            parameters.append(_parameter(name, table))
        except FirmwareError as error:
            faults.append(str(error))
    if not parameters and not faults:
        faults.append("it holds no parameter")
    if faults:
        raise FirmwareError(f"{path}: {'; '.join(faults)}.")
    return ParameterFile(folder.name, tuple(parameters))


def _parameter(name: str, table: Any) -> Parameter:
    if not isinstance(table, dict):
        raise FirmwareError(f"{name} must be a table [{name}] with value, unit and reason")
    value, unit, reason = table.get("value"), table.get("unit"), table.get("reason")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FirmwareError(f"[{name}] needs a value that is a number, not {value!r}")
    if not isinstance(unit, str) or not isinstance(reason, str) or not reason.strip():
        raise FirmwareError(f"[{name}] needs a unit (may be empty) and a reason")
    if len(name) > 16:
        raise FirmwareError(f"[{name}] is longer than the 16 characters of a MAVLink parameter")
    reboot = table.get("reboot", False)
    if not isinstance(reboot, bool):
        raise FirmwareError(f"[{name}] reboot is true or false, not {reboot!r}")
    return Parameter(name, value, unit, reason.strip(), str(table.get("breaks", "")).strip(), reboot)


def load_airframe(folder: Path) -> Airframe:
    """`folder/airframe.toml`. Raises FirmwareError naming every fault of the file at once."""
    path = folder / "airframe.toml"
    table = _read(path)
    faults: list[str] = []
    speeds = _numbers(table, ("cruise_mps", "climb_mps", "descent_mps", "reserve_fraction"), (), "", faults)
    power = _numbers(_section(table, "power"), _POWER_ABOVE_0, _POWER_FROM_0, "[power] ", faults)
    battery = _numbers(_section(table, "battery"), _BATTERY_ABOVE_0, ("resistance_ohm",), "[battery] ", faults)
    if speeds.get("reserve_fraction", 0.0) >= 1.0:
        faults.append("reserve_fraction must be below 1")
    if battery.get("full_cell_v", 1.0) <= battery.get("empty_cell_v", 0.0):
        faults.append("[battery] full_cell_v must be above empty_cell_v")
    limits = _declared(table, "limits", AirframeLimits, faults)
    equipment = _declared(table, "equipment", Equipment, faults)
    stopping = _stopping(table, faults)
    autopilot = table.get("autopilot", "px4")
    if autopilot not in AUTOPILOTS:
        faults.append(f"autopilot must be one of {', '.join(AUTOPILOTS)}, not {autopilot!r}")
    extra = {name: float(table[name]) for name in ("lift_off_s", "fastest_mps") if _is_number(table.get(name))}
    if faults:
        raise FirmwareError(f"{path}: {'; '.join(faults)}.")
    cells = int(battery.pop("cells"))
    return Airframe(
        name=folder.name,
        power=PowerModel(**power, origin=_origin(table, "power")),
        battery=BatteryModel(**battery, cells=cells, origin=_origin(table, "battery")),
        limits=limits,
        equipment=equipment,
        stopping=stopping,
        autopilot=autopilot,
        **speeds,
        **extra,
    )


def _stopping(table: dict[str, Any], faults: list[str]) -> Stopping:
    """`[stopping]`: how it comes to rest; without it the defaults, at the fastest that legs are ordered with."""
    if "stopping" not in table:
        fastest = table.get("fastest_mps", table.get("cruise_mps"))
        return Stopping(fastest_mps=float(fastest)) if _is_number(fastest) and fastest is not None else Stopping()
    names = tuple(one.name for one in fields(Stopping))
    found = _numbers(_section(table, "stopping"), names, (), "[stopping] ", faults)
    return Stopping(**found) if len(found) == len(names) else Stopping()


def _section(table: dict[str, Any], name: str) -> dict[str, Any]:
    section = table.get(name, {})
    return section if isinstance(section, dict) else {}


def _origin(table: dict[str, Any], name: str) -> str:
    return str(_section(table, name).get("origin", ""))


def _numbers(
    table: dict[str, Any], above_0: tuple[str, ...], from_0: tuple[str, ...], where: str, faults: list[str]
) -> dict[str, float]:
    """The numbers of these names; a missing or unusable one is added to the faults."""
    found: dict[str, float] = {}
    for name in (*above_0, *from_0):
        value = table.get(name)
        number = float(value) if _is_number(value) and value is not None else -1.0
        if number > 0.0 or (number == 0.0 and name in from_0):
            found[name] = number
        else:
            faults.append(f"{where}{name} must be a number {'of at least' if name in from_0 else 'above'} 0")
    return found


def _declared(tables: dict[str, Any], section: str, kind: type[D], faults: list[str]) -> D:
    """A table of numbers and truths, such as `[limits]`; what it does not name keeps its default."""
    table = tables.get(section, {})
    known = {one.name: bool if isinstance(one.default, bool) else float for one in fields(kind)}
    if not isinstance(table, dict) or not table.keys() <= known.keys():
        faults.append(f"[{section}] is a table of {', '.join(known)}")
        return kind()
    wrong = [
        f"[{section}] {name} is {value!r}; it must be a {known[name].__name__}"
        for name, value in table.items()
        if not (isinstance(value, bool) if known[name] is bool else _is_number(value))
    ]
    faults += wrong
    values: dict[str, Any] = {name: known[name](value) for name, value in table.items()}
    return kind() if wrong else kind(**values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FirmwareError(f"{path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise FirmwareError(f"{path} is not TOML: {error}.") from error


def compare(file: ParameterFile, on_aircraft: Mapping[str, int | float]) -> tuple[Difference, ...]:
    """What differs; a parameter that is missing in `on_aircraft` differs too."""
    return tuple(_differences(file, on_aircraft))


def _differences(file: ParameterFile, on_aircraft: Mapping[str, int | float]) -> Iterable[Difference]:
    for parameter in file.parameters:
        found = on_aircraft.get(parameter.name)
        if found is None or not math.isclose(found, parameter.value, rel_tol=_FLOAT_DIGITS, abs_tol=_FLOAT_DIGITS):
            yield Difference(parameter, found, file.airframe)

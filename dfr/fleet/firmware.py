"""An airframe's files in `firmware_configs/`: the safety parameters it must have, and what it can do."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dfr.core.asset import Airframe
from dfr.core.limits import AirframeLimits

_FLOAT_DIGITS = 1e-5
"""PX4 keeps floats in 32 bits; equal means equal to five digits."""


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
    """`folder/parameters.toml`: a table a parameter, with value, unit, reason and (optional) breaks.

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
    return Parameter(name, value, unit, reason.strip(), str(table.get("breaks", "")).strip())


def load_airframe(folder: Path) -> Airframe:
    """`folder/airframe.toml`. Raises FirmwareError."""
    path = folder / "airframe.toml"
    table = _read(path)
    names = ("cruise_mps", "climb_mps", "descent_mps", "endurance_s", "reserve_fraction")
    bad = [name for name in names if not isinstance(table.get(name), int | float) or not table[name] > 0]
    if bad or not table["reserve_fraction"] < 1:
        raise FirmwareError(
            f"{path}: {', '.join(bad) or 'reserve_fraction'} must be a number above 0 (reserve_fraction below 1)."
        )
    cruise, climb, descent, endurance, reserve = (float(table[name]) for name in names)
    extra = {name: float(table[name]) for name in ("lift_off_s", "fastest_mps") if _is_number(table.get(name))}
    limits = _limits(table.get("limits"), path)
    return Airframe(folder.name, cruise, climb, descent, endurance, reserve, limits=limits, **extra)


def _limits(table: Any, path: Path) -> AirframeLimits:
    """`[limits]`: what it may be launched in; what it does not name keeps its default. Raises FirmwareError."""
    if table is None:
        return AirframeLimits()
    known = {one.name: bool if isinstance(one.default, bool) else float for one in fields(AirframeLimits)}
    if not isinstance(table, dict) or not table.keys() <= known.keys():
        raise FirmwareError(f"{path}: [limits] is a table of {', '.join(known)}.")
    for name, value in table.items():
        right = isinstance(value, bool) if known[name] is bool else _is_number(value)
        if not right:
            raise FirmwareError(f"{path}: [limits] {name} is {value!r}; it must be a {known[name].__name__}.")
    values: dict[str, Any] = {name: known[name](value) for name, value in table.items()}
    return AirframeLimits(**values)


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

"""QGroundControl's `.params` files: what its Parameters page loads and saves.

The format (QGroundControl, FactSystem/ParameterManager.cc): comments begin with #; a line a parameter, five fields
between tabs: vehicle id, component id, name, value, and the number of its MAV_PARAM_TYPE. PX4 has two: INT32 (6) and
REAL32 (9).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dfr.fleet.firmware import FirmwareError, Parameter, ParameterFile

INT32, REAL32 = 6, 9
_INT32_RANGE = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter of a `.params` file."""

    vehicle_id: int
    component_id: int
    name: str
    value: int | float


def to_qgc(file: ParameterFile, system_id: int = 1, component_id: int = 1) -> str:
    """The file's parameters as text for QGroundControl, which asks before it writes them to the vehicle `system_id`."""
    head = (
        f"# Onboard parameters for Vehicle {system_id}",
        "#",
        "# Stack: PX4 Pro",
        "# Vehicle: Multi-Rotor",
        f"# Airframe: {file.airframe} (safety parameters; what is not here is left as it is)",
        "#",
        "# Vehicle-Id Component-Id Name Value Type",
    )
    rows = (f"{system_id}\t{component_id}\t{_fields(parameter)}" for parameter in sorted(file.parameters, key=_name))
    return "\n".join((*head, *rows)) + "\n"


def _name(parameter: Parameter) -> str:
    return parameter.name


def _fields(parameter: Parameter) -> str:
    if isinstance(parameter.value, int):
        return f"{parameter.name}\t{parameter.value}\t{INT32}"
    return f"{parameter.name}\t{parameter.value:.18f}\t{REAL32}"


def from_qgc(lines: Iterable[str]) -> tuple[Line, ...]:
    """Read a `.params` file. Raises FirmwareError naming the line that is none."""
    return tuple(_line(number, text) for number, text in enumerate(lines, 1) if text.strip() and text[0] != "#")


def _line(number: int, text: str) -> Line:
    fields = text.rstrip("\r\n").split("\t")
    if len(fields) != 5:
        raise FirmwareError(f"Line {number} has {len(fields)} fields between tabs, not 5.")
    vehicle, component, name, value, kind = fields
    try:
        if int(kind) == REAL32:
            return Line(int(vehicle), int(component), name, float(value))
        if int(kind) == INT32 and int(value) in _INT32_RANGE:
            return Line(int(vehicle), int(component), name, int(value))
    except ValueError as error:
        raise FirmwareError(f"Line {number} holds something that is no number: {text.strip()!r}.") from error
    raise FirmwareError(f"Line {number}: {value} of type {kind} is neither an INT32 (6) nor a REAL32 (9).")

"""Mission Planner's `.param` files: what its Full Parameter List, MAVProxy and ArduPilot's own tools load.

The format (ardupilot.org, "Saving and loading parameter files"): a line a parameter, name and value with a comma
between; comments begin with #.
"""

from collections.abc import Iterable

from dfr.fleet.firmware import FirmwareError, ParameterFile

NAME_LENGTH = 16


def to_param(file: ParameterFile) -> str:
    """The file's parameters as text; what is not in it is left as it is on the aircraft."""
    head = f"# ArduPilot Copter, airframe {file.airframe} (safety parameters)"
    rows = sorted(f"{parameter.name},{parameter.value!r}" for parameter in file.parameters)
    return "\n".join((head, *rows)) + "\n"


def from_param(lines: Iterable[str]) -> dict[str, float]:
    """Read a `.param` file. Raises FirmwareError naming the line that is none."""
    found: dict[str, float] = {}
    for number, text in enumerate(lines, 1):
        line = text.split("#", 1)[0].strip()
        if not line:
            continue
        name, comma, value = line.partition(",")
        try:
            found[name.strip()] = float(value)
        except ValueError as error:
            raise FirmwareError(f"Line {number} is not a name and a number with a comma between: {line!r}.") from error
        if not comma or not 0 < len(name.strip()) <= NAME_LENGTH:
            raise FirmwareError(f"Line {number} holds no parameter's name: {line!r}.")
    return found

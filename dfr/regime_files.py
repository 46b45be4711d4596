"""Regimes as files: those that come with the service (`dfr/regimes/`), and a site's own in the same form."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dfr.core.geo import Agl
from dfr.core.regime import ControlledAirspace, NearStructure, Regime, RegimeLimits

SHIPPED = Path(__file__).resolve().parent / "regimes"
UNITS = {"m": 1.0, "ft": 0.3048, "km": 1000.0, "sm": 1609.344, "nm": 1852.0, "mps": 1.0, "kt": 1852.0 / 3600.0}
"""To metres, or to metres a second."""
Length = Literal["m", "ft", "km", "sm", "nm"]
Positive = Annotated[float, Field(gt=0)]


class RegimeError(ValueError):
    """A regime cannot be read: the file, and what is wrong with it."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    rule: str = Field(min_length=1)
    """Its source: nothing is refused that nobody asked for."""


class _LengthTable(_Table):
    value: Positive
    unit: Length


class _SpeedTable(_Table):
    value: Positive
    unit: Literal["mps", "kt"]


class _NearTable(_Table):
    above: Annotated[float, Field(ge=0)]
    within: Positive
    unit: Length


class _RequiredTable(_Table):
    required: bool


class _NightTable(_Table):
    allowed: bool


class _CountTable(_Table):
    value: Annotated[int, Field(ge=1)]


class _AirspaceTable(_Table):
    value: ControlledAirspace


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    greatest_height: _LengthTable | None = None
    near_structure: _NearTable | None = None
    greatest_speed: _SpeedTable | None = None
    least_visibility: _LengthTable | None = None
    least_below_cloud: _LengthTable | None = None
    night: _NightTable | None = None
    light: _LengthTable | None = None
    traffic_sensor: _RequiredTable | None = None
    most_aircraft_a_pilot: _CountTable | None = None
    remote_id: _RequiredTable | None = None
    controlled_airspace: _AirspaceTable | None = None
    farthest_from_pilot: _LengthTable | None = None
    tether: _RequiredTable | None = None


def shipped_regimes() -> tuple[str, ...]:
    """The ids of those that come with the service."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def load_regime(name: str, folder: Path) -> Regime:
    """A shipped regime by its id, or a site's own by the name of its .toml file in `folder`. Raises RegimeError."""
    path = folder / name if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(shipped_regimes())
        raise RegimeError(f"There is no regime {name!r}: name a .toml file of the site, or one of {known}.")
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegimeError(f"{path.name} cannot be read: {error}.") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(p) for p in fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise RegimeError(f"{path.name}: {faults}.") from error
    if file.near_structure is not None and file.greatest_height is None:
        raise RegimeError(f"{path.name}: near_structure without greatest_height: nothing limits a flight elsewhere.")
    rules = {name: table.rule for name, table in file if isinstance(table, _Table)}
    return Regime(path.stem, file.name, file.source, _limits(file), rules)


def _limits(file: _File) -> RegimeLimits:
    near, speed, most = file.near_structure, file.greatest_speed, file.most_aircraft_a_pilot
    airspace, height_m = file.controlled_airspace, _metres(file.greatest_height)
    return RegimeLimits(
        greatest_height=None if height_m is None else Agl(height_m),
        near_structure=None if near is None else _near(near),
        greatest_speed_mps=None if speed is None else speed.value * UNITS[speed.unit],
        least_visibility_m=_metres(file.least_visibility),
        least_below_cloud_m=_metres(file.least_below_cloud),
        night_allowed=file.night is None or file.night.allowed,
        light_visible_m=_metres(file.light),
        traffic_sensor_required=file.traffic_sensor is not None and file.traffic_sensor.required,
        most_aircraft_a_pilot=None if most is None else most.value,
        remote_id_required=file.remote_id is not None and file.remote_id.required,
        controlled_airspace=ControlledAirspace.FREE if airspace is None else airspace.value,
        farthest_from_pilot_m=_metres(file.farthest_from_pilot),
        tether_required=file.tether is not None and file.tether.required,
    )


def _metres(table: _LengthTable | None) -> float | None:
    return None if table is None else table.value * UNITS[table.unit]


def _near(table: _NearTable) -> NearStructure:
    return NearStructure(table.above * UNITS[table.unit], table.within * UNITS[table.unit])

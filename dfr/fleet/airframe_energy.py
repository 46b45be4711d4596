"""A flight log against an airframe's energy model: what it says in words, and the file with what was found."""

import re
from dataclasses import dataclass
from pathlib import Path

from dfr.airspace.energy_fit import Coefficient, Fit, fit_battery, fit_power
from dfr.core.asset import Airframe
from dfr.fleet.firmware import FirmwareError
from dfr.fleet.flight_log import read_log


@dataclass(frozen=True, slots=True)
class FittedLog:
    """What one flight says of its airframe. `lacks` are sentences."""

    log: str
    seconds: float
    power: Fit
    battery: Fit
    lacks: tuple[str, ...]

    @property
    def text(self) -> str:
        """For people: every coefficient with its error, the residuals, and what the log lacks."""
        lines = [f"{self.log}: {self.seconds:.0f} s in the air."]
        lines += ["[power]", *(_line(one) for one in self.power.coefficients)]
        lines.append(f"  left over: {self.power.residual:.3g} W (root mean square)")
        lines += ["[battery]", *(_line(one) for one in self.battery.coefficients)]
        if self.battery.residual:
            lines.append(f"  left over: {self.battery.residual:.3g} V (root mean square)")
        return "\n".join([*lines, *self.lacks])

    @property
    def found(self) -> dict[str, float]:
        """The coefficients that this flight tells."""
        every = (*self.power.coefficients, *self.battery.coefficients)
        return {one.name: one.value for one in every if one.error is not None}


def _line(one: Coefficient) -> str:
    error = "kept: the flight does not tell it" if one.error is None else f"+- {one.error:.2g}"
    return f"  {one.name:<22} {one.value:>10.4g}  {error}"


def fit_log(path: Path, airframe: Airframe) -> FittedLog:
    """Raises LogError."""
    samples, lacks = read_log(path, airframe.battery.energy_wh)
    power, battery = fit_power(samples, airframe.power), fit_battery(samples, airframe.battery)
    every = tuple(dict.fromkeys((*lacks, *power.lacks, *battery.lacks)))
    return FittedLog(path.name, samples.seconds, power, battery, every)


def rewrite(path: Path, fitted: FittedLog) -> None:
    """Put what was found into an airframe.toml; comments and what is not told stay. Raises FirmwareError."""
    try:
        text = path.read_text(encoding="utf-8")
        for name, value in fitted.found.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {float(f'{value:.5g}')!r}", text, flags=re.MULTILINE)
        told = {"power": fitted.power, "battery": fitted.battery}
        for section, fit in told.items():
            if any(one.error is not None for one in fit.coefficients):
                text = _with_origin(text, section, f"Fitted to {fitted.log}, {fitted.seconds:.0f} s in the air.")
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FirmwareError(f"{path} cannot be rewritten: {error.strerror}.") from error


def _with_origin(text: str, section: str, origin: str) -> str:
    return re.sub(rf'(?m)^(\[{section}\]\norigin = )".*"$', lambda found: f'{found[1]}"{origin}"', text)

"""How full a battery is by its gauge, its voltage under load and the charge drawn; the most pessimistic counts."""

from dataclasses import dataclass

from dfr.core.energy import BatteryModel
from dfr.core.telemetry import Battery

VOLTAGE_TOLERANCE = 0.15
"""A cell's voltage says its charge no better than this: it falls in a curve, and colder cells sag more."""
DRAWN_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Charge:
    """0 to 1 of full; `sentence` when it is not the gauge that says so."""

    fraction: float
    sentence: str = ""


def resting_cell_v(battery: Battery, model: BatteryModel, load_w: float) -> float | None:
    """A cell's voltage without the load; the current is that measured, else what `load_w` needs at this voltage."""
    if battery.voltage_v is None or battery.voltage_v <= 0.0:
        return None
    current_a = battery.current_a if battery.current_a is not None else load_w / battery.voltage_v
    return (battery.voltage_v + current_a * model.resistance_ohm) / model.cells


def reckon(battery: Battery, model: BatteryModel, load_w: float) -> Charge:
    """The charge to reckon with. Voltage and charge drawn count when they say clearly less than the gauge."""
    gauge = battery.remaining_fraction
    found = [Charge(gauge)]
    cell_v = resting_cell_v(battery, model, load_w)
    if cell_v is not None:
        by_voltage = _within((cell_v - model.empty_cell_v) / (model.full_cell_v - model.empty_cell_v))
        if by_voltage < gauge - VOLTAGE_TOLERANCE:
            sentence = (
                f"its voltage of {battery.voltage_v:.1f} V under load says {by_voltage:.0%}, its gauge {gauge:.0%}"
            )
            found.append(Charge(by_voltage, sentence))
    if battery.consumed_mah is not None:
        by_drawn = _within(1.0 - battery.consumed_mah / model.capacity_mah)
        if by_drawn < gauge - DRAWN_TOLERANCE:
            sentence = f"{battery.consumed_mah:.0f} mAh drawn leave {by_drawn:.0%}, its gauge says {gauge:.0%}"
            found.append(Charge(by_drawn, sentence))
    return min(found, key=lambda charge: charge.fraction)


def _within(fraction: float) -> float:
    return min(max(fraction, 0.0), 1.0)

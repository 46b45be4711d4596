"""Airframes for tests: a battery that hovers twenty minutes, whatever is flown."""

from dfr.core.asset import Airframe
from dfr.core.energy import BatteryModel, PowerModel

HOVER_W = 222.0
BATTERY = BatteryModel(74.0, 5000.0, 4, 4.05, 3.6, 0.0)


def airframe(name: str, cruise_mps: float, climb_mps: float, descent_mps: float, **power: float) -> Airframe:
    """`power` changes the PowerModel; without it every manoeuvre draws the same 222 W."""
    values = {
        "base_w": HOVER_W,
        "induced_w": 0.0,
        "parasitic_w_per_mps3": 0.0,
        "climb_j_per_m": 0.0,
        "descent_j_per_m": 0.0,
        "hover_induced_mps": 6.0,
        "max_airspeed_mps": 15.0,
    }
    return Airframe(name, cruise_mps, climb_mps, descent_mps, 0.2, PowerModel(**(values | power)), BATTERY)

"""Energy: what an airframe draws and its battery holds, the wind, and how long a flight may still go on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wind:
    """How the air moves over ground, metres a second: a wind from the north has a negative `north_mps`."""

    north_mps: float
    east_mps: float

    @property
    def speed_mps(self) -> float:
        return float((self.north_mps**2 + self.east_mps**2) ** 0.5)


@dataclass(frozen=True, slots=True)
class PowerModel:
    """Watts drawn from the battery, linear in its coefficients (`dfr.airspace.energy.power_w` has the formula)."""

    base_w: float
    """Drawn whatever is flown: electronics, payload, the rotors' profile drag."""
    induced_w: float
    """Of hovering, for pushing air down; less of it is needed in forward flight."""
    parasitic_w_per_mps3: float
    climb_j_per_m: float
    descent_j_per_m: float
    """What a metre of descent saves; planning does not count on it."""
    hover_induced_mps: float
    """Speed of the air pushed down while hovering: sqrt(weight / (2 * air density * rotor area))."""
    max_airspeed_mps: float
    origin: str = ""

    @property
    def hover_w(self) -> float:
        return self.base_w + self.induced_w


@dataclass(frozen=True, slots=True)
class BatteryModel:
    """The battery that an airframe flies with; `energy_wh` from full to what its autopilot calls 0 %."""

    energy_wh: float
    capacity_mah: float
    cells: int
    full_cell_v: float
    empty_cell_v: float
    """Of a cell at rest."""
    resistance_ohm: float
    """Of the whole battery with its leads: the voltage sags by this times the current."""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Endurance:
    """How long a flight may go on, of one moment; the most pessimistic of all that is known.

    Times are UTC seconds. `left_s` is negative when it should have turned for home already.
    """

    at_s: float
    left_s: float
    """Until it must turn for home, hovering where it is."""
    on_scene_s: float
    """What it will have on the scene if it flies on there now and comes straight home; `left_s` once it is there."""
    way_home_s: float
    """From turning to touchdown, landing included."""
    reach_m: float
    """How far from home it may be by the straight way out, and still come back; 0 when it must turn now."""
    charge_fraction: float
    """The battery as it is reckoned with: the most pessimistic of charge, voltage under load and charge drawn."""
    wind: Wind | None
    """The wind it is reckoned with; None: the site's worst case, against it both ways."""
    drain: float = 1.0
    """How much faster the battery empties than the model says; never below 1."""
    sentence: str = ""
    """What made it more pessimistic than the autopilot's own gauge; "" when nothing did."""

    @property
    def turn_by_s(self) -> float:
        """The point of no return: when it must turn for home at the latest."""
        return self.at_s + self.left_s

    @property
    def home_by_s(self) -> float:
        """When it is on the ground if it stays as long as it may."""
        return self.turn_by_s + self.way_home_s

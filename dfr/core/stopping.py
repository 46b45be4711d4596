"""How an aircraft comes to rest, and how far that carries it beyond the fence that it has on board."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stopping:
    """`[stopping]` of an airframe's `airframe.toml`. The defaults are for PX4's multicopter defaults, on the safe side.

    The way to rest is `reaction_s` at full speed and then an even deceleration: a figure that real stops stay within,
    whatever is flown.
    """

    reaction_s: float = 0.8
    """From the order's arrival on board until it slows down; the slow beginning of the slowing down (jerk) counted."""
    deceleration_mps2: float = 2.0
    fence_delay_s: float = 0.3
    """From crossing its own fence until it orders itself to stop."""
    fastest_mps: float = 12.0
    """Over ground, whoever flies it: what the autopilot's parameters allow at the most."""

    def way_m(self, speed_mps: float) -> float:
        """From the order's arrival on board to rest."""
        return speed_mps * self.reaction_s + speed_mps**2 / (2.0 * self.deceleration_mps2)

    def overshoot_m(self, speed_mps: float) -> float:
        """Beyond a fence that is crossed at this speed."""
        return speed_mps * self.fence_delay_s + self.way_m(speed_mps)

    @property
    def fence_overshoot_m(self) -> float:
        """How far beyond its own fence it comes to rest from its fastest, with no help from the ground."""
        return self.overshoot_m(self.fastest_mps)

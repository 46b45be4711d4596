"""What an airframe could do at best: no flight of it is there sooner, so every flight is measured against it."""

from dataclasses import dataclass

from dfr.airspace.energy import leg_seconds


@dataclass(frozen=True, slots=True)
class Performance:
    """The most that the autopilot's own parameters allow."""

    arming_s: float
    """From the order to lift until the rotors turn fast enough to lift (COM_SPOOLUP_TIME)."""
    climb_mps: float
    """MPC_Z_V_AUTO_UP."""
    speed_mps: float
    """Over ground (MPC_XY_CRUISE). MPC_XY_VEL_MAX above it is what control may use to catch up, not a speed that is
    flown: PX4's simulated quadrotor, asked for 15 m/s, keeps 9.8 (`tests/flight/px4_reference`, `speeds`)."""
    acceleration_mps2: float
    """Speeding up and stopping (MPC_ACC_HOR)."""


def fastest_seconds(performance: Performance, cleared_height_m: float, distance_m: float) -> float:
    """Arm, climb straight to the cleared height, fly there and stop, each at the most that there is:

        arming + height / climb + distance / speed + speed / acceleration

    The last two terms are speeding up evenly from standing, cruising, and stopping evenly; where the distance is
    shorter than speed² / acceleration they are 2 √(distance / acceleration). No jerk, no spool-up ramp, no turn of the
    nose, no message on its way, no camera: each of those counts against the flight that is measured.
    """
    over_ground_s = leg_seconds(distance_m, performance.speed_mps, performance.acceleration_mps2)
    return performance.arming_s + cleared_height_m / performance.climb_mps + over_ground_s

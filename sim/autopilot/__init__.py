"""The built-in autopilot: aircraft that speak MAVLink 2 over UDP and behave as PX4 does."""

from sim.autopilot.fleet import Fleet, running_fleet
from sim.autopilot.vehicle import Vehicle, VehicleSpec

__all__ = ["Fleet", "Vehicle", "VehicleSpec", "running_fleet"]

"""The driver for MAVLink aircraft, PX4 and ArduPilot Copter: `MavlinkFleet`."""

from dfr.fleet.mavlink.fleet import MavlinkFleet

__all__ = ["MavlinkFleet"]

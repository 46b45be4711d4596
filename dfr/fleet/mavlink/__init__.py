"""The driver for PX4 aircraft: `MavlinkFleet`."""

from dfr.fleet.mavlink.fleet import MavlinkFleet

__all__ = ["MavlinkFleet"]

"""The kinds of autopilots that this driver flies, by the `autopilot` of an airframe's file."""

from dfr.fleet.mavlink.ardupilot import ArduPilot
from dfr.fleet.mavlink.autopilot import Autopilot
from dfr.fleet.mavlink.px4 import Px4

PX4: Autopilot = Px4()
ARDUPILOT: Autopilot = ArduPilot()
KINDS: dict[str, Autopilot] = {"px4": PX4, "ardupilot": ARDUPILOT}
_NAMES = {0: "a generic autopilot", **{kind.number: kind.name for kind in KINDS.values()}}


def mismatch(heard: int | None, wanted: Autopilot) -> str:
    """ "" while HEARTBEAT's MAV_AUTOPILOT is that of the airframe's file, or was not heard; else a sentence."""
    if heard is None or heard == wanted.number:
        return ""
    there = _NAMES.get(heard, f"MAV_AUTOPILOT {heard}")
    return (
        f"The aircraft's autopilot is {there}, its airframe's file is {wanted.name}'s (`autopilot` in airframe.toml): "
        "its orders would mean something else, so it is not flown."
    )

"""Named things that go wrong with an aircraft on purpose.

To add one: a row in `FAULTS`, and the one `if` where it bites (search for `faults.active`).
"""

import math
import re
from dataclasses import dataclass

FAULTS: dict[str, str] = {
    "ack_never": "Commands are carried out, but no COMMAND_ACK is ever sent.",
    "ack_then_ignore": "Commands are acknowledged as ACCEPTED and then not carried out.",
    "ack_twice": "Every COMMAND_ACK is sent twice.",
    "ack_of_another": "Every COMMAND_ACK names another command than the one that was sent.",
    "upload_refused_at_item": "A fence upload is refused at its third item with MAV_MISSION_INVALID.",
    "upload_stops_half_way": "Half of a fence's items are asked for, and then no more, without a word.",
    "fence_upload_refused": "Every fence upload ends with MAV_MISSION_ERROR.",
    "fence_readback_differs": "A fence that is read back has its first point moved by about 11 m.",
    "fence_dropped": 'An uploaded fence is stored, then dropped with PX4\'s "Geofence invalid" text.',
    "parameters_kept": "A parameter that is set is answered with its old value and keeps it.",
    "link_drop": "Nothing is sent and nothing is heard on any link.",
    "uplink_lost": "Nothing is heard on any link; telemetry goes on.",
    "downlink_lost": "Nothing is sent on any link; what comes is heard and carried out.",
    "link_bad": "Every datagram is 0.3 s late, each way, and a fifth of them is lost.",
    "battery_sag": "Under load (while armed) the battery loses 2 % a second beyond its normal drain, down to empty.",
    "gps_lost": "The receiver loses its fix: the estimate runs on for 5 s, drifts, and the aircraft descends.",
    "gps_jump": "The position estimate jumps 60 m to the east and stays off.",
    "heading_unstable": "Arming is denied: the heading estimate is not stable.",
    "motor_fails": "A motor stops: the aircraft sinks, turning, whatever it is told.",
    "wind_12_mps": "A wind of 12 m/s blows from the west.",
    "clock_restarts": "The autopilot's clock begins anew at zero, as after a restart.",
    "id_twice": "A second autopilot with the same system id is heard on the same link, 500 m to the north.",
    "remote_id_bad": "The Remote ID module says that it is not good to arm.",
    "remote_id_silent": "The Remote ID module sends nothing.",
    "weak_cell": "The battery tells its cells apart, and one has 0.3 V less than the others.",
    "no_storage": "There is no storage for the log.",
    "not_armable": "Arming is denied for a health failure that never clears.",
}


PATTERN = re.compile(r"(?P<system_id>\d+):(?P<name>\w+)(@(?P<start>[\d.]+))?(\+(?P<lasts>[\d.]+))?")


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault of the command line, `SYSID:NAME[@START][+SECONDS]`, on the aircraft's clock (0 at its start)."""

    system_id: int
    name: str
    start_s: float = 0.0
    lasts_s: float = math.inf

    @classmethod
    def parse(cls, text: str) -> "FaultSpec":
        """Raises ValueError with a sentence."""
        found = PATTERN.fullmatch(text)
        if found is None or found["name"] not in FAULTS:
            known = ", ".join(FAULTS)
            raise ValueError(f"{text!r} is no fault: write SYSID:NAME[@START][+SECONDS] with NAME one of {known}.")
        return cls(
            int(found["system_id"]),
            found["name"],
            float(found["start"] or 0.0),
            float(found["lasts"] or math.inf),
        )


class Faults:
    """Which are in force now, on the aircraft's clock."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[float, float]] = {}

    def begin(self, name: str, start_s: float, lasts_s: float = math.inf) -> None:
        """Raises ValueError for a name that is not in `FAULTS`."""
        if name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}; there are {', '.join(FAULTS)}.")
        self._spans[name] = (start_s, start_s + lasts_s)

    def clear(self, name: str) -> None:
        self._spans.pop(name, None)

    @property
    def any(self) -> bool:
        """Whether one was ever asked for and not cleared."""
        return bool(self._spans)

    def active(self, name: str, now_s: float) -> bool:
        start, end = self._spans.get(name, (math.inf, 0.0))
        return start <= now_s < end

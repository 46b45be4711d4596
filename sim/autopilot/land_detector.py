"""Whether the aircraft stands on the ground: little thrust, asked to sink, and does not."""

from sim.autopilot.body import Body
from sim.autopilot.control import HOVER_SHARE
from sim.autopilot.parameters import Parameters

LOW_SHARE = 0.6
CONTACT_S = 1 / 3
LANDED_S = 2 / 3
ESTIMATE_S = 4.1
"""PX4's estimate of height and speed goes on sinking after the legs touch; this is the median of its flights."""


class LandDetector:
    """PX4's ladder: ground contact, then no thrust, then landed."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.restart()

    def restart(self) -> None:
        self._since_s: float | None = None
        self._cut = False

    def landed(self, body: Body, now_s: float) -> bool:
        """Ten times a second while it flies."""
        if not (self._cut and body.on_ground) and not self._contact(body):
            if self._cut:
                body.cut(False)
            self.restart()
            return False
        self._since_s = now_s if self._since_s is None else self._since_s
        if not self._cut and now_s - self._since_s >= CONTACT_S + ESTIMATE_S:
            self._cut = True
            body.cut(True)
        return now_s - self._since_s >= CONTACT_S + ESTIMATE_S + LANDED_S

    def _contact(self, body: Body) -> bool:
        least = float(self._parameters["MPC_THR_MIN"])
        sinks_mps = float(self._parameters["LNDMC_Z_VEL_MAX"])
        low = body.throttle <= least + (HOVER_SHARE - least) * LOW_SHARE
        moves = abs(body.velocity[2]) > sinks_mps or body.ground_speed_mps > self._parameters["LNDMC_XY_VEL_MAX"]
        return body.on_ground and low and not moves and body.sink_wanted_mps >= 1.1 * sinks_mps

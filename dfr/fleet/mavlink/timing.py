"""How long the driver waits for what. Wall-clock seconds: a simulator that runs faster only arrives sooner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    link_lost_s: float = 2.5
    """Nothing heard for this long: the link is lost."""
    ack_s: float = 0.7
    """After this, a command that was not acknowledged is sent again."""
    ack_tries: int = 4
    in_progress_s: float = 10.0
    """A command acknowledged as in progress may take this much longer."""
    mode_s: float = 6.0
    """The mode that belongs to an accepted order must be reported by then (a HEARTBEAT comes once a second)."""
    heartbeat_s: float = 1.5
    """A mode reported this long after an order is the mode that the order led to."""
    arm_s: float = 8.0
    """Arming that is rejected for now is asked again for this long."""
    arm_pause_s: float = 1.0
    resend_s: float = 5.0
    """An accepted flight that does not come nearer for this long is asked for once more."""
    stall_s: float = 15.0
    """A flight that has come no nearer for this long has failed."""
    slack_s: float = 20.0
    """Added to one and a half times the flying time: the deadline of a climb or a leg."""
    stop_s: float = 15.0
    """Hold: slower than 1 m/s by then."""
    camera_s: float = 8.0
    """The gimbal must look there by then."""
    fence_transfer_s: float = 20.0
    """An upload or a read-back of the fence, and for each of its items"""
    fence_item_s: float = 0.5
    """so much more: there and back on a slow radio that loses some."""
    fence_watch_s: float = 1.5
    """An autopilot says within this time that it does not take a stored fence."""
    parameter_s: float = 8.0
    """One parameter read (and asked for again meanwhile) or written."""
    parameters_again_s: float = 10.0
    """Parameters that could not be read, or differ, are read again this often: somebody may be setting them."""

"""Between the aircraft's links: what a camera says reaches the ground, and what the ground says to it, the camera.

As PX4 does (`Mavlink::forward_message`): a message to somebody goes out where that somebody was heard, a broadcast
everywhere, and what is for the autopilot alone stays here. PX4 keeps heartbeats to itself unless MAV_HB_FORW_EN says
otherwise, and out of the box it does say so.
"""

from collections.abc import Sequence
from typing import Any

from sim.autopilot.link import UdpLink

AUTOPILOT = 1


def forward(message: Any, source: UdpLink, links: Sequence[UdpLink]) -> None:
    """Hand one received message on to the other links."""
    sender = (message.get_srcSystem(), message.get_srcComponent())
    source.heard.add(sender)
    system, component = getattr(message, "target_system", 0), getattr(message, "target_component", 0)
    if system == source.codec.srcSystem and component == AUTOPILOT:
        return
    for link in links:
        if link is not source and _is_there(link, system, component):
            link.forward(bytes(message.get_msgbuf()))


def _is_there(link: UdpLink, system: int, component: int) -> bool:
    """Whether a component was heard there; system 0 is everybody, component 0 everybody of a system."""
    return system == 0 or any(heard[0] == system and component in (0, heard[1]) for heard in link.heard)

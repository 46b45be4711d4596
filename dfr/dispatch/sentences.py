"""What the flight says of itself after each event, and which events are its milestones."""

from dfr.core.flight import FlightState
from dfr.core.record import Severity
from dfr.dispatch.table import Event

_SENTENCES = {
    Event.FENCE_READY: "The fence is on board and verified; taking off.",
    Event.FENCE_FAILED: "The fence could not be put on board, so it does not launch.",
    Event.LAUNCH_REFUSED: "It did not launch.",
    Event.AIRBORNE: "In the air, clear of its dock; on the way to the scene.",
    Event.LAUNCH_FAILED: "The climb did not end as it should; it is called home.",
    Event.LEG_DONE: "Round a corner; on the way to the scene.",
    Event.ARRIVED: "In place; the camera is on its target.",
    Event.ORDER_FAILED: "An order was not carried out; it holds where it is.",
    Event.RETURN_FAILED: "It was told to return and does not yet; told again.",
    Event.PILOT_HOLD: "The pilot holds it.",
    Event.PILOT_RESUME: "The pilot lets it go on.",
    Event.PILOT_RETURN: "The pilot sends it home.",
    Event.PILOT_MOVE: "The pilot moves it.",
    Event.PILOT_FLY: "The pilot flies it by stick.",
    Event.STICK_OVER: "It holds where the stick left it.",
    Event.PILOT_ORBIT: "The pilot lets it circle.",
    Event.PILOT_LOOK: "The pilot turns the camera.",
    Event.INCIDENT_OVER: "Dispatch ended the incident; it goes home.",
    Event.GUARD_HOLD: "Stopped before the line.",
    Event.GUARD_RETURN: "Over the line; called home.",
    Event.POSITION_LOST: "Where it is, is not known any more; it holds if it can, and lands there if it cannot.",
    Event.MOTOR_FAILED: "A motor fails; its own failsafe lands it where it is. Warn people below.",
    Event.MOTOR_IGNORED: "A motor fails and the aircraft does nothing about it; it is called home.",
    Event.UPLINK_LOST: "It is heard but does not answer: orders do not reach it, and its own failsafe will act.",
    Event.STILL_SILENT: "Still not heard; told to return in case it hears us.",
    Event.NEVER_LIFTED: "On the ground, motors off; it never lifted off.",
    Event.TRAFFIC_HOLD: "It stops for traffic.",
    Event.TRAFFIC_DESCEND: "It goes down for traffic.",
    Event.TRAFFIC_RESUME: "Clear of traffic; it goes on.",
    Event.TRAFFIC_HOME: "Clear of traffic; it goes on home.",
    Event.ZONE_OVER: "A zone came into force where it flies; it goes out of it.",
    Event.ZONE_AHEAD: "A zone that came into force closes its way; it holds until the pilot decides.",
    Event.ZONE_BEHIND: (
        "A zone that came into force closes the straight way home: if the link is lost, its own Return leads through "
        "it. Bring it to where the way is clear."
    ),
    Event.ENERGY_LOW: "Time to go home for the battery.",
    Event.FAILSAFE: "It goes down or home without an order of this service, which leaves it alone.",
    Event.TAKEOVER: (
        "Somebody else flies it; this service watches and sends nothing, to the camera neither, until a pilot takes "
        "it back by Hold, Resume or Return."
    ),
    Event.LANDING_SEEN: "Landing.",
    Event.ON_GROUND: "On the ground, motors off.",
    Event.LINK_LOST: "Not heard any more; its own link-loss failsafe brings it home.",
    Event.LINK_BACK: "Heard again; it holds until the pilot decides.",
    Event.ADOPTED: "Taken over after a restart of the service.",
    Event.STILL_ON_GROUND: "The launch goes on after a restart of the service.",
}

CAMERA_ON_SCENE = "camera_on_scene"
"""The name of the time when the gimbal was first seen to point at what the flight came to look at."""

MILESTONES: dict[tuple[FlightState, Event | None], tuple[str, ...]] = {
    (FlightState.LAUNCHING, None): ("takeoff_sent",),
    (FlightState.EN_ROUTE, Event.AIRBORNE): ("airborne",),
    (FlightState.EN_ROUTE, Event.ADOPTED): ("airborne",),
    (FlightState.ON_SCENE, None): ("on_scene",),
    (FlightState.RETURNING, None): ("returning",),
    (FlightState.LANDING, None): ("landing",),
    (FlightState.COMPLETED, None): ("landed", "ended"),
    (FlightState.ABORTED, None): ("ended",),
}
"""Names of the flight's times that are set when it comes to a state (by a certain event, or by any)."""


def sentence_for(event: Event, why: str = "") -> str:
    """What the flight says after this event; `why` is what was seen, in words."""
    return f"{_SENTENCES[event]} {why}".strip()


CRITICAL = frozenset({
    Event.LINK_LOST, Event.GUARD_RETURN, Event.RETURN_FAILED, Event.FAILSAFE, Event.TAKEOVER, Event.POSITION_LOST,
    Event.MOTOR_FAILED, Event.MOTOR_IGNORED, Event.UPLINK_LOST, Event.STILL_SILENT, Event.TRAFFIC_HOLD,
    Event.TRAFFIC_DESCEND, Event.ZONE_OVER, Event.ZONE_AHEAD, Event.ZONE_BEHIND,
})  # fmt: skip


def severity_of(event: Event) -> Severity:
    """How loudly people are told of it."""
    if event in (Event.TRAFFIC_RESUME, Event.TRAFFIC_HOME):
        return Severity.NOTICE
    return Severity.CRITICAL if event in CRITICAL else Severity.WARNING

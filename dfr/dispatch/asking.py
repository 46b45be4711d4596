"""What a pilot asks, before it is done: what table and gate have against it; camera orders, which go out at once."""

from dataclasses import replace

from dfr.core.command import Origin, Request
from dfr.core.flight import Flight, FlightState
from dfr.core.pilot import PilotCommand
from dfr.core.record import RefusalSubject
from dfr.dispatch.camera import camera_command
from dfr.dispatch.gate import Refused, authorize
from dfr.dispatch.orders import CAMERA_EFFECTS, command_for
from dfr.dispatch.picture import Picture
from dfr.dispatch.pilot import Intent
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.resume import resume_reasons
from dfr.dispatch.sender import Sender
from dfr.dispatch.table import Event, step


def against(intent: Intent, picture: Picture, user: str, sender: Sender) -> tuple[str, ...]:
    """What table and gate have against a pilot's intent, before anything is changed."""
    move = step(intent.flight.state, intent.event)
    if not move.applies:
        state = intent.flight.state.replace("_", " ")
        return (f"That does nothing while the flight is {state}.",)
    after = replace(intent.flight, state=move.state)
    hypothetical = replace(picture, flights={**picture.flights, after.asset_id: after})
    reasons: list[str] = []
    if intent.event is Event.PILOT_RESUME and move.state is FlightState.EN_ROUTE:
        reasons += resume_reasons(after, hypothetical)
    for effect in move.effects:
        # A camera that cannot be turned is no reason against flying safely.
        if effect in CAMERA_EFFECTS and intent.event is not Event.PILOT_LOOK:
            continue
        context = replace(sender.context(after, picture.now_s, intent.orbit), fly=intent.fly)
        command = command_for(effect, after, context)
        if command is None:
            continue
        request = Request("asked", after.asset_id, command, Origin.PILOT, user, after.id)
        answer = authorize(request, hypothetical, picture.now_s)
        if isinstance(answer, Refused):
            reasons += answer.reasons
    return tuple(dict.fromkeys(reasons))


def camera_order(command: PilotCommand, flight: Flight, picture: Picture, user: str, sender: Sender) -> tuple[str, ...]:
    """What changes nothing of the flight goes to the gate at once. Raises NotDone with every reason."""
    now_s = picture.now_s
    order = camera_command(command, flight, picture)
    if not isinstance(order, tuple):
        refused = sender.order(flight.asset_id, order, Origin.PILOT, user, flight.id, now_s)
        if refused is None:
            return ()
        order = refused.reasons
    record = sender.refuse(RefusalSubject.COMMAND, "Command refused", order, user, flight, now_s)
    raise NotDone(RefusalKind.NOT_NOW, "Command refused", order, record)

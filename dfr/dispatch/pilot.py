"""What a pilot's command means for a flight: the changed flight, the event, and what is said. Pure."""

from dataclasses import dataclass, replace

from dfr.core.command import Fly
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.geo import Amsl, Position, Waypoint, destination
from dfr.core.pilot import LookTarget, Offset, PilotAction, PilotCommand
from dfr.dispatch.orders import OrbitWish
from dfr.dispatch.picture import Picture
from dfr.dispatch.stick import NO_HEADING, in_earth_frame
from dfr.dispatch.table import Event

_PLAIN_EVENTS = {
    PilotAction.HOLD: Event.PILOT_HOLD,
    PilotAction.RESUME: Event.PILOT_RESUME,
    PilotAction.RETURN: Event.PILOT_RETURN,
}


@dataclass(frozen=True, slots=True)
class Intent:
    """The flight as the pilot wants it, and the event that brings it about."""

    flight: Flight
    event: Event
    sentence: str = ""
    orbit: OrbitWish | None = None
    fly: Fly | None = None


def intent_of(command: PilotCommand, flight: Flight, picture: Picture) -> Intent | tuple[str, ...]:
    """The intent, or the sentences why the command cannot be understood as things stand."""
    match command.action:
        case PilotAction.MOVE:
            return _move(command, flight, picture)
        case PilotAction.FLY:
            return _fly(command, flight, picture)
        case PilotAction.ORBIT:
            return _orbit(command, flight)
        case PilotAction.LOOK:
            return _look(command, flight)
        case _:
            holding = command.action is PilotAction.HOLD
            activity = Activity.HOLD if holding else flight.activity
            return Intent(replace(flight, activity=activity), _PLAIN_EVENTS[command.action])


def _move(command: PilotCommand, flight: Flight, picture: Picture) -> Intent | tuple[str, ...]:
    here, home = picture.telemetry[flight.asset_id].position_now(picture.now_s), picture.home(flight.asset_id)
    if here is None or home is None:
        return ("Where the aircraft or its home is, is not known now; it cannot be moved.",)
    match command.to:
        case Offset(bearing_deg=bearing, distance_m=distance):
            place = destination(here.position, bearing, distance)
        case Position() as place:
            pass
        case None:
            place = here.position
    waypoint = Waypoint(place, _altitude(command, flight, here.altitude, home))
    height_m = waypoint.altitude.m - home.altitude.m
    moved = replace(flight, aside=waypoint, activity=Activity.MOVE)
    return Intent(moved, Event.PILOT_MOVE, f"To {place}, {height_m:.0f} m above take-off.")


def _fly(command: PilotCommand, flight: Flight, picture: Picture) -> Intent | tuple[str, ...]:
    here = picture.telemetry[flight.asset_id].position_now(picture.now_s)
    if here is None:
        return ("Where the aircraft is, is not known now; it cannot be flown by stick.",)
    fly = None if command.stick is None else in_earth_frame(command.stick, here)
    if fly is None:
        return (NO_HEADING,)
    return Intent(replace(flight, activity=Activity.FLY), Event.PILOT_FLY, fly=fly)


def _altitude(command: PilotCommand, flight: Flight, here: Amsl, home: Waypoint) -> Amsl:
    """What was asked for, or its own; not yet on scene it may still be climbing, and goes on to the way's altitude."""
    if command.height is not None:
        return Amsl(home.altitude.m + command.height.m)
    return here if flight.state is FlightState.ON_SCENE else max(here, flight.stand_off.altitude)


def _orbit(command: PilotCommand, flight: Flight) -> Intent | tuple[str, ...]:
    wish = OrbitWish(command.radius_m, command.speed_mps)
    return Intent(replace(flight, activity=Activity.ORBIT), Event.PILOT_ORBIT, orbit=wish)


def _look(command: PilotCommand, flight: Flight) -> Intent | tuple[str, ...]:
    match command.look_at:
        case Position() as place:
            return Intent(replace(flight, look_at=place), Event.PILOT_LOOK, f"At {place}.")
        case LookTarget.SCENE:
            return Intent(replace(flight, look_at=flight.scene), Event.PILOT_LOOK, "At the scene.")
        case LookTarget.HORIZON:
            return Intent(replace(flight, look_at=None), Event.PILOT_LOOK, "At the horizon.")
        case None:
            return ("Say what to look at: a place, the scene, or the horizon.",)

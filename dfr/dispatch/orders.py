"""What an effect of the flight table means as a command for this flight. Pure."""

from dataclasses import dataclass

from dfr.core.asset import Airframe
from dfr.core.command import (
    Command,
    GoTo,
    Hold,
    Launch,
    LookAt,
    LookAtHorizon,
    Orbit,
    ReturnHome,
    UploadFence,
)
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.dispatch.picture import FlightSettings
from dfr.dispatch.table import Effect


@dataclass(frozen=True, slots=True)
class OrbitWish:
    """How a pilot wants the orbit; None leaves it to the site."""

    radius_m: float | None = None
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class OrderContext:
    """What commands are made from besides the flight itself."""

    airframe: Airframe
    settings: FlightSettings
    fence: FencePlan | None
    home: Waypoint | None
    altitude: Amsl | None
    """The aircraft's own, now."""
    ground: Amsl
    """At the place to look at."""
    orbit: OrbitWish = OrbitWish()


CAMERA_EFFECTS = frozenset({Effect.LOOK_AT_HORIZON, Effect.LOOK_AT_TARGET})


def command_for(effect: Effect, flight: Flight, context: OrderContext) -> Command | None:
    """The command, or None when the effect sends nothing or what it needs is unknown."""
    match effect:
        case Effect.SEND_FENCE:
            return None if context.fence is None else UploadFence(context.fence)
        case Effect.SEND_LAUNCH:
            return None if context.home is None else Launch(_height(flight.route[0], context.home))
        case Effect.SEND_LEG | Effect.SEND_NEXT_LEG:
            return GoTo(flight.route[flight.leg], context.airframe.cruise_mps)
        case Effect.SEND_MOVE:
            return None if flight.aside is None else GoTo(flight.aside, context.airframe.cruise_mps)
        case Effect.SEND_ORBIT:
            return _orbit(flight, context)
        case Effect.SEND_HOLD:
            return Hold()
        case Effect.SEND_RETURN:
            return ReturnHome()
        case Effect.LOOK_AT_HORIZON:
            return LookAtHorizon()
        case Effect.LOOK_AT_TARGET:
            return LookAtHorizon() if flight.look_at is None else LookAt(flight.look_at, context.ground)
        case Effect.ALARM:
            return None


def looked_at(flight: Flight) -> Position:
    """What the flight is about: the pilot's target, or the scene."""
    return flight.look_at or flight.scene


def _height(waypoint: Waypoint, home: Waypoint) -> AboveTakeoff:
    return AboveTakeoff(waypoint.altitude.m - home.altitude.m)


def _orbit(flight: Flight, context: OrderContext) -> Orbit:
    settings, wish = context.settings, context.orbit
    return Orbit(
        center=looked_at(flight),
        altitude=context.altitude or flight.stand_off.altitude,
        radius_m=wish.radius_m or settings.orbit_radius_m,
        speed_mps=wish.speed_mps or settings.orbit_speed_mps,
    )

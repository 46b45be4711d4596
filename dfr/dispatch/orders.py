"""What an effect of the flight table means as a command for this flight. Pure."""

from dataclasses import dataclass

from dfr.airspace.corners import CORNER_M
from dfr.airspace.reach import LEAST_ABOVE_DOCK_M
from dfr.core.asset import Airframe
from dfr.core.command import (
    Command,
    Fly,
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
from dfr.core.regime import NO_REGIME, Regime
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
    regime: Regime = NO_REGIME
    """That of the flight: nothing is ordered faster than it allows."""
    orbit: OrbitWish = OrbitWish()
    aside: Waypoint | None = None
    """Out of the way of traffic or out of a zone, or back."""
    fly: Fly | None = None
    """What the pilot's stick asks for."""

    def most(self, speed_mps: float) -> float:
        """A speed, or the greatest that the regime allows where that is less."""
        most_mps = self.regime.limits.greatest_speed_mps
        return speed_mps if most_mps is None else min(speed_mps, most_mps)


LEAST_LEFT_M = 2.0
"""A climb goes on along the first leg only when so much of it is left."""

CAMERA_EFFECTS = frozenset({Effect.LOOK_AT_HORIZON, Effect.LOOK_AT_TARGET})


def command_for(effect: Effect, flight: Flight, context: OrderContext) -> Command | None:
    """The command, or None when the effect sends nothing or what it needs is unknown."""
    match effect:
        case Effect.SEND_FENCE:
            return None if context.fence is None else UploadFence(context.fence)
        case Effect.SEND_LAUNCH:
            return None if context.home is None else _launch(flight, context.home)
        case Effect.SEND_LEG | Effect.SEND_NEXT_LEG:
            return _leg(flight, context)
        case Effect.SEND_MOVE:
            return None if flight.aside is None else GoTo(flight.aside, context.most(context.airframe.asked_mps))
        case Effect.SEND_FLY:
            return context.fly
        case Effect.SEND_ORBIT:
            return _orbit(flight, context)
        case Effect.SEND_ASIDE:
            return Hold() if context.aside is None else GoTo(context.aside, context.most(context.airframe.cruise_mps))
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


def _launch(flight: Flight, home: Waypoint) -> Launch:
    height = AboveTakeoff(flight.route[0].altitude.m - home.altitude.m)
    if flight.clear_altitude is None:
        return Launch(height)
    # The aircraft's own home may lie a little higher or lower than the surveyed dock.
    clear_m = max(flight.clear_altitude.m - home.altitude.m, LEAST_ABOVE_DOCK_M)
    # An autopilot ends its climb up to a metre below: a height so near to the end would never be seen.
    return Launch(height, AboveTakeoff(clear_m) if clear_m < height.m - LEAST_LEFT_M else None)


def _leg(flight: Flight, context: OrderContext) -> GoTo:
    """The last leg ends at the stand-off; at a corner the next leg begins where the corner may be cut from."""
    if flight.leg >= len(flight.route) - 1:
        radius_m = context.settings.arrival_radius_m
    else:
        radius_m = flight.passing_m[flight.leg] if flight.leg < len(flight.passing_m) else CORNER_M
    return GoTo(flight.route[flight.leg], context.most(context.airframe.asked_mps), radius_m)


def _orbit(flight: Flight, context: OrderContext) -> Orbit:
    settings, wish = context.settings, context.orbit
    return Orbit(
        center=looked_at(flight),
        altitude=context.altitude or flight.stand_off.altitude,
        radius_m=wish.radius_m or settings.orbit_radius_m,
        speed_mps=wish.speed_mps or context.most(settings.orbit_speed_mps),
    )

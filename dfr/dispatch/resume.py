"""Whether a stopped flight may go on from where it is: not from so low that the guard would stop it again."""

import math

from shapely.geometry import LineString

from dfr.airspace.climb import TOO_LOW_M, clear_altitude
from dfr.core.flight import Flight
from dfr.core.geo import Amsl
from dfr.dispatch.picture import Picture


def resume_reasons(flight: Flight, picture: Picture) -> tuple[str, ...]:
    """The sentence that says how high it must be first; () when it may go on to its leg's end.

    PX4 flies there in one straight line, climbing evenly: all of that line must keep the least height.
    """
    here, home = picture.telemetry[flight.asset_id].position_now(picture.now_s), picture.home(flight.asset_id)
    if here is None or home is None or not flight.route:
        return ()  # the gate says so
    site = picture.site
    end, least = flight.route[flight.leg], site.settings.minimum_height
    frame = site.airspace.frame
    leg = LineString([frame.to_local(here.position), frame.to_local(end.position)])
    needed = clear_altitude(site.airspace, leg, end.altitude, least, Amsl(-math.inf), end.altitude)
    missing_m = needed.m - here.altitude.m
    if missing_m <= TOO_LOW_M:
        return ()
    name = site.assets[flight.asset_id].name
    return (
        f"{name} is {missing_m:.0f} m too low to go on: the way to the scene keeps {least.m:.0f} m above the highest "
        f"that the ground may reach. Send it up to {math.ceil(needed.m - home.altitude.m)} m above take-off first, "
        "then resume.",
    )

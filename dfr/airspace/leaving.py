"""Whether a way leads an aircraft that is where it may not be only outwards."""

import numpy as np
import shapely
from shapely.geometry import LineString

from dfr.airspace.airspace import Airspace, samples
from dfr.core.geo import Amsl, Waypoint

_STEP_M = 2.0
_WOBBLE_M = 0.1
_SPARE_M = 0.01


def rest_of_way_out(airspace: Airspace, here: Waypoint, target: Waypoint) -> tuple[Waypoint, Waypoint] | None:
    """The part of the straight way that is left once it is clear, for a way that leads only outwards until then.

    None for any other: one that begins clear, goes deeper in, does not get out, or comes in again.
    """
    line = LineString((airspace.frame.to_local(here.position), airspace.frame.to_local(target.position)))
    if line.length == 0.0:
        return None
    least_m = airspace.kept_m + _SPARE_M
    # The ends first: most ways begin clear or end outside, and to ask for all of a long way outside takes seconds.
    start_m, end_m = airspace.border_distances(np.asarray(shapely.points(line.coords)))
    if start_m >= least_m or end_m < least_m:
        return None
    places = samples(line, _STEP_M)
    distances_m = airspace.border_distances(np.asarray(shapely.points(places)))
    clear = distances_m >= least_m
    first = int(np.argmax(clear))
    outwards = bool(np.all(np.diff(distances_m[: first + 1]) > -_WOBBLE_M))
    if not outwards or not bool(np.all(clear[first:])):
        return None
    share = first / (len(places) - 1)
    altitude = Amsl(here.altitude.m + share * (target.altitude.m - here.altitude.m))
    return Waypoint(airspace.frame.to_position(*(float(value) for value in places[first])), altitude), target

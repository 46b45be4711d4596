"""Why there is no way to a scene, in words: which zones close it, and where one may hold instead. Pure."""

from shapely.geometry import LineString, Point

from dfr.airspace.airspace import Airspace, Lid
from dfr.airspace.reach import LEAST_ABOVE_DOCK_M, Room
from dfr.airspace.refusal import named
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray, Position, Waypoint, bearing_deg, distance_m
from dfr.core.zone import Zone

_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def why_not_the_scene(airspace: Airspace, scene: Position) -> str:
    """The sentence when the scene itself is outside or forbidden, even where it could be seen from outside; else ""."""
    if not airspace.ground.knows(scene):
        return "the height of the ground at the scene is not known, so none above it can be kept."
    if airspace.border_distance(Point(airspace.frame.to_local(scene))) >= 0.0:
        return ""
    return airspace.point(Waypoint(scene, Amsl(0.0)), "the scene").sideways.reasons[0]


def why_closed(
    airspace: Airspace,
    room: Room,
    home: Waypoint,
    scene: Position,
    stand_offs: FloatArray,
    minimum_height: Agl,
    return_height: AboveTakeoff,
) -> str:
    """Why none of the stand-offs can be reached and come home from: said of the one that the fewest zones close.

    Without the zones that it names there would be a straight way there and home again.
    """
    dock = airspace.frame.to_local(home.position)
    lines = [LineString((dock, place)) for place in stand_offs]
    closing = [airspace.closed_by(line) if not airspace.open.covers(line) else [] for line in lines]
    best = min(range(len(lines)), key=lambda index: len(closing[index]))
    if closing[best]:
        return _closed(airspace, lines[best], closing[best])
    line = lines[best]
    lid = airspace.lid_over(line)
    floor_m = max(
        float(airspace.highest_ground(line).m + minimum_height.m),
        home.altitude.m + LEAST_ABOVE_DOCK_M,
    )
    if floor_m > lid.altitude.m:
        return _too_low(lid, floor_m, minimum_height)
    return_m = max(floor_m, home.altitude.m + return_height.m)
    if return_m > lid.altitude.m:
        return (
            f"if the link is lost, Return flies home at {return_m:.0f} m above sea level, and {_whose(lid)} on its way "
            f"allows {lid.altitude.m:.0f} m."
        )
    published = airspace.published_lid(line)
    return (
        f"beyond the fence on board of an aircraft of this dock, which leaves {room.top.m - home.altitude.m:.0f} m "
        f"above the dock: on the way {_whose(published)} allows {published.altitude.m - home.altitude.m:.0f} m above "
        f"it and the ground asks for {floor_m - home.altitude.m:.0f} m."
    )


def nearest_sentence(nearest: Position | None, scene: Position) -> str:
    """`Nearest place you may hold: 410 m south, 32.14012 N 110.93000 W.`"""
    if nearest is None:
        return "There is no place on the way where you may hold."
    wind = _WINDS[round(bearing_deg(scene, nearest) / 45.0) % 8]
    return f"Nearest place you may hold: {distance_m(scene, nearest):.0f} m {wind}, {_spoken(nearest)}."


def _closed(airspace: Airspace, line: LineString, closing: list[Zone]) -> str:
    names = _listed([named(zone) for zone in closing])
    if _connected(airspace, line):
        return (
            f"the straight way there and home is closed by {names}. There is a way round, but if the link is lost "
            "there the aircraft's own Return flies straight, through it, and no rally point is nearer."
        )
    return f"the way is closed by {names}."


def _connected(airspace: Airspace, line: LineString) -> bool:
    ends = [Point(line.coords[0]), Point(line.coords[-1])]
    parts = getattr(airspace.open, "geoms", [airspace.open])
    return any(all(part.covers(end) for end in ends) for part in parts)


def _too_low(lid: Lid, floor_m: float, minimum_height: Agl) -> str:
    return (
        f"too low a ceiling on the way: {_whose(lid)} keeps the flight below {lid.altitude.m:.0f} m above sea level, "
        f"the errors of altitude and ground taken off; {minimum_height.m:.0f} m above the highest on the way needs "
        f"{floor_m:.0f} m."
    )


def _whose(lid: Lid) -> str:
    return named(lid.zone) if lid.zone else lid.name


def _spoken(position: Position) -> str:
    north = "N" if position.latitude_deg >= 0.0 else "S"
    east = "E" if position.longitude_deg >= 0.0 else "W"
    return f"{abs(position.latitude_deg):.5f} {north} {abs(position.longitude_deg):.5f} {east}"


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"

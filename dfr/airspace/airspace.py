"""Where it may fly: the zones of a site as one thing that can be asked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.ground import Ground
from dfr.airspace.layers import Layer
from dfr.airspace.verdict import AirspaceError, Verdict
from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid, LocalFrame, Position, Waypoint
from dfr.core.zone import Zone, ZoneKind, altitude_text

DEFAULT_CEILING = Agl(121.92)
"""400 ft (14 CFR 107.51)."""

_SAMPLE_M = 50.0
"""Heights above ground are looked at this often along a line; the ground's error covers what lies between."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a flight keeps below at one place: as published, above ground, and whose it is (None: the site's default)."""

    height: Agl
    name: str
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class Lid:
    """The highest altitude allowed at a place or along a line, everything that is kept to the ceiling taken off."""

    altitude: Amsl
    name: str
    zone: Zone | None
    east_m: float
    north_m: float


class Airspace:
    """The zones of a site, judged together. Immutable; a changed set of zones makes a new one.

    Sideways: inside the union of the operating areas, outside every no-fly zone, margin_m kept to both.
    Upwards: below the lowest of the ceilings that apply there, less height_margin_m for the aircraft's own altitude and,
    where the ceiling is above ground, less the error of the ground. A ceiling reaches margin_m beyond its border.
    A no-fly zone that has a bottom is a ceiling at that bottom; the top of a no-fly zone is not used, for nothing is
    planned above one. Raises AirspaceError when the zones cannot be judged.
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        ground: Ground,
        origin: Position,
        margin_m: float = 15.0,
        *,
        height_margin_m: float = 5.0,
        default_ceiling: Agl = DEFAULT_CEILING,
    ) -> None:
        self.zones = tuple(zones)
        self.ground = ground
        self.frame = LocalFrame(origin)
        self.margin_m = margin_m
        self.height_margin_m = height_margin_m
        self.default_ceiling = default_ceiling
        _refuse_what_cannot_be_judged(self.zones)
        self.operating = Layer((z for z in self.zones if z.kind is ZoneKind.OPERATING_AREA), self.frame)
        self.forbidden = Layer((z for z in self.zones if z.kind is ZoneKind.NO_FLY and z.bottom is None), self.frame)
        self.lids = Layer((z for z in self.zones if _lid_of(z) is not None), self.frame)
        self.privacy = Layer((z for z in self.zones if z.kind is ZoneKind.PRIVACY), self.frame)
        self._all = Layer(self.zones, self.frame)
        self.free = self.operating.union().difference(self.forbidden.union())
        """Where something may be at all, in metres, before the margin."""
        self.open = self.free.buffer(-margin_m)
        """Where something may be planned: `free` less the margin."""
        shapely.prepare(self.free)
        shapely.prepare(self.open)

    def zones_of(self, kind: ZoneKind) -> tuple[Zone, ...]:
        return tuple(zone for zone in self.zones if zone.kind is kind)

    def zones_at(self, position: Position, kind: ZoneKind | None = None) -> tuple[Zone, ...]:
        """The zones that contain a place, whatever their heights; of one kind when it is given."""
        found = self._all.within(Point(self.frame.to_local(position)), 0.0)
        return tuple(zone for zone, _ in found if kind is None or zone.kind is kind)

    def point(self, waypoint: Waypoint, subject: str = "The place") -> Verdict:
        """May an aircraft be at this place in the air? `subject` begins the sentences of the refusal."""
        place = Point(self.frame.to_local(waypoint.position))
        verdict = self._sideways(place, subject)
        lid = self.lid_over(place)
        return _together(verdict, self._upwards(lid, waypoint.altitude, lid.altitude.m - waypoint.altitude.m, subject))

    def segment(self, a: Waypoint, b: Waypoint, subject: str = "The way") -> Verdict:
        """May an aircraft fly straight from a to b, its altitude changing evenly?

        An aircraft that stands inside the margin, but not outside the border itself, may leave it by the short way.
        """
        start, end = self.frame.to_local(a.position), self.frame.to_local(b.position)
        line = LineString((start, end))
        if line.length == 0.0:
            return self.point(Waypoint(a.position, max(a.altitude, b.altitude)), subject)
        verdict = self._sideways(self._without_way_out(line), subject)
        lowest: tuple[float, Lid, Amsl] | None = None
        for lid in self._lids_along(line):
            along = math.dist(start, (lid.east_m, lid.north_m)) / line.length
            altitude = Amsl(a.altitude.m + (b.altitude.m - a.altitude.m) * along)
            left_m = lid.altitude.m - altitude.m
            if lowest is None or left_m < lowest[0]:
                lowest = (left_m, lid, altitude)
        assert lowest is not None
        return _together(verdict, self._upwards(lowest[1], lowest[2], lowest[0], subject))

    def ceiling_at(self, position: Position) -> Ceiling | None:
        """The lowest ceiling at a place, as published and turned into a height above ground; None where nothing flies."""
        place = Point(self.frame.to_local(position))
        if not self.free.covers(place):
            return None
        ground_m = self.ground.altitude(position).m
        ceiling = Ceiling(self.default_ceiling, "the limit of this site")
        for zone, _ in self.lids.within(place, 0.0):
            top = _lid_of(zone)
            height_m = top.m if isinstance(top, Agl) else (top.m - ground_m if top is not None else math.inf)
            if height_m < ceiling.height.m:
                ceiling = Ceiling(Agl(height_m), zone.name, zone)
        return ceiling

    def lid_over(self, place: BaseGeometry) -> Lid:
        """The lowest lid over a point or a line, in local metres."""
        return min(self._lids_along(place), key=lambda lid: lid.altitude)

    def highest_ground(self, place: BaseGeometry) -> Amsl:
        """The highest that the ground may reach beneath a point or a line: interpolated, plus its error."""
        heights_m = [self._ground_m(east, north) for east, north in _samples(place)]
        return Amsl(max(heights_m) + self.ground.error_m)

    def border_distance(self, place: BaseGeometry) -> float:
        """The least distance of a point or a line to the border itself, margin not taken off; negative outside."""
        beyond_m = _farthest_m(place, self.free)
        return -beyond_m if beyond_m > 0.0 else float(place.distance(self.free.boundary))

    def published_lid(self, place: BaseGeometry) -> Lid:
        """The lowest lid over a point or a line with nothing taken off but the error of the ground."""
        lid = self.lid_over(place)
        return replace(lid, altitude=Amsl(lid.altitude.m + self.height_margin_m))

    def closed_by(self, place: BaseGeometry) -> list[Zone]:
        """The zones that keep a point or a line out sideways, the one that is entered first."""
        closing = [zone for zone, _ in self.forbidden.within(place, self.margin_m)]
        inside = self.operating.union().buffer(-self.margin_m)
        return closing if inside.covers(place) else [*closing, *self.operating.zones]

    def _sideways(self, place: BaseGeometry, subject: str) -> Verdict:
        if self.open.covers(place):
            return Verdict(True, place.distance(self.free.boundary) - self.margin_m)
        inside_m = _farthest_m(place, self.free)
        beyond_m = max(_farthest_m(place, self.open), 0.0)
        closing = self.forbidden.within(place, self.margin_m)
        reasons = [self._too_near(zone, place, shape, subject) for zone, shape in closing[:3]]
        if not closing:
            names = " and ".join(zone.name for zone in self.operating.zones)
            how = f"{inside_m:.0f} m outside" if inside_m > 0.0 else f"less than {self.margin_m:.0f} m from the edge of"
            reasons = [f"{subject} is {how} the operating area {names}."]
        zone_id = closing[0][0].id if closing else self.operating.zones[0].id
        return Verdict(False, -beyond_m, tuple(reasons), zone_id)

    def _too_near(self, zone: Zone, place: BaseGeometry, shape: BaseGeometry, subject: str) -> str:
        note = f" ({zone.note})" if zone.note else ""
        distance_m = place.distance(shape)
        if distance_m > 0.0:
            return f"{subject} is {distance_m:.0f} m from {zone.name}{note}; {self.margin_m:.0f} m are kept to it."
        if isinstance(place, Point):
            return f"{subject} is {place.distance(self.free):.0f} m inside {zone.name}{note}."
        return f"{subject} goes {place.intersection(shape).length:.0f} m through {zone.name}{note}."

    def _upwards(self, lid: Lid, altitude: Amsl, left_m: float, subject: str) -> Verdict:
        zone_id = lid.zone.id if lid.zone else None
        if left_m >= 0.0:
            return Verdict(True, left_m, (), zone_id)
        top = _lid_of(lid.zone) if lid.zone else self.default_ceiling
        assert top is not None
        note = f" ({lid.zone.note})" if lid.zone and lid.zone.note else ""
        kept = f"{self.height_margin_m:.0f} m for the aircraft's altitude"
        if isinstance(top, Agl):
            kept += f" and {self.ground.error_m:.0f} m for the ground's"
        ground_m = self._ground_m(lid.east_m, lid.north_m)
        reason = (
            f"{subject} is {-left_m:.0f} m too high at {altitude.m - ground_m:.0f} m above ground: {lid.name}{note} "
            f"allows {altitude_text(top)}, less {kept}."
        )
        return Verdict(False, left_m, (reason,), zone_id)

    def _without_way_out(self, line: LineString) -> BaseGeometry:
        """The line without its beginning, where that only leaves the margin that the aircraft already stands in."""
        start = Point(line.coords[0])
        if self.open.covers(start) or not self.free.covers(start):
            return line
        rest = line.intersection(self.open)
        way_out = line.difference(self.open)
        if rest.is_empty or way_out.geom_type != "LineString" or way_out.length > 3.0 * self.margin_m:
            return line
        return rest if self.free.covers(way_out) and way_out.distance(start) == 0.0 else line

    def _lids_along(self, place: BaseGeometry) -> list[Lid]:
        found = [self._lid(east, north, None) for east, north in _samples(place)]
        for zone, shape in self.lids.within(place, self.margin_m):
            beneath = place.intersection(shape.buffer(self.margin_m + 0.01))
            found += [self._lid(east, north, zone) for east, north in _samples(beneath)]
        return found

    def _lid(self, east_m: float, north_m: float, zone: Zone | None) -> Lid:
        top = _lid_of(zone) if zone else self.default_ceiling
        name = zone.name if zone else "the limit of this site"
        assert isinstance(top, Agl | Amsl)
        altitude_m = top.m - self.height_margin_m
        if isinstance(top, Agl):
            altitude_m += self._ground_m(east_m, north_m) - self.ground.error_m
        return Lid(Amsl(altitude_m), name, zone, east_m, north_m)

    def _ground_m(self, east_m: float, north_m: float) -> float:
        return self.ground.altitude(self.frame.to_position(east_m, north_m)).m


def _lid_of(zone: Zone | None) -> Altitude | None:
    """What a flight keeps below inside this zone; None when the zone sets no height."""
    if zone is None:
        return None
    if zone.kind is ZoneKind.CEILING:
        return zone.top
    return zone.bottom if zone.kind is ZoneKind.NO_FLY else None


def _refuse_what_cannot_be_judged(zones: Sequence[Zone]) -> None:
    if not any(zone.kind is ZoneKind.OPERATING_AREA for zone in zones):
        raise AirspaceError("The site has no operating area, so nothing may fly: add a zone of kind operating_area.")
    for zone in zones:
        if zone.kind is ZoneKind.CEILING and zone.top is None:
            raise AirspaceError(f"The ceiling zone {zone.name} has no top: give it top_m and top_datum.")
        if isinstance(_lid_of(zone), AboveTakeoff | Ellipsoid):
            raise AirspaceError(
                f"{zone.name} gives its height {altitude_text(_lid_of(zone) or Agl(0.0)).split(' m ')[1]}, which is another "
                "height above the ground at each dock or needs a geoid model: give it above ground or mean sea level."
            )


def _samples(place: BaseGeometry) -> list[tuple[float, float]]:
    if place.is_empty:
        return []
    points = shapely.get_coordinates(shapely.segmentize(place, _SAMPLE_M))
    return [(float(east), float(north)) for east, north in points]


def _farthest_m(place: BaseGeometry, area: BaseGeometry) -> float:
    """How far a point or a line is outside an area at most; 0 when it is covered."""
    outside = place.difference(area)
    if outside.is_empty:
        return 0.0
    return max(area.distance(Point(sample)) for sample in _samples(outside))


def _together(sideways: Verdict, upwards: Verdict) -> Verdict:
    """Both must allow it; the smaller margin counts, and names the zone."""
    nearest = min((sideways, upwards), key=lambda verdict: verdict.margin_m)
    allowed = sideways.allowed and upwards.allowed
    return Verdict(allowed, nearest.margin_m, sideways.reasons + upwards.reasons, nearest.zone_id)

"""Where it may fly: the zones of a site as one thing that can be asked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.ground import Ground
from dfr.airspace.layers import IntArray, Layer
from dfr.airspace.structures import Structures
from dfr.airspace.verdict import AirspaceError, Verdict
from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid, FloatArray, LocalFrame, Position, Waypoint
from dfr.core.zone import Zone, ZoneKind, altitude_text

DEFAULT_CEILING = Agl(121.92)
"""400 ft (14 CFR 107.51)."""

_DEFAULT_NAME = "the limit of this site"
_SAMPLE_M = 50.0
"""Ceilings above ground are looked at this often along a line; the ground's error covers what lies between."""
GROUND_STEP_M = 5.0
"""The ground under a way is looked at this often: between two such places a steep hill (2 in 5) rises by 1 m."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a flight keeps below at one place: as published, above ground, and whose it is (None: the site's own)."""

    height: Agl
    name: str
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class Lid:
    """The lowest ceiling over a place, as the highest altitude allowed there; everything that is kept is taken off."""

    altitude: Amsl
    name: str
    zone: Zone | None
    east_m: float
    north_m: float


@dataclass(frozen=True)
class _Profile:
    """Lids at sampled places: local metres, the altitude, and the index of the ceiling zone (-1: the default)."""

    places: FloatArray
    altitudes_m: FloatArray
    zones: IntArray


class Airspace:
    """The zones of a site, judged together. Immutable; a changed set of zones makes a new one.

    Sideways: inside the union of the operating areas and outside every no-fly zone. margin_m is kept to both by all
    means: there is the fence on board. Places and ways that are judged keep clearance_m more, so that a flight that
    goes well never touches that fence.
    Upwards: below the lowest of the ceilings that apply there, less height_margin_m for the aircraft's own altitude
    and, where the ceiling is above ground, less the error of the ground. A ceiling reaches margin_m beyond its border.
    A no-fly zone that has a bottom is a ceiling at that bottom; the top of a no-fly zone is not used, for nothing is
    planned above one. Downwards: above ground and structures (`floors_m`). Where the ground is not known its ceilings
    are beneath everything and its floors above. Raises AirspaceError when the zones cannot be judged.
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        ground: Ground,
        origin: Position,
        margin_m: float = 15.0,
        *,
        clearance_m: float = 10.0,
        height_margin_m: float = 5.0,
        default_ceiling: Agl = DEFAULT_CEILING,
        structures: Structures | None = None,
    ) -> None:
        self.zones = tuple(zones)
        self.ground = ground
        self.frame = LocalFrame(origin)
        self.structures = structures or Structures((), ground, self.frame)
        self.margin_m = margin_m
        self.kept_m = margin_m + clearance_m
        self.height_margin_m = height_margin_m
        self.default_ceiling = default_ceiling
        _refuse_what_cannot_be_judged(self.zones)
        self.operating = Layer((z for z in self.zones if z.kind is ZoneKind.OPERATING_AREA), self.frame)
        self.forbidden = Layer((z for z in self.zones if z.kind is ZoneKind.NO_FLY and z.bottom is None), self.frame)
        self.ceilings = Layer((z for z in self.zones if _lid_of(z) is not None), self.frame, grown_m=margin_m)
        self.privacy = Layer((z for z in self.zones if z.kind is ZoneKind.PRIVACY), self.frame)
        self._all = Layer(self.zones, self.frame)
        tops = [*(_lid_of(zone) for zone in self.ceilings.zones), default_ceiling]
        self._tops_m = np.array([top.m if top is not None else math.inf for top in tops])
        self._tops_above_ground = np.array([isinstance(top, Agl) for top in tops])
        self.free = self.operating.union().difference(self.forbidden.union())
        """Where something may be at all, in local metres, before the margin."""
        self.open = self.free.buffer(-self.kept_m)
        """Where something may be planned: `free` less margin and clearance."""
        self._border = self.free.boundary
        self._border_tree = STRtree(_edges(self._border))
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
        profile = self._profile(place)
        upwards = self._upwards(profile, np.full(len(profile.places), waypoint.altitude.m), subject)
        return _together(self._sideways(place, subject), upwards)

    def segment(self, a: Waypoint, b: Waypoint, subject: str = "The way") -> Verdict:
        """May an aircraft fly straight from a to b, its altitude changing evenly?

        An aircraft that stands nearer to a border than is kept, but not over it, may leave by the short way.
        """
        start, end = self.frame.to_local(a.position), self.frame.to_local(b.position)
        line = LineString((start, end))
        if line.length == 0.0:
            return self.point(Waypoint(a.position, max(a.altitude, b.altitude)), subject)
        profile = self._profile(line)
        along = np.hypot(*(profile.places - np.array(start)).T) / line.length
        upwards = self._upwards(profile, a.altitude.m + (b.altitude.m - a.altitude.m) * along, subject)
        return _together(self._sideways(self._without_way_out(line), subject), upwards)

    def ceiling_at(self, position: Position) -> Ceiling | None:
        """The lowest ceiling at a place, as published, turned into a height above ground; None where nothing flies."""
        place = Point(self.frame.to_local(position))
        if not self.free.covers(place):
            return None
        ground_m = self.ground.altitude(position).m
        ceiling = Ceiling(self.default_ceiling, _DEFAULT_NAME)
        for zone, _ in self.ceilings.within(place, 0.0):
            top = _lid_of(zone)
            height_m = top.m - ground_m if isinstance(top, Amsl) else top.m if top is not None else math.inf
            if height_m < ceiling.height.m:
                ceiling = Ceiling(Agl(height_m), zone.name, zone)
        return ceiling

    def lid_over(self, place: BaseGeometry) -> Lid:
        """The lowest lid over a point, a line or an area, in local metres."""
        profile = self._profile(place)
        return self._lid(profile, int(np.argmin(profile.altitudes_m)))

    def published_lid(self, place: BaseGeometry) -> Lid:
        """The lowest lid over a place with nothing taken off but the error of the ground."""
        lid = self.lid_over(place)
        return replace(lid, altitude=Amsl(lid.altitude.m + self.height_margin_m))

    def tops(self) -> list[tuple[Agl | Amsl, BaseGeometry]]:
        """Every ceiling as published with its shape in local metres, grown by the margin."""
        found = []
        for zone, shape in zip(self.ceilings.zones, self.ceilings.grown, strict=True):
            top = _lid_of(zone)
            assert isinstance(top, Agl | Amsl)
            found.append((top, shape))
        return found

    def lids_m(self, places: FloatArray) -> FloatArray:
        """The altitudes of the lids over many places at once: (n, 2) local metres to (n,) metres above sea level."""
        ground_m = self.ground_m(places)
        lids_m = self._altitudes_m(np.full(len(places), -1), ground_m)
        points, zones = self.ceilings.covering(places)
        np.minimum.at(lids_m, points, self._altitudes_m(zones, ground_m[points]))
        return lids_m

    def ground_m(self, places: FloatArray) -> FloatArray:
        """The ground beneath (n, 2) places in local metres, (n,) metres above sea level, its error not added; NaN where
        it is not known."""
        return self.ground.altitudes_m(self.frame.array_to_longitude_latitude(places))

    def highest_ground(self, place: BaseGeometry) -> Amsl:
        """The highest that ground or structures may reach beneath a point or a line, their errors added."""
        return Amsl(float(self.floors_m(samples(place, GROUND_STEP_M), Agl(0.0)).max()))

    def floors_m(self, places: FloatArray, minimum_height: Agl) -> FloatArray:
        """The least altitude of a flight under way over (n, 2) places in local metres: the ground or what stands on it,
        whichever may be higher with its error, and the least height above it. +inf where the ground is not known."""
        highest_m = self.ground_m(places) + self.ground.error_m
        highest_m = np.where(np.isnan(highest_m), math.inf, highest_m)
        return np.asarray(np.maximum(highest_m, self.structures.tops_m(places)) + minimum_height.m, dtype=np.float64)

    def border_distance(self, place: BaseGeometry) -> float:
        """The least distance of a point or a line to the border itself, nothing taken off; negative outside."""
        beyond_m = _farthest_m(place, self.free)
        return -beyond_m if beyond_m > 0.0 else float(place.distance(self._border))

    def border_distances(self, ways: npt.NDArray[np.object_]) -> FloatArray:
        """`border_distance` of (n,) points and lines at once."""
        (found, _), nearest_m = self._border_tree.query_nearest(ways, return_distance=True, all_matches=False)
        distances_m = np.empty(len(ways))
        distances_m[found] = nearest_m
        for outside in np.flatnonzero(~shapely.covers(self.free, ways)):
            distances_m[outside] = self.border_distance(ways[outside])
        return distances_m

    def published_lids_m(self, ways: npt.NDArray[np.object_]) -> FloatArray:
        """The altitude of `published_lid` over each of (n,) points and lines at once."""
        over, zones = self.ceilings.touching_each(ways)
        grown = np.array(self.ceilings.grown, dtype=object)
        pieces = np.concatenate([ways, shapely.intersection(ways[over], grown[zones])])
        way_of = np.concatenate([np.arange(len(ways)), over])
        zone_of = np.concatenate([np.full(len(ways), -1), zones])
        places, piece_of = shapely.get_coordinates(shapely.segmentize(pieces, _SAMPLE_M), return_index=True)
        lids_m = np.full(len(ways), math.inf)
        altitudes_m = self._altitudes_m(zone_of[piece_of], self.ground_m(places))
        np.minimum.at(lids_m, way_of[piece_of], altitudes_m)
        return lids_m + self.height_margin_m

    def closed_by(self, place: BaseGeometry) -> list[Zone]:
        """The zones that keep a point, a line or an area out sideways."""
        closing = [zone for zone, _ in self.forbidden.within(place, self.kept_m)]
        inside = self.operating.union().buffer(-self.kept_m)
        return closing if closing and inside.covers(place) else [*closing, *self.operating.zones]

    def _sideways(self, place: BaseGeometry, subject: str) -> Verdict:
        if self.open.covers(place):
            return Verdict(True, place.distance(self._border) - self.kept_m)
        closing = self.forbidden.within(place, self.kept_m)
        reasons = [self._too_near(zone, place, shape, subject) for zone, shape in closing[:3]]
        if not closing:
            names = " and ".join(zone.name for zone in self.operating.zones)
            outside_m = _farthest_m(place, self.free)
            how = f"{outside_m:.0f} m outside" if outside_m > 0.0 else f"less than {self.kept_m:.0f} m from the edge of"
            reasons = [f"{subject} is {how} the operating area, {names}."]
        zone_id = closing[0][0].id if closing else self.operating.zones[0].id
        return Verdict(False, -_farthest_m(place, self.open), tuple(reasons), zone_id)

    def _too_near(self, zone: Zone, place: BaseGeometry, shape: BaseGeometry, subject: str) -> str:
        distance_m = place.distance(shape)
        if distance_m > 0.0:
            return f"{subject} is {distance_m:.0f} m from {named(zone)}; {self.kept_m:.0f} m are kept to it."
        if isinstance(place, Point):
            return f"{subject} is {place.distance(self.free):.0f} m inside {named(zone)}."
        return f"{subject} goes {place.intersection(shape).length:.0f} m through {named(zone)}."

    def _upwards(self, profile: _Profile, altitudes_m: FloatArray, subject: str) -> Verdict:
        left_m = profile.altitudes_m - altitudes_m
        tightest = int(np.argmin(left_m))
        lid = self._lid(profile, tightest)
        margin_m = float(left_m[tightest])
        zone_id = lid.zone.id if lid.zone else None
        if margin_m >= 0.0:
            return Verdict(True, margin_m, (), zone_id)
        top = _lid_of(lid.zone) or self.default_ceiling
        kept = f"{self.height_margin_m:.0f} m for the aircraft's altitude"
        if isinstance(top, Agl):
            kept += f" and {self.ground.error_m:.0f} m for the ground's"
        height_m = float(altitudes_m[tightest] - self.ground_m(profile.places[tightest : tightest + 1])[0])
        reason = (
            f"{subject} is {-margin_m:.0f} m too high at {height_m:.0f} m above ground: "
            f"{named(lid.zone) if lid.zone else lid.name} allows {altitude_text(top)}, less {kept}."
        )
        return Verdict(False, margin_m, (reason,), zone_id)

    def _without_way_out(self, line: LineString) -> BaseGeometry:
        """The line without its beginning, where that only leaves the strip that the aircraft already stands in."""
        start = Point(line.coords[0])
        if self.open.covers(start) or not self.free.covers(start):
            return line
        rest = line.intersection(self.open)
        way_out = line.difference(self.open)
        if rest.is_empty or way_out.geom_type != "LineString" or way_out.length > 3.0 * self.kept_m:
            return line
        return rest if self.free.covers(way_out) and way_out.distance(start) == 0.0 else line

    def _profile(self, place: BaseGeometry) -> _Profile:
        pieces = [(-1, samples(place))]
        pieces += [(i, samples(place.intersection(shape))) for i, shape in self.ceilings.touching(place)]
        places = np.concatenate([samples for _, samples in pieces])
        zones = np.concatenate([np.full(len(samples), index) for index, samples in pieces])
        return _Profile(places, self._altitudes_m(zones, self.ground_m(places)), zones)

    def _altitudes_m(self, zones: IntArray, ground_m: FloatArray) -> FloatArray:
        """The lid of each zone (an index, -1 for the default) over the ground beneath it."""
        lowest_m = np.where(np.isnan(ground_m), -math.inf, ground_m - self.ground.error_m)
        from_ground_m = np.where(self._tops_above_ground[zones], lowest_m, 0.0)
        return np.asarray(self._tops_m[zones] - self.height_margin_m + from_ground_m, dtype=np.float64)

    def _lid(self, profile: _Profile, index: int) -> Lid:
        number = int(profile.zones[index])
        zone = self.ceilings.zones[number] if number >= 0 else None
        east_m, north_m = (float(value) for value in profile.places[index])
        name = zone.name if zone else _DEFAULT_NAME
        return Lid(Amsl(float(profile.altitudes_m[index])), name, zone, east_m, north_m)


def named(zone: Zone) -> str:
    """A zone's name with its note, as sentences carry it: nobody takes synthetic or old data for true."""
    return f"{zone.name} ({zone.note})" if zone.note else zone.name


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
        if zone.kind in (ZoneKind.FLOOR, ZoneKind.CORRIDOR, ZoneKind.TEMPORARY) or zone.times is not None:
            raise AirspaceError(f"{zone.name}: zones of kind {zone.kind} and zones with times cannot be judged yet.")
        if zone.kind is ZoneKind.CEILING and zone.top is None:
            raise AirspaceError(f"The ceiling zone {zone.name} has no top: give it top_m and top_datum.")
        if isinstance(_lid_of(zone), AboveTakeoff | Ellipsoid):
            raise AirspaceError(
                f"The height of {zone.name} is given above take-off or above the ellipsoid, which cannot be compared "
                "with the ground here: give it above ground (agl) or above mean sea level (amsl)."
            )


def samples(place: BaseGeometry, step_m: float = _SAMPLE_M) -> FloatArray:
    """(n, 2) places along a line or an outline, at most `step_m` apart, or the one place of a point."""
    return np.asarray(shapely.get_coordinates(shapely.segmentize(place, step_m)), dtype=np.float64)


def _edges(border: BaseGeometry) -> npt.NDArray[np.object_]:
    """Each straight piece of a border by itself, so that an index finds the nearest."""
    corners, line_of = shapely.get_coordinates(shapely.get_parts(border), return_index=True)
    pairs = np.stack([corners[:-1], corners[1:]], axis=1)[line_of[:-1] == line_of[1:]]
    return np.asarray(shapely.linestrings(pairs))


def _farthest_m(place: BaseGeometry, area: BaseGeometry) -> float:
    """How far a point or a line is outside an area at most; 0 when it is covered."""
    outside = place.difference(area)
    if outside.is_empty:
        return 0.0
    return float(max(area.distance(Point(sample)) for sample in samples(outside)))


def _together(sideways: Verdict, upwards: Verdict) -> Verdict:
    """Both must allow it; the smaller margin counts, and names the zone."""
    nearest = min((sideways, upwards), key=lambda verdict: verdict.margin_m)
    allowed = sideways.allowed and upwards.allowed
    return Verdict(allowed, nearest.margin_m, sideways.reasons + upwards.reasons, nearest.zone_id)

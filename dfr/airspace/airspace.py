"""Where it may fly: the zones of a site as one thing that can be asked."""

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.border import Border
from dfr.airspace.ground import Ground
from dfr.airspace.judge import Judge
from dfr.airspace.layers import Layer, ShapeArray, each_to_metres, object_array, shrunk
from dfr.airspace.lids import Lids
from dfr.airspace.many import inside
from dfr.airspace.refusal import named
from dfr.airspace.rules import ceiling_of, closes, floor_of, part_that_limits, refuse_what_cannot_be_judged
from dfr.airspace.shapes import GROUND_STEP_M, samples
from dfr.airspace.structures import Structures
from dfr.airspace.verdict import NO_ERRORS, Errors, Verdict, strictest
from dfr.core.geo import Agl, Altitude, Amsl, FloatArray, LocalFrame, Position, Waypoint
from dfr.core.regime import HeightRule, NearStructure
from dfr.core.zone import Zone, ZoneKind

__all__ = ["DEFAULT_CEILING", "GROUND_STEP_M", "Airspace", "Ceiling", "Lid", "named", "samples"]

DEFAULT_CEILING = Agl(121.92)
"""400 ft (14 CFR 107.51)."""

_DEFAULT_NAME = "the limit of this site"


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


class Airspace:
    """The zones of a site that hold at one moment, judged together. Immutable; a changed set of zones makes a new one.

    Sideways: inside the union of the operating areas and corridors and outside every no-fly and temporary zone.
    margin_m is kept to both by all means: there is the fence on board. Places and ways that are judged keep clearance_m
    more, so that a flight that goes well never touches that fence.
    Upwards: below the lowest of the ceilings that apply there, less height_margin_m for the aircraft's own altitude
    and, where the ceiling is above ground, less the error of the ground. A ceiling reaches margin_m beyond its border.
    A no-fly or temporary zone that has a bottom is a ceiling at that bottom; its top is not used, for nothing is
    planned above one. The top of a corridor or operating area is a ceiling where no other one without a top is.
    Downwards: above the ground and what stands on it, and above the bottom of floor zones and corridors, by the same
    errors. Where the ground is not known its ceilings are beneath everything and its floors above.
    Raises AirspaceError when the zones cannot be judged.
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
        before: "Airspace | None" = None,
    ) -> None:
        """`before` is an airspace of the same origin some of whose zones are among these: they need not be turned into
        metres again."""
        self.zones = tuple(zones)
        self.ground = ground
        self.frame = LocalFrame(origin)
        self.structures = structures or Structures((), ground, self.frame)
        self.margin_m = margin_m
        self.kept_m = margin_m + clearance_m
        self.height_margin_m = height_margin_m
        self.default_ceiling = self._site_ceiling = default_ceiling
        refuse_what_cannot_be_judged(self.zones)
        self._shapes = _in_metres(self.zones, self.frame, before)
        self._without: dict[str, Airspace] = {}
        self._regimes: dict[HeightRule, Airspace] = {}
        self.base = self
        """Without the height rule of a regime: what the fence on board is made from."""
        self._near_structure: NearStructure | None = None
        self.limit_name = _DEFAULT_NAME
        """What the ceiling is called that holds everywhere."""
        self.operating = self._layer([zone.allows for zone in self.zones])
        """What opens a place: operating areas and corridors."""
        self.forbidden = self._layer([closes(zone) for zone in self.zones])
        self.privacy = self._layer([zone.kind is ZoneKind.PRIVACY for zone in self.zones])
        self.border = Border(self.operating, self.forbidden)
        tops, bottoms = self._limiting(ceiling_of), self._limiting(floor_of)
        self.ceilings, self.floors = tops[0], bottoms[0]
        error_m = ground.error_m
        self.lids = Lids(*tops, self._default_lids_m, self.ground_m, 1.0, height_margin_m, error_m)
        self.bottoms = Lids(*bottoms, self._surface_m, self.ground_m, -1.0, height_margin_m, error_m)

    def with_zones(self, zones: Sequence[Zone]) -> "Airspace":
        """The same site with other zones; quick where few are new. Raises AirspaceError."""
        return Airspace(
            zones,
            self.ground,
            self.frame.origin,
            self.margin_m,
            clearance_m=self.kept_m - self.margin_m,
            height_margin_m=self.height_margin_m,
            default_ceiling=self.default_ceiling,
            structures=self.structures,
            before=self,
        )

    def for_incident(self, incident_id: str | None) -> "Airspace":
        """As it is for flights for one incident: without the bubble around it. Made once for each."""
        if incident_id is None or not any(zone.incident_id == incident_id for zone in self.temporary):
            return self
        if incident_id not in self._without:
            bubble = {id(zone) for zone in self.temporary if zone.incident_id == incident_id}
            self._without[incident_id] = self.with_zones([zone for zone in self.zones if id(zone) not in bubble])
        return self._without[incident_id]

    def under(self, rule: HeightRule) -> "Airspace":
        """As it is for flights whose regime limits their height, where that is lower than the site's own limit. Made
        once for each; it shares all that is worked out of the zones."""
        if rule.greatest is None:
            return self
        if rule not in self._regimes:
            limited = copy(self)
            limited.base, limited._regimes, limited._without = self.base, {}, {}
            limited._site_ceiling = self.default_ceiling
            if rule.greatest <= self.default_ceiling:
                limited.default_ceiling, limited.limit_name = rule.greatest, rule.name
                limited._near_structure = rule.near_structure
            error_m = self.ground.error_m
            limited.lids = Lids(
                self.ceilings,
                self.lids.heights,
                limited._default_lids_m,
                self.ground_m,
                1.0,
                self.height_margin_m,
                error_m,
            )
            self._regimes[rule] = limited
        return self._regimes[rule]

    @cached_property
    def temporary(self) -> tuple[Zone, ...]:
        return self.zones_of(ZoneKind.TEMPORARY)

    @cached_property
    def free(self) -> BaseGeometry:
        """Where something may be at all, in local metres, before the margin. Unites all zones: for planning alone."""
        return self.border.free

    @cached_property
    def open(self) -> BaseGeometry:
        """Where something may be planned: `free` less margin and clearance. Unites all zones: for planning alone."""
        if self.base is not self:
            return self.base.open
        opened = shrunk(self.free, self.kept_m)
        shapely.prepare(opened)
        return opened

    def open_near(self, place: BaseGeometry, reach_m: float) -> BaseGeometry:
        """`open` as far as reach_m around a place; further on it is cut off. Unites only the zones around there."""
        return shrunk(self.border.free_near(place, reach_m + 2.0 * self.kept_m), self.kept_m)

    def zones_of(self, kind: ZoneKind) -> tuple[Zone, ...]:
        return tuple(zone for zone in self.zones if zone.kind is kind)

    def zones_at(self, position: Position, kind: ZoneKind | None = None) -> tuple[Zone, ...]:
        """The zones that contain a place, whatever their heights; of one kind when it is given."""
        found = self.zones_over(Point(self.frame.to_local(position)))
        return tuple(zone for zone in found if kind is None or zone.kind is kind)

    def zones_over(self, place: BaseGeometry) -> tuple[Zone, ...]:
        """The zones that a point, a line or an area in local metres touches, whatever their heights."""
        return tuple(zone for zone, _ in self.base.every.within(place, 0.0))

    def point(self, waypoint: Waypoint, subject: str = "The place", errors: Errors = NO_ERRORS) -> Verdict:
        """May an aircraft be at this place in the air? `subject` begins the sentences of the refusal."""
        place = Point(self.frame.to_local(waypoint.position))
        return Judge(self, subject, errors).place(place, waypoint.altitude, waypoint.altitude)

    def segment(self, a: Waypoint, b: Waypoint, subject: str = "The way", errors: Errors = NO_ERRORS) -> Verdict:
        """May an aircraft fly straight from a to b, its altitude changing evenly?

        An aircraft that stands nearer to a border than is kept, but not over it, may leave by the short way; one that
        is lower than a floor may climb out. Straight up or down, the floor is asked of the end alone.
        """
        start, end = self.frame.to_local(a.position), self.frame.to_local(b.position)
        judge = Judge(self, subject, errors)
        if start == end:
            return judge.place(Point(end), b.altitude, max(a.altitude, b.altitude))
        return judge.line(LineString((start, end)), a.altitude, b.altitude)

    def route(self, waypoints: Sequence[Waypoint], subject: str = "The way", errors: Errors = NO_ERRORS) -> Verdict:
        """May it fly straight from each of these to the next? Raises ValueError for less than two."""
        if len(waypoints) < 2:
            raise ValueError("A route needs at least two waypoints.")
        return strictest(self.segment(a, b, subject, errors) for a, b in pairwise(waypoints))

    def volume(
        self, shape: BaseGeometry, bottom: Amsl, top: Amsl, subject: str = "The area", errors: Errors = NO_ERRORS
    ) -> Verdict:
        """May an aircraft be anywhere above a shape in local metres, from bottom to top?"""
        return Judge(self, subject, errors).place(shape, bottom, top)

    def ceiling_at(self, position: Position) -> Ceiling | None:
        """The lowest ceiling at a place, as published, turned into a height above ground; None where nothing flies."""
        place = Point(self.frame.to_local(position))
        if self.border.distance_m(place) < 0.0:
            return None
        ground_m = self.ground.altitude(position).m
        ceiling = Ceiling(self.default_ceiling, self.limit_name)
        for zone, _ in self.ceilings.within(place, 0.0):
            top = ceiling_of(zone)
            height_m = top.m - ground_m if isinstance(top, Amsl) else top.m if top is not None else math.inf
            if height_m < ceiling.height.m:
                ceiling = Ceiling(Agl(height_m), zone.name, zone)
        return ceiling

    def lid_over(self, place: BaseGeometry) -> Lid:
        """The lowest lid over a point, a line or an area, in local metres."""
        profile = self.lids.profile(place)
        index = int(np.argmin(profile.altitudes_m))
        zone = self.lids.zone(int(profile.zones[index]))
        east_m, north_m = (float(value) for value in profile.places[index])
        name = zone.name if zone else self.limit_name
        return Lid(Amsl(float(profile.altitudes_m[index])), name, zone, east_m, north_m)

    def published_lid(self, place: BaseGeometry) -> Lid:
        """The lowest lid over a place with nothing taken off but the error of the ground."""
        lid = self.lid_over(place)
        return replace(lid, altitude=Amsl(lid.altitude.m + self.height_margin_m))

    def tops(self) -> list[tuple[Agl | Amsl, BaseGeometry]]:
        """Every ceiling as published with its shape in local metres, grown by the margin."""
        found = []
        for top, shape in zip(self.lids.heights, self.ceilings.grown, strict=True):
            assert isinstance(top, Agl | Amsl)
            found.append((top, shape))
        return found

    def inside(self, places: FloatArray, altitudes_m: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether `point` allows each: (n, 2) places in local metres and (n,) metres above sea level to (n,)."""
        return inside(self, places, altitudes_m)

    def lids_m(self, places: FloatArray) -> FloatArray:
        """The altitudes of the lids over many places at once: (n, 2) local metres to (n,) metres above sea level."""
        return self.lids.at(places, self.ground_m(places))

    def floors_m(self, places: FloatArray, minimum_height: Agl) -> FloatArray:
        """The least altitude of a flight under way over (n, 2) places in local metres, (n,) metres above sea level.

        That is minimum_height above the highest that the ground or what stands on it may reach, and at least what floor
        zones and corridors ask for. +inf where the ground is not known.
        """
        ground_m = self.ground_m(places)
        surface_m = self._surface_m(places, ground_m)
        return np.maximum(surface_m + minimum_height.m, self.bottoms.at(places, ground_m))

    def ground_m(self, places: FloatArray) -> FloatArray:
        """The ground beneath (n, 2) places in local metres, (n,) metres above sea level, its error not added; NaN where
        it is not known."""
        return self.ground.altitudes_m(self.frame.array_to_longitude_latitude(places))

    def highest_ground(self, place: BaseGeometry) -> Amsl:
        """The highest that the ground or what stands on it may reach beneath a point or a line, their errors added."""
        places = samples(place, GROUND_STEP_M)
        return Amsl(float(self._surface_m(places, self.ground_m(places)).max()))

    def border_distance(self, place: BaseGeometry) -> float:
        """The least distance of a point or a line to the border itself, nothing taken off; negative outside."""
        return self.border.distance_m(place)

    def border_distances(self, ways: npt.NDArray[np.object_], far_m: float = math.inf) -> FloatArray:
        """`border_distance` of (n,) points and lines at once; what is farther than far_m is told as far_m: quicker."""
        return self.border.distances_m(ways, far_m)

    def published_lids_m(self, ways: npt.NDArray[np.object_]) -> FloatArray:
        """The altitude of `published_lid` over each of (n,) points and lines at once."""
        return self.lids.over_each(ways) + self.height_margin_m

    def closed_by(self, place: BaseGeometry) -> list[Zone]:
        """The zones that keep a point, a line or an area out sideways."""
        closing = [zone for zone, _ in self.forbidden.within(place, self.kept_m)]
        return closing if closing and self.border.opens(place, self.kept_m) else [*closing, *self.operating.zones]

    def _default_lids_m(self, places: FloatArray, ground_m: FloatArray) -> FloatArray:
        lowest_m = np.where(np.isnan(ground_m), -math.inf, ground_m - self.ground.error_m)
        lids_m = lowest_m + self.default_ceiling.m
        if self._near_structure is not None:
            near = self._near_structure
            over_m = self.structures.tallest_m(places, near.within_m) + near.above_m
            lids_m = np.minimum(np.maximum(lids_m, over_m), lowest_m + self._site_ceiling.m)
        return np.asarray(lids_m - self.height_margin_m, dtype=np.float64)

    def _surface_m(self, places: FloatArray, ground_m: FloatArray) -> FloatArray:
        """The highest that the ground or what stands on it may reach; +inf where it is not known."""
        highest_m = np.where(np.isnan(ground_m), math.inf, ground_m + self.ground.error_m)
        return np.maximum(highest_m, self.structures.tops_m(places))

    def _layer(self, wanted: Sequence[bool], reach_m: float = 0.0) -> Layer:
        indices = np.flatnonzero(wanted)
        return Layer([self.zones[i] for i in indices], self._shapes[indices], reach_m)

    def _limiting(self, height_of: Callable[[Zone], Altitude | None]) -> tuple[Layer, list[Altitude]]:
        """The zones that set a height, with the part of each in which it holds; and the heights."""
        heights = [height_of(zone) for zone in self.zones]
        opened = [zone.allows and height is None for zone, height in zip(self.zones, heights, strict=True)]
        unlimited = self._shapes[np.flatnonzero(opened)]
        found = [
            (zone, part, height)
            for zone, shape, height in zip(self.zones, self._shapes, heights, strict=True)
            if height is not None and not (part := part_that_limits(zone, shape, unlimited)).is_empty
        ]
        layer = Layer([one[0] for one in found], object_array([one[1] for one in found]), self.margin_m)
        return layer, [one[2] for one in found]

    @cached_property
    def every(self) -> Layer:
        return Layer(self.zones, self._shapes)


def _in_metres(zones: tuple[Zone, ...], frame: LocalFrame, before: Airspace | None) -> ShapeArray:
    known = {} if before is None else {id(z.shape): s for z, s in zip(before.zones, before._shapes, strict=True)}
    shapes = object_array([known.get(id(zone.shape)) for zone in zones])
    new = np.flatnonzero(shapely.is_missing(shapes))
    shapes[new] = each_to_metres([zones[i].shape for i in new], frame)
    return shapes

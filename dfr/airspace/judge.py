"""Answers what an `Airspace` is asked about one place: the nearest limit in each direction, and why not."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.lids import Lids, Profile, altitudes_along, climbing_out
from dfr.airspace.refusal import (
    FACILITY_MAP,
    as_published,
    closed_cell,
    down_reason,
    kept_text,
    named,
    side_reasons,
    up_reason,
)
from dfr.airspace.verdict import Direction, Errors, Limit, Verdict
from dfr.core.geo import Agl, Altitude, Amsl, FloatArray, Position
from dfr.core.zone import Zone

if TYPE_CHECKING:
    from dfr.airspace.airspace import Airspace

_GROUND_NAME = "the ground"


@dataclass(frozen=True, slots=True)
class Judge:
    """`subject` begins the sentences, `errors` widen what is kept. Shapes are in local metres."""

    airspace: "Airspace"
    subject: str
    errors: Errors

    def place(self, shape: BaseGeometry, bottom: Amsl, top: Amsl) -> Verdict:
        """Anywhere over a point, a line or an area, from bottom to top."""
        return Verdict(
            self._sideways(shape),
            self._upwards(shape, (top.m, top.m)),
            self._downwards(shape, (bottom.m, bottom.m)),
        )

    def line(self, line: LineString, start: Amsl, end: Amsl) -> Verdict:
        """Straight along a line, the altitude changing evenly."""
        return Verdict(
            self._sideways(self._without_way_out(line)),
            self._upwards(line, (start.m, end.m)),
            self._downwards(line, (start.m, end.m)),
        )

    def _sideways(self, place: BaseGeometry) -> Limit:
        border = self.airspace.border
        kept_m = self.airspace.kept_m + self.errors.sideways_m
        distance_m = border.distance_m(place)
        zone = border.nearest(place)
        reasons: tuple[str, ...] = ()
        if distance_m < kept_m:
            reasons = side_reasons(border, place, distance_m, kept_m, self.subject, self._name)
        return Limit(Direction.SIDEWAYS, distance_m - kept_m, zone.name, zone.id, reasons)

    def _upwards(self, place: BaseGeometry, from_to_m: tuple[float, float]) -> Limit:
        airspace, lids = self.airspace, self.airspace.lids
        profile = lids.profile(place, self.errors.sideways_m)
        altitudes_m = altitudes_along(place, profile.places, from_to_m)
        left_m = profile.altitudes_m - altitudes_m - self._widened_m(profile, lids)
        tightest = int(np.argmin(left_m))
        index = int(profile.zones[tightest])
        zone, top = lids.zone(index), lids.height(index, airspace.default_ceiling)
        limit = _limit(Direction.UPWARDS, float(left_m[tightest]), zone, airspace.limit_name)
        if limit.margin_m >= 0.0:
            return limit
        height_m = float(altitudes_m[tightest] - airspace.ground_m(profile.places[tightest : tightest + 1])[0])
        name, allows = named(zone) if zone else airspace.limit_name, as_published(top, zone)
        reason = up_reason(name, allows, -limit.margin_m, height_m, self._kept_text(top), self.subject)
        return replace(limit, reasons=(reason,))

    def _downwards(self, place: BaseGeometry, from_to_m: tuple[float, float]) -> Limit:
        floors = self.airspace.bottoms
        profile = floors.profile(place, self.errors.sideways_m)
        altitudes_m = altitudes_along(place, profile.places, from_to_m)
        left_m = altitudes_m - profile.altitudes_m - self._widened_m(profile, floors)
        if from_to_m[1] > from_to_m[0]:
            left_m = climbing_out(left_m, altitudes_m, profile.zones)
        tightest = int(np.argmin(left_m))
        index = int(profile.zones[tightest])
        zone, bottom = floors.zone(index), floors.height(index, Agl(0.0))
        limit = _limit(Direction.DOWNWARDS, float(left_m[tightest]), zone, _GROUND_NAME)
        if limit.margin_m >= 0.0:
            return limit
        reason = down_reason(zone, bottom, -limit.margin_m, self._kept_text(bottom), self.subject)
        return replace(limit, reasons=(reason,))

    def _without_way_out(self, line: LineString) -> BaseGeometry:
        """The line without its beginning, where that only leaves the strip that the aircraft already stands in."""
        border, kept_m = self.airspace.border, self.airspace.kept_m
        start = Point(line.coords[0])
        if not 0.0 <= border.distance_m(start) < kept_m:
            return line
        opened = self.airspace.open_near(line, kept_m)
        rest, way_out = line.intersection(opened), line.difference(opened)
        if rest.is_empty or way_out.geom_type != "LineString" or way_out.length > 3.0 * kept_m:
            return line
        free = border.distance_m(way_out) >= 0.0
        return rest if free and way_out.distance(start) == 0.0 else line

    def _widened_m(self, profile: Profile, limits: Lids) -> FloatArray:
        """What the errors take off at each place of a profile."""
        terrain_m = np.where(limits.above_ground(profile.zones), self.errors.terrain_m, 0.0)
        return np.asarray(self.errors.altitude_m + terrain_m, dtype=np.float64)

    def _kept_text(self, height: Altitude) -> str:
        ground_error_m = self.airspace.ground.error_m + self.errors.terrain_m
        return kept_text(height, self.airspace.height_margin_m + self.errors.altitude_m, ground_error_m)

    def _name(self, zone: Zone) -> str:
        if zone.source != FACILITY_MAP:
            return named(zone)
        middle = zone.shape.representative_point()
        return closed_cell(zone, self.airspace.zones_at(Position(middle.y, middle.x)))


def _limit(direction: Direction, margin_m: float, zone: Zone | None, name: str) -> Limit:
    return Limit(direction, margin_m, zone.name if zone else name, zone.id if zone else None)

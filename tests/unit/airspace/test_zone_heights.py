"""Heights above take-off and above the ellipsoid become heights above the sea, on the safe side, or are refused."""

from dataclasses import replace

import pytest
from shapely.geometry import box

from dfr.airspace.readers import ZoneError
from dfr.airspace.zone_heights import KnownHeights, to_amsl
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Ellipsoid
from dfr.core.zone import Zone, ZoneKind

SITE = KnownHeights(-30.0, (Amsl(700.0), Amsl(720.0)))
ZONE = Zone("z", "Zone", ZoneKind.NO_FLY, box(0, 0, 1, 1), AboveTakeoff(40.0), AboveTakeoff(60.0))


@pytest.mark.parametrize(
    ("kind", "bottom_m", "top_m"),
    [
        (ZoneKind.NO_FLY, 740.0, 780.0),
        (ZoneKind.TEMPORARY, 740.0, 780.0),
        (ZoneKind.PRIVACY, 740.0, 780.0),
        (ZoneKind.CAUTION, 740.0, 780.0),
        (ZoneKind.OPERATING_AREA, 760.0, None),
        (ZoneKind.CORRIDOR, 760.0, None),
    ],
)
def test_the_dock_counts_with_which_a_zone_allows_least(kind: ZoneKind, bottom_m: float, top_m: float | None) -> None:
    zone = replace(ZONE, kind=kind)
    if zone.allows:  # the lowest top is not above the highest bottom: nothing would be open
        with pytest.raises(ZoneError, match="not above its lower"):
            to_amsl([zone], SITE, "file")
        zone = replace(zone, top=None)
    (found,) = to_amsl([zone], SITE, "file")
    assert found.bottom == Amsl(bottom_m)
    assert found.top == (None if top_m is None else Amsl(top_m))


def test_ceilings_are_the_lowest_and_floors_the_highest() -> None:
    ceiling = replace(ZONE, kind=ZoneKind.CEILING, bottom=None)
    floor = replace(ZONE, kind=ZoneKind.FLOOR, top=None)
    found = to_amsl([ceiling, floor], SITE, "file")
    assert (found[0].top, found[1].bottom) == (Amsl(760.0), Amsl(760.0))


def test_the_ellipsoid_by_the_geoid_and_the_rest_as_it_is() -> None:
    (found,) = to_amsl([replace(ZONE, bottom=Agl(10.0), top=Ellipsoid(700.0))], SITE, "file")
    assert (found.bottom, found.top) == (Agl(10.0), Amsl(730.0))
    plain = replace(ZONE, bottom=Amsl(10.0), top=None)
    assert to_amsl([plain], KnownHeights(), "file") == [plain]


def test_what_is_not_known_is_refused_for_every_zone() -> None:
    zones = [ZONE, replace(ZONE, id="y", bottom=None, top=Ellipsoid(700.0))]
    with pytest.raises(ZoneError) as error:
        to_amsl(zones, KnownHeights(), "zones.geojson")
    assert error.value.faults[0].startswith("zones.geojson, z (Zone): it is 40 m above take-off, and no dock")
    assert "set geoid_height_m in [traffic]" in error.value.faults[1]

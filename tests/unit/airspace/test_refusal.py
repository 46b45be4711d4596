"""Refusals read as a colleague would say them."""

from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.layers import to_degrees
from dfr.core.geo import Agl
from dfr.core.zone import Zone, ZoneKind
from tests.unit.airspace.places import FRAME, airspace, at, no_fly

SURFACE_AREA = "Tucson International class C surface area"


def faa(
    kind: ZoneKind, shape: BaseGeometry, name: str, source: str, top_ft: float | None = None, note: str = ""
) -> Zone:
    top = None if top_ft is None else Agl(top_ft * 0.3048)
    return Zone(name, name, kind, to_degrees(shape, FRAME), top=top, source=source, note=note)


def cell(east_m: float, ceiling_ft: float, note: str = "") -> Zone:
    shape = box(east_m, -400, east_m + 800, 400)
    kind, top_ft = (ZoneKind.CEILING, ceiling_ft) if ceiling_ft else (ZoneKind.NO_FLY, None)
    return faa(kind, shape, f"the {ceiling_ft:.0f} ft cell {east_m}", "FAA UAS Facility Map", top_ft, note)


def tucson(*more: Zone) -> Airspace:
    surface = faa(ZoneKind.CAUTION, box(-100, -2000, 2900, 2000), SURFACE_AREA, "FAA class airspace")
    return airspace(surface, *more)


def test_a_cell_of_nought_is_called_by_the_surface_area_that_it_closes() -> None:
    judged = tucson(cell(0, 0), cell(800, 0))
    reasons = judged.point(at(760, 60), "The scene").reasons
    assert reasons == (f"The scene is 340 m inside {SURFACE_AREA} (ceiling 0 ft on the facility map).",)
    near = judged.point(at(1610, 0), "The scene").reasons
    assert near == (f"The scene is 10 m from {SURFACE_AREA} (ceiling 0 ft on the facility map); 25 m are kept to it.",)


def test_two_cells_that_are_one_refusal_are_told_once() -> None:
    reasons = tucson(cell(0, 0), cell(800, 0)).point(at(800, 60), "The scene").reasons
    assert reasons == (f"The scene is 340 m inside {SURFACE_AREA} (ceiling 0 ft on the facility map).",)


def test_synthetic_data_say_so() -> None:
    reasons = tucson(cell(0, 0, "SYNTHETIC")).point(at(400, 0)).reasons
    assert reasons == (f"The place is 400 m inside {SURFACE_AREA} (ceiling 0 ft on the facility map; SYNTHETIC).",)


def test_a_ceiling_of_the_facility_map_is_told_in_feet_as_published() -> None:
    reasons = tucson(cell(0, 200)).point(at(400, 0, 60)).reasons
    assert reasons == (
        "The place is 4 m too high at 60 m above ground: the 200 ft cell 0 allows 200 ft (61 m) above ground, less 5 m "
        "for the aircraft's altitude and 0 m for the ground's.",
    )


def test_a_cell_outside_every_surface_area_keeps_its_name() -> None:
    assert airspace(cell(0, 0)).point(at(400, 0)).reasons == ("The place is 400 m inside the 0 ft cell 0.",)


def test_other_zones_keep_theirs() -> None:
    assert tucson(no_fly(box(0, -400, 800, 400))).point(at(400, 0)).reasons == (
        "The place is 400 m inside the helipad.",
    )


def test_where_surface_areas_overlap_the_cell_belongs_to_its_own_airport() -> None:
    name, cell_name = "Davis-Monthan AFB class D surface area", "the 0 ft cell of Davis Monthan AFB's facility map"
    base = faa(ZoneKind.CAUTION, box(-900, -2900, 2900, 2900), name, "FAA class airspace")
    own = faa(ZoneKind.NO_FLY, box(0, -400, 800, 400), cell_name, "FAA UAS Facility Map")
    assert tucson(base, own).point(at(400, 0)).reasons == (
        "The place is 400 m inside Davis-Monthan AFB class D surface area (ceiling 0 ft on the facility map).",
    )

"""Places out of PIDF-LO."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.cad.pidf import parse
from dfr.core.geo import Position, distance_m

CIVIC = (
    '<civicAddress xmlns="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"><country>US</country><A1>AZ</A1>'
    "<A3>Tucson</A3><HNO>200</HNO><PRD>S</PRD><RD>Example</RD><STS>Ave</STS></civicAddress>"
)
POINT = '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>32.2189 -110.9665</gml:pos></gml:Point>'
METRE = 'uom="urn:ogc:def:uom:EPSG::9001"'


def presence(info: str, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return (
        f'{declaration}<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
        f'entity="pres:a@example.com"><dm:device id="d"><gp:geopriv><gp:location-info>{info}</gp:location-info>'
        "</gp:geopriv></dm:device></presence>"
    )


def shape(name: str, inner: str, system: str = "4326") -> str:
    inside = f"<gml:pos>32.2189 -110.9665{' 720' if system == '4979' else ''}</gml:pos>{inner}"
    return presence(f'<gs:{name} srsName="urn:ogc:def:crs:EPSG::{system}">{inside}</gs:{name}>')


def polygon(corners: list[tuple[float, float]]) -> str:
    numbers = " ".join(f"{latitude!r} {longitude!r}" for latitude, longitude in [*corners, corners[0]])
    return presence(
        '<gml:Polygon srsName="urn:ogc:def:crs:EPSG::4326"><gml:exterior><gml:LinearRing>'
        f"<gml:posList>{numbers}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    )


def test_a_point_is_latitude_first() -> None:
    place = parse(presence(POINT + CIVIC))
    assert place.position == Position(32.2189, -110.9665)
    assert (place.uncertainty_m, place.address, place.note) == (None, "200 S Example Ave, Tucson, AZ", "")


def test_space_before_the_declaration_is_forgiven() -> None:
    assert parse("  \n" + presence(POINT)).position == Position(32.2189, -110.9665)


@pytest.mark.parametrize(
    ("xml", "uncertainty_m"),
    [
        (shape("Circle", f"<gs:radius {METRE}> 45 </gs:radius>"), 45.0),
        (shape("Sphere", f"<gs:radius {METRE}>30</gs:radius>", "4979"), 30.0),
        (
            shape(
                "Ellipse",
                f"<gs:semiMajorAxis {METRE}>275</gs:semiMajorAxis><gs:semiMinorAxis {METRE}>99</gs:semiMinorAxis>",
            ),
            275.0,
        ),
        (
            shape(
                "Ellipsoid",
                f"<gs:semiMajorAxis {METRE}>7.7</gs:semiMajorAxis><gs:semiMinorAxis {METRE}>3</gs:semiMinorAxis>"
                f"<gs:verticalAxis {METRE}>28.7</gs:verticalAxis>",
                "4979",
            ),
            28.7,
        ),
        (shape("Circle", '<gs:radius uom="urn:ogc:def:uom:EPSG::9002">45</gs:radius>'), None),
    ],
)
def test_uncertainty_is_the_largest_half_axis_in_metres(xml: str, uncertainty_m: float | None) -> None:
    place = parse(xml)
    assert place.position == Position(32.2189, -110.9665)
    assert place.uncertainty_m == uncertainty_m


def test_a_polygon_becomes_its_centroid_and_reach() -> None:
    corners = [(32.20, -110.95), (32.20, -110.93), (32.22, -110.93), (32.22, -110.95)]
    place = parse(polygon(corners))
    assert place.position is not None
    assert distance_m(place.position, Position(32.21, -110.94)) < 1.0
    assert place.uncertainty_m == pytest.approx(distance_m(place.position, Position(32.20, -110.95)), abs=1.0)


@given(st.lists(st.tuples(st.floats(32.1, 32.3), st.floats(-111.0, -110.8)), min_size=3, max_size=8, unique=True))
def test_no_corner_lies_farther_than_the_uncertainty(corners: list[tuple[float, float]]) -> None:
    place = parse(polygon(corners))
    if place.position is None:
        assert place.note
    else:
        assert place.uncertainty_m is not None
        assert all(distance_m(place.position, Position(*corner)) <= place.uncertainty_m + 0.1 for corner in corners)


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (presence(CIVIC), "address without coordinates"),
        (presence(""), "neither a shape"),
        (presence(POINT.replace("32.2189 -110.9665", "-110.9665 32.2189")), "swapped"),
        (presence(POINT.replace("32.2189 -110.9665", "0 0")), "geocoder found no place"),
        (presence(POINT.replace("32.2189 -110.9665", "32.2189")), "too few"),
        (presence(POINT.replace("32.2189 -110.9665", "north west")), "no numbers"),
        (presence(POINT.replace("4326", "32612")), "not in WGS 84"),
        (polygon([(32.2, -110.9), (32.2, -110.9), (32.3, -110.9)]), "fewer than three corners"),
        ("<presence>", "cannot be read"),
        ("", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_no_position_says_why(xml: str, words: str) -> None:
    place = parse(xml)
    assert place.position is None
    assert words in place.note


def test_an_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("leaked")
    evil = f'<?xml version="1.0"?><!DOCTYPE presence [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>'
    place = parse(presence(CIVIC.replace("Example", "&leak;") + POINT, evil))
    assert place.position is None
    assert (place.address, "document type" in place.note) == ("", True)


def test_a_bomb_of_entities_does_not_go_off() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE presence [<!ENTITY e0 "boom">{levels}]>'
    assert parse(presence(CIVIC.replace("Example", "&e9;"), bomb)).address == ""

"""KML and KMZ as Google Earth and GIS programs write them, and what must not be let in with them."""

import io
import zipfile

import pytest
from shapely.geometry import Point, Polygon

from dfr.airspace.readers import archive
from dfr.core.geo import Agl, Amsl
from dfr.core.times import TimeRange
from dfr.core.zone import ZoneKind
from tests.unit.airspace.readers.files import CROSSING, SMALL, SQUARE, TUCSON, fault, faults, read

OGC = "http://www.opengis.net/kml/2.2"
KIND = '<ExtendedData><Data name="kind"><value>no_fly</value></Data></ExtendedData>'


def coordinates(ring: list[list[float]], height: str = "") -> str:
    places = " ".join(f"{x},{y}{height and f',{height}'}" for x, y in ring)
    return f"<coordinates>\n  {places}\n</coordinates>"


def outline(
    ring: list[list[float]] = SQUARE, height: str = "", modes: str = "", hole: list[list[float]] | None = None
) -> str:
    inner = f"<innerBoundaryIs><LinearRing>{coordinates(hole)}</LinearRing></innerBoundaryIs>" if hole else ""
    return (
        f"<Polygon>{modes}<outerBoundaryIs><LinearRing>{coordinates(ring, height)}</LinearRing></outerBoundaryIs>"
        f"{inner}</Polygon>"
    )


def data(**values: str) -> str:
    entries = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in values.items())
    return f"<ExtendedData>{entries}</ExtendedData>"


def placemark(*parts: str, name: str = "The park") -> str:
    return f"<Placemark><name>{name}</name>{''.join(parts)}</Placemark>"


def kml(*placemarks: str, namespace: str = f' xmlns="{OGC}"') -> str:
    inner = "".join(placemarks)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><kml{namespace}><Document><Style id="s"><LineStyle/></Style>'
        f"<Folder><name>Zones</name>{inner}</Folder></Document></kml>"
    )


def kmz(content: str, name: str = "doc.kml") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("files/icon.png", b"no picture")
        packed.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("namespace", [f' xmlns="{OGC}"', ' xmlns="http://earth.google.com/kml/2.1"', ""])
def test_a_polygon_with_a_hole(namespace: str) -> None:
    (zone,) = read("kml", kml(placemark(KIND, outline(hole=SMALL)), namespace=namespace))
    assert (zone.id, zone.name, zone.kind) == ("kml-the-park", "The park", ZoneKind.NO_FLY)
    assert zone.shape.equals(Polygon(SQUARE, [SMALL]))
    assert (zone.bottom, zone.top, zone.times) == (None, None, None)


def test_everything_may_stand_in_the_extended_data() -> None:
    times = '{"ranges": [{"end": "2030-01-01T00:00:00Z"}]}'
    values = data(
        id="p-1",
        NAME="Reid Park",
        kind="Temporary",
        top_ft="200",
        top_datum="agl",
        authority="the city",
        incident_id="incident-1",
        times=times.replace('"', "&quot;"),
    )
    (zone,) = read("kml", kml(placemark(values, outline(SQUARE[:-1]))))
    assert (zone.id, zone.name, zone.kind, zone.incident_id) == ("p-1", "Reid Park", ZoneKind.TEMPORARY, "incident-1")
    assert (zone.top, zone.authority) == (Agl(200 * 0.3048), "the city")
    assert zone.times is not None
    assert zone.times.ranges == (TimeRange(None, 1893456000.0),)


def test_simple_data_of_a_schema() -> None:
    values = (
        '<ExtendedData><SchemaData schemaUrl="#zones"><SimpleData name="KIND">caution</SimpleData>'
        '<SimpleData name="bottom_m"/></SchemaData></ExtendedData>'
    )
    (zone,) = read("kml", kml(placemark(values, outline())))
    assert zone.kind is ZoneKind.CAUTION


def test_lines_circles_and_several_shapes() -> None:
    line = f"<LineString>{coordinates(SQUARE[:3])}</LineString>"
    (wide,) = read("kml", kml(placemark(data(kind="corridor", width_m="80"), line)))
    assert wide.shape.contains(Point(-110.925, 32.2203))
    point = f"<Point>{coordinates(SQUARE[:1])}</Point>"
    (circle,) = read("kml", kml(placemark(data(kind="no_fly", radius_m="50"), point)))
    assert circle.shape.contains(Point(-110.93, 32.2204))
    beside = [[x + 0.02, y] for x, y in SQUARE]
    several = f"<MultiGeometry><MultiGeometry>{outline()}</MultiGeometry>{outline(beside)}</MultiGeometry>"
    (both,) = read("kml", kml(placemark(KIND, several)))
    assert both.shape.geom_type == "MultiPolygon"


def test_names_that_repeat_are_numbered() -> None:
    zones = read("kml", kml(*(placemark(KIND, outline(), name="Untitled Polygon") for _ in range(3))))
    assert [zone.id for zone in zones] == ["kml-untitled-polygon", "kml-untitled-polygon-2", "kml-untitled-polygon-3"]


EXTRUDED = "<extrude>1</extrude><altitudeMode>{}</altitudeMode>"


def test_the_altitude_mode_is_the_datum() -> None:
    said = data(kind="no_fly", bottom_m="30", top_m="60")
    (zone,) = read("kml", kml(placemark(said, outline(height="60", modes=EXTRUDED.format("relativeToGround")))))
    assert (zone.bottom, zone.top) == (Agl(30.0), Agl(60.0))
    (zone,) = read("kml", kml(placemark(KIND, outline(height="760", modes=EXTRUDED.format("absolute")))))
    assert (zone.bottom, zone.top) == (None, Amsl(760.0))
    for mode in ("", "<altitudeMode>clampToGround</altitudeMode>"):
        (zone,) = read("kml", kml(placemark(KIND, outline(height="760", modes=mode))))
        assert (zone.bottom, zone.top) == (None, None)
    (zone,) = read(
        "kml", kml(placemark(KIND, outline(height="0", modes="<altitudeMode>relativeToGround</altitudeMode>")))
    )
    assert (zone.bottom, zone.top) == (None, None)


@pytest.mark.parametrize(
    ("span", "start_s", "end_s"),
    [
        ("<begin>2026-07-04T18:00:00-07:00</begin><end>2026-07-05T08:00:00Z</end>", 1783213200.0, 1783238400.0),
        ("<begin>2026-07-04</begin><end>2026-07-04</end>", 1783123200.0, 1783209600.0),
        ("<begin>2026-01</begin><end>2026-12</end>", 1767225600.0, 1798761600.0),
        ("<begin>2026</begin>", 1767225600.0, None),
        ("<end>2026</end>", None, 1798761600.0),
        ("<end>2026-02</end>", None, 1772323200.0),
    ],
)
def test_a_time_span_is_a_range(span: str, start_s: float | None, end_s: float | None) -> None:
    (zone,) = read("kml", kml(placemark(KIND, f"<TimeSpan>{span}</TimeSpan>", outline())))
    assert zone.times is not None
    assert zone.times.ranges == (TimeRange(start_s, end_s),)


def test_a_kmz_is_its_first_kml() -> None:
    content = kml(placemark(KIND, outline()))
    for name in ("doc.kml", "Zones.KML", "deep/er/zones.kml"):
        assert read("kml", kmz(content, name)) == read("kml", content)
    assert read("kml", content.encode("utf-8-sig")) == read("kml", content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (placemark(outline()), "has no kind"),
        (placemark(data(kind="nofly"), outline()), "kind 'nofly' is unknown"),
        (placemark(KIND, outline(), name=""), "has no name"),
        (placemark(KIND), "has no geometry"),
        (placemark(KIND, outline(), outline()), "several geometries"),
        (placemark(KIND, outline(CROSSING)), "crosses itself"),
        (placemark(KIND, outline([[y, x] for x, y in SQUARE])), "swapped"),
        (placemark(KIND, f"<LineString>{coordinates(SQUARE)}</LineString>"), "no width"),
        (placemark(KIND, f"<Point>{coordinates(SQUARE[:1])}</Point>"), "no radius"),
        (placemark(data(kind="no_fly", top_m="high", top_datum="agl"), outline()), "top_m is 'high'"),
        (placemark(data(kind="no_fly", top="FL065", top_datum="amsl"), outline()), "flight level"),
        (placemark(data(kind="no_fly", times="now"), outline()), "times are not JSON"),
        (placemark(data(kind="no_fly"), data(kind="caution"), outline()), "says kind twice"),
        (
            placemark(KIND, outline(height="60", modes="<altitudeMode>relativeToGround</altitudeMode>")),
            "where it begins",
        ),
        (
            placemark(KIND, outline(height="60", modes="<altitudeMode>relativeToSeaFloor</altitudeMode>")),
            "altitudeMode is",
        ),
        (
            placemark(KIND, f"<MultiGeometry>{outline()}{outline(modes=EXTRUDED.format('absolute'))}</MultiGeometry>"),
            "different altitudeModes",
        ),
        (
            placemark(KIND, f"<MultiGeometry>{outline()}<Point>{coordinates(SQUARE[:1])}</Point></MultiGeometry>"),
            "Point with Polygon",
        ),
        (placemark(KIND, "<MultiGeometry/>"), "no geometry"),
        (placemark(KIND, "<Polygon/>"), "0 outer boundaries"),
        (placemark(KIND, "<Polygon><outerBoundaryIs><LinearRing/></outerBoundaryIs></Polygon>"), "no coordinates"),
        (placemark(KIND, outline().replace("-110.93", "west", 1)), "cannot be read"),
        (placemark(KIND, outline().replace("-110.93,32.22", "-110.93,nan", 1)), "not a number"),
        (placemark(KIND, outline().replace(" -110.92", ",-110.92", 1)), "no longitude, latitude and height"),
        (placemark(KIND, "<Model/>"), "geometry is Model"),
        (placemark(KIND, "<TimeSpan><begin>soon</begin></TimeSpan>", outline()), "'soon', which is no date"),
    ],
)
def test_what_is_wrong_with_a_placemark_is_said(content: str, said: str) -> None:
    found = fault("kml", kml(content), TUCSON)
    assert found.startswith("file, placemark 0 (")
    assert said in found


def test_all_faults_at_once() -> None:
    assert len(faults("kml", kml(*(placemark(KIND, outline(CROSSING)) for _ in range(3))))) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<kml>", "is not KML"),
        ("", "is not KML"),
        ("<kml/>", "has no zones"),
        (kml("<NetworkLink><Link><href>http://127.0.0.1:1/</href></Link></NetworkLink>"), "nothing is fetched"),
        ('<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/hostname">]><kml>&a;</kml>', "a document type of its own"),
        ('<!DOCTYPE kml SYSTEM "http://127.0.0.1:1/x.dtd"><kml/>', "a document type of its own"),
    ],
)
def test_what_is_no_plain_kml_is_said(content: str, said: str) -> None:
    assert said in fault("kml", content)


def test_entities_that_grow_are_not_let_in() -> None:
    grown = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    content = f'<!DOCTYPE kml [<!ENTITY e0 "boom">{grown}]><kml><Document><name>&e11;</name></Document></kml>'
    assert fault("kml", content)


def test_archives_that_grow_are_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no .kml file" in fault("kml", kmz("", "readme.txt"))
    assert "cannot be unpacked" in fault("kml", kmz(kml())[:-30])
    monkeypatch.setattr(archive, "MOST_ENTRIES", 0)
    assert "at most 0 are read" in fault("kml", kmz(kml()))
    monkeypatch.undo()
    monkeypatch.setattr(archive, "LARGEST_BYTES", 1024**2)
    bomb = kmz(" " * 3 * 1024**2)
    assert len(bomb) < 10_000
    assert "unpacks to more than 1 MB" in fault("kml", bomb)

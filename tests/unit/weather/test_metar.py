"""METAR reports, most of Tucson International (KTUS), into our words."""

import math
from datetime import UTC, datetime

import pytest

from dfr.core.geo import Agl
from dfr.core.weather import Wind
from dfr.weather.metar import MetarError, parse, report_in

NOW_S = datetime(2026, 7, 1, 20, 30, tzinfo=UTC).timestamp()
DRY = "METAR KTUS 011953Z 28012G22KT 10SM FEW120 SCT200 39/04 A2981 RMK AO2 SLP052 T03890044"
MONSOON = "SPECI KTUS 011936Z VRB05G25KT 2 1/2SM +TSRA FEW035 BKN060CB OVC090 24/19 A3002 RMK AO2 LTGICCC"
FOG = "METAR KTUS 011853Z AUTO 00000KT M1/4SM FG VV001 08/08 A3010"


def test_a_dry_day() -> None:
    weather = parse(DRY, NOW_S)
    assert weather.source == "METAR KTUS"
    assert weather.observed_s == datetime(2026, 7, 1, 19, 53, tzinfo=UTC).timestamp()
    assert weather.wind is not None
    assert weather.wind.mean_mps == pytest.approx(12 * 1852 / 3600, abs=0.01)
    assert weather.wind.gust_mps == pytest.approx(22 * 1852 / 3600, abs=0.01)
    assert weather.wind.from_deg == 280.0
    assert weather.visibility_m == pytest.approx(16_093.0, abs=1.0)
    assert weather.cloud_base is not None
    assert weather.cloud_base.m == pytest.approx(12_000 * 0.3048, abs=0.1)
    assert weather.ceiling == Agl(math.inf)
    assert (weather.precipitation, weather.thunderstorm) == ((), False)
    assert weather.temperature_c == pytest.approx(38.9)
    assert weather.altimeter_hpa == pytest.approx(29.81 * 33.8639, abs=0.01)
    assert weather.text == DRY


def test_hectopascals_are_taken_as_they_are_and_none_is_none() -> None:
    assert parse("METAR EDDM 011950Z 28012KT CAVOK 12/04 Q1018", NOW_S).altimeter_hpa == 1018.0
    assert parse("METAR EDDM 011950Z 28012KT CAVOK 12/04 Q////", NOW_S).altimeter_hpa is None


def test_a_monsoon_storm() -> None:
    weather = parse(MONSOON, NOW_S)
    assert weather.wind is not None
    assert weather.wind.from_deg is None
    assert weather.wind.strongest_mps == pytest.approx(25 * 1852 / 3600, abs=0.01)
    assert weather.visibility_m == pytest.approx(2.5 * 1609.344, abs=1.0)
    assert weather.ceiling is not None
    assert weather.ceiling.m == pytest.approx(6000 * 0.3048, abs=0.1)
    assert (weather.precipitation, weather.thunderstorm) == (("heavy rain",), True)


def test_fog_is_on_the_ground_and_calm_has_no_direction() -> None:
    weather = parse(FOG, NOW_S)
    assert weather.wind == Wind(0.0)
    assert weather.visibility_m == pytest.approx(402.0, abs=1.0)
    assert weather.ceiling == weather.cloud_base
    assert weather.ceiling is not None
    assert weather.ceiling.m == pytest.approx(30.5, abs=0.1)


@pytest.mark.parametrize("sky", ["10SM CLR", "9999 NSC", "CAVOK"])
def test_no_cloud_is_known_to_be_none(sky: str) -> None:
    weather = parse(f"METAR KTUS 011953Z 28004KT {sky} 33/04 A2990", NOW_S)
    assert weather.ceiling == weather.cloud_base == Agl(math.inf)


def test_a_layer_without_a_height_leaves_the_lowest_unknown() -> None:
    weather = parse("METAR KTUS 011953Z AUTO 28004KT 10SM BKN/// 33/04 A2990", NOW_S)
    assert (weather.cloud_base, weather.ceiling) == (None, None)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ("-RA", ("light rain",)),
        ("FZDZ", ("freezing drizzle",)),
        ("RASN", ("rain and snow",)),
        ("VCSH", ()),
        ("BLDU HZ", ()),
        ("+SHGR", ("heavy hail",)),
    ],
)
def test_what_falls_on_the_station(groups: str, words: tuple[str, ...]) -> None:
    assert parse(f"METAR KTUS 011953Z 28004KT 6SM {groups} SCT030 02/01 A2990", NOW_S).precipitation == words


def test_what_is_not_said_is_unknown() -> None:
    weather = parse("METAR KTUS 011953Z AUTO /////KT ////// A2990", NOW_S)
    said = (weather.wind, weather.visibility_m, weather.ceiling, weather.temperature_c)
    assert said == (None, None, None, None)


@pytest.mark.parametrize(
    ("stamp", "now", "observed"),
    [
        ("302353Z", (2026, 7, 1, 0, 10), (2026, 6, 30, 23, 53)),
        ("311853Z", (2026, 7, 1, 0, 10), (2026, 5, 31, 18, 53)),
        ("010010Z", (2026, 6, 30, 22, 50), (2026, 6, 1, 0, 10)),
        ("302400Z", (2026, 7, 1, 0, 10), None),
        ("010020Z", (2026, 7, 1, 0, 10), (2026, 7, 1, 0, 20)),
    ],
)
def test_the_month_is_the_last_that_fits(stamp: str, now: tuple[int, ...], observed: tuple[int, ...] | None) -> None:
    now_s = datetime(*now, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]
    report = f"METAR KTUS {stamp} 28004KT 10SM CLR 33/04 A2990"
    if observed is None:
        with pytest.raises(MetarError):
            parse(report, now_s)
        return
    assert parse(report, now_s).observed_s == datetime(*observed, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("text", ["", "hello", "METAR KTUS 011953Z NIL"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(MetarError):
        parse(text, NOW_S)


def test_the_report_in_a_file_of_the_weather_service() -> None:
    assert report_in(f"2026/07/01 19:53\n{DRY.removeprefix('METAR ')}\n") == DRY.removeprefix("METAR ")
    with pytest.raises(MetarError):
        report_in("2026/07/01 19:53\n")

"""The plain form of a call."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.cad.feed import PLAIN, CadError
from dfr.cad.plain import parse
from dfr.core.geo import Position
from dfr.core.incident import IncidentState

CALL: dict[str, Any] = {
    "source": "tpd",
    "source_id": "2026-118",
    "type": "ROBBERY",
    "priority": 1,
    "latitude_deg": 32.2217,
    "longitude_deg": -110.9265,
}


def changed(**fields: Any) -> str:
    return json.dumps({name: value for name, value in (CALL | fields).items() if value is not ...})


def test_the_shortest_call() -> None:
    report = parse(json.dumps(CALL), PLAIN)
    assert (report.source, report.source_id, report.type) == ("tpd", "2026-118", "ROBBERY")
    assert (report.priority, report.source_priority) == (1, "1")
    assert report.position == Position(32.2217, -110.9265)
    assert (report.status, report.note, report.uncertainty_m) == (IncidentState.OPEN, "", None)


def test_every_field() -> None:
    raw = changed(
        description="two men", address="1 Main St", status="cancelled", updated="2026-03-02T03:14:08Z", uncertainty_m=40
    )
    report = parse(raw, PLAIN)
    assert (report.description, report.address) == ("two men", "1 Main St")
    assert report.status is IncidentState.CANCELLED
    assert (report.source_updated_s, report.uncertainty_m) == (1772421248.0, 40.0)


@pytest.mark.parametrize("name", ["source", "source_id", "type", "priority"])
def test_a_missing_field_is_named(name: str) -> None:
    with pytest.raises(CadError, match=f"{name} is missing") as caught:
        parse(changed(**{name: ...}), PLAIN)
    assert caught.value.pointer == f"/{name}"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"priority": 0}, "/priority"),
        ({"priority": "high"}, "/priority"),
        ({"priority": True}, "/priority"),
        ({"source": "  "}, "/source"),
        ({"type": ["ROBBERY"]}, "/type"),
        ({"latitude_deg": "32.2"}, "/latitude_deg"),
        ({"longitude_deg": 10**400}, "/longitude_deg"),
        ({"status": "done"}, "/status"),
        ({"status": {}}, "/status"),
        ({"updated": 1772421248}, "/updated"),
        ({"uncertainty_m": -1}, "/uncertainty_m"),
    ],
)
def test_a_wrong_field_is_pointed_at(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(CadError) as caught:
        parse(changed(**fields), PLAIN)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"latitude_deg": 0, "longitude_deg": 0}, "geocoder found no place"),
        ({"latitude_deg": -110.9, "longitude_deg": 32.2}, "swapped"),
        ({"latitude_deg": ...}, "no position"),
        ({"latitude_deg": float("nan")}, "finite"),
    ],
)
def test_an_event_without_usable_position_is_still_an_event(fields: dict[str, Any], words: str) -> None:
    report = parse(changed(**fields), PLAIN)
    assert report.position is None
    assert words in report.note


def test_numbers_written_as_text_and_ids_written_as_numbers_count() -> None:
    report = parse(changed(priority="2", source_id=118), PLAIN)
    assert (report.priority, report.source_id) == (2, "118")


def test_a_time_without_zone_orders_nothing() -> None:
    report = parse(changed(updated="2026-03-01 20:14:08"), PLAIN)
    assert report.source_updated_s is None
    assert "its zone" in report.note


def test_unknown_fields_are_named() -> None:
    assert "Latitude" in parse(changed(Latitude=32.2), PLAIN).note


@pytest.mark.parametrize("raw", ["", "{", "[1]", "null", "[" * 100_000, '{"a": ' + "9" * 5000 + "}"])
def test_what_is_no_json_object_is_an_error(raw: str) -> None:
    with pytest.raises(CadError):
        parse(raw, PLAIN)


def test_half_a_surrogate_pair_becomes_text_that_can_be_stored() -> None:
    report = parse(changed(description="men \ud83d and \U0001f600"), PLAIN)
    assert report.description == "men ? and \U0001f600"


@given(st.dictionaries(st.sampled_from([*CALL, "status", "updated", "note"]), st.none() | st.integers() | st.text()))
def test_any_object_is_a_report_or_an_error(fields: dict[str, Any]) -> None:
    with contextlib.suppress(CadError):
        report = parse(json.dumps(CALL | fields), PLAIN)
        assert report.position is not None or report.note

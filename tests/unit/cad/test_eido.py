"""EIDO documents: the four of one incident, and every way in which they go wrong."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.cad.eido import parse
from dfr.cad.feed import NENA_EIDO, CadError
from dfr.core.geo import Position
from dfr.core.incident import IncidentState

DATA = Path(__file__).parents[2] / "data" / "eido"
NEW: dict[str, Any] = json.loads((DATA / "synthetic_tucson_1_new.json").read_text(encoding="utf-8"))


def document(name: str) -> str:
    return (DATA / f"synthetic_tucson_{name}.json").read_text(encoding="utf-8")


def changed(*path: str | int, to: Any) -> str:
    """The new incident with one value changed; `...` takes it away."""
    whole = copy.deepcopy(NEW)
    place: Any = whole
    for step in path[:-1]:
        place = place[step]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return json.dumps(whole)


def test_a_new_incident() -> None:
    report = parse(document("1_new"), NENA_EIDO)
    assert report.source == "psap.example.az.us"
    assert report.source_id == "urn:emergency:uid:incidentid:b7c1d2e3f40:psap.example.az.us"
    assert (report.type, report.source_priority, report.priority) == ("SHOOT", "10", 1)
    assert (report.position, report.uncertainty_m) == (Position(32.2189, -110.9665), 45.0)
    assert report.address == "200 S Example Ave, Tucson, AZ"
    assert report.description == "SHOTS HEARD\nCaller heard 4-5 shots, no description"
    assert report.source_updated_s == 1772421248.0
    assert (report.status, report.note) == (IncidentState.OPEN, "")


def test_the_four_documents_are_one_incident_in_order() -> None:
    names = ("1_new", "2_assigned_uav", "3_new_location", "4_closed")
    reports = [parse(document(name), NENA_EIDO) for name in names]
    assert len({(report.source, report.source_id) for report in reports}) == 1
    times = [report.source_updated_s for report in reports]
    assert times == sorted(times)  # type: ignore[type-var]
    assert reports[2].position == Position(32.22211, -110.96288)
    assert [report.status for report in reports] == [IncidentState.OPEN] * 3 + [IncidentState.CLOSED]


def test_the_incident_may_be_in_a_list() -> None:
    assert parse(changed("incidentComponent", to=[NEW["incidentComponent"]]), NENA_EIDO).type == "SHOOT"


def test_an_old_draft_is_read() -> None:
    old = copy.deepcopy(NEW)
    old["locationInformationComponent"] = old.pop("locationComponent")
    old["incidentTrackingIdentifier"] = old["$id"]
    old["$id"] = "incidentid:0:psap.example.az.us:header"
    old["LastUpdateTimeStamp"] = old.pop("lastUpdateTimeStamp")
    assert parse(json.dumps(old), NENA_EIDO) == parse(json.dumps(NEW), NENA_EIDO)


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["Active", "ResourcesAssigned"], IncidentState.OPEN),
        ([], IncidentState.OPEN),
        (["Cancelled"], IncidentState.CANCELLED),
        (["Closed", "StructureCleared"], IncidentState.CLOSED),
        (["Closed", "Cancelled"], IncidentState.CANCELLED),
        (["ReOpened"], IncidentState.OPEN),
        (["ReOpened", "Closed"], IncidentState.CLOSED),
        (["Active", "ReOpened", "Closed"], IncidentState.OPEN),
        ("Closed", IncidentState.CLOSED),
        (None, IncidentState.OPEN),
    ],
)
def test_several_statuses_hold_at_once(statuses: object, state: IncidentState) -> None:
    raw = changed("incidentComponent", "incidentStatusCommonRegistryText", to=statuses)
    assert parse(raw, NENA_EIDO).status is state


def test_a_contradiction_is_noted() -> None:
    raw = changed("incidentComponent", "incidentStatusCommonRegistryText", to=["Active", "ReOpened", "Cancelled"])
    assert "counts as open" in parse(raw, NENA_EIDO).note


@pytest.mark.parametrize("kind", ["RoutingLocation", "TowerLocation", "Caller", "Staging", "UnitLocation"])
def test_only_the_scene_is_flown_to(kind: str) -> None:
    report = parse(changed("locationComponent", 0, "locationTypeDescriptionRegistryText", to=kind), NENA_EIDO)
    assert report.position is None
    assert f"only {kind}" in report.note


def test_the_newest_scene_counts() -> None:
    newer = copy.deepcopy(NEW["locationComponent"][0])
    newer |= {"$id": "loc-2", "lastUpdateTimeStamp": "2026-03-01T20:15:00-07:00"}
    newer["locationByValue"] = newer["locationByValue"].replace("32.2189 -110.9665", "32.23 -110.95")
    whole = copy.deepcopy(NEW)
    whole["locationComponent"].insert(0, newer)
    whole["incidentComponent"]["locationReference"] = [{"$ref": "loc-1"}, {"$ref": "loc-2"}]
    assert parse(json.dumps(whole), NENA_EIDO).position == Position(32.23, -110.95)


def test_a_location_of_something_else_is_not_the_scene() -> None:
    whole = copy.deepcopy(NEW)
    other = copy.deepcopy(NEW["locationComponent"][0]) | {"$id": "loc-other"}
    other["lastUpdateTimeStamp"] = "2027-01-01T00:00:00Z"
    other["locationByValue"] = other["locationByValue"].replace("32.2189 -110.9665", "33 -112")
    whole["locationComponent"].append(other)
    assert parse(json.dumps(whole), NENA_EIDO).position == Position(32.2189, -110.9665)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (changed("locationComponent", to=...), "no location of the incident"),
        (changed("incidentComponent", "locationReference", to=[{"$ref": "gone"}]), "'gone'"),
        (changed("locationComponent", 0, "locationByValue", to=...), "is empty"),
        (changed("locationComponent", 0, "locationByValue", to="<presence>"), "/locationComponent/0/locationByValue"),
    ],
)
def test_a_location_that_cannot_be_read_is_noted(raw: str, words: str) -> None:
    assert words in parse(raw, NENA_EIDO).note


def test_a_location_by_reference_is_noted() -> None:
    whole = copy.deepcopy(NEW)
    del whole["locationComponent"][0]["locationByValue"]
    whole["locationComponent"][0]["locationByReferenceUrl"] = "https://lrf.example.com/x"
    report = parse(json.dumps(whole), NENA_EIDO)
    assert (report.position, "link to a location server" in report.note) == (None, True)


@pytest.mark.parametrize("value", [None, 11, -1, "urgent", 2.5, True, {}])
def test_a_priority_that_cannot_be_ranked_ranks_lowest_and_says_so(value: object) -> None:
    report = parse(changed("incidentComponent", "incidentCommonPriorityNumber", to=value), NENA_EIDO)
    assert report.priority == 5
    assert "counts as the lowest" in report.note


def test_the_internal_priority_is_kept_when_there_is_no_common_one() -> None:
    report = parse(changed("incidentComponent", "incidentCommonPriorityNumber", to=...), NENA_EIDO)
    assert (report.source_priority, report.priority) == ("1", 5)


def test_a_note_in_html_is_read_as_text() -> None:
    raw = changed("notesComponent", 0, "notesActionComments", to="<p>Two <b>men</b> &amp; a dog</p><script>x</script>")
    assert "Two men & a dog" in parse(raw, NENA_EIDO).description
    assert "<" not in parse(raw, NENA_EIDO).description


def test_a_time_without_zone_is_left_out() -> None:
    report = parse(changed("lastUpdateTimeStamp", to="2026-03-01T20:14:08"), NENA_EIDO)
    assert (report.source_updated_s, "left out" in report.note) == (None, True)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (changed("$id", to=...), "/$id"),
        (changed("incidentComponent", to=...), "/incidentComponent"),
        (changed("incidentComponent", to=[{}, {}]), "/incidentComponent/1"),
        (changed("incidentComponent", to=[7]), "/incidentComponent/0"),
        (changed("incidentComponent", to={}), "/incidentComponent/incidentTypeCommonRegistryText"),
        (
            changed("incidentComponent", "incidentStatusCommonRegistryText", to=[7]),
            "/incidentComponent/incidentStatusCommonRegistryText",
        ),
        (changed("locationComponent", 0, "locationByValue", to=7), "/locationComponent/0/locationByValue"),
        (json.dumps(NEW | {"$id": "x", "issuingElementIdentification": ""}), "/issuingElementIdentification"),
        ("not json", ""),
    ],
)
def test_what_is_no_incident_is_pointed_at(raw: str, pointer: str) -> None:
    with pytest.raises(CadError) as caught:
        parse(raw, NENA_EIDO)
    assert caught.value.pointer == pointer


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(["incidentComponent", "locationComponent", "notesComponent", "lastUpdateTimeStamp", "$id"]), JSON
)
def test_any_value_anywhere_is_a_report_or_an_error(name: str, value: object) -> None:
    with contextlib.suppress(CadError):
        report = parse(json.dumps(NEW | {name: value}), NENA_EIDO)
        assert report.position is not None or report.note


@given(st.sampled_from(sorted(NEW["incidentComponent"])), JSON)
def test_any_value_in_the_incident_is_a_report_or_an_error(name: str, value: object) -> None:
    with contextlib.suppress(CadError):
        report = parse(json.dumps(NEW | {"incidentComponent": NEW["incidentComponent"] | {name: value}}), NENA_EIDO)
        assert report.type

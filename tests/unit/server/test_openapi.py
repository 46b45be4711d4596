"""The OpenAPI document: complete, without bare objects, and the one from which the pages' types are made."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dfr.server.access import ACCESS, API
from dfr.server.auth_store import Role
from dfr.server.factory import openapi_document
from tests.unit.server.world import World

DOCUMENT = openapi_document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
FREE_FORM = {"BasemapProperties"}
"""A site's own properties are kept as they are."""


def inside(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from inside(value)
    elif isinstance(node, list):
        for value in node:
            yield from inside(value)


def test_the_pages_types_are_made_from_this_very_document() -> None:
    kept = Path(__file__).parents[3] / "web" / "openapi.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == DOCUMENT, (
        "The routes changed: run `python -m dfr.server.openapi web/openapi.json`."
    )


def test_it_is_served(world: World) -> None:
    assert world.ask("GET", f"{API}/openapi.json", Role.VIEWER).json() == DOCUMENT


def test_it_holds_every_route_of_the_api() -> None:
    documented = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}
    wanted = {
        (method, path)
        for method, path in ACCESS
        if path.startswith(API) and method != "WEBSOCKET" and not path.endswith("openapi.json")
    }
    assert documented == wanted


def test_every_reference_leads_somewhere() -> None:
    references = {node["$ref"] for node in inside(DOCUMENT) if isinstance(node.get("$ref"), str)}
    assert references
    assert {reference.removeprefix("#/components/schemas/") for reference in references} <= set(SCHEMAS)


def test_no_schema_is_a_bare_object() -> None:
    for name, schema in SCHEMAS.items():
        for node in inside(schema):
            if node.get("type") == "object" and name not in FREE_FORM:
                assert "properties" in node, name
                assert not node.get("additionalProperties"), name


def test_every_answers_field_is_always_there() -> None:
    for name in (
        "Incident",
        "Flight",
        "Asset",
        "Telemetry",
        "Stream",
        "Refusal",
        "Problem",
        "Health",
        "SnapshotMessage",
    ):
        assert set(SCHEMAS[name]["required"]) == set(SCHEMAS[name]["properties"]), name


def test_unions_name_their_discriminator() -> None:
    unions = [node for node in inside(SCHEMAS) if len(node.get("oneOf", [])) > 1]
    assert len(unions) >= 4
    assert all("discriminator" in union for union in unions)


def test_numbers_carry_their_unit() -> None:
    units = ("_s", "_m", "_mps", "_deg", "_degps", "_px", "_v", "_fraction", "_per_second", "_mb")
    plain = {"priority", "leg", "sequence", "dropped", "severity", "count", "status", "viewers", "system_id"} | {
        "positions_acted_on", "positions_too_old", "magnification", "photographs", "index", "revision",
        "zones_revision",
    }  # fmt: skip
    spoken = {"seconds_to_scene", "minutes_on_scene"}
    for name, schema in SCHEMAS.items():
        for field, node in schema.get("properties", {}).items():
            kinds = {part.get("type") for part in [node, *node.get("anyOf", [])]}
            if kinds & {"number", "integer"}:
                assert field.endswith(units) or field in plain | spoken, f"{name}.{field}"


def test_each_operation_says_its_roles_and_its_problems() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            allowed = ACCESS[method.upper(), path]
            assert operation["x-roles"] == sorted(allowed or ())
            problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
            assert operation["summary"]

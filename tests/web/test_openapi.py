"""The description says exactly what the server does."""

from typing import Any

import jsonschema_rs
import orjson
import pytest

from one.runtime import operations_of
from one.web import openapi
from tests.web import shelf


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return orjson.loads(openapi.with_features(openapi.document(operations_of(shelf)), {}))


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    found = {(method.upper(), path) for path, here in document["paths"].items() for method in here}
    assert found == {(o.method, o.path) for o in operations_of(shelf)}


def test_statuses_are_those_declared_and_those_of_the_door(document: dict[str, Any]) -> None:
    create = document["paths"]["/api/books"]["post"]
    assert list(create["responses"]) == [
        "201",
        "401",
        "403",
        "409",
        "413",
        "415",
        "422",
        "502",
    ]
    assert "Another book has this title." in create["responses"]["409"]["description"]
    read = document["paths"]["/api/books/{id}"]["get"]
    assert list(read["responses"]) == ["200", "304", "401", "403", "404", "422", "502"]


def test_who_needs_a_token_is_said(document: dict[str, Any]) -> None:
    assert document["paths"]["/api/books"]["post"]["security"] == [{"bearer": []}]
    assert document["paths"]["/api/books"]["get"]["security"] == [{}, {"bearer": []}]


def test_parameters_stand_where_they_are_read(document: dict[str, Any]) -> None:
    find = document["paths"]["/api/books"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in find}
    assert by_name["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 200,
        "default": 50,
    }
    assert by_name["genre"]["schema"]["type"] == "array"
    update = document["paths"]["/api/books/{id}"]["patch"]
    places = {parameter["name"]: parameter["in"] for parameter in update["parameters"]}
    assert places == {"id": "path", "Idempotency-Key": "header", "If-Match": "header"}


def test_references_resolve_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    schemas = set(document["components"]["schemas"])
    text = orjson.dumps(document).decode()
    used = {name for name in schemas if f'"#/components/schemas/{name}"' in text}
    assert used == schemas
    assert text.count('"$ref"') == sum(text.count(f'schemas/{name}"') for name in schemas)
    for name in schemas:
        jsonschema_rs.meta.validate(document["components"]["schemas"][name])

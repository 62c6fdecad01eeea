"""The committed description is the one that the code makes, and it is complete in itself."""

import json
from collections.abc import Iterator
from typing import Any

from hotline.api import openapi
from hotline.api.routes import ROUTES
from tests.house.source import ROOT


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_committed_description_is_current() -> None:
    committed = (ROOT / "protocol" / "openapi.json").read_bytes()
    assert committed == openapi.text(), "run: python -m hotline.api.openapi > protocol/openapi.json"


def test_every_endpoint_is_described_and_every_reference_leads_somewhere() -> None:
    document = json.loads(openapi.text())
    assert document["openapi"] == "3.1.0"
    assert {(method.upper(), path) for path, operations in document["paths"].items() for method in operations} == {
        (route.method, route.path) for route in ROUTES
    }
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= schemas


def test_every_operation_says_how_it_fails() -> None:
    operations = [operation for path in openapi.document()["paths"].values() for operation in path.values()]
    assert all("default" in operation["responses"] for operation in operations)


def test_the_names_in_a_query_are_described_with_their_bounds() -> None:
    parameters = openapi.document()["paths"]["/v1/inbox"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["after", "consumer", "limit", "all"]
    assert parameters[2]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}

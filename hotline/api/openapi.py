"""The API as an OpenAPI 3.1 document, made from the route table and the structs that the server decodes with.

protocol/openapi.json is its committed output: `python -m hotline.api.openapi > protocol/openapi.json`
"""

import sys
from typing import Any

import msgspec

from hotline.api.routes import JSON, JSON_LINES, ROUTES, TEXT, Route
from hotline.api.types import Api, Failure

_TEMPLATE = "#/components/schemas/{name}"
_SAID = {200: "Done.", 201: "Durable here.", 204: "Durable here; there is nothing to say."}


def document() -> dict[str, Any]:
    """The whole document, as plain values."""
    bodies = {kind for route in ROUTES for kind in (route.body, route.answer) if kind is not None}
    _, schemas = _schemas({*bodies, Failure})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hotline station",
            "version": "1",
            "description": "HTTP on the Unix socket of a station, `api.sock` in its home (0600): "
            "`curl --unix-socket ~/.hotline/api.sock http://hotline/v1/status`. "
            "Every error is a Failure. Unknown fields and query names are refused.",
        },
        "servers": [{"url": "http://hotline", "description": "Any host name: the socket decides."}],
        "paths": _paths(),
        "components": {"schemas": schemas},
    }


def text() -> bytes:
    """The document as it is committed and served: indented, in a fixed order."""
    return msgspec.json.format(msgspec.json.encode(document(), order="deterministic"), indent=2) + b"\n"


def _schemas(kinds: set[type[Api]]) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    return msgspec.json.schema_components(sorted(kinds, key=lambda kind: kind.__name__), ref_template=_TEMPLATE)


def _paths() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return paths


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.id, "summary": route.summary, "responses": _responses(route)}
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {route.body_as: {"schema": _ref(route.body)}}}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    parameters = []
    if route.path.endswith("{ref}"):
        parameters.append({"name": "ref", "in": "path", "required": True, "schema": {"type": "string"}})
    if route.query is not None:
        _, schemas = _schemas({route.query})
        fields = schemas[route.query.__name__]["properties"]
        parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]
    return parameters


def _responses(route: Route) -> dict[str, Any]:
    failed = {"description": "An error.", "content": {JSON: {"schema": _ref(Failure)}}}
    return {**{str(status): _response(route, status) for status in route.statuses}, "default": failed}


def _response(route: Route, status: int) -> dict[str, Any]:
    if status == 204:
        return {"description": _SAID[status]}
    schema: dict[str, Any] = {"type": "string"} if route.answer_as == TEXT else {"type": "object"}
    if route.answer is not None:
        schema = _ref(route.answer)
    if route.answer_as == JSON_LINES:
        # OpenAPI 3.1 has no word for a stream of items: the schema is that of one line.
        schema = {"anyOf": [schema, _ref(Failure)]} if route.body else schema
        return {"description": "One JSON object a line.", "content": {JSON_LINES: {"schema": schema}}}
    return {"description": _SAID[status], "content": {route.answer_as: {"schema": schema}}}


def _ref(kind: type[Api]) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(name=kind.__name__)}


if __name__ == "__main__":
    sys.stdout.buffer.write(text())

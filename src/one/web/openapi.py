"""OpenAPI 3.1 of the operations, from the same declarations that serve them."""

from collections.abc import Iterable, Mapping
from typing import Literal, cast

import orjson
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from one import __version__
from one.errors import JSON, Conflict, Denied, Invalid, NotSignedIn, OneError, Outside
from one.runtime import AnyOperation
from one.web.errors import TooLarge, UnsupportedMedia

Object = dict[str, JSON]
Part = Literal["path", "input", "result"]
SCHEMAS = "#/components/schemas/"

PROBLEM: Object = {
    "type": "object",
    "description": "What went wrong (RFC 9457), in words for the user, and what to do about it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "cure": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the input."},
                    "message": {"type": "string"},
                    "allowed": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}
IDEMPOTENCY: Object = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Repeating a request with its key answers as the first time and does nothing.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
IF_MATCH: Object = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that was last seen; 409 when the thing has changed since.",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,18}")$'},
}
IF_NONE_MATCH: Object = {
    "name": "If-None-Match",
    "in": "header",
    "description": "An ETag; 304 without a body while it holds.",
    "schema": {"type": "string"},
}
ETAG: Object = {
    "ETag": {"description": "The version of the thing.", "schema": {"type": "string"}},
}
LOCATION: Object = {
    "Location": {"description": "Where the thing is.", "schema": {"type": "string"}},
}


class _Plain(GenerateJsonSchema):
    """Without the titles, which only repeat the names."""

    def field_title_should_be_set(self, schema: object) -> bool:
        del schema
        return False


class _Schemas:
    """Of every operation: its path, its input and its result, with what they share."""

    def __init__(self, operations: Iterable[AnyOperation]) -> None:
        wanted: list[tuple[tuple[str, str], Literal["validation", "serialization"], CoreSchema]]
        wanted = []
        for operation in operations:
            for part, input in (("path", operation.in_path), ("input", operation.input)):
                if input.parameters:
                    schema = input.model.__pydantic_core_schema__
                    wanted.append(((operation.name, part), "validation", schema))
            if operation.result is not None:
                schema = operation.adapter.core_schema
                wanted.append(((operation.name, "result"), "serialization", schema))
        found, shared = _Plain(ref_template=SCHEMAS + "{model}").generate_definitions(wanted)
        self._found: Mapping[tuple[str, str], Object] = {
            key: spec for (key, _), spec in found.items()
        }
        self.shared: Object = {str(name): spec for name, spec in shared.items()}

    def of(self, operation: AnyOperation, part: Part) -> Object:
        return self._found[operation.name, part]

    def parameters(self, operation: AnyOperation, part: Part) -> list[JSON]:
        """The fields of a part that stands in the URL, each on its own."""
        spec = self._found.get((operation.name, part), {})
        reference = spec.get("$ref")
        if isinstance(reference, str):
            spec = cast(Object, self.shared.pop(reference.removeprefix(SCHEMAS)))
        required = cast("list[str]", spec.get("required", []))
        fields = cast("dict[str, Object]", spec.get("properties", {}))
        return [
            _parameter(name, field, required=name in required, part=part)
            for name, field in fields.items()
        ]


def document(
    operations: tuple[AnyOperation, ...], *, streams: Mapping[str, JSON] | None = None
) -> Object:
    """The document; `streams` are described apart, as nobody can wait for their end."""
    schemas = _Schemas(operations)
    paths: dict[str, JSON] = {}
    for operation in operations:
        here = cast(Object, paths.setdefault(operation.path, {}))
        here[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ONE",
            "version": __version__,
            "description": "Everything is an entity, a connection, an event or a tag.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": room} for room in dict.fromkeys(o.room for o in operations)],
        "paths": paths,
        **({"x-streams": dict(streams)} if streams else {}),
        "components": {
            "schemas": {**schemas.shared, "Problem": PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def with_features(fixed: Object, features: Mapping[str, Object]) -> bytes:
    """The document with the entries of live features, by address."""
    paths = cast(Object, fixed["paths"])
    return orjson.dumps({**fixed, "paths": {**paths, **features}})


def _operation(operation: AnyOperation, schemas: _Schemas) -> Object:
    parameters: list[JSON] = schemas.parameters(operation, "path")
    bearer: JSON = {"bearer": []}
    described: Object = {
        "operationId": to_camel(operation.name),
        "tags": [operation.room],
        "summary": operation.summary,
        "description": operation.doc,
        "security": [{}, bearer] if operation.allow.visitors else [bearer],
    }
    if operation.reads_url:
        parameters += schemas.parameters(operation, "input")
    elif operation.input.parameters:
        described["requestBody"] = _request_body(operation, schemas)
    if operation.kind == "write":
        parameters.append(IDEMPOTENCY)
        parameters += [IF_MATCH] if operation.in_path.parameters else []
    elif _versioned(operation):
        parameters.append(IF_NONE_MATCH)
    if parameters:
        described["parameters"] = parameters
    described["responses"] = _responses(operation, schemas)
    return described


def _request_body(operation: AnyOperation, schemas: _Schemas) -> Object:
    content: Object = {"application/json": {"schema": schemas.of(operation, "input")}}
    parameters = operation.input.parameters.values()
    return {"required": any(p.default is p.empty for p in parameters), "content": content}


def _parameter(name: str, field: Object, *, required: bool, part: Part) -> Object:
    described: Object = {"name": name, "in": "path" if part == "path" else "query"}
    field = dict(field)  # what is shared stays whole
    if "description" in field:
        described["description"] = field.pop("description")
    choices = field.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        real = [choice for choice in choices if choice != {"type": "null"}]
        field = field | {"anyOf": real} if len(real) > 1 else cast(Object, real[0])
    if field.get("default", "") is None:
        field.pop("default")
    described["required"] = required
    described["schema"] = field
    return described


def _versioned(operation: AnyOperation) -> bool:
    return "version" in getattr(operation.result, "model_fields", {})


def _responses(operation: AnyOperation, schemas: _Schemas) -> Object:
    answer: Object = {"description": operation.summary}
    if operation.result is not None:
        answer["content"] = {"application/json": {"schema": schemas.of(operation, "result")}}
    headers: Object = ETAG if _versioned(operation) else {}
    if operation.status == 201:
        headers = headers | LOCATION
    if headers:
        answer["headers"] = headers
    responses: Object = {str(operation.status): answer}
    if operation.kind == "read" and _versioned(operation):
        responses["304"] = {"description": "It is as the caller knows it."}
    by_status: dict[int, list[type[OneError]]] = {}
    for error in _errors(operation):
        by_status.setdefault(error.status, []).append(error)
    for status, errors in sorted(by_status.items()):
        words = " ".join((error.__doc__ or error.title).strip() for error in errors)
        schema: JSON = {"$ref": SCHEMAS + "Problem"}
        content: JSON = {"application/problem+json": {"schema": schema}}
        responses[str(status)] = {"description": words, "content": content}
    return responses


def _errors(operation: AnyOperation) -> Iterable[type[OneError]]:
    """Those it declares and those that the door and the plumbing may add."""
    found: list[type[OneError]] = [*operation.raises, NotSignedIn, Denied, Invalid, Outside]
    if operation.kind == "write":
        found.append(Conflict)
    if not operation.reads_url:
        found += [TooLarge, UnsupportedMedia]
    return dict.fromkeys(found)

"""What Stripe publishes of its wire: an application between a client and the sandbox that holds
every request and every answer against it.
"""

import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import jsonschema_rs
import orjson

from one.providers.stripe.inprocess import App, Message
from one.sandbox.form import nested
from tests.house.source import ROOT

Schema = dict[str, Any]
_BASE = "urn:stripe"
_SPEC = "seahaven_stripe_world/spec/spec3.json"


def wheel() -> Path | None:
    """Where `make` has put what Stripe publishes."""
    return next(iter((ROOT / ".venv" / "stripe").glob("*.whl")), None)


@cache
def spec() -> Schema:
    found = wheel()
    assert found is not None
    with zipfile.ZipFile(found) as archive:
        return cast("Schema", _with_null(orjson.loads(archive.read(_SPEC))))


def _with_null(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has another type."""
    if isinstance(node, list):
        return [_with_null(each) for each in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    made: Schema = {name: _with_null(each) for name, each in cast("Schema", node).items()}
    if made.pop("nullable", None) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(_BASE, {"components": spec()["components"]})])


@cache
def _paths() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path)
        for path in sorted(spec()["paths"], key=lambda path: path.count("{"))
    )


@cache
def operation(method: str, path: str) -> Schema:
    """What is published of a call."""
    for shape, known in _paths():
        if shape.fullmatch(path) and method.lower() in spec()["paths"][known]:
            return cast("Schema", spec()["paths"][known][method.lower()])
    raise AssertionError(f"Stripe has no {method} {path}")


@cache
def _checked(schema: bytes) -> jsonschema_rs.Draft7Validator:
    there = schema.replace(b'"#/components', f'"{_BASE}#/components'.encode())
    return jsonschema_rs.Draft7Validator(orjson.loads(there), registry=_registry())


def faults(value: object, schema: Schema) -> list[str]:
    """What of a value isn't as it is published."""
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
        for error in _checked(orjson.dumps(schema)).iter_errors(value)
    ]


def typed(value: Any, schema: Schema) -> Any:
    """Texts of a form as what the schema has in their place."""
    if "anyOf" in schema:
        made = [typed(value, each) for each in schema["anyOf"]]
        pairs = zip(made, schema["anyOf"], strict=True)
        return next((each for each, of in pairs if not faults(each, of)), made[0])
    kind = schema.get("type")
    if isinstance(value, dict):
        given = cast("Schema", value)
        if kind == "array":
            return [typed(each, schema["items"]) for each in given.values()]
        parts, more = schema.get("properties", {}), schema.get("additionalProperties")
        other: Schema = cast("Schema", more) if isinstance(more, dict) else {}
        return {name: typed(each, parts.get(name, other)) for name, each in given.items()}
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value == "true" if kind == "boolean" and value in ("true", "false") else value


def request_faults(method: str, path: str, text: str) -> list[str]:
    """What Stripe would not take of a request."""
    given, known = nested(parse_qsl(text, keep_blank_values=True)), operation(method, path)
    if method != "POST":
        names = {each["name"]: each["schema"] for each in known["parameters"]}
        schema: Schema = {"type": "object", "properties": names, "additionalProperties": False}
    else:
        schema = known["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return faults(typed(given, schema), schema)


def answer_faults(method: str, path: str, status: int, body: bytes) -> list[str]:
    """What Stripe would not answer."""
    answers = operation(method, path)["responses"]
    schema = answers.get(str(status), answers["default"])["content"]["application/json"]["schema"]
    return faults(orjson.loads(body), schema)


def held(app: App) -> App:
    """An application all of whose talk is as Stripe's."""

    async def talk(
        scope: Message, receive: Callable[[], Any], send: Callable[[Message], Any]
    ) -> None:
        body, came = bytearray(), bytearray()
        status = [0]

        async def heard() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def said(message: Message) -> None:
            status[0] = message.get("status", status[0])
            came.extend(message.get("body", b""))
            await send(message)

        await app(scope, heard, said)
        method, path = str(scope["method"]), str(scope["path"])
        text = (bytes(body) if method == "POST" else cast("bytes", scope["query_string"])).decode()
        if status[0] in (200, 402):
            assert request_faults(method, path, text) == [], f"{method} {path}"
        if status[0]:
            assert answer_faults(method, path, status[0], bytes(came)) == [], f"{method} {path}"

    return talk

"""The reference of all operations, as a page."""

from collections.abc import Iterable, Mapping

import orjson

from one.errors import JSON
from one.runtime.operation import AnyOperation

HEAD = """# Operations

Everything that ONE can do. Each operation is one declaration, from which come its HTTP route,
its sub-command in the terminal, its entry in `/openapi.json` and this page.
"""


def reference(operations: Iterable[AnyOperation]) -> str:
    """Markdown: a section per room, in it each operation with its input and its errors."""
    parts, room = [HEAD], ""
    for operation in operations:
        if operation.room != room:
            room = operation.room
            parts.append(f"## {room}\n")
        parts.append(_section(operation))
    return "\n".join(parts)


def _section(operation: AnyOperation) -> str:
    places = "".join(f" {name.upper()}" for name in operation.in_path.fields())
    raises = ", ".join(f"{error.__name__} ({error.status})" for error in operation.raises)
    facts = (
        f"### {operation.name}\n",
        f"{operation.doc}\n",
        f"- HTTP: `{operation.method} {operation.path}`",
        f"- terminal: `one {operation.room} {operation.verb_noun}{places}`",
        f"- may be called by: {operation.allow.words}",
        *([f"- an assistant's tool: `{operation.tool}`"] if operation.mcp else []),
        *([f"- errors: {raises}"] if raises else []),
        "",
        *_rows(operation),
    )
    return "\n".join(facts)


def _rows(operation: AnyOperation) -> Iterable[str]:
    fields = {**operation.in_path.fields(), **operation.input.fields()}
    if not fields:
        return
    yield "| field | type | |"
    yield "|---|---|---|"
    for name, (spec, required) in fields.items():
        notes = ["required"] if required else []
        if spec.get("default") is not None:
            notes.append(f"default `{orjson.dumps(spec['default']).decode()}`")
        words = " ".join([*(f"{note}." for note in notes), str(spec.get("description", ""))])
        yield f"| `{name}` | {_words(spec)} | {' '.join(words.split()).replace('|', '&#124;')} |"
    yield ""


def _words(spec: Mapping[str, JSON]) -> str:
    """A type in a few words."""
    values, items = spec.get("enum"), spec.get("items")
    if isinstance(values, list):
        return " ".join(f"`{value}`" for value in values)
    if isinstance(items, dict):
        return f"list of {_words(items)}"
    known = {"uuid": "id", "date-time": "time", "date": "date"}
    plain = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kind = "object" if "$ref" in spec else str(spec.get("type", "any JSON"))
    return known.get(str(spec.get("format")), plain.get(kind, kind))

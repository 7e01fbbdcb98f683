"""The keys that each part of the Technical DSL takes, and what others call them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import get_args

from one.compiler.diagnosis import nearest
from one.compiler.program import Part, Program

_MEANT: Mapping[str, Sequence[str]] = {
    "action": ("method",),
    "add": ("names",),
    "after": ("delay", "timeout", "since"),
    "amount": ("metadata", "params"),
    "args": ("params",),
    "arguments": ("params",),
    "array": ("in",),
    "attempts": ("times",),
    "backoffStrategy": ("backoff",),
    "before": ("until",),
    "body": ("do", "about", "params"),
    "by": ("actor", "orderBy"),
    "category": ("names",),
    "channel": ("channels",),
    "condition": ("where", "when"),
    "count": ("times", "limit", "amount"),
    "cron": ("every",),
    "data": ("properties", "metadata", "params", "set"),
    "destination": ("to",),
    "each": ("as",),
    "entityType": ("type",),
    "error": ("catch", "return"),
    "eventType": ("type",),
    "false": ("else",),
    "filter": ("where",),
    "filters": ("where",),
    "first": ("limit",),
    "actions": ("flow", "do"),
    "flow": ("do", "steps"),
    "id": ("entity", "target"),
    "if": ("condition",),
    "input": ("params", "in"),
    "item": ("as",),
    "items": ("in",),
    "kind": ("type",),
    "list": ("in",),
    "message": ("about", "return"),
    "meta": ("metadata",),
    "name": ("names", "method"),
    "of": ("in",),
    "on": ("event",),
    "order": ("orderBy",),
    "otherwise": ("else",),
    "over": ("in",),
    "parameters": ("params",),
    "payload": ("params", "metadata", "properties"),
    "person": ("to", "actor"),
    "props": ("properties",),
    "recipient": ("to",),
    "relation": ("type",),
    "relationship": ("type",),
    "schedule": ("every",),
    "service": ("provider",),
    "sort": ("orderBy",),
    "sortBy": ("orderBy",),
    "source": ("from",),
    "steps": ("flow", "do", "then"),
    "subject": ("entity", "about"),
    "table": ("from",),
    "tag": ("names",),
    "tags": ("names",),
    "target": ("entity", "to"),
    "test": ("condition",),
    "text": ("about",),
    "thing": ("entity", "target"),
    "true": ("then",),
    "unit": ("every",),
    "user": ("to", "actor"),
    "value": ("amount", "set"),
    "values": ("set", "properties", "in"),
    "variable": ("as",),
    "via": ("channels",),
    "when": ("condition", "where"),
    "while": ("condition",),
    "who": ("to", "actor"),
}
"""What a key is called elsewhere: the keys that may be meant, the likeliest first."""


def keys_at(path: Sequence[str | int]) -> list[str]:
    """The keys that the part at this path of a program takes."""
    part: type[Part] = Program
    for step in path:
        if isinstance(step, str):
            part = _fields(part).get(step) or part
    return list(_fields(part))


def meant_by(key: str, known: Sequence[str], *, given: Collection[str]) -> str:
    """The key that was meant, or nothing; what is `given` already was not."""
    free = [one for one in known if one not in given]
    likely = next((one for one in _MEANT.get(key, ()) if one in free), "")
    return likely or next(iter(nearest(key, free, count=1)), "")


@cache
def _fields(part: type[Part]) -> dict[str, type[Part] | None]:
    """The part that each key holds, if it holds one."""
    part.model_rebuild()
    return {
        field.serialization_alias or field.alias or name: next(_parts_in(field.annotation), None)
        for name, field in part.model_fields.items()
    }


def _parts_in(annotation: object) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts_in(inner)

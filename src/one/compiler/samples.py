"""A plain value of each kind, for what is made up: tests, previews, answers of stand-ins."""

from collections.abc import Mapping

from pydantic import JsonValue

from one.compiler.kinds import Base, read_kind

WORDS = "Some words"
SAMPLES: Mapping[Base, JsonValue] = {
    Base.INTEGER: 3,
    Base.SHARE: 3,
    Base.NUMBER: 2.5,
    Base.RATIO: 0.5,
    Base.BOOLEAN: True,
    Base.MONEY: {"amount": 2500, "currency": "usd"},
    Base.DATETIME: "2030-01-31T09:00:00Z",
    Base.DURATION: "PT1H",
}


def sample(type: str) -> JsonValue:
    """A value of a type as the language spells it: `text`, `money`, `text[]`."""
    kind = read_kind(type)
    if kind is None or kind.base is Base.JSON:
        return {"note": WORDS}
    if kind.base is Base.LIST:
        return ["One", "Two"]
    return SAMPLES.get(kind.base, WORDS)

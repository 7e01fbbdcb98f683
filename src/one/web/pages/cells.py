"""Things as rows of a table: what stands in a cell of a CSV, and what is read out of one.

What a spreadsheet would take for a formula gets a `'` in front, which is taken off again.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Final

import orjson

from one.errors import JSON, Fault, Invalid
from one.runtime.input import parse
from one.store import Entity
from one.web.pages import reading
from one.web.pages.amounts import plain
from one.web.pages.fields import Field

OWN: Final = ("name", "status", "visibility")
FREE = "free"
_FACTS: Final = ("id", "createdAt", "updatedAt", "version")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")
_MONEY = re.compile(r"(.*?)\s*([A-Za-z]{3})")
_MARKS = (",", ";", "\t")


def head(fields: Iterable[Field]) -> list[str]:
    """The names of the columns of a type."""
    return [_FACTS[0], *OWN, *(one.key for one in fields), FREE, *_FACTS[1:]]


def row(fields: Iterable[Field], thing: Entity) -> list[str]:
    """A thing as `head` calls its columns; what its type doesn't know stands in one."""
    said = dict(thing.properties)
    known = [cell(said.pop(one.key, None)) for one in fields]
    times = (thing.created_at.isoformat(), thing.updated_at.isoformat())
    own = (cell(thing.name), thing.status, thing.visibility)
    return [str(thing.id), *own, *known, cell({**said} or None), *times, str(thing.version)]


def written(rows: Iterable[Iterable[str]]) -> str:
    """Rows as a CSV has them."""
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cell(value: JSON) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case {"amount": int(amount), "currency": str(currency), **more} if amount >= 0 and not more:
            return f"{plain(amount, currency)} {currency.upper()}"
        case str():
            return _unlike_a_formula(value)
        case int() | float():
            return str(value)
        case list() if _plain_list(value):
            return _unlike_a_formula("\n".join(map(str, value)))
        case _:
            return orjson.dumps(value).decode()


def _plain_list(value: list[JSON]) -> bool:
    """Whether it reads as lines what it is, and not as JSON."""
    texts = [one for one in value if isinstance(one, str)]
    whole = len(texts) == len(value) and texts == reading.lines("\n".join(texts))
    return whole and bool(texts) and not texts[0].startswith("[")


def _unlike_a_formula(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def read(field: Field, text: str) -> JSON:
    """What a cell says of a field; nothing where it is empty. Raises Invalid."""
    text = reading.settled(text)
    if _QUOTED.match(text):
        text = text[1:]
    if not text:
        return None
    match field.kind:
        case "money" if found := _MONEY.fullmatch(text):
            return reading.money(found[1], found[2])
        case "money" if not text.startswith("{"):
            raise reading.unread("Write an amount and its currency, like 12.50 USD")
        case "number":
            return reading.number(text)
        case "flag":
            return _truth(text)
        case "list" if not text.startswith("["):
            return [*reading.lines(text)]
        case "moment":
            return reading.moment(text.replace(" ", "T", 1))
        case "money" | "list" | "json":
            return reading.json(text)
        case _:
            return text


def _truth(text: str) -> bool:
    truths = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.casefold() not in truths:
        raise reading.unread("Write yes or no")
    return truths[text.casefold()]


def table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The head of a CSV, and its rows with the numbers of their lines. Raises Invalid."""
    if "\0" in text:
        raise Invalid("A text holds the NUL character.", cure="Take it out and try again.")
    first = text.partition("\n")[0]
    mark = max(_MARKS, key=first.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for each in rows:
            if any(value.strip() for value in each):
                found.append((line, each))
            line = rows.line_num + 1
    except csv.Error as error:
        raise Invalid(
            f"Line {line} can't be read: {error}.", cure="Look at its quotation marks."
        ) from None
    if not found:
        raise Invalid("There is nothing in it.", cure="Choose a file, or paste its text.")
    return [name.strip() for name in found[0][1]], found[1:]


def objects(text: str) -> Iterator[tuple[int, Mapping[str, JSON] | Fault]]:
    """What each line of an NDJSON says, with its number, or what is wrong with it."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = parse(line.encode())
        except Invalid as error:
            yield number, Fault("", error.message.rstrip("."))
            continue
        yield number, value if isinstance(value, dict) else Fault("", "is not a JSON object")

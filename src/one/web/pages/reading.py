"""What people type into fields, as the values that operations take."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from one.errors import JSON, Fault, Invalid, OneError
from one.ontology.values import CURRENCIES
from one.runtime.input import parse
from one.web.pages.amounts import minor

_NUMBER = re.compile(
    r"-?(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,17})?(?:e-?[0-9]{1,2})?",
    re.ASCII | re.IGNORECASE,
)
_ZONE = re.compile(r".*T.*(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})", re.ASCII)


def lines(text: str) -> list[str]:
    """Those that say something."""
    return [line.strip() for line in settled(text).split("\n") if line.strip()]


def settled(text: str) -> str:
    """A text whose lines end as ours do, not as a browser's: with nothing around it."""
    return text.replace("\r\n", "\n").strip()


def number(text: str, *, whole: bool = False) -> int | float:
    """`12`, `1,250` and `0.5`. Raises Invalid."""
    broken = re.search("[.e]", text, re.IGNORECASE)
    if not _NUMBER.fullmatch(text) or (whole and broken):
        raise unread("Write a whole number" if whole else "Write a number, like 12 or 0.5")
    plain = text.replace(",", "")
    return float(plain) if broken else int(plain)


def money(text: str, currency: str) -> JSON:
    """An amount of a currency. Raises Invalid."""
    currency = currency.strip().lower()
    if currency not in CURRENCIES:
        raise unread("Say in which currency, like USD")
    return {"amount": minor(text, currency), "currency": currency}


def moment(text: str) -> str:
    """As a browser's field has it: to the minute or the second, in UTC."""
    if "T" not in text or _ZONE.fullmatch(text):
        return text
    return f"{text}{':00' if text.count(':') == 1 else ''}Z"


def json(text: str) -> JSON:
    """Raises Invalid."""
    try:
        return parse(text.encode())
    except Invalid:
        raise unread('Write it as JSON, like {"city": "Cork"}') from None


def unread(words: str) -> Invalid:
    """What can't be read, in the words for its field."""
    return Invalid("This can't be read.", cure=f"{words}.", faults=(Fault("", words),))


def beside(error: OneError, names: Mapping[str, str]) -> OneError:
    """The same error, with what is wrong of a key told of the field that a form has for it."""
    error.faults = tuple(_placed(error, names))
    return error


def _placed(error: OneError, names: Mapping[str, str]) -> Iterator[Fault]:
    for fault in error.faults:
        inside = re.match("/(?:properties|metadata)/([^/]+)", fault.pointer)
        key = inside[1] if inside else fault.pointer.removeprefix("/").partition("/")[0]
        yield replace(fault, pointer=f"/{names[key]}") if key in names else fault

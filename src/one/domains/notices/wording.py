"""What a notice says: its title and its text, out of what it is about and what is sent with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

from one.ontology.values import CURRENCIES

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
LONGEST_SMS = 480
_TEXTS = ("text", "message", "body", "content")
_STRUCK = "…"


@dataclass(frozen=True, slots=True)
class Wording:
    """`title` is one line."""

    title: str
    text: str

    def without(self, typed: Iterable[str]) -> "Wording":
        """The same with none of the words that somebody typed."""
        words = sorted((each.split() for each in typed), key=len, reverse=True)
        patterns = [r"\s+".join(map(re.escape, each)) for each in words if each]
        if not patterns:
            return self
        found = re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
        return Wording(found.sub(_STRUCK, self.title), found.sub(_STRUCK, self.text))

    def cut(self) -> "Wording":
        """The same, no longer than a notice may be."""
        return Wording(_shortened(self.title, LONGEST_TITLE), self.text[:LONGEST_TEXT])

    @property
    def short(self) -> str:
        """All in one piece, for a text message or a push message."""
        whole = self.title if self.text.startswith(self.title) else f"{self.title}: {self.text}"
        return _shortened(" ".join(whole.split()), LONGEST_SMS)


def worded(about: str, data: Mapping[str, JsonValue]) -> Wording:
    """`subject` and `text` of the data stand for themselves; the rest is listed below the text."""
    subject = data.get("subject")
    title = subject if isinstance(subject, str) and subject.strip() else about
    key = next((key for key in _TEXTS if isinstance(data.get(key), str)), "")
    lead = str(data[key]) if key else about
    listed = [
        f"{_label(name)}: {spoken(value)}"
        for name, value in data.items()
        if name not in (key, "subject") and value is not None
    ]
    text = "\n".join([lead.strip(), *([""] if listed else []), *listed])
    return Wording(" ".join(title.split()), text)


def spoken(value: JsonValue) -> str:
    """A value as a person reads it: a thing by its name, money with its currency."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict() if isinstance(value.get("name"), str):
            return str(value["name"])
        case {"amount": int(amount), "currency": str(currency)}:
            return _money(amount, currency)
        case dict():
            return ", ".join(f"{_label(key)}: {spoken(each)}" for key, each in value.items())
        case list():
            return ", ".join(spoken(each) for each in value)
        case _:
            return str(value)


def _money(amount: int, currency: str) -> str:
    decimals = CURRENCIES.get(currency, 2)
    return f"{Decimal(amount).scaleb(-decimals):,.{decimals}f} {currency.upper()}"


def _label(name: str) -> str:
    """`lessonTitle` → `Lesson title`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name.removeprefix("x_")).lower()
    return words[:1].upper() + words[1:]


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"

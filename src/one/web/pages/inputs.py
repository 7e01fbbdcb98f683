"""Forms made from the INPUT of a feature, and what was filled in as the JSON that it takes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import orjson
from pydantic import JsonValue

from one.compiler.kinds import Base, Kind, read_kind
from one.compiler.vocabulary import spaced
from one.errors import JSON, Fault, Invalid, OneError
from one.ontology.values import CURRENCIES
from one.web.pages.amounts import minor

PREFIX = "in."
Shape = Literal["line", "long", "number", "money", "percent", "yes", "moment", "one", "many"]
_LONG = re.compile(r"message|text|body|content|description|question|story|bio|note|reply", re.I)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Blank:
    """A field of such a form. `options` are values and their words; `kind` is what comes in."""

    name: str
    label: str
    shape: Shape
    kind: Kind
    hint: str
    needed: bool
    value: str
    options: Sequence[tuple[str, str]] = ()

    @property
    def field(self) -> str:
        return PREFIX + self.name


def blanks_of(
    slots: Mapping[str, JsonValue],
    *,
    runner: str = "",
    things: Callable[[Kind], Sequence[tuple[str, str]]] | None = None,
) -> list[Blank]:
    """A field for each input but the one that whoever runs it is. `things` are those that can be
    chosen for a kind; without them they are called by name.
    """
    return [
        _blank(name, cast("dict[str, JsonValue]", slot), things)
        for name, slot in slots.items()
        if name != runner
    ]


def _blank(
    name: str,
    slot: Mapping[str, JsonValue],
    things: Callable[[Kind], Sequence[tuple[str, str]]] | None,
) -> Blank:
    kind = (read_kind(str(slot["type"])) or Kind(Base.JSON)).sure
    given, default = slot.get("oneOf"), slot.get("default")
    options = [(str(one), str(one)) for one in given] if isinstance(given, list) else []
    inner = kind.item if kind.base is Base.LIST and kind.item else kind
    chosen = things is not None and inner.base is Base.THING and kind.base is not Base.LIST
    if things is not None and chosen:
        options = [*things(inner)]
    gloss = str(slot.get("gloss") or "")
    optional = bool(slot.get("optional")) or default is not None or str(slot["type"]).endswith("?")
    return Blank(
        name=name,
        label=spaced(name).capitalize(),
        shape="one" if options or chosen else _shape(name, kind, gloss),
        kind=kind,
        hint="There is none that you can see yet."
        if chosen and not options
        else " ".join(_hints(gloss, slot, inner, named=things is None)),
        needed=not optional,
        value="" if default is None or isinstance(default, dict) else str(default),
        options=options,
    )


_SHAPES: Mapping[Base, Shape] = {
    Base.INTEGER: "number",
    Base.NUMBER: "number",
    Base.RATIO: "percent",
    Base.MONEY: "money",
    Base.BOOLEAN: "yes",
    Base.DATETIME: "moment",
    Base.LIST: "many",
    Base.JSON: "long",
}


def _shape(name: str, kind: Kind, gloss: str) -> Shape:
    if kind.base is Base.TEXT and _LONG.search(f"{name} {gloss}") and "@" not in gloss:
        return "long"
    return _SHAPES.get(kind.base, "line")


def _hints(gloss: str, slot: Mapping[str, JsonValue], kind: Kind, *, named: bool) -> Iterable[str]:
    if gloss:
        yield f"{gloss[:1].upper()}{gloss[1:]}."
    if slot["type"] != "text" and kind.base is Base.THING and named:
        yield "By name."
    least, most = (_limit(slot.get(name)) for name in ("min", "max"))
    if least and most:
        yield f"Between {least} and {most}."
    elif least or most:
        yield f"At least {least}." if least else f"At most {most}."


def _limit(value: JsonValue) -> str:
    match value:
        case int() | float() | str():
            return str(value)
        case {"amount": int(amount), "currency": str(currency)} if currency in CURRENCIES:
            whole, part = divmod(amount, 10 ** CURRENCIES[currency])
            rest = f".{part:0{CURRENCIES[currency]}}" if part else ""
            return f"{whole:,}{rest} {currency.upper()}"
        case _:
            return ""


def given(blanks: Sequence[Blank], form: Mapping[str, str]) -> dict[str, JSON]:
    """What was filled in; what was left empty isn't given. Raises Invalid, beside the fields."""
    found: dict[str, JSON] = {}
    faults: list[Fault] = []
    for blank in blanks:
        text = form.get(blank.field, "").strip()
        if not text:
            if blank.needed:
                faults.append(Fault(f"/{blank.field}", "Fill this in"))
            continue
        try:
            found[blank.name] = _read(blank, text, form)
        except ValueError as error:
            faults.append(Fault(f"/{blank.field}", str(error)))
    if faults:
        raise Invalid(
            "This can't be run yet.", cure="Look again at what is marked.", faults=tuple(faults)
        )
    return found


def _read(blank: Blank, text: str, form: Mapping[str, str]) -> JSON:
    """Raises ValueError in the words for the field."""
    if blank.shape == "money":
        return _money(blank, text, form)
    if blank.kind.base is Base.LIST:
        item = blank.kind.item or Kind(Base.TEXT)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [_single(item.base, line) for line in lines]
    return _single(blank.kind.base, text)


def _money(blank: Blank, text: str, form: Mapping[str, str]) -> JSON:
    currency = form.get(f"{blank.field}.currency") or "usd"
    try:
        return {"amount": minor(text, currency), "currency": currency}
    except Invalid as error:
        raise ValueError(error.cure.rstrip(".")) from None


def _single(base: Base, text: str) -> JSON:
    """Raises ValueError."""
    match base:
        case Base.INTEGER | Base.NUMBER:
            return _number(text, whole=base is Base.INTEGER)
        case Base.RATIO:
            return float(_number(text.rstrip(" %"), whole=False)) / 100
        case Base.BOOLEAN:
            return text == "yes"
        case Base.DATETIME:
            return f"{text if text.count(':') > 1 else text + ':00'}Z" if "T" in text else text
        case Base.JSON:
            try:
                return cast(JSON, orjson.loads(text))
            except orjson.JSONDecodeError:
                return text
        case _:
            return text


def _number(text: str, *, whole: bool) -> int | float:
    plain = text.replace(",", "")
    if not _NUMBER.fullmatch(plain) or (whole and "." in plain):
        raise ValueError("Write a whole number" if whole else "Write a number, like 12.5")
    return int(plain) if "." not in plain else float(plain)


def beside(error: OneError) -> OneError:
    """The same error, whose faults stand beside the fields of such a form."""
    error.faults = tuple(
        Fault(f"/{PREFIX}{fault.pointer.strip('/').partition('/')[0]}", fault.message)
        for fault in error.faults
    )
    return error

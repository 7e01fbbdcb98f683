"""Forms made from the INPUT of a feature, and what was filled in as the JSON that it takes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import orjson
from pydantic import JsonValue

from one.compiler.kinds import Base, Kind, read_kind
from one.compiler.vocabulary import spaced
from one.errors import JSON, Fault, Invalid
from one.ontology.values import CURRENCIES
from one.runtime.input import wire_name
from one.web.pages import reading
from one.web.pages.picking import Wanted

PREFIX = "in."
Shape = Literal[
    "line", "long", "number", "money", "percent", "yes", "moment", "one", "many", "thing"
]
_LONG = re.compile(r"message|text|body|content|description|question|story|bio|note|reply", re.I)


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

    @property
    def types(self) -> tuple[str, ...]:
        """Of the things that it may be."""
        return tuple(sorted(self.kind.types))


def blanks_of(
    slots: Mapping[str, JsonValue], *, runner: str = "", picks: bool = False
) -> list[Blank]:
    """A field for each input but the one that whoever runs it is. Where it `picks`, things are
    those that there are; else what is called so is made up.
    """
    return [
        _blank(name, cast("dict[str, JsonValue]", slot), picks=picks)
        for name, slot in slots.items()
        if name != runner
    ]


def _blank(name: str, slot: Mapping[str, JsonValue], *, picks: bool) -> Blank:
    kind = (read_kind(str(slot["type"])) or Kind(Base.JSON)).sure
    given, default = slot.get("oneOf"), slot.get("default")
    options = [(str(one), str(one)) for one in given] if isinstance(given, list) else []
    inner = kind.item if kind.base is Base.LIST and kind.item else kind
    gloss = str(slot.get("gloss") or "")
    optional = bool(slot.get("optional")) or default is not None or str(slot["type"]).endswith("?")
    picked = picks and kind.base is Base.THING
    return Blank(
        name=name,
        label=spaced(name).capitalize(),
        shape="one" if options else "thing" if picked else _shape(name, kind, gloss),
        kind=kind,
        hint=" ".join(_hints(gloss, slot, inner)),
        needed=not optional,
        value="" if default is None or isinstance(default, dict) else str(default),
        options=options,
    )


def wanted_of(blanks: Iterable[Blank]) -> list[Wanted]:
    """Those that are to hold things that there are."""
    return [
        Wanted(one.field, tuple(sorted(one.kind.item.types)), lines=True)
        if one.kind.item
        else Wanted(one.field, one.types)
        for one in blanks
        if one.shape == "thing" or (one.kind.item and one.kind.item.base is Base.THING)
    ]


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


def _hints(gloss: str, slot: Mapping[str, JsonValue], kind: Kind) -> Iterable[str]:
    if gloss:
        yield f"{gloss[:1].upper()}{gloss[1:]}."
    if kind.base is Base.THING:
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


def given(
    blanks: Sequence[Blank], form: Mapping[str, str], *, wrong: Mapping[str, str] | None = None
) -> dict[str, JSON]:
    """What was filled in; what was left empty isn't given. `wrong` is what is known to be, field by
    field. Raises Invalid, beside the fields.
    """
    found: dict[str, JSON] = {}
    faults = [Fault(f"/{field}", words) for field, words in (wrong or {}).items()]
    for blank in blanks:
        text = form.get(blank.field, "").strip()
        if wrong and blank.field in wrong:
            continue
        if not text:
            if blank.needed:
                faults.append(Fault(f"/{blank.field}", "Fill this in"))
            continue
        try:
            found[blank.name] = _read(blank, text, form)
        except Invalid as error:
            faults += [Fault(f"/{blank.field}", one.message) for one in error.faults]
    if faults:
        raise Invalid(
            "This can't be run yet.", cure="Look again at what is marked.", faults=tuple(faults)
        )
    return found


def _read(blank: Blank, text: str, form: Mapping[str, str]) -> JSON:
    """Raises Invalid."""
    if blank.shape == "money":
        return reading.money(text, form.get(f"{blank.field}.currency") or "usd")
    if blank.kind.base is Base.LIST:
        item = blank.kind.item or Kind(Base.TEXT)
        return [_single(item.base, line) for line in reading.lines(text)]
    return _single(blank.kind.base, text)


def _single(base: Base, text: str) -> JSON:
    """Raises Invalid."""
    match base:
        case Base.INTEGER | Base.NUMBER:
            return reading.number(text, whole=base is Base.INTEGER)
        case Base.RATIO:
            return float(reading.number(text.rstrip(" %"))) / 100
        case Base.BOOLEAN:
            return text == "yes"
        case Base.DATETIME:
            return reading.moment(text)
        case Base.JSON:
            try:
                return cast(JSON, orjson.loads(text))
            except orjson.JSONDecodeError:
                return text
        case _:
            return text


def names_in(blanks: Iterable[Blank]) -> dict[str, str]:
    """What a form calls each input."""
    return {name: one.field for one in blanks for name in (one.name, wire_name(one.name))}

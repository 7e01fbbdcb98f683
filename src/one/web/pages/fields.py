"""Forms made of what the ontology says: a field for each key of a type, as people fill it in."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

import orjson

from one.errors import JSON, Fault, Invalid
from one.ontology import Ontology
from one.ontology.types import Type
from one.store import Entity
from one.web.pages import reading
from one.web.pages.amounts import minor, money, plain, price

Plain = Literal["line", "text", "number", "flag", "choice"]
Kind = Plain | Literal["money", "list", "moment", "day", "reference", "json"]
_CAPITALS = {"seo": "SEO", "url": "URL", "id": "ID", "ai": "AI", "nft": "NFT", "sha256": "SHA-256"}
_FORMATS: Mapping[str, Kind] = {"date-time": "moment", "date": "day", "uuid": "reference"}
_TYPES: Mapping[str, Kind] = {"integer": "number", "number": "number", "boolean": "flag"}
_ONE_LINE = frozenset[Kind](("line", "number", "day", "moment"))
_LONG = 10_000


@dataclass(frozen=True, slots=True)
class Field:
    """A key that a person fills in. `options`: what it may be, of a reference the types that it
    may lead to (none: any). `first`: it isn't folded away.
    """

    key: str
    kind: Kind
    options: tuple[str, ...] = ()
    required: bool = False
    private: bool = False
    first: bool = False

    @property
    def label(self) -> str:
        return label_of(self.key)

    @property
    def name(self) -> str:
        """What the form calls it: what is written as JSON is told from what is written plainly."""
        return f"{'json' if self.kind == 'json' else 'key'}.{self.key}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What it may be, and in words."""
        if self.kind == "flag":
            return [("true", "Yes"), ("false", "No")]
        return [(one, one.replace("_", " ").capitalize()) for one in self.options]


@dataclass(frozen=True, slots=True)
class Offer:
    """How a field for a thing is shown: the id or what was typed (`text`), what the thing is
    called, some that it may be (`known`), and those that a name may have meant (`near`).
    """

    text: str
    called: str
    known: tuple[Entity, ...]
    near: tuple[Entity, ...]
    wrong: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A field as it is shown: what stands in it, and what is wrong with that. Of a reference: what
    the thing is called, and, to be filled in, how that is offered.
    """

    field: Field
    text: str
    currency: str = ""
    wrong: str = ""
    called: str = ""
    offer: Offer | None = None

    @property
    def amount(self) -> str:
        """The money in it, as it is read."""
        try:
            amount = minor(self.text, self.currency)
        except Invalid:
            return f"{self.text} {self.currency.upper()}"
        return (price if self.field.key == "price" else money)(amount, self.currency)


def label_of(key: str) -> str:
    """`compareAtPrice` → `Compare at price`"""
    if key.startswith("x_"):
        return key[2:].replace("_", " ").capitalize()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key).split()
    plainly = [_CAPITALS.get(word.lower(), word.lower()) for word in words]
    return " ".join((plainly[0][:1].upper() + plainly[0][1:], *plainly[1:]))


def fields_of(ontology: Ontology, kind: Type, *, hidden: Iterable[str] = ()) -> tuple[Field, ...]:
    """The fields of a type, those first that matter most."""
    definitions = cast("Mapping[str, Mapping[str, JSON]]", ontology.document["$defs"])
    keys = definitions[f"{kind.noun}.{kind.name}"].get("properties", {})
    first = {path.partition(".")[0] for path in (*kind.indexed, *kind.facts.get("search", ()))}
    first |= {"description", "price", "summary"} | kind.required
    made = [
        Field(
            key,
            _kind(cast("Mapping[str, JSON]", schema)),
            _options(cast("Mapping[str, JSON]", schema)),
            required=key in kind.required,
            private=key in kind.private,
            first=key in first,
        )
        for key, schema in cast("Mapping[str, JSON]", keys).items()
        if key not in hidden
    ]
    return tuple(sorted(made, key=lambda one: (not one.required, not one.first)))


def _options(schema: Mapping[str, JSON]) -> tuple[str, ...]:
    said = schema.get("enum", schema.get("x-of", ()))
    return tuple(str(one) for one in cast("list[JSON]", said))


def _kind(schema: Mapping[str, JSON]) -> Kind:
    if "anyOf" in schema:
        branches = cast("list[Mapping[str, JSON]]", schema["anyOf"])
        kinds: set[Kind] = {_kind(one) for one in branches}
        if len(kinds) == 1:
            return kinds.pop()
        return "line" if kinds <= _ONE_LINE else "json"
    if str(schema.get("$ref", "")).rpartition(".")[2] in ("Price", "Money"):
        return "money"
    if "enum" in schema:
        return "choice"
    if schema.get("type") == "array":
        each = cast("Mapping[str, JSON]", schema.get("items", {}))
        return "list" if _kind(each) in ("line", "choice") else "json"
    if schema.get("type") == "string":
        plainly: Kind = "text" if cast("int", schema.get("maxLength", 0)) >= _LONG else "line"
        return _FORMATS.get(str(schema.get("format", "")), plainly)
    return _TYPES.get(str(schema.get("type")), "json")


def fitted(field: Field, value: JSON) -> Field:
    """The field, as JSON where what it holds can't be written in it plainly."""
    match field.kind, value:
        case _, None:
            return field
        case "money", {"amount": int(amount), "currency": str()} if amount >= 0:
            return field
        case "list", list() if all(isinstance(one, str) and "\n" not in one for one in value):
            return field
        case (("money" | "list"), _):
            return replace(field, kind="json")
        case _:
            return field


def filled(field: Field, value: JSON) -> Filled:
    """The field with what a thing says there."""
    field = fitted(field, value)
    match field.kind, value:
        case _, None:
            return Filled(field, "", "usd" if field.kind == "money" else "")
        case "money", {"amount": int(amount), "currency": str(currency)}:
            return Filled(field, plain(amount, currency), currency)
        case "list", list():
            return Filled(field, "\n".join(map(str, value)))
        case "json", _:
            return Filled(field, orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
        case "flag", _:
            return Filled(field, "true" if value else "false")
        case "moment", str():
            return Filled(field, value[:19])
        case _:
            return Filled(field, str(value))


def typed(
    field: Field, form: Mapping[str, str], *, faults: Mapping[str, str], value: JSON = None
) -> Filled:
    """The field as it was typed, or as it stands where the form didn't hold it."""
    field = fitted(field, value)
    if field.name not in form:
        return filled(field, value)
    return Filled(
        field, form[field.name], form.get(f"{field.name}.currency", ""), faults.get(field.name, "")
    )


def changes(
    fields: Iterable[Field],
    form: Mapping[str, str],
    *,
    current: Mapping[str, JSON],
    wrong: Mapping[str, str] | None = None,
) -> dict[str, JSON]:
    """What a form says otherwise than it stands: null where something was taken away. `wrong` is
    what is known to be, field by field. Raises Invalid with what is wrong beside each field.
    """
    found: dict[str, JSON] = {}
    faults = [Fault(f"/{name}", words) for name, words in (wrong or {}).items()]
    for field in fields:
        if wrong and field.name in wrong:
            continue
        now = filled(field, current.get(field.key))
        said = typed(field, form, faults={}, value=current.get(field.key))
        same = reading.settled(said.text) == reading.settled(now.text)
        if same and (not said.text or said.currency == now.currency):
            continue
        try:
            value = _read(said)
            if field.required and value is None:
                raise reading.unread("is required")
            if value != current.get(field.key):
                found[field.key] = value
        except Invalid as error:
            faults += [Fault(f"/{said.field.name}", one.message) for one in error.faults]
    if faults:
        raise Invalid(
            "This can't be kept yet.", cure="Look at what is marked.", faults=tuple(faults)
        )
    return found


def _read(said: Filled) -> JSON:
    """Raises Invalid."""
    text = reading.settled(said.text)
    if not text:
        return None
    match said.field.kind:
        case "number":
            return reading.number(text)
        case "flag":
            return text == "true"
        case "money":
            return reading.money(text, said.currency)
        case "list":
            return [*reading.lines(text)]
        case "moment":
            return reading.moment(text)
        case "json":
            return reading.json(text)
        case _:
            return text


def names_in(fields: Iterable[Field]) -> dict[str, str]:
    """What a form calls each key."""
    return {field.key: field.name for field in fields}

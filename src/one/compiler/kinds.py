"""What a value is: the types of the language, their spelling in the Technical DSL, how they fit."""

from functools import lru_cache

from one.compiler.light import Constants, frozen
from one.ontology.words import article, plural_of

PEOPLE = frozenset({"creator", "audience_member"})


class Base(Constants):
    """The plain kinds, spelt as the Technical DSL spells them."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MONEY = "money"
    RATIO = "ratio"
    DURATION = "duration"
    DATETIME = "datetime"
    SHARE = "share"
    JSON = "json"
    THING = "thing"
    EVENT = "event"
    CONNECTION = "connection"
    LIST = "list"
    RECORD = "record"
    OUTCOME = "outcome"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@frozen
class Kind:
    """`types` are the ontology's types of a thing, event or connection; none means any."""

    base: Base
    types: frozenset[str] = frozenset()
    item: "Kind | None" = None
    fields: tuple[tuple[str, "Kind"], ...] = ()
    optional: bool = False
    values: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        return self.base in {Base.INTEGER, Base.NUMBER, Base.RATIO, Base.SHARE}

    @property
    def person(self) -> bool:
        return self.base is Base.THING and bool(self.types) and self.types <= PEOPLE

    @property
    def sure(self) -> "Kind":
        """The same, known to be there."""
        return self._with(optional=False) if self.optional else self

    @property
    def maybe(self) -> "Kind":
        """The same, perhaps missing."""
        return self if self.optional else self._with(optional=True)

    def _with(self, *, optional: bool) -> "Kind":
        return Kind(self.base, self.types, self.item, self.fields, optional, self.values)

    @property
    def vague(self) -> bool:
        return self.base in {Base.UNKNOWN, Base.JSON}

    def field(self, key: str) -> "Kind | None":
        return dict(self.fields).get(key)


TEXT = Kind(Base.TEXT)
INTEGER = Kind(Base.INTEGER)
NUMBER = Kind(Base.NUMBER)
BOOLEAN = Kind(Base.BOOLEAN)
MONEY = Kind(Base.MONEY)
RATIO = Kind(Base.RATIO)
SHARE = Kind(Base.SHARE)
DURATION = Kind(Base.DURATION)
DATETIME = Kind(Base.DATETIME)
ANY_JSON = Kind(Base.JSON)
NOTHING = Kind(Base.NOTHING, optional=True)
UNKNOWN = Kind(Base.UNKNOWN)
PERSON = Kind(Base.THING, PEOPLE)
THING = Kind(Base.THING)
PLAIN = {
    "text": TEXT,
    "string": TEXT,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "money": MONEY,
    "ratio": RATIO,
    "duration": DURATION,
    "datetime": DATETIME,
    "json": ANY_JSON,
    "str": TEXT,
    "int": INTEGER,
    "float": NUMBER,
    "bool": BOOLEAN,
    "date": DATETIME,
    "object": ANY_JSON,
}


def thing(*types: str) -> Kind:
    return Kind(Base.THING, frozenset(types))


def list_of(item: Kind) -> Kind:
    return Kind(Base.LIST, item=item)


@lru_cache(maxsize=4096)
def read_kind(text: str) -> Kind | None:
    """`Id<course>`, `text[]`, `money?`; None when it is no type of the language."""
    text = text.strip()
    if text.endswith("?"):
        inner = read_kind(text[:-1])
        return inner.maybe if inner else None
    if text.endswith("[]"):
        inner = read_kind(text[:-2])
        return list_of(inner) if inner else None
    if text.startswith("Id<") and text.endswith(">"):
        names = text[3:-1].split("|")
        if names in (["entities"], ["entity"], ["thing"]):
            return THING
        if names == ["person"]:
            return PERSON
        return thing(*(name.strip() for name in names))
    return PLAIN.get(text.casefold())


def write_kind(kind: Kind) -> str:
    """The spelling that `read_kind` reads."""
    if kind.optional:
        return write_kind(kind.sure) + "?"
    match kind.base:
        case Base.LIST:
            return write_kind(kind.item or ANY_JSON) + "[]"
        case Base.THING:
            if kind.types == PEOPLE:
                return "Id<person>"
            return f"Id<{'|'.join(sorted(kind.types)) or 'entities'}>"
        case (
            Base.EVENT | Base.CONNECTION | Base.RECORD | Base.OUTCOME | Base.NOTHING | Base.UNKNOWN
        ):
            return "json"
        case base:
            return base.value


def thinks(kind: Kind) -> bool:
    """An AI clone or an agent."""
    return bool(kind.types) and all(
        name == "ai_clone" or name.endswith("_agent") for name in kind.types
    )


def say_kind(kind: Kind) -> str:
    """The kind in a creator's words: `a number`, `a list of courses`, `a person`."""
    match kind.base:
        case Base.THING if kind.person:
            return "a person"
        case Base.THING if len(kind.types) > 2 and thinks(kind):
            return "an agent"
        case Base.THING:
            named = " or ".join(sorted(name.replace("_", " ") for name in kind.types)) or "thing"
            return article(named)
        case Base.LIST:
            return f"a list of {plain_plural(kind.item)}" if kind.item else "a list"
        case base:
            return _SAID.get(base, "something")


def plain_plural(kind: Kind) -> str:
    """`numbers`, `courses`, `people`."""
    if kind.person:
        return "people"
    said = say_kind(kind).removeprefix("a ").removeprefix("an ")
    if kind.base is Base.THING:
        return " or ".join(map(plural_of, said.split(" or ")))
    return _PLURALS.get(said, f"{said}s")


_PLURALS = {
    "money": "amounts of money",
    "yes or no": "yeses and noes",
    "length of time": "lengths of time",
    "group of values": "groups of values",
}


_SAID = {
    Base.TEXT: "text",
    Base.INTEGER: "a whole number",
    Base.NUMBER: "a number",
    Base.BOOLEAN: "yes or no",
    Base.MONEY: "money",
    Base.RATIO: "a percentage",
    Base.SHARE: "a percentage",
    Base.DURATION: "a length of time",
    Base.DATETIME: "a moment",
    Base.EVENT: "something that happened",
    Base.CONNECTION: "a relation",
    Base.RECORD: "a group of values",
    Base.OUTCOME: "an outcome",
    Base.NOTHING: "nothing",
}


def fits(value: Kind, wanted: Kind) -> bool:
    """Whether a value of the one kind may stand where the other is wanted; presence apart."""
    if value.vague or wanted.vague or value.base is Base.NOTHING:
        return True
    if wanted.base is Base.TEXT:
        return value.base not in {Base.LIST, Base.RECORD}
    if wanted.base is Base.BOOLEAN:
        return value.base in {Base.BOOLEAN, Base.OUTCOME}
    if wanted.base is Base.LIST and value.base is Base.LIST:
        return value.item is None or wanted.item is None or fits(value.item, wanted.item)
    if wanted.base is Base.THING and value.base is Base.THING:
        return not value.types or not wanted.types or bool(value.types & wanted.types)
    if wanted.base is Base.NUMBER:
        return value.numeric
    if wanted.base is Base.RATIO:
        return value.base in {Base.RATIO, Base.NUMBER, Base.INTEGER}
    if wanted.base is Base.INTEGER:
        return value.base in {Base.INTEGER, Base.NUMBER}
    if wanted.base is Base.SHARE:
        return value.base in {Base.SHARE, Base.RATIO, Base.INTEGER}
    if value.base is Base.OUTCOME:
        return True
    if wanted.base is Base.RECORD:
        return value.base in {Base.RECORD, Base.THING, Base.EVENT}
    return value.base is wanted.base


def either(left: Kind, right: Kind) -> Kind:
    """What is known of a value that is one or the other."""
    if left is right:
        return left
    optional = left.optional or right.optional
    if left.base is Base.NOTHING or left.base is Base.UNKNOWN:
        merged = right
    elif right.base is Base.NOTHING or right.base is Base.UNKNOWN or left.sure == right.sure:
        merged = left
    elif left.base is right.base is Base.THING:
        merged = Kind(
            Base.THING, left.types | right.types if left.types and right.types else frozenset()
        )
    elif left.numeric and right.numeric:
        merged = NUMBER
    else:
        merged = UNKNOWN
    return merged.maybe if optional else merged.sure

"""Kinds of expressions, with the names in scope; reports what cannot be.

A hole has no kind and causes no further report. An operand in error makes its whole silent.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from one.compiler.checker.alike import equable, measured, ordered
from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity, listed, nearest
from one.compiler.expression import (
    Binary,
    Call,
    Choice,
    Expr,
    Get,
    Hole,
    Index,
    Items,
    Lit,
    MoneyLit,
    Record,
    Ref,
    Template,
    Unary,
    names_in,
)
from one.compiler.kinds import (
    BOOLEAN,
    DATETIME,
    INTEGER,
    MONEY,
    NOTHING,
    NUMBER,
    PEOPLE,
    PERSON,
    TEXT,
    UNKNOWN,
    Base,
    Kind,
    either,
    list_of,
    say_kind,
)
from one.compiler.program import Step
from one.compiler.reader import Span
from one.compiler.vocabulary import CONNECTION_COLUMNS, EVENT_COLUMNS, Vocabulary, camel, spaced

Names = dict[str, Kind]

_LITERALS: Mapping[type, Kind] = {type(None): NOTHING, bool: BOOLEAN, int: INTEGER, float: NUMBER}


@dataclass(slots=True)
class Judge:
    """What the parts of the checker share. `at` finds the place of the part being judged."""

    vocabulary: Vocabulary
    findings: Findings
    english: bool
    place: Span = field(default_factory=lambda: Span(1, 1, 1))
    used: set[str] = field(default_factory=set[str])
    locate: Callable[[Step], Span] = field(default=lambda _: Span(1, 1, 1))
    place_of: Callable[[Expr], Span | None] = field(default=lambda _: None)
    accused: set[str] = field(default_factory=set[str])
    absent: set[str] = field(default_factory=set[str])

    def error(
        self, code: str, message: str, *fixes: Fix, span: Span | None = None, why: str = ""
    ) -> None:
        what = (code, span or self.place, message)
        self.findings.say(Severity.ERROR, what, fixes=fixes, why=why)

    def warn(
        self, code: str, message: str, *fixes: Fix, span: Span | None = None, why: str = ""
    ) -> None:
        what = (code, span or self.place, message)
        self.findings.say(Severity.WARNING, what, fixes=fixes, why=why)

    def note(
        self, code: str, message: str, *fixes: Fix, span: Span | None = None, why: str = ""
    ) -> None:
        what = (code, span or self.place, message)
        self.findings.say(Severity.INFO, what, fixes=fixes, why=why)

    def unknown(self, code: str, name: str, *, what: str, known: Collection[str]) -> None:
        """Tells of a word of the ontology that there is not, and of those that are like it."""
        close = nearest(name, known)
        near = f" Did you mean {listed(close)}?" if close else ""
        self.error(code, f"I know no {what} “{name}”.{near}", *self.rewrites(close))

    def rewrites(self, keys: Sequence[str]) -> list[Fix]:
        """One of the keys in the place at hand, where the program is written in keys."""
        edits = [(key, Edit(self.place, self.spelt(key, key))) for key in keys]
        fixes = [Fix(f"Write {key}", (edit,), Applies.MAYBE) for key, edit in edits]
        return [] if self.english else fixes

    def spelt(self, key: str, words: str) -> str:
        """What stands in the text for it: the words, in the Technical DSL the key in quotes."""
        return words if self.english else f'"{key}"'

    def accuse(self, *trees: Expr) -> None:
        """Names whose kind was found wrong: no more is said of them, only of their properties."""
        for tree in trees:
            self.accused.update(names_in(tree))

    # --- kinds ----------------------------------------------------------------------------

    def kind(self, tree: Expr, names: Names) -> Kind:
        """The kind of a tree; optional where it may be missing."""
        found = self._leaf(tree, names)
        if found is not None:
            return found
        outer, self.place = self.place, self.place_of(tree) or self.place
        found = self._node(tree, names)
        self.place = outer
        return found

    def _leaf(self, tree: Expr, names: Names) -> Kind | None:
        if isinstance(tree, Ref):
            return self._name(tree.name, names)
        if isinstance(tree, Lit):
            return _LITERALS.get(type(tree.value), TEXT)
        if isinstance(tree, MoneyLit):
            return Kind(Base.MONEY, values=(tree.currency,))
        return UNKNOWN if isinstance(tree, Hole) else None

    def _name(self, name: str, names: Names) -> Kind:
        self.used.add(name)
        if name in self.accused:
            return UNKNOWN
        found = names.get(name)
        if found is not None:
            return found
        if self.english:  # the reading has said so already
            names[name] = UNKNOWN
            return UNKNOWN
        close = nearest(name, names, count=2)
        near = f" Did you mean ${close[0]}?" if close else ""
        self.error(
            "E301",
            f"Nothing binds ${name}.{near}",
            why="Bind it with a query, a call or an input before it is read.",
        )
        names[name] = UNKNOWN
        self.accused.add(name)
        return UNKNOWN

    def _node(self, tree: Expr, names: Names) -> Kind:
        match tree:
            case Get(of, key):
                return self._get(self._owner(of, names), key, of)
            case Index(of, at):
                inner = self.kind(of, names)
                self.kind(at, names)
                return (inner.item or UNKNOWN).maybe
            case Unary(op, of):
                inner = self.sure(of, names)
                return BOOLEAN if op == "not" else inner
            case Binary():
                return self._binary(tree, names)
            case Choice(condition, then, other):
                self.kind(condition, names)
                left = self.kind(then, narrowed(condition, names, holds=True))
                return either(left, self.kind(other, narrowed(condition, names, holds=False)))
            case Call(name, args):
                return self._call(name, args, names)
            case Template(parts):
                for part in parts:
                    if not isinstance(part, str):
                        self.sure(part, names)
                return TEXT
            case Items(values):
                return self._items(values, names)
            case Record(fields):
                return Kind(
                    Base.RECORD, fields=tuple((key, self.kind(one, names)) for key, one in fields)
                )
            case _:
                return UNKNOWN

    def _owner(self, of: Expr, names: Names) -> Kind:
        """The kind of what a property is of: also that of a name used wrongly elsewhere."""
        if isinstance(of, Ref) and of.name in self.accused:
            self.used.add(of.name)
            return names.get(of.name, UNKNOWN)
        return self.kind(of, names)

    def _items(self, values: tuple[Expr, ...], names: Names) -> Kind:
        kind = UNKNOWN
        for one in values:
            kind = either(kind, self.kind(one, names))
        return list_of(kind)

    def sure(self, tree: Expr, names: Names) -> Kind:
        """The kind of a value that must be there."""
        kind = self.kind(tree, names)
        if kind.optional and kind.base is not Base.NOTHING:
            self.missing(tree)
            forget(tree, names)
            return kind.sure
        return kind

    def missing(self, tree: Expr) -> None:
        """Reports a value that may not be there."""
        said = spoken(tree)
        if said in self.absent:  # told once: checked there, it is there below too
            return
        self.absent.add(said)
        place = self.place_of(tree) or self.place
        line = Span(place.line, 1, 1)
        fixes = (
            [
                Fix(
                    f"Check that {said} exists first",
                    (Edit(line, f"CHECK {said} exists\n"),),
                    Applies.MAYBE,
                )
            ]
            if self.english
            else []
        )
        self.error("E501", f"“{said}” may be missing here. Check it first.", *fixes, span=place)

    # --- properties -----------------------------------------------------------------------

    def _get(self, kind: Kind, key: str, of: Expr) -> Kind:
        if kind.optional:
            self.missing(of)
            kind = kind.sure
        match kind.base:
            case Base.THING:
                return self._property(kind, key)
            case Base.RECORD | Base.OUTCOME:
                return kind.field(key) or UNKNOWN
            case Base.CONNECTION:
                return self._column(kind, key, CONNECTION_COLUMNS)
            case Base.EVENT:
                return self._event(kind, key)
            case Base.LIST if key in {"first", "last"}:
                return (kind.item or UNKNOWN).maybe
            case Base.MONEY if key in {"amount", "currency"}:
                return INTEGER if key == "amount" else TEXT
            case Base.UNKNOWN | Base.JSON:
                return UNKNOWN
            case _:
                self.error("E502", f"{say_kind(kind).capitalize()} has no “{key}”.")
                return UNKNOWN

    def _property(self, kind: Kind, key: str) -> Kind:
        if key.startswith("x_") or key == "properties" or not kind.types:
            return UNKNOWN
        found = self.vocabulary.property_kind(kind.types, key)
        if found:
            return found[1]
        known: set[str] = set()
        for name in kind.types & self.vocabulary.entity_types.keys():
            known |= set(self.vocabulary.entity(name).kinds)
        close = nearest(key, known)
        near = f" Did you mean {close[0]}?" if close else ""
        self.error("E309", f"{say_kind(kind).capitalize()} has no “{key}”.{near}")
        return UNKNOWN

    def _column(self, kind: Kind, key: str, columns: Mapping[str, Kind]) -> Kind:
        if key in columns:
            return columns[key]
        for name in kind.types & self.vocabulary.connection_types.keys():
            words = self.vocabulary.connection(name)
            if found := words.key(key):
                return words.kinds[found]
        return UNKNOWN

    def _event(self, kind: Kind, key: str) -> Kind:
        if key in {"actor", "entity"}:
            return PERSON if key == "actor" else Kind(Base.THING)
        if key in EVENT_COLUMNS:
            return EVENT_COLUMNS[key]
        for name in kind.types & self.vocabulary.event_types.keys():
            words = self.vocabulary.event(name)
            if found := words.key(key):
                return words.kinds[found]
        return UNKNOWN

    def asked(self, tree: Expr, names: Names) -> None:
        """Judges a condition; reading English has told of one that asks nothing."""
        kind = self.kind(tree, names)
        if self.english:
            return
        while isinstance(tree, Unary) and tree.op == "not":
            tree, kind = tree.of, self.kind(tree.of, dict(names))
        if kind.numeric or kind.base in {Base.MONEY, Base.DATETIME, Base.DURATION}:
            why = "Compare it: is it more than 0, or is it there at all?"
            said = f"This is {say_kind(kind.sure)}: it can't be true or false."
            self.error("E210", said, why=why)

    # --- operators ------------------------------------------------------------------------

    def _binary(self, tree: Binary, names: Names) -> Kind:
        op = tree.op
        if op in {"and", "or"}:
            self.kind(tree.left, names)
            self.kind(tree.right, narrowed(tree.left, names, holds=op == "and"))
            return BOOLEAN
        if op == "??":
            left = self.kind(tree.left, names)
            return either(left.sure, self.kind(tree.right, names))
        if op in {"==", "!="} and Lit(None) in {tree.left, tree.right}:
            self.kind(tree.left, names)
            self.kind(tree.right, names)
            return BOOLEAN
        left, right = self.sure(tree.left, names), self.sure(tree.right, names)
        if op in {"/", "%"} and tree.right in {Lit(0), Lit(0.0)}:
            why = "Check first that what you divide by is more than 0."
            self.error("E502", "Nothing can be divided by 0.", why=why)
        if op in {"==", "!=", "<", "<=", ">", ">=", "in"}:
            self._compared(op, left, right, tree=tree)
            if isinstance(tree.left, Get) and tree.left.key in {"type", "status"}:
                self._stated(tree.left, tree, names)
            return BOOLEAN
        return self._computed(op, left, right)

    def compared(self, op: str, left: Kind, *, right: Kind, tree: Expr) -> None:
        """Tells of two kinds that can't be compared; `tree` is the second."""
        self._compared(op, left, right, tree=Binary(op, Lit(None), tree))

    def _compared(self, op: str, left: Kind, right: Kind, *, tree: Binary) -> None:
        if left.vague or right.vague or op == "in":
            return
        left, right = measured(left, right, tree=tree.left), measured(right, left, tree=tree.right)
        bases = {left.base, right.base}
        if Base.MONEY in bases and bases != {Base.MONEY}:
            self._unlike(left, right)
        elif (
            isinstance(tree.left, MoneyLit)
            and isinstance(tree.right, MoneyLit)
            and tree.left.currency != tree.right.currency
        ):
            self.error("E503", "These are two currencies.")
        elif (op not in {"==", "!="} and not ordered(left, right)) or (
            op in {"==", "!="} and not equable(left, right)
        ):
            self._unlike(left, right)

    def _stated(self, left: Get, tree: Binary, names: Names) -> None:
        """A status that nothing of the type has, and a type that it never is."""
        values = tree.right.values if isinstance(tree.right, Items) else (tree.right,)
        types = self.kind(left.of, dict(names)).types
        for one in values:
            if isinstance(one, Lit) and isinstance(one.value, str) and types:
                self.state(left.key, one.value, types=types, never=tree.op == "==")

    def state(self, key: str, said: str, *, types: Collection[str], never: bool) -> None:
        """Tells of a status that the types don't have, and of a type that they never are."""
        if key == "status":
            known = self.vocabulary.statuses(types)
            if known and said not in known:
                what = say_kind(Kind(Base.THING, frozenset(types))).capitalize()
                listing = listed(known)
                self.error("E406", f"{what} has no status “{said}”. It can be {listing}.")
        elif never and said in self.vocabulary.entity_types and said not in types:
            what = say_kind(Kind(Base.THING, frozenset(types)))
            other = say_kind(Kind(Base.THING, frozenset([said])))
            why = "Say what it is where it comes from: in INPUT, or in the line that saves it."
            self.error("E605", f"This never holds: {what} is not {other}.", why=why)

    def _unlike(self, left: Kind, right: Kind) -> None:
        """Told, with what of a thing could be compared with the other side."""
        said = f"This compares {say_kind(left)} with {say_kind(right)}."
        one, other = (left, right) if left.base is Base.THING else (right, left)
        why = ""
        if one.base is Base.THING and one.person and other.numeric:
            why = (
                "How old somebody is nobody knows here: ask for it, as the input “age: how many”, "
                "and CHECK age is at least 18. What they have is said as: fan has 50 tokens."
            )
        elif one.base is Base.THING and (keys := self._alike(one, other)):
            why = f"Say what of it is meant: its {listed(keys, 'or')}."
        self.error("E507", said, why=why)

    def _alike(self, one: Kind, other: Kind) -> list[str]:
        """The properties of a thing that the other side can be compared with."""
        return [
            spaced(key)
            for name in sorted(one.types & self.vocabulary.entity_types.keys())
            for key, kind in self.vocabulary.entity(name).kinds.items()
            if key not in self.vocabulary.entity(name).private
            and (kind.base is other.base or (kind.numeric and other.numeric))
        ][:6]

    def _computed(self, op: str, left: Kind, right: Kind) -> Kind:
        bases = {left.base, right.base}
        if left.vague or right.vague:
            return MONEY if bases >= {Base.MONEY} else UNKNOWN
        if Base.MONEY in bases:
            return self._money(op, left, right)
        if op == "+" and bases == {Base.LIST}:
            return left
        if (
            op == "+"
            and Base.TEXT in bases
            and Base.DURATION not in bases
            and Base.DATETIME not in bases
        ):
            return TEXT
        if Base.DATETIME in bases and op in {"+", "-"}:
            return DATETIME
        if Base.DURATION in bases and (op in {"*", "/"} or bases <= {Base.DURATION, Base.TEXT}):
            return Kind(Base.DURATION)
        if not (left.numeric and right.numeric):
            self.error(
                "E502",
                f"{say_kind(left).capitalize()} and {say_kind(right)} can't be "
                f"{_DONE.get(op, 'computed')}.",
            )
            return UNKNOWN
        return INTEGER if bases == {Base.INTEGER} and op != "/" else NUMBER

    def _money(self, op: str, left: Kind, right: Kind) -> Kind:
        both = left.base is right.base is Base.MONEY
        if both and left.values and right.values and left.values != right.values:
            self.error("E503", "These are two currencies.")
        if both:
            if op in {"+", "-"}:
                return left if left.values else right
            if op == "/":
                return NUMBER
            self.error("E502", "Money can't be multiplied by money.")
            return UNKNOWN
        other = right if left.base is Base.MONEY else left
        if not other.numeric or op in {"+", "-"} or (op == "/" and left.base is not Base.MONEY):
            self.error(
                "E506",
                f"Money and {say_kind(other)} can't be {_DONE.get(op, 'computed')}.",
                why="Money is added to money, and multiplied or divided by a number.",
            )
            return MONEY
        return MONEY

    def _call(self, name: str, args: tuple[Expr, ...], names: Names) -> Kind:
        kinds = [
            self.kind(arg, names)
            if name in {"length", "failed", "first", "last", "owns", "connected"}
            else self.sure(arg, names)
            for arg in args
        ]
        first = kinds[0] if kinds else UNKNOWN
        if name == "connected":
            self._relation(args, kinds)
        elif name == "owns" and self._are_things("owns", args, kinds):
            self._is_itself(args)
        if name in {"length", "owns", "connected"} and args:
            for arg, kind in zip(args, kinds, strict=True):
                if kind.optional and name != "failed":
                    self.missing(arg)
        return _CALLS.get(name, lambda _: UNKNOWN)(first)

    def _relation(self, args: tuple[Expr, ...], kinds: list[Kind]) -> None:
        """The ends of a relation that a condition asks for."""
        name = args[1].value if isinstance(args[1], Lit) else None
        kind = self.vocabulary.connection_types.get(str(name))
        if kind is None:
            known = self.vocabulary.connection_types
            self.unknown("E402", str(name), what="relation", known=known)
            return
        if not self._are_things(kind.name, args[::2], kinds[::2]) or self._is_itself(args[::2]):
            return
        lefts, rights = kinds[0].types, kinds[2].types
        theirs = rights <= PEOPLE and any(one & lefts for one, _ in kind.pairs)
        fits = theirs or any(kind.fits(a, b) for a in lefts for b in rights)
        if lefts and rights and not fits:  # `theirs`: in something that they own
            said = f"{say_kind(kinds[0])} to {say_kind(kinds[2])}"
            self.error("E403", f"“{spaced(kind.name).capitalize()}” can't tie {said}.")

    def _is_itself(self, ends: Sequence[Expr]) -> bool:
        if ends[0] == ends[1]:
            self.error("E408", "Nothing is connected to itself.")
        return ends[0] == ends[1]

    def _are_things(self, relation: str, ends: Sequence[Expr], kinds: Sequence[Kind]) -> bool:
        """Whether what a relation is asked between can have one; told when not."""
        for end, kind in zip(ends, kinds, strict=False):
            if kind.base in PLAIN_BASES and not isinstance(end, Lit):  # 'thing' is anything
                said = f"{spaced(relation).capitalize()} ties people and things; this is"
                self.error("E403", f"{said} {say_kind(kind)}.")
                self.accuse(end)
                return False
        return True


PLAIN_BASES = frozenset(
    {Base.TEXT, Base.INTEGER, Base.NUMBER, Base.BOOLEAN, Base.MONEY, Base.DATETIME}
)
"""Values that are no thing, so that nothing is tied to them and nothing happens to them."""

_DONE = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided"}


def _numeric(first: Kind) -> Kind:
    return first if first.numeric or first.base is Base.MONEY else NUMBER


_CALLS: Mapping[str, Callable[[Kind], Kind]] = {
    "length": lambda _: INTEGER,
    "lower": lambda _: TEXT,
    "upper": lambda _: TEXT,
    "trim": lambda _: TEXT,
    "join": lambda _: TEXT,
    "split": lambda _: list_of(TEXT),
    "round": lambda kind: MONEY if kind.base is Base.MONEY else INTEGER,
    "floor": lambda kind: MONEY if kind.base is Base.MONEY else INTEGER,
    "ceil": lambda kind: MONEY if kind.base is Base.MONEY else INTEGER,
    "min": _numeric,
    "max": _numeric,
    "sum": lambda kind: _numeric(kind.item or NUMBER),
    "average": lambda kind: _numeric(kind.item or NUMBER),
    "first": lambda kind: (kind.item or UNKNOWN).maybe,
    "last": lambda kind: (kind.item or UNKNOWN).maybe,
    "contains": lambda _: BOOLEAN,
    "startsWith": lambda _: BOOLEAN,
    "connected": lambda _: BOOLEAN,
    "owns": lambda _: BOOLEAN,
    "failed": lambda _: BOOLEAN,
    "balance": lambda _: INTEGER,
    "now": lambda _: DATETIME,
    "today": lambda _: DATETIME,
    "beginning": lambda _: DATETIME,
    "me": lambda _: PERSON,
    "money": lambda _: MONEY,
}


def narrowed(condition: Expr, names: Names, *, holds: bool) -> Names:
    """The names where the condition holds, or does not: what is known to be there."""
    found = dict(names)
    _narrow(condition, found, holds=holds)
    return found


def _narrow(tree: Expr, names: Names, *, holds: bool) -> None:
    match tree:
        case Binary("and", left, right) if holds:
            _narrow(left, names, holds=True)
            _narrow(right, names, holds=True)
        case Binary("or", left, right) if not holds:
            _narrow(left, names, holds=False)
            _narrow(right, names, holds=False)
        case Unary("not", inner):
            _narrow(inner, names, holds=not holds)
        case Binary("!=", Ref(name), Lit(None)) if holds and name in names:
            names[name] = names[name].sure
        case Binary("==", Ref(name), Lit(None)) if not holds and name in names:
            names[name] = names[name].sure
        case _:
            pass


def forget(tree: Expr, names: Names) -> None:
    """A name once reported as perhaps missing is taken as there, so that it is said once."""
    if isinstance(tree, Ref) and tree.name in names:
        names[tree.name] = names[tree.name].sure


def spoken(tree: Expr) -> str:
    """The tree in a creator's words."""
    match tree:
        case Ref(name):
            return _split(name)
        case Get(of, key):
            return f"{spoken(of)}'s {_split(key)}"
        case _:
            return "this value"


def _split(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in camel(name) or name)

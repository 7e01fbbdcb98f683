"""What is known of the names of a feature on one way through it, and what of it can be chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from one.compiler.emit.solving import (
    Cash,
    Facts,
    Known,
    Only,
    There,
    Unsolved,
    Wanted,
    When,
    Within,
    solve,
)
from one.compiler.expression import Call, Expr, Get, Hole, Lit, Ref, children, rebuild
from one.compiler.kinds import PEOPLE, UNKNOWN, Base, Kind, read_kind
from one.compiler.light import frozen
from one.compiler.program import Filter, Program, Query, Slot, Tie, steps_of
from one.compiler.vocabulary import Vocabulary

Source = Literal["input", "row", "rows", "count", "relation", "answer", "event", "item", "opaque"]

_USUAL: Mapping[Base, tuple[Known, ...]] = {
    Base.INTEGER: (3, 0, 1, 10, 100, 1000),
    Base.NUMBER: (2.5, 0.0, 1.0, 10.0, 100.0, 1000.0),
    Base.RATIO: Within((0.5, 0.0, 1.0)),
    Base.SHARE: Within((2500, 0, 10000)),
    Base.BOOLEAN: (True, False),
    Base.TEXT: ("Some words", ""),
    Base.MONEY: (Cash(2500, "usd"), Cash(0, "usd"), Cash(100_000, "usd")),
    Base.DATETIME: tuple(When(days * 86_400) for days in (1, -1, 0, 8, -8, 31, -31, -400)),
}
MADE_AT = ("createdAt", "updatedAt")
_AGO = Only(When(-days * 86_400) for days in (0, 8, 15, 31, 61, 91, 400))
"""How long something may have been there."""
_HELD = (5, 0, 1, 10, 100, 1000, 100_000)
_MANY = (2, 0, 1, 3, 5, 10)


@frozen
class Name:
    """Where a name comes from: `place` is that of its step, `of` the list that an item is of,
    `twin` the name of what is found by the same conditions.
    """

    source: Source
    kind: Kind = UNKNOWN
    place: str = ""
    query: Query | None = None
    slot: Slot | None = None
    of: str = ""
    twin: str = ""
    missing: bool = False


@dataclass(slots=True)
class Scene:
    """`wanted` has to come out so; `facts` are settled; `sets` are names that stand for a tree;
    `past` are names of a loop's body, after it.
    """

    vocabulary: Vocabulary
    names: dict[str, Name]
    wanted: list[Wanted] = field(default_factory=list[Wanted])
    facts: dict[Expr, Known] = field(default_factory=dict[Expr, Known])
    sets: dict[str, Expr] = field(default_factory=dict[str, Expr])
    stale: set[str] = field(default_factory=set[str])
    past: dict[str, Name] = field(default_factory=dict[str, Name])

    def plain(self, tree: Expr) -> Expr:
        """The tree with what its names were set to."""
        match tree:
            case Ref(name) if name in self.sets:
                return self.sets[name]
            case Ref(name) if name not in self.names and f"{name}Id" in self.names:
                return Ref(f"{name}Id")
            case Get(Ref(name), "id") if self.names.get(name, _NOBODY).source == "input":
                return self.plain(Ref(name))
            case Call("balance" | "owns" as asked, _) if asked in self.stale:
                return Hole()
            case Call("connected", (_, Lit(str(tie)), _)) if tie in self.stale:
                return Hole()
            case _:
                return rebuild(tree, self.plain)

    def want(self, *wanted: Wanted) -> bool:
        """Demands more, if it can be had together with the rest. Raises Unsolved."""
        more = [(self.plain(tree), so) for tree, so in wanted]
        if self.solved([*self.wanted, *more]) is None:
            return False
        self.wanted += more
        return True

    def solved(self, wanted: list[Wanted] | None = None) -> dict[Expr, Known] | None:
        """Values for all that is free in what is wanted. Raises Unsolved."""
        return solve(self.wanted if wanted is None else wanted, self.free, facts=self.facts)

    def leave(self, names: Iterable[str]) -> None:
        """The end of a loop whose body bound these: what was wanted of them is settled."""
        found = {one: self.names[one] for one in names if one in self.names}
        placed = {one: known for one, known in found.items() if known.query is not None}
        if placed:
            self.facts |= self.solved() or {}
            self.past |= placed
        for one in found:
            self.sets.pop(one, None)
            self.names[one] = Name("opaque")

    @property
    def all_names(self) -> dict[str, Name]:
        """Those of loops too that are over."""
        return {**self.names, **self.past}

    # --- what is free

    def free(self, tree: Expr) -> tuple[Known, ...] | None:
        """The values that a tree may be given before the run; nothing for what can't be chosen."""
        match tree:
            case Ref(name) if name in self.names:
                return self._name(name, self.names[name])
            case Get(Ref(name) as of, _) if of in self.facts and self.facts[of] is None:
                return None
            case Get(Ref(name), key) if name in self.names:
                return self._property(self.names[name], key)
            case Get(Call("me", ()), _):
                return None
            case Call("length", (Ref(name),)) if name in self.names:
                found = self.names[name]
                listed = found.source in ("input", "answer") and _is_list(found.kind)
                many = found.source == "rows" or listed
                return _MANY if many else None
            case Call("balance", (Ref() as one, *_)):
                return _HELD if self._given(one) else None
            case Call("connected", (Ref() as one, Lit(str()), other)):
                return (True, False) if self._given(one) and self._given(other) else None
            case Call("owns", ((Ref() | Call("me", ())) as one, Ref() as other)):
                return (True, False) if self._given(one) and self._given(other) else None
            case _:
                return None

    def _given(self, tree: Expr) -> bool:
        """Whether a thing is there before the run."""
        match tree:
            case Ref(name):
                return self.names.get(name, _NOBODY).source == "input" or self.is_found(name)
            case Call("me", ()) | Lit(str()):
                return True
            case _:
                return False

    def is_found(self, name: str) -> bool:
        """Whether a name stands for rows that are put in place."""
        names = self.all_names
        found = names.get(name, _NOBODY)
        if found.source == "item":
            return names.get(found.of, _NOBODY).source == "rows"
        there = self.facts.get(Ref(name)) is not None
        return found.source == "row" and found.query is not None and there

    def _name(self, name: str, found: Name) -> tuple[Known, ...] | None:
        match found.source:
            case "input" if found.kind.base is Base.THING or _is_list(found.kind):
                there = There(name)
                return (there, None) if found.missing else (there,)
            case "input" | "item":
                usual = _usual(found)
                return type(usual)((*usual, None)) if found.missing and usual else usual
            case "answer":
                return _usual(found) or ("Some words", True, False, 3)
            case "count":
                return _MANY
            case _:
                return None

    def _property(self, found: Name, key: str) -> tuple[Known, ...] | None:
        if key in MADE_AT and found.source == "input":
            return _AGO
        if key in ("id", "version", *MADE_AT):
            return None
        if key == "type":
            known = sorted(found.kind.types) or ["digital_product", "course", "blog_post"]
            return Only(known)
        if found.source in ("answer", "event"):
            kind = found.kind.field(key)
            return _of_kind(kind) if kind else ("Some words", True, 3, 0)
        if found.source == "relation":
            said = [self.vocabulary.connection(type).kinds.get(key) for type in found.kind.types]
            return next((_of_kind(kind) for kind in said if kind is not None), None)
        if found.source not in ("input", "row", "item"):
            return None
        if key == "status":
            return self._statuses(found.kind)
        known = self.vocabulary.property_kind(found.kind.types, key)
        if known is None:
            return ("Some words", 3, None) if key.startswith("x_") else None
        usual = _of_kind(known[1])
        return type(usual)((*usual, None)) if usual is not None else None

    def _statuses(self, kind: Kind) -> tuple[Known, ...]:
        types = [self.vocabulary.entity_types.get(one) for one in sorted(kind.types)]
        first = next((type for type in types if type), None)
        return Only((first.initial, *sorted(first.transitions)) if first else ("active",))


_NOBODY = Name("opaque")


def _is_list(kind: Kind) -> bool:
    return kind.base is Base.LIST


def _usual(found: Name) -> tuple[Known, ...] | None:
    slot = found.slot
    if slot is not None and slot.one_of:
        return Only(one.value for one in slot.one_of if isinstance(one, Lit))
    return _of_kind(found.kind)


def _of_kind(kind: Kind) -> tuple[Known, ...] | None:
    if kind.values:
        return Only(kind.values)
    return _USUAL.get(kind.base)


def person(kind: Kind) -> bool:
    """Whether somebody is meant: a person where any of the types is one."""
    return kind.base is Base.THING and bool(kind.types & PEOPLE)


def names_of(tree: Expr) -> set[str]:
    """The names in a tree."""
    own = {tree.name} if isinstance(tree, Ref) else set[str]()
    return own.union(*(names_of(child) for child in children(tree)))


__all__ = ["Facts", "Name", "Scene", "Source", "Unsolved", "names_of", "person"]


def always_there(query: Query, kind: Kind, *, program: Program) -> bool:
    """Whether such rows are there in any case: people of no sort, the token that is given, what
    came in as a thing of the author's.
    """
    others = [one for one in query.where if (one.field != "type" or one.any) and not _of_none(one)]
    given = any(step.grant is not None for step in steps_of(program.flow))
    kinds = (read_kind(one.type) for one in program.input.values() if not one.optional)
    came = any(one is not None and one.types and one.types <= kind.types for one in kinds)
    mine = all(tie == Tie(type="owns", from_=Call("me", ())) for tie in map(_tie, others))
    return (
        (kind.person and not others)
        or (kind.types == frozenset({"token"}) and given)
        or (came and mine and not kind.person)
    )


def _tie(one: Filter) -> Tie | None:
    """The relation that a filter alone is."""
    return None if one.negated or one.field or one.any or one.operator else one.connected


def _of_none(one: Filter) -> bool:
    """Whether what is tied to nothing is chosen too."""
    return one.connected is not None and (one.negated or one.operator in {"lt", "lte", "ne"})

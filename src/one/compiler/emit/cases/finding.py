"""What a row needs to be found by a query: values, and relations to what is there."""

from collections.abc import Iterator, Sequence
from math import ceil

from one.compiler.bind.literals import seconds_in
from one.compiler.emit.cases.scene import Facts, names_of
from one.compiler.emit.cases.ways import Unreached, Walk
from one.compiler.emit.expressions import Expressions, constant
from one.compiler.emit.printing import source
from one.compiler.expression import Binary, Call, Expr, Items, Lit, MoneyLit, Ref
from one.compiler.kinds import PEOPLE, Base, Kind
from one.compiler.light import frozen
from one.compiler.program import Filter, Query, Tie, steps_of
from one.compiler.vocabulary import Vocabulary


@frozen
class Finding:
    """`placed` are the names of what was put in place for a name of the feature."""

    on: Walk
    facts: Facts
    placed: dict[str, list[str]]

    @property
    def _at(self) -> Expressions:
        return Expressions(self.on.write.names, "rehearsal", "rehearsal")

    def can_place(self, query: Query) -> bool:
        """Whether rows can be put in place that a query finds."""
        kind = self.on.row_kind(query)
        if query.from_ != "entities" or not self._sayable(query):
            return False
        ties: list[str] = []
        try:
            for one in query.where:
                self.fit(one, facts={}, ties=ties, place="", kind=kind)
        except Unreached:
            return False
        return True

    def there_anyway(self, query: Query) -> int:
        """How many things that came in are found as well: a lesson's course has that lesson."""
        ends = {
            (one.connected.type, end.name)
            for one in query.where
            if one.connected is not None and not one.negated
            for end in (one.connected.from_, one.connected.to)
            if isinstance(end, Ref)
        }
        return sum(
            (one.connected.type, step.output) in ends
            for step in steps_of(self.on.program.flow)
            if step.query is not None and step.output is not None
            for one in step.query.where
            if one.connected is not None
        )

    def fit(
        self, one: Filter, *, facts: dict[str, str], ties: list[str], place: str, kind: Kind
    ) -> None:
        """What a condition asks of a row. Raises Unreached."""
        hopeless = Unreached(f"what is looked for at {place} can't be put in place")
        if one.any:
            self._fit_any(one.any, facts=facts, ties=ties, place=place, kind=kind)
            return
        if one.connected is not None:
            owner = one.connected.from_ if one.connected.type == "owns" else None
            if isinstance(owner, Ref) and not one.negated and self.is_here(owner):
                facts["by"] = source(self._at.value(owner))
            elif not one.negated:
                ties += self._tie(one, hopeless)
            return
        if one.negated or one.field is None:
            raise hopeless
        if one.field == "type" or (one.field, one.operator) == ("id", "ne"):
            return  # what is put in place is nobody who came in
        type, _, key = one.field.partition(".")
        if key and type in self.on.vocabulary.connection_types:
            said = f'"{key}": {self._fitting(one, kind) or "None"}'
            self._tied_so(ties, type, said, hopeless=hopeless)
            return
        if one.field in _MADE_AT and one.operator in ("lt", "lte"):
            ties.append(self._aged(one.value, hopeless))
            return
        known = self.on.vocabulary.property_kind(kind.types, one.field)
        if known is None and one.field != "balance" and not one.field.startswith("x_"):
            raise hopeless
        value = self._fitting(one, kind)
        if one.field == "balance" and value:
            ties.append(f"await rehearsal.hold($row, {value})")
            return
        if value is None:
            raise hopeless
        if value:
            facts[one.field.split(".")[-1]] = value

    def _fit_any(
        self,
        some: Sequence[Filter],
        *,
        facts: dict[str, str],
        ties: list[str],
        place: str,
        kind: Kind,
    ) -> None:
        """The first of several conditions that can be put in place. Raises Unreached."""
        for n, one in enumerate(some):
            held, tied = dict(facts), list(ties)
            try:
                self.fit(one, facts=held, ties=tied, place=place, kind=kind)
            except Unreached:
                if n + 1 == len(some):
                    raise
            else:
                facts |= held
                ties[:] = tied
                return

    def _tie(self, one: Filter, hopeless: Unreached) -> list[str]:
        tie = one.connected
        assert tie is not None
        aged = [self._aged(tie.until, hopeless)] if tie.until is not None else []
        end = tie.from_ if tie.from_ is not None else tie.to
        if tie.type == "owns" and end == Call("me", ()):
            return []
        if isinstance(end, Lit) or one.operator is not None:
            return [*self._strangers(tie, end, _at_least(one, hopeless), hopeless=hopeless), *aged]
        found: list[str] = []
        for said in self._ends(tie, end, hopeless):
            ends = (said, "$row") if tie.from_ is not None else ("$row", said)
            metadata = source(self._at.values(tie.metadata)) if tie.metadata else ""
            found.append(connecting(*ends, type=tie.type, metadata=metadata))
        return [*found, *aged]

    def _strangers(
        self, tie: Tie, end: Expr | None, many: int, *, hopeless: Unreached
    ) -> Iterator[str]:
        """So many others that a row is tied to, where only their type is said."""
        if many == 0:
            return
        known = self.on.vocabulary.connection_types.get(tie.type)
        ends = [to if tie.to is not None else of for of, to in (known.pairs if known else ())]
        types = frozenset[str]().union(*ends)
        if isinstance(end, Lit) and end.value != "thing":
            types &= {str(end.value)}
        type = next((one for one in _LIKELY if one in types), min(types, default=""))
        others = [one for one in self._queries if tie not in [each.connected for each in one.where]]
        found = any(type in self.on.row_kind(one).types for one in others)
        owning = tie.type == "owns" and tie.to is not None
        unsaid = known is None or not known.required <= tie.metadata.keys()
        unmade = tie.type in _MOVED and not owning
        if not isinstance(end, Lit) or not type or found or unsaid or unmade:
            raise hopeless
        metadata = source(self._at.values(tie.metadata)) if tie.metadata else ""
        for n in range(many):
            called = source(constant(f"Theirs {n + 1}"))
            if owning:
                yield f"await rehearsal.thing({source(constant(type))}, {called}, by=$row)"
                continue
            made = f"await rehearsal.thing({source(constant(type))}, {called})"
            made = f"await rehearsal.person({called})" if type == "audience_member" else made
            both = ("$row", made) if tie.to is not None else (made, "$row")
            yield connecting(*both, type=tie.type, metadata=metadata)

    def _aged(self, until: Expr | None, hopeless: Unreached) -> str:
        """The time that goes by before the run, for what has to be so before a moment."""
        days = _days_to(until)
        if days is None:
            raise hopeless
        return f"{AGED}{days + 1}))"

    def _tied_so(self, ties: list[str], type: str, said: str, *, hopeless: Unreached) -> None:
        """Writes what a relation says into the statement that makes it."""
        for n, one in enumerate(ties):
            if f"type={source(constant(type))}," in one and "metadata" not in one:
                ties[n] = f"{one[:-1]}, metadata={{{said}}})"
                return
        raise hopeless

    def _ends(self, tie: Tie, end: Expr | None, hopeless: Unreached) -> list[str]:
        """What a row is tied to, as it stands in the test."""
        if isinstance(end, Ref) and self._is_found(end.name):
            return self.placed.get(end.name, [])
        if end is None or isinstance(end, Lit) or not self.is_here(end):
            raise hopeless
        said = source(self._at.value(end))
        owned = self.on.owned_at(tie)
        return [self.of_theirs(tie.type, said, hopeless=hopeless)] if owned else [said]

    def of_theirs(self, relation: str, owner: str, *, hopeless: Unreached) -> str:
        """Something of somebody's that others can stand in a relation to. Where it would be found
        by a query too it is in the way.
        """
        known = self.on.vocabulary.connection_types[relation]
        types = sorted(one for a, b in known.pairs if a & PEOPLE for one in b - PEOPLE)
        type = next((one for one in types if one in ("course", "community")), "".join(types[:1]))
        found = any(type in self.on.row_kind(one).types for one in self._queries)
        if not type or found or relation in ("holds", "transacted"):
            raise hopeless
        by = "" if owner == "rehearsal.me" else f", by={owner}"
        return f'await rehearsal.thing("{type}", "Theirs"{by})'

    @property
    def _queries(self) -> list[Query]:
        return [step.query for step in steps_of(self.on.program.flow) if step.query is not None]

    def is_spoken_of(self, it: Ref) -> bool:
        """Whether something else that is put in place stands in a relation to what is found."""
        conditions = [one for query in self._queries for one in query.where]
        ties = [one.connected for one in conditions if one.connected is not None]
        asked = any(it.name in names_of(tree) and isinstance(tree, Call) for tree in self.facts)
        ends = [end for tie in ties for end in (tie.from_, tie.to)]
        return asked or it in ends or it in [one.value for one in conditions]

    def _is_found(self, name: str) -> bool:
        """Whether a name stands for rows that are put in place."""
        return self.on.scene.is_found(name)

    def _sayable(self, query: Query) -> bool:
        """Whether a row can have the words that are searched for in its name."""
        match query.search:
            case None | Lit():
                return True
            case Ref(name):
                return self.is_here(Ref(name)) and query.search not in self.facts
            case _:
                return False

    def is_here(self, tree: Expr) -> bool:
        match tree:
            case Call("me", ()):
                return True
            case Ref(name):
                found = self.on.scene.names.get(name)
                return found is not None and found.source == "input"
            case Lit() | MoneyLit():
                return True
            case _:
                return False

    def _fitting(self, one: Filter, kind: Kind) -> str | None:
        """A value that a condition takes; empty where any row has one."""
        at, value = self._at, _as_money(one, kind, self.on.vocabulary)
        if one.field in ("createdAt", "updatedAt", "occurredAt"):
            return "" if one.operator in ("gt", "gte") else None
        match one.operator, value:
            case (("gt" | "gte"), tree) if _days_to(tree) is not None:
                return "rehearsal.now"
            case (("lt" | "lte"), tree) if (days := _days_to(tree)) is not None:
                return f"rehearsal.now - days({days + 1})"
            case "exists", Lit(True):
                return '"Something"'
            case (("in" | "between"), Items([first, *_])):
                return source(at.value(first))
            case (("eq" | "gte" | "lte" | "contains" | "startsWith"), tree) if (
                tree is not None and self.is_here(tree)
            ):
                return source(at.value(tree))
            case (("gt" | "lt"), (Lit(int() | float()) | MoneyLit()) as tree):
                return _beyond(tree, 1 if one.operator == "gt" else -1)
            case "ne", Lit(str()):
                return "" if one.field == "status" else '"Something else"'
            case _:
                return None


AGED = "rehearsal.later(days("
"""What lets time go by; what was put in place before lies that far back."""
_MADE_AT = ("createdAt", "updatedAt", "occurredAt")
_LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}


_LIKELY = ("audience_member", "course", "community")
_MOVED = frozenset({"owns", "holds"})
"""Relations that are made otherwise than by connecting."""
_MOST_OTHERS = 20


def _at_least(one: Filter, hopeless: Unreached) -> int:
    """How many others a row needs. Raises Unreached."""
    if one.operator is None:
        return 1
    match one.operator, one.value:
        case (("lt" | "lte" | "ne"), Lit(int(number))) if number > 0:
            return 0
        case (("gte" | "eq"), Lit(int(number))):
            many = number
        case "gt", Lit(int(number)):
            many = number + 1
        case "between", Items((Lit(int(number)), *_)):
            many = number
        case _:
            raise hopeless
    if many > _MOST_OTHERS:
        raise hopeless
    return many


def _days_to(moment: Expr | None) -> int | None:
    """How many days a moment lies back at most; nothing where that isn't known."""
    match moment:
        case Call("beginning", (Lit(str(unit)), *back)) if unit in _LONGEST:
            many = back[0].value if back and isinstance(back[0], Lit) else 0
            return _LONGEST[unit] * (1 + many) if isinstance(many, int) else None
        case Call("today", ()):
            return 1
        case Binary("-", of, Lit(str(length))):
            first, passed = _days_to(of), seconds_in(length)
            return None if first is None or passed is None else first + ceil(passed / 86_400)
        case Call("now", ()):
            return 0
        case _:
            return None


def _as_money(one: Filter, kind: Kind, vocabulary: Vocabulary) -> Expr | None:
    """What a field is compared with; a plain number beside money is its minor units."""
    known = vocabulary.property_kind(kind.types, one.field or "")
    if known is None or known[1].base is not Base.MONEY:
        return one.value
    match one.value:
        case Lit(int(amount)):
            return MoneyLit(amount, "usd")
        case Items([Lit(int(amount)), *_]):
            return Items((MoneyLit(amount, "usd"),))
        case value:
            return value


def connecting(one: str, other: str, *, type: str, metadata: str = "") -> str:
    """The statement that puts a relation in place."""
    beside = f", metadata={metadata}" if metadata else ""
    kind = source(constant(type))
    return f"await rehearsal.connect({one}, type={kind}, to={other}{beside})"


def _beyond(tree: Expr, step: int) -> str:
    match tree:
        case MoneyLit(amount, currency):
            return f'Money({amount + step}, "{currency}")'
        case Lit(int() | float() as value):
            return repr(value + step)
        case _:
            return "0"

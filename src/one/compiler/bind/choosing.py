"""Rows and the conditions that choose among them: WHERE and ABOUT as filters of a query."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from one.compiler.bind.conditions import condition
from one.compiler.bind.derived import ME, tie_between
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import lookup, phrase, row_of, strip
from one.compiler.bind.nouns import attempt
from one.compiler.bind.periods import Period, cut_period, within
from one.compiler.bind.saying import find_predicate, normal
from one.compiler.bind.session import Reading
from one.compiler.expression import (
    Binary,
    Call,
    Expr,
    Get,
    Hole,
    Lit,
    Ref,
    Template,
    Unary,
    names_in,
)
from one.compiler.kinds import (
    Base,
    Kind,
)
from one.compiler.program import Filter, Operator, Order, Tie
from one.compiler.reader import Is, Word, join, whole

_OPERATORS: dict[str, Operator] = {
    "==": "eq",
    "!=": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "in": "in",
}


@dataclass(slots=True)
class Asked:
    """What a GET asks for, while its words are being read."""

    rows: Kind
    many: bool
    noun: str
    where: list[Filter] = field(default_factory=list[Filter])
    order: list[Order] = field(default_factory=list[Order])
    limit: int | None = None
    search: Expr | None = None
    select: str | None = None
    result: Kind | None = None
    table: str = "entities"


_AUXILIARY = frozenset({"row", "is", "are", "was", "were", "been", "has", "have"})


def where(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    """Adds a condition on the rows; a stretch of time after a relation is when it was made."""
    words = _of_rows(reading, words)
    if len(parts := _timed(reading, words)) > 1:
        for part in parts:
            where(reading, asked, part)
        return
    head, period = cut_period(list(words))
    before, reading.rows = reading.rows, asked.rows
    said = [word for word in head if word.low not in _AUXILIARY]
    moment = row_of(reading, phrase(said if len(said) == 1 else head))
    if period is not None and len(said) == 1 and moment and moment.kind.base is Base.DATETIME:
        timed = filters_of(reading, asked, within(moment.tree, period.since, until=period.end))
        asked.where.extend(timed or [])
        reading.rows = before
        return
    reading.rows = before
    if period is not None and moment is None:
        before = len(asked.where)
        where(reading, asked, head)
        _same_tie(asked)
        if len(asked.where) >= before:
            lately(asked, period)
        return
    before = reading.rows
    reading.rows = asked.rows
    ties = [one.connected.type for one in asked.where if one.connected is not None]
    reading.row_tie = ties[0] if ties else ""
    reading.row_named = any(word.low == "row" for word in words[1:])  # `that the friend invited`
    found = len(reading.findings.found)
    tree = condition(reading, words, whole(list(words)) if words else reading.here)
    if isinstance(tree, Hole) and words and not reading.findings.open_since(found):
        reading.unknown(phrase(words), whole(list(words)))
    reading.rows, reading.row_tie, reading.row_named = before, "", False
    filters = filters_of(reading, asked, tree)
    if filters is None:
        reading.error(
            "E211",
            "Rows can't be chosen by this condition.",
            why="Words of rows aren't counted; characters are: shorter than 500 characters."
            if any(word.low == "words" for word in words)
            else "WHERE compares a property of each row, or asks for a relation of it.",
            at=whole(list(words)),
        )
        return
    asked.where.extend(filters)


def _of_rows(reading: Reading, words: Sequence[Word]) -> Sequence[Word]:
    """`WHERE enrolled in course`, `not enrolled in it`: of each row, where nobody is named."""
    if not words or words[0].kind is not Is.WORD or words[0].low == "row":
        return words
    row = Word("row", "row", words[0].span)
    said = [row, replace(row, text="is", low="is")] if words[0].low == "not" else [row]
    at, found = find_predicate(reading, normal([*said, *words]))
    begins = found is not None and at == 1 and found.op == "relation"
    return [*said, *words] if begins and not lookup(reading, words[0].text) else words


def _timed(reading: Reading, words: Sequence[Word]) -> list[list[Word]]:
    """The parts of `who joined last week and did not buy`, where one of them says when; each is
    about the row, or about what it names.
    """
    if any(word.low in {"between", "or"} for word in words):
        return [list(words)]
    parts: list[list[Word]] = [[]]
    for word in words:
        link = word.low in {"and", "but"}
        link = link or (word.low in {"who", "that"} and cut_period(parts[-1])[1] is not None)
        if link and word.kind is Is.WORD and parts[-1]:
            parts.append([])
        else:
            parts[-1].append(word)
    parts = [part for part in parts if part]
    if not any(cut_period(part)[1] is not None for part in parts[:-1]):
        return [list(words)]
    row = Word("row", "row", words[0].span)
    found = [parts[0]]
    for part in parts[1:]:
        at, predicate = find_predicate(reading, normal(part))
        found.append(part if at and predicate else [row, *part])
    return found


def _same_tie(asked: Asked) -> None:
    """`my customers who bought`: what they bought is what makes them mine; followers joined when
    they began to follow.
    """
    last = asked.where[-1]
    if last.connected is None or last.operator or last.connected.to != Lit("thing"):
        return
    for one in asked.where[:-1]:
        tie = one.connected
        if tie is None or one.negated:
            continue
        joined = last.connected.type == "member_of" and tie.type in _HAPPENING
        if tie.type != last.connected.type and not joined:
            continue
        if last.negated:
            asked.where[-1] = one.model_copy(
                update={"connected": tie.model_copy(), "negated": True}
            )
        else:
            asked.where.remove(one)
            asked.where[-1] = one
        return


def lately(asked: Asked, period: Period) -> None:
    """In a stretch of time: when the relation that was spoken of was made, else the row. The best
    people of a time are the best of those who took part in it.
    """
    if asked.rows.person and asked.order[:1] == [_BEST]:
        tie = Tie(type="engaged_with", to=Lit("thing"), since=period.since, until=period.end)
        asked.where.append(Filter(connected=tie))
        return
    last = asked.where[-1] if asked.where else Filter()
    ties = [one.connected for one in last.any or [last] if one.connected is not None]
    ties = [tie for tie in ties if tie.type in _HAPPENING]
    period = period.of(holding=bool(ties) and not last.negated)
    for tie in ties:
        tie.since, tie.until = period.since, period.end
    moment = "occurredAt" if asked.table == "events" else "createdAt"
    if not ties and period.since is not None:
        asked.where.append(Filter(field=moment, operator="gte", value=period.since))
    if not ties and period.end is not None:
        asked.where.append(Filter(field=moment, operator="lt", value=period.end))


_BEST = Order(field="engagement", descending=True)
_HAPPENING = frozenset(
    {"following", "member_of", "enrolled_in", "completed", "transacted", "holds", "engaged_with"}
    | {"referred_by", "converted_from", "assigned_to"}
)
"""Relations whose beginning is what a stretch of time speaks of, not the age of the thing."""


def filters_of(reading: Reading, asked: Asked, tree: Expr) -> list[Filter] | None:
    """The filters that a condition on `row` is; None when it is none."""
    match tree:
        case Hole():
            return []
        case Binary("and", left, right):
            one, other = filters_of(reading, asked, left), filters_of(reading, asked, right)
            return [*one, *other] if one is not None and other is not None else None
        case Binary("or", left, right):
            one, other = filters_of(reading, asked, left), filters_of(reading, asked, right)
            if not one or not other or len(one) > 1 or len(other) > 1:
                return None
            return [Filter(any=[*(one[0].any or one), *(other[0].any or other)])]
        case Unary("not", inner):
            found = filters_of(reading, asked, inner)
            return (
                [found[0].model_copy(update={"negated": True})]
                if found and len(found) == 1
                else None
            )
        case _:
            found_one = _filter(reading, asked, tree)
            return [found_one] if found_one else None


def _filter(reading: Reading, asked: Asked, tree: Expr) -> Filter | None:
    match tree:
        case Binary(op, Call("length", (Call("connected", args),)), right) if op in _OPERATORS:
            return _so_many(reading, args, op, right=right)
        case Binary(op, left, right) if op in _OPERATORS:
            return _compared(left, op, right) or _other(reading, asked, tree)
        case Call("contains", (Get(Ref("row"), key), right)):
            return Filter(field=key, operator="contains", value=right)
        case Call("startsWith", (Get(Ref("row"), key), right)):
            return Filter(field=key, operator="startsWith", value=right)
        case Call("connected" | "owns", args):
            owns = (args[0], Lit("owns"), args[1]) if tree.name == "owns" else args
            return _tie(reading, owns)
        case Get(Ref("row"), key):
            return Filter(field=key, operator="eq", value=Lit(True))
        case _:
            return None


def _so_many(reading: Reading, args: Sequence[Expr], op: str, *, right: Expr) -> Filter | None:
    """How many the row is tied to, against a number."""
    tied = _tie(reading, args)
    if tied is not None and (op, right) == ("==", Lit(0)):
        return tied.model_copy(update={"negated": True})
    so: dict[str, object] = {"operator": _OPERATORS[op], "value": right}
    return tied.model_copy(update=so) if tied is not None else None


def _compared(left: Expr, op: str, right: Expr) -> Filter | None:
    """A field of the row against a value."""
    match left:
        case Get(Ref("row"), key) if right == Lit(None):
            return Filter(field=key, operator="exists", value=Lit(op == "!="))
        case Get(Ref("row"), key):
            return Filter(field=key, operator=_OPERATORS[op], value=right)
        case Get(Get(Ref("row"), key), inner):
            return Filter(field=f"{key}.{inner}", operator=_OPERATORS[op], value=right)
        case Call("balance", (Ref("row"),)):
            return Filter(field="balance", operator=_OPERATORS[op], value=right)
        case Call("length", (Get(Ref("row"), key),)):
            return Filter(field=f"{key}.length", operator=_OPERATORS[op], value=right)
        case Ref("row") if right != Lit(None):
            return Filter(field="id", operator=_OPERATORS[op], value=Get(right, "id"))
        case _:
            return None


def _other(reading: Reading, asked: Asked, tree: Binary) -> Filter | None:
    plain = tree.op == "==" and isinstance(tree.right, Ref) and "row" not in names_in(tree.left)
    return _same(reading, asked, tree.right.name) if plain and isinstance(tree.right, Ref) else None


def _tie(reading: Reading, args: Sequence[Expr]) -> Filter | None:
    match args:
        case (Ref("row"), Lit(str(name)), other, *more):
            said, bought = _sort(reading, name, more), name == "owns"
            return Filter(connected=Tie(type=name, to=other, metadata=said, bought=bought))
        case (other, Lit(str(name)), Ref("row"), *more):
            said, bought = _sort(reading, name, more), name == "owns" and other != ME
            return Filter(connected=Tie(type=name, from_=other, metadata=said, bought=bought))
        case _:
            return None


def _sort(reading: Reading, relation: str, trees: Sequence[Expr]) -> dict[str, Expr]:
    """`liked` as the metadata by which the relation says so."""
    roles = reading.vocabulary.connection_types[relation].roles if trees else ()
    said = (pair for role in roles for pair in (role.metadata or {}).items())
    return {
        key: trees[0] for key, value in said if isinstance(value, str) and Lit(value) == trees[0]
    }


def _same(reading: Reading, asked: Asked, name: str) -> Filter | None:
    """`WHERE course is the course`: rows that belong to it."""
    found = reading.find(name)
    if found is None or found.kind.base is not Base.THING:
        return None
    tie = tie_between(reading, Typed(Ref(name), found.kind), sorted(asked.rows.types)[0])
    return Filter(connected=tie) if tie else None


def about(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    """ABOUT: hybrid search, the ten best."""
    bare = strip(words)
    named = lookup(reading, phrase(bare)) if bare else None
    plain = bool(bare) and (
        bare[0].kind is Is.TEXT or named is not None or any(w.kind is Is.POSSESSIVE for w in bare)
    )
    tree = attempt(reading, bare) if plain else None
    asked.search = tree.tree if tree else Lit(join(list(words)))
    if isinstance(asked.search, Template):
        asked.search = tree.tree if tree else asked.search
    if bare:
        reading.place(asked.search, whole(bare))
    asked.many = True
    asked.limit = asked.limit or 10

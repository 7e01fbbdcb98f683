"""How many stand in a relation: `owns at least 3 courses`, `with more than 10 students`, `nobody
finished`. Of rows it is a condition that chooses them; else it is counted before it is compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from one.compiler.bind.derived import BROUGHT, ME, ROLES, tie_between, type_filter
from one.compiler.bind.literals import Typed, count_of, literal
from one.compiler.bind.measures import measure_of
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.periods import Period
from one.compiler.bind.saying import Predicate
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Call, Expr, Hole, Lit, Ref, names_in
from one.compiler.kinds import INTEGER, PERSON, Base, Kind, say_kind, thing
from one.compiler.light import frozen
from one.compiler.predicates import chained
from one.compiler.program import Filter, Query, Step, Tie
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import plural, singular, spaced

_LIMITS: Mapping[tuple[str, ...], str] = {
    ("at", "least"): ">=",
    ("at", "most"): "<=",
    ("up", "to"): "<=",
    ("more", "than"): ">",
    ("less", "than"): "<",
    ("fewer", "than"): "<",
    ("over",): ">",
    ("above",): ">",
    ("under",): "<",
    ("below",): "<",
    ("exactly",): "==",
    ("only",): "==",
}
_NOBODY = (["nobody"], ["noone"], ["no-one"], ["no", "one"])
_THINGS = frozenset({"things", "items", "products"})
_UNITS = frozenset({"token", "coin", "point", "unit"})
"""What somebody has a balance of."""
_ROW = Ref("row")
Bounds: TypeAlias = tuple[tuple[str, Expr], ...]
_NONE: Bounds = (("==", Lit(0)),)


@frozen
class Many:
    """So many of a kind; of no type anything counts, or anybody."""

    bounds: Bounds
    kind: Kind
    noun: str = "people"
    of: tuple[Word, ...] = ()

    def holds(self, of: Expr) -> Expr:
        """That a number is so."""
        return chained("and", (Binary(op, of, number) for op, number in self.bounds))


def limit_before(words: list[Word]) -> tuple[list[Word], str]:
    """What stands before `more than`, and the comparison; none where nothing is compared."""
    for count in (2, 1):
        if op := _LIMITS.get(tuple([word.low for word in words[-count:]]), ""):
            return words[:-count], op
    return words, ""


def how_many(words: list[Word]) -> tuple[str, list[Word]]:
    """`more than 500` → the comparison, and the number."""
    for count in (2, 1):
        if op := _LIMITS.get(tuple([word.low for word in words[:count]]), ""):
            return op, words[count:]
    return "", words


def quantity(reading: Reading, words: list[Word]) -> Typed | None:
    """A number, or a name that holds one."""
    if not words:
        return None
    plain = literal(words)
    if isinstance(plain, Typed) and (plain.kind.numeric or plain.kind.base is Base.MONEY):
        return plain
    if all(word.kind is Is.WORD for word in words):
        name = lookup(reading, phrase(words))
        if name and (name.kind.numeric or name.kind.base is Base.UNKNOWN):
            return attempt(reading, words)
    return None


def many_of(reading: Reading, words: list[Word], *, op: str = "") -> Many | None:
    """`at least 3 courses`, `no students`, `nobody`; `3 courses` are that many or more."""
    if [word.low for word in words[-2:]] in (["or", "more"], ["or", "less"], ["or", "fewer"]):
        op = op or (">=" if words[-1].low == "more" else "<=")
        words = words[:-2]
    low = [word.low for word in words]
    if low in _NOBODY:
        return Many(_NONE, PERSON)
    if len(words) > 1 and low[0] == "no":
        return _many(reading, _NONE, words[1:])
    if len(words) > 4 and low[0] == "between" and low[2] in {"and", "to"}:
        least, most = _number(reading, words[1]), _number(reading, words[3])
        both = ((">=", least), ("<=", most)) if least and most else ()
        return _many(reading, both, words[4:])
    said, rest = ("", words) if op else how_many(words)
    if len(rest) < 2 or not (said or op or rest[0].kind is Is.NUMBER):
        return None
    number = _number(reading, rest[0])
    return _many(reading, ((op or said or ">=", number),) if number else (), rest[1:])


def _many(reading: Reading, bounds: Bounds, words: list[Word]) -> Many | None:
    """So many of a noun, where no such name is in scope."""
    if words and words[0].low == "of":  # `3 of my courses`
        words = [*words[2:], *words[:2]] if len(words) > 2 and words[1].low == "my" else words
    cut = next((n for n, word in enumerate(words) if n and word.low == "of"), len(words))
    bare, of = strip(words[:cut]), tuple(words[cut + 1 :])
    if any(word.kind is not Is.WORD for word in bare):
        return None
    if len(bare) > 1 and bare[0].low in {"different", "other", "distinct"}:
        bare = bare[1:]
    noun = phrase(bare)
    if not bare or not bounds or lookup(reading, noun):
        return None
    name = reading.vocabulary.entity_of(noun)
    kind = thing(name) if name is not None and singular(noun) not in _UNITS else None
    if reading.vocabulary.is_person_word(singular(noun)):
        kind = PERSON
    elif noun.casefold() in _THINGS:
        kind = thing()
    return Many(bounds, kind, plural(singular(noun)), of) if kind is not None else None


def _number(reading: Reading, word: Word) -> Expr | None:
    if "%" in word.text:
        return None
    text = word.text.removesuffix("+")
    count = count_of(replace(word, text=text, low=text) if text else word)
    found = quantity(reading, [word]) if count is None else None
    return Lit(count) if count is not None else found.tree if found else None


def related(
    reading: Reading,
    it: Typed,
    predicate: Predicate,
    *,
    many: Many,
    period: Period | None = None,
) -> Expr:
    """That it stands in a relation to so many; tells where there is no such relation."""
    other = Typed(Lit(_type(many.kind)), many.kind)
    ends = (other, it) if predicate.flipped else (it, other)
    fits = reading.vocabulary.connection_types[predicate.relation].fits
    if not any(fits(a, b) for a in _types(reading, ends[0]) for b in _types(reading, ends[1])):
        left, right = (say_kind(one.kind) for one in ends)
        said = f"“{spaced(predicate.relation).capitalize()}” can't tie {left} to {right}."
        reading.error("E403", said, at=reading.place_of(it.tree, reading.here))
        return Hole()
    if it.tree == _ROW and many.of:
        said = f"Rows can't be chosen by how many {many.noun} of something they have."
        why = "Count them all; or go through the rows with FOR EACH, and ask it of each with IF."
        reading.error("E211", said, why=why, at=whole(list(many.of)))
        return Hole()
    if it.tree == _ROW:
        sort = (Lit(predicate.sort),) if predicate.sort else ()
        tied = Call("connected", (ends[0].tree, Lit(predicate.relation), ends[1].tree, *sort))
        return many.holds(Call("length", (tied,)))
    said = predicate.role.metadata or {} if predicate.role else {}
    tie = Tie(
        type=predicate.relation,
        from_=it.tree if ends[0] is it else None,
        to=it.tree if ends[1] is it else None,
        metadata={key: Lit(str(one)) for key, one in said.items()},
        since=period.since if period else None,
        until=period.end if period else None,
        bought=predicate.relation == "owns" and ends[0] is it and it.tree != ME,
    )
    also = _of_what(reading, many) if many.of else []
    return (
        many.holds(_count(reading, it, [*also, Filter(connected=tie)], many))
        if also is not None
        else Hole()
    )


def _of_what(reading: Reading, many: Many) -> list[Filter] | None:
    """`lessons of my course`, `of my courses`; tells where they don't belong to it."""
    me = [word.low for word in many.of] == ["my"]
    whole_of = Typed(ME, PERSON) if me else value(reading, many.of, whole(list(many.of)))
    if isinstance(whole_of.tree, Hole):
        return None
    tie = tie_between(reading, whole_of, _type(many.kind))
    if tie is None:
        said = f"I don't see how {many.noun} belong to this."
        reading.error("E309", said, at=whole(list(many.of)))
        return None
    return [Filter(connected=tie)]


def many_do(
    reading: Reading, subject: list[Word], predicate: Predicate, *, rest: list[Word]
) -> Expr | None:
    """`nobody finished the lesson`, `more than 10 fans bought it`; None where none are counted."""
    many = many_of(reading, subject) if rest else None
    if many is None:
        return None
    it = value(reading, rest, whole(rest))
    if predicate.relation == "part_of" and it.kind.base is Base.LIST:  # `2 people are in band`
        return many.holds(Call("length", (it.tree,)))
    turned = replace(predicate, flipped=not predicate.flipped)
    return it.tree if isinstance(it.tree, Hole) else related(reading, it, turned, many=many)


def _type(kind: Kind) -> str:
    return next(iter(kind.types)) if len(kind.types) == 1 else "thing"


def _types(reading: Reading, one: Typed) -> Sequence[str]:
    return sorted(one.kind.types or reading.vocabulary.entity_types)


def _count(reading: Reading, it: Typed, ties: list[Filter], many: Many) -> Expr:
    """The number of things with the tie, counted by a step of its own."""
    where = [type_filter(many.kind.types)] if many.kind.types else []
    whose = next(iter(names_in(it.tree)), "my")
    wanted = reading.fresh(f"{whose} {many.noun} count")
    output = reading.bind(wanted, INTEGER, source="derived", span=reading.here)
    query = Query(from_="entities", where=[*where, *ties], select="count")
    reading.emit(Step(query=query, output=output), reading.here)
    return Ref(output)


def of_each(reading: Reading, words: Sequence[Word]) -> Expr | None:
    """`number of students`, `student count`, `students` of each row that is asked for."""
    if reading.rows is None:
        return None
    low = [word.low for word in words]
    noun = words[2:] if low[:2] == ["number", "of"] else words
    noun = words[:-1] if low[-1] == "count" else noun
    several = len(noun) == 1 and singular(noun[0].low) != noun[0].low
    if len(noun) == len(words) and not several:
        return None
    return of_row(reading, Typed(_ROW, reading.rows), noun)


def of_row(reading: Reading, row: Typed, words: Sequence[Word]) -> Expr | None:
    """How many a row has of a noun: the course's `students`, the community's `members`."""
    noun = phrase(strip(words))
    one = singular(noun.casefold())
    if lookup(reading, noun) or one in _UNITS or measure_of(noun) is not None:
        return None
    if one in ROLES or one in BROUGHT:
        relation = ROLES.get(one, "referred_by")
        pairs = reading.vocabulary.connection_types[relation].pairs
        if one == "subscriber" or not any(row.kind.types & to for _, to in pairs):
            return None
        tied: tuple[Expr, ...] = (Lit("thing"), Lit(relation), row.tree)
    else:
        other = reading.vocabulary.entity_of(noun)
        tie = tie_between(reading, row, other) if other else None
        if tie is None or other is None:
            return None
        near = (row.tree, Lit(tie.type), Lit(other))
        tied = near if tie.from_ is not None else tuple(reversed(near))
    return Call("length", (Call("connected", tied),))

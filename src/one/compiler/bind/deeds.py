"""What somebody did, when and how often: `has commented on the post this week`, `joined the club
less than 30 days ago`, `shared my post more than 3 times`. It is counted before it is compared.
"""

from one.compiler.bind.counting import limit_before, many_of, related
from one.compiler.bind.derived import type_filter
from one.compiler.bind.holding import any_of, fitting
from one.compiler.bind.literals import Typed, count_of
from one.compiler.bind.nouns import value
from one.compiler.bind.periods import Period, cut_period
from one.compiler.bind.saying import Predicate
from one.compiler.bind.session import Reading
from one.compiler.expression import Binary, Expr, Hole, Items, Lit, Ref, names_in
from one.compiler.kinds import INTEGER, MONEY, Base
from one.compiler.light import frozen
from one.compiler.program import Filter, Query, Step, Tie
from one.compiler.reader import Word, whole

_EVENTS = {
    "commented": "content_interacted",
    "shared": "content_interacted",
    "viewed": "content_viewed",
}
"""What may be done to one thing again and again; the rest is a relation that holds."""
_OFTEN = {"twice": 2, "thrice": 3, "once": 1}
_NAMES = {
    "commented": "comments",
    "shared": "shares",
    "viewed": "views",
    "liked": "likes",
    "purchase": "purchases",
    "member_of": "memberships",
    "enrolled_in": "enrolments",
}
"""What the number is called."""
_UNPAID = Items((Lit("pending"), Lit("refunded")))


@frozen
class _Often:
    """How often it must have been: at least once where nothing is said."""

    op: str = ">"
    times: int = 0


def deed(reading: Reading, left: Typed, *, predicate: Predicate, rest: list[Word]) -> Expr | None:
    """That somebody did it so often in a stretch of time; None where neither is said."""
    if not left.kind.person or not isinstance(left.tree, Ref) or predicate.flipped:
        return None
    words, often = _cut_times(rest)
    words, period = _cut_period(words)
    words, often = (words, often) if often else _cut_times(words)
    alone = not words and predicate.sort in _EVENTS
    if period is None and often is None and not alone:
        return None
    if not fitting(reading, predicate, one=left):
        return None
    period = period.of(holding=not predicate.negated) if period else None
    if often is None and (many := many_of(reading, words)) is not None:
        return related(reading, left, predicate, many=many, period=period)
    query = _query(reading, predicate, who=left.tree, to=words, period=period)
    if query is None:
        return None
    often = often or _Often()
    said = _count(reading, predicate, who=left.tree, query=query)
    return Binary(often.op, said, Lit(often.times))


def _query(
    reading: Reading, predicate: Predicate, *, who: Expr, to: list[Word], period: Period | None
) -> Query | None:
    """The rows: of one thing, of any of a type, of anything; None for what is none of them."""
    kind = any_of(reading, to)
    event = _EVENTS.get(predicate.sort)
    if kind is not None and kind != "thing":
        since, until = (period.since, period.end) if period else (None, None)
        said = _said(predicate)
        tie = Tie(type=predicate.relation, from_=who, metadata=said, since=since, until=until)
        return Query(from_="entities", where=[type_filter([kind]), Filter(connected=tie)])
    it = value(reading, to, whole(to)) if to and kind is None else None
    if it is not None and it.kind.base is not Base.THING:
        return None
    where = _rows(predicate, who, to=it.tree if it else None) + _lately(predicate, period)
    return Query(from_="events" if event else "connections", where=where)


def spent(reading: Reading, left: Typed, *, op: str, rest: list[Word]) -> Expr:
    """`fan has spent more than $50 this month`: what they paid, added up."""
    at = whole(rest) if rest else reading.here
    words, period = _cut_period(rest)
    if [word.low for word in words[-2:]] in (["with", "me"], ["on", "me"], ["here"]):
        words = words[:-2]
    if left.tree == Ref("row") or not left.kind.person or not isinstance(left.tree, Ref):
        why = (
            "Ask it of each of them: FOR EACH buyer IN my customers, IF buyer spent more than $50."
        )
        reading.error("E205", "Rows can't be chosen by what they spent.", why=why, at=at)
        return Hole()
    limit = value(reading, words, at, expected=MONEY)
    if isinstance(limit.tree, Hole):
        return limit.tree
    where = [
        _is("type", Lit("payment_processed")),
        _is("metadata.status", Lit("completed")),
        _is("actorId", left.tree),
        *_between("occurredAt", period),
    ]
    output = reading.fresh(f"{left.tree.name} spending")
    name = reading.bind(output, MONEY, source="derived", span=reading.here)
    query = Query(from_="events", where=where, select="sum(metadata.amount)")
    reading.emit(Step(query=query, output=name), reading.here)
    return Binary(op, Ref(name), limit.tree)


def _cut_period(words: list[Word]) -> tuple[list[Word], Period | None]:
    """`the post this week` → `the post`, and that stretch; also where nothing stands before it."""
    if not words:
        return words, None
    lead = Word("it", "it", words[0].span)
    left, period = cut_period([lead, *words])
    return left[1:], period


def _cut_times(words: list[Word]) -> tuple[list[Word], _Often | None]:
    """`the post more than 3 times` → `the post`, and how often."""
    ends = 2 if words[-1:] and words[-1].low in {"times", "time"} else 1
    number = words[-ends] if len(words) >= ends else None
    if number is None:
        return words, None
    many = count_of(number) if ends == 2 else _OFTEN.get(number.low)
    if many is None:
        return words, None
    before, op = limit_before(words[:-ends])
    return before, _Often(op or ">=", many)


def _rows(predicate: Predicate, who: Expr, *, to: Expr | None) -> list[Filter]:
    """The rows that count: of what was done, by whom, to what."""
    event = _EVENTS.get(predicate.sort)
    ends = ("actorId", "entityId") if event else ("fromEntityId", "toEntityId")
    where = [_is("type", Lit(event or predicate.relation)), _is(ends[0], who)]
    if to is not None:
        where.append(_is(ends[1], to))
    if event and event != "content_viewed":
        where.append(_is("metadata.interactionType", Lit(predicate.sort)))
    elif not event:
        where += [_is(f"metadata.{key}", one) for key, one in _said(predicate).items()]
    if predicate.relation == "transacted":
        unpaid = Filter(field="metadata.state", operator="in", value=_UNPAID, negated=True)
        where.append(unpaid)
    return where


def _said(predicate: Predicate) -> dict[str, Expr]:
    """What the word says beside the relation: a purchase, a like."""
    said = (predicate.role.metadata or {}) if predicate.role else {}
    return {key: Lit(str(one)) for key, one in said.items()}


def _lately(predicate: Predicate, period: Period | None) -> list[Filter]:
    return _between("occurredAt" if predicate.sort in _EVENTS else "validFrom", period)


def _between(moment: str, period: Period | None) -> list[Filter]:
    found: list[Filter] = []
    if period is not None and period.since is not None:
        found.append(Filter(field=moment, operator="gte", value=period.since))
    if period is not None and period.end is not None:
        found.append(Filter(field=moment, operator="lt", value=period.end))
    return found


def _count(reading: Reading, predicate: Predicate, *, who: Expr, query: Query) -> Expr:
    query.select = "count"
    done = predicate.sort or predicate.relation
    whose = next(iter(names_in(who)), "their")
    wanted = reading.fresh(f"{whose} {_NAMES.get(done, f'{done} times')}")
    output = reading.bind(wanted, INTEGER, source="derived", span=reading.here)
    reading.emit(Step(query=query, output=output), reading.here)
    return Ref(output)


def _is(field: str, value: Expr) -> Filter:
    return Filter(field=field, operator="eq", value=value)

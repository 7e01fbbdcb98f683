"""Data commands as calls of the transaction's verbs."""

import ast
import re
from collections.abc import Callable, Mapping

from one.compiler.emit.expressions import Expressions, call, constant, listing, several
from one.compiler.expression import Call, Expr, Lit
from one.compiler.program import Filter, Query, Step
from one.compiler.spoken import named, says

Verb = Callable[[Expressions, Step], ast.expr]
LIFE = ("delete", "restore", "archive", "publish")


def effect(at: Expressions, step: Step) -> ast.expr:
    """The call that the step is; `at` is in a transaction, at the step's path."""
    return WRITERS[step.kind](at, step)


def _verb(at: Expressions, verb: str, *args: ast.expr, **named: ast.expr) -> ast.expr:
    return call(f"{at.data}.{verb}", constant(at.path), *args, **named)


def _some(**named: ast.expr | None) -> dict[str, ast.expr]:
    """Those that are there."""
    return {key: value for key, value in named.items() if value is not None}


def _values(at: Expressions, fields: Mapping[str, Expr]) -> ast.expr | None:
    return at.values(fields) if fields else None


def _entity(at: Expressions, step: Step) -> ast.expr:
    made = step.entity
    assert made is not None
    named = _some(
        name=at.value(made.name) if made.name is not None else None,
        properties=_values(at, made.properties),
        status=constant(made.status) if made.status else None,
        visibility=constant(made.visibility) if made.visibility else None,
    )
    return _verb(at, "create", at.use("New", constant(made.type), **named))


def _connect(at: Expressions, step: Step) -> ast.expr:
    tied = step.connect
    assert tied is not None
    named = _some(
        type=constant(tied.type), to=at.value(tied.to), metadata=_values(at, tied.metadata)
    )
    return _verb(at, "connect", at.value(tied.from_), **named)


def _event(at: Expressions, step: Step) -> ast.expr:
    said = step.event
    assert said is not None
    named = _some(
        entity=at.value(said.entity) if said.entity is not None else None,
        actor=at.value(said.actor) if said.actor is not None else None,
        metadata=_values(at, said.metadata),
    )
    return _verb(at, "record", constant(said.type), **named)


def _query(at: Expressions, step: Step) -> ast.expr:
    assert step.query is not None
    if not step.query.required:
        return _verb(at, "find", query(at, step.query))
    called = constant(named(step.output or "what this needs"))
    return _verb(at, "need", query(at, step.query), called=called)


def query(at: Expressions, asked: Query) -> ast.expr:
    """A query as the sdk's."""
    named = _some(
        where=several([_condition(at, one) for one in asked.where]) if asked.where else None,
        search=at.value(asked.search) if asked.search is not None else None,
        order=several(
            [constant(("-" if one.descending else "") + one.field) for one in asked.order_by]
        )
        if asked.order_by
        else None,
        limit=constant(asked.limit) if asked.limit is not None else None,
        select=constant(asked.select) if isinstance(asked.select, str) else None,
    )
    return at.use("Query", constant(asked.from_), **named)


def _condition(at: Expressions, wanted: Filter) -> ast.expr:
    negated = {"negated": constant(True)} if wanted.negated else {}
    if wanted.any is not None:
        return at.use("AnyOf", several([_condition(at, one) for one in wanted.any]), **negated)
    if wanted.connected is not None:
        return _tie(at, wanted, negated)
    match wanted.value:
        case Call("average", (Lit(str(field)),)):
            value = at.use("Average", constant(field))
        case None:
            value = constant(None)
        case tree:
            value = at.value(tree)
    compared = (constant(wanted.field or ""), constant(wanted.operator or "eq"), value)
    return at.use("Where", *compared, **negated)


def _tie(at: Expressions, wanted: Filter, negated: Mapping[str, ast.expr]) -> ast.expr:
    tie = wanted.connected
    assert tie is not None
    named = _some(
        source=at.value(tie.from_) if tie.from_ is not None else None,
        target=at.value(tie.to) if tie.to is not None else None,
        metadata=several(
            [several([constant(key), at.value(one)]) for key, one in tie.metadata.items()]
        )
        if tie.metadata
        else None,
        since=at.value(tie.since) if tie.since is not None else None,
        until=at.value(tie.until) if tie.until is not None else None,
        bought=constant(True) if tie.bought else None,
        count=_count(at, wanted) if wanted.operator is not None else None,
    )
    return at.use("Tie", constant(tie.type), **named, **negated)


def _count(at: Expressions, wanted: Filter) -> ast.expr:
    """How many a tie must lead to."""
    many = at.value(wanted.value) if wanted.value is not None else constant(None)
    return several([constant(wanted.operator or "eq"), many])


def _update(at: Expressions, step: Step) -> ast.expr:
    change = step.update
    assert change is not None
    named = _some(
        set=_values(at, change.set),
        add=_values(at, change.add),
        status=constant(change.status) if change.status else None,
    )
    return _verb(at, "update", at.value(change.target), **named)


def _grant(at: Expressions, step: Step) -> ast.expr:
    gift = step.grant
    assert gift is not None
    named = _some(
        amount=at.value(gift.amount),
        asset=at.value(gift.asset) if gift.asset is not None else None,
        when=at.condition(gift.when) if gift.when is not None else None,
    )
    return _verb(at, "grant", at.value(gift.to), **named)


def _tag(at: Expressions, step: Step) -> ast.expr:
    assert step.tag is not None
    names = listing([at.value(one) for one in step.tag.names])
    return _verb(at, "tag", at.value(step.tag.target), names=names)


def _disconnect(at: Expressions, step: Step) -> ast.expr:
    tied = step.disconnect
    assert tied is not None
    ends = {"type": constant(tied.type), "to": at.value(tied.to)}
    return _verb(at, "disconnect", at.value(tied.from_), **ends)


def _life(at: Expressions, step: Step) -> ast.expr:
    target = next(one for one in (step.delete, step.restore, step.archive, step.publish) if one)
    return _verb(at, step.kind, at.value(target.target))


def _notify(at: Expressions, step: Step) -> ast.expr:
    notice = step.notify
    assert notice is not None
    channels = listing([constant(one) for one in notice.channels])
    named = _some(
        about=at.value(notice.about),
        channels=channels if notice.channels != ["app"] else None,
        data=_values(at, notice.with_),
    )
    return _verb(at, "notify", at.value(notice.to), **named)


WRITERS: Mapping[str, Verb] = {
    "entity": _entity,
    "connect": _connect,
    "event": _event,
    "query": _query,
    "update": _update,
    "grant": _grant,
    "tag": _tag,
    "disconnect": _disconnect,
    "notify": _notify,
    **dict.fromkeys(LIFE, _life),
}
"""By primitive."""

_LENGTH = re.compile(r"^(\d+(?:\.\d+)?)(ms|mo|s|m|h|d|w)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def length(at: Expressions, duration: str) -> ast.expr:
    """A length of time: `hours(24)`."""
    found = _LENGTH.match(duration)
    if found is None:
        return at.use("seconds", constant(0))
    number = float(found[1])
    number = int(number) if number.is_integer() else number
    match found[2]:
        case "ms":
            return at.use("seconds", constant(number / 1000))
        case "mo":
            return at.use("days", constant(30 * number))
        case unit:
            return at.use(_UNITS[unit], constant(number))


def plain_message(condition: Expr) -> str:
    """What is said of a CHECK that has no words of its own."""
    said = says(condition, holds=False)
    return f"{said[:1].upper()}{said[1:]}."

"""A query as a person says it: `my newest course`, `the community's members (up to 1,000)`."""

import re
from collections.abc import Iterator

from one.compiler.expression import Binary, Call, Expr, Items, Lit, Ref
from one.compiler.fields import Values
from one.compiler.program import Filter, Query, Tie
from one.compiler.spoken import (
    along,
    compared,
    denied,
    far_end,
    lasting,
    listed,
    many,
    named,
    of,
    span,
    stretch,
    tied,
    with_me,
    words,
)
from one.compiler.vocabulary import plural, spaced
from one.ontology.words import article

_ME = Call("me", ())
_BEGAN = {
    "following": "followed",
    "member_of": "joined",
    "enrolled_in": "enrolled in",
}
"""What began with a relation, where it is asked when that was."""
_ROLES = {
    "following": "follower",
    "member_of": "member",
    "enrolled_in": "student",
    "holds": "holder",
    "manages": "manager",
    "transacted": "buyer",
}
_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "in": "in",
}
_DATES = {
    "createdAt": "date of making",
    "updatedAt": "last change",
    "occurredAt": "date",
    "startsAt": "start",
    "startAt": "start",
    "endsAt": "end",
    "endAt": "end",
    "lastActivityAt": "last activity",
}


def asks(query: Query) -> str:
    """The things that are asked for, in one phrase."""
    if (measure := _measured(query)) is not None:
        return measure
    if query.from_ == "events":
        return _deed(query) or _happened(query)
    if query.from_ == "connections" and (between := _between(query)) is not None:
        return between
    one, counted = query.limit == 1, isinstance(query.select, str)
    role, ties = _role(query)
    noun = _noun(query, role, one=one)
    owned = any(tie.from_ == _ME and tie.type == "owns" for tie in _ties(query))
    whose = _whose(role) if role else "my" if owned else ""
    rest = list(_rest(query, {id(tie) for tie in ties}, one=one))
    said = _counted(query, noun, whose=whose, plain=one or counted)
    about = f" about {words(query.search)}" if query.search is not None else ""
    full = said + about + "".join(f" {part}" for part in _joined(rest))
    many_more = one or counted or query.order_by or not query.limit
    top = "" if many_more else f" (up to {query.limit:,})"
    return f"{_selected(query.select)}{full}{top}" if counted else f"{full}{top}"


def _ties(query: Query) -> Iterator[Tie]:
    for where in query.where:
        if where.connected is not None and not where.negated:
            yield where.connected


def _role(query: Query) -> tuple[Tie | None, list[Tie]]:
    """The relation that a noun says (`followers`), and all the relations that nouns say."""
    spoken = [tie for tie in _ties(query) if tie.from_ == _ME and tie.type == "owns"]
    if not _is_people(query):
        return None, spoken
    for tie in _ties(query):
        if tie.to is not None and tie.type in _ROLES and not tie.metadata:
            return tie, [*spoken, tie]
    return None, spoken


def _whose(tie: Tie) -> str:
    if tie.to == _ME:
        return "my"
    return of(words(tie.to or Ref("it")), "").strip()


def _types(query: Query) -> list[str]:
    for where in query.where:
        if where.field in {"type", "eventType"}:
            trees = where.value.values if isinstance(where.value, Items) else (where.value,)
            return [str(tree.value) for tree in trees if isinstance(tree, Lit)]
    return []


def _is_people(query: Query) -> bool:
    return bool(types := set(_types(query))) and types <= {"audience_member", "creator"}


def _noun(query: Query, role: Tie | None, *, one: bool) -> str:
    if role is not None:
        names = [_ROLES[role.type]]
    elif _is_people(query) and len(_types(query)) > 1:
        names = ["person"]
    else:
        names = [named(name) for name in _types(query)]
    if len(names) > 4:
        names = ["piece of content" if one else "content"]
        return names[0]
    if not names:
        return {"entities": "things"}.get(query.from_, query.from_)
    return listed([name if one else plural(name) for name in names], "or")


def _counted(query: Query, noun: str, *, whose: str, plain: bool) -> str:
    """The noun with how many, whose, which: `my 5 newest active courses`."""
    order = query.order_by[0] if query.order_by and not query.select else None
    timely = order is not None and order.field == "createdAt"
    first = ("newest" if order.descending else "oldest") if order and timely else ""
    number = f"{query.limit:,}" if order and query.limit and not plain else ""
    lead = whose or ("the" if order or query.limit == 1 else "")
    every = "" if plain or number else "all"
    if every and whose and whose != "my":
        every = "all of"
    kinds = [every, lead, number, first, *_adjectives(query), noun]
    most = ""
    if order is not None and not timely:
        end = "highest" if order.descending else "lowest"
        said = "token balance" if order.field == "balance" else _field(order.field)
        most = f"with the {end} {said}" + ("" if query.limit else " first")
        if order.field in {"name", "title"}:
            most = f"by {said}" + (", from Z to A" if order.descending else "")
    return " ".join(part for part in [*kinds, most] if part)


def _adjectives(query: Query) -> Iterator[str]:
    """`active` for rows whose status is active."""
    for one in query.where:
        if one.field != "status" or one.negated:
            continue
        if one.operator == "eq" and isinstance(one.value, Lit):
            yield str(one.value.value)
        elif isinstance(one.value, Items):
            yield listed([str(v.value) for v in one.value.values if isinstance(v, Lit)], "or")


def _selected(select: object) -> str:
    name, _, inner = str(select).partition("(")
    if name == "count":
        return "the number of "
    return f"the {({'sum': 'total', 'avg': 'average'}).get(name, name)} {_field(inner[:-1])} of "


def _field(path: str) -> str:
    rest, _, last = path.rpartition(".")
    if last == "length":
        return f"{named(rest.rpartition('.')[2])} length"
    return _DATES.get(last) or named(path).removesuffix(" at")


# --- what must hold of a row --------------------------------------------------------------------


def _joined(parts: list[str]) -> Iterator[str]:
    """Those that begin alike share their first word: `whose a is 1 and b is 2`."""
    if parts:
        yield listed(parts)


def _rest(query: Query, spoken: set[int], *, one: bool) -> Iterator[str]:
    who = "who" if _is_people(query) else "that"
    for where in _whole_stretches(query):
        tie = where.connected
        if tie is not None and id(tie) in spoken:
            if tie.since or tie.until:
                yield f"{_new(tie)} {stretch(tie.since, tie.until)}"
            continue
        if where.field in {"type", "eventType"}:
            continue
        if where.field == "status" and where.operator in {"eq", "in"} and not where.negated:
            continue
        if said := _filter(where, who, one=one):
            yield said


def _new(tie: Tie) -> str:
    if tie.type == "transacted":
        return "who bought"
    began = _BEGAN.get(tie.type, "") if tie.since is None else ""
    return f"who {began.removesuffix(' in')}" if began else "new"


def _filter(where: Filter, who: str, *, one: bool) -> str:
    if where.any:
        said = (_filter(part, who, one=one) for part in where.any)
        return listed([*dict.fromkeys(said)], "or")
    if where.connected is not None and where.operator is not None:
        return _so_many(where, where.connected, who, one=one)
    if where.connected is not None:
        return _tie(where.connected, who, no=where.negated, one=one)
    if where.field is None or where.operator is None or where.value is None:
        return ""
    if where.field in _HAPPENED and (when := _made(where.operator, where.value)):
        return f"{'not ' * where.negated}{_HAPPENED[where.field]} {when}"
    no, value, name = int(where.negated), where.value, _field(where.field)
    own = value
    match where.operator:
        case "exists":
            return f"{'with' if (own == Lit(True)) != where.negated else 'without'} {article(name)}"
        case "contains":
            return f"whose {name} {('contains', 'does not contain')[no]} {words(own)}"
        case "startsWith":
            return f"whose {name} {('starts with', 'does not start with')[no]} {words(own)}"
        case "between":
            return f"whose {name} is {'not ' * no}between {words(own)}"
        case "gt" if where.field == "balance" and own == Lit(0):
            return f"{who} {('has' if one else 'have')} {'no ' * no}tokens"
        case operator if (long := lasting(where.field, own)) is not None:
            return f"whose {long[0]} {compared(_OPERATORS[operator], own)[no]} {long[1]}"
        case operator:
            return f"whose {name} {compared(_OPERATORS[operator], own)[no]} {_plain(name, own)}"


_HAPPENED = {"createdAt": "made", "publishedAt": "published", "sentAt": "sent"}


def _made(operator: str, moment: Expr) -> str:
    match operator, moment:
        case "gte" | "gt", _:
            return stretch(moment, None)
        case "lt", _:
            return stretch(None, moment)
        case "between", Items((since, until)):
            return stretch(since, until)
        case _:
            return ""


def _plain(name: str, tree: Expr) -> str:
    """One of several; a status needs no quotes."""
    if isinstance(tree, Items):
        return listed([_plain(name, one) for one in tree.values], "or")
    text = isinstance(tree, Lit) and isinstance(tree.value, str) and name in {"status", "type"}
    return words(tree).strip("“”") if text else words(tree)


def _tie(tie: Tie, who: str, *, no: bool, one: bool) -> str:
    if not tie.since and not tie.until:
        return _told(tie, who, no=no, one=one)
    when, began = stretch(tie.since, tie.until), _BEGAN.get(tie.type, "")
    if began and tie.to is not None and not no and not tie.metadata:
        return f"{who} {began} {far_end(tie.to)} {when}"
    return f"{_told(tie, who, no=no, one=one)} {when}"


def _so_many(where: Filter, tie: Tie, who: str, *, one: bool) -> str:
    """`with more than 10 students`, `who have bought at least 3 courses`."""
    number, end = _number(where), tie.from_ if tie.from_ is not None else tie.to
    anybody, of_type = end == Lit("thing"), isinstance(end, Lit)
    one_other = where.value == Lit(1)
    noun = named(str(end.value)) if isinstance(end, Lit) else ""
    noun = noun if one_other else plural(noun)
    when = f" {stretch(tie.since, tie.until)}" if tie.since or tie.until else ""
    verb, metadata = _verb(tie)
    said = verb if one else many(verb)
    if end is not None and not of_type:
        return f"{who} {said} {words(end)} {number} times{when}"
    if tie.to is not None:
        return f"{who} {said} {number} {noun}{along(metadata)}{when}"
    role = noun if tie.type == "part_of" else _ROLES.get(tie.type) if anybody else None
    if role is not None and not metadata and not when:
        return f"with {number} {plural(role)}"
    return (
        f"that {number} {'people' if anybody else plural(noun)} {many(verb)}{along(metadata)}{when}"
    )


def _number(where: Filter) -> str:
    """`more than 10`, `between 3 and 5`."""
    if where.operator == "between":
        both = where.value.values if isinstance(where.value, Items) else ()
        said = f"between {listed([words(tree) for tree in both], 'and')}"
    else:
        many = words(where.value) if where.value is not None else "so many"
        said = f"{_MANY.get(where.operator or '', '')} {many}".strip()
    return f"not {said}" if where.negated else said


_MANY = {
    "eq": "exactly",
    "ne": "not exactly",
    "gt": "more than",
    "gte": "at least",
    "lt": "fewer than",
    "lte": "at most",
}
_MADE = frozenset({"createdAt", "occurredAt", "timestamp", "publishedAt", "sentAt", "validFrom"})


def _whole_stretches(query: Query) -> Iterator[Filter]:
    """The conditions, with the beginning and the end of a stretch of time as one."""
    waiting: Filter | None = None
    for where in query.where:
        begins = where.field in _MADE and where.operator == "gte"
        ends = waiting is not None and where.field == waiting.field and where.operator == "lt"
        if ends and waiting is not None and waiting.value is not None and where.value is not None:
            both = Items((waiting.value, where.value))
            yield Filter(field=where.field, operator="between", value=both)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = where if begins else None
        if not begins:
            yield where
    if waiting is not None:
        yield waiting


def _verb(tie: Tie) -> tuple[str, Values]:
    """The relation as a verb, and what it does not say."""
    verb, metadata = tied(tie.type, tie.metadata)
    return with_me(verb) if tie.to == _ME else verb, metadata


def _told(tie: Tie, who: str, *, no: bool, one: bool) -> str:
    verb, metadata = _verb(tie)
    if tie.to is not None:
        said = denied(verb) if no else verb
        return f"{who} {said if one else many(said)} {far_end(tie.to)}{along(metadata)}"
    if tie.from_ is None:
        return f"{who} {denied('is') if no else 'is'} {named(tie.type)}"
    other = _anything(str(tie.from_.value), no) if isinstance(tie.from_, Lit) else words(tie.from_)
    said = denied(verb) if no and not isinstance(tie.from_, Lit) else verb
    if other in {"me", "them"}:
        other, said = {"me": "I", "them": "they"}[other], many(said)
        said = re.sub("^are", "am", said) if other == "I" else said
        said = re.sub("^were", "was", said) if other == "I" else said
    return f"that {other} {said}{along(metadata)}"


def _anything(what: str, no: bool) -> str:
    """`nobody`, `somebody`, `no lesson`, `a lesson`."""
    if what == "thing":
        return "nobody" if no else "somebody"
    return f"no {spaced(what)}" if no else article(spaced(what))


def _between(query: Query) -> str | None:
    """`the number of people who have liked the video`, `how the student is enrolled in it`."""
    name, one, other = (_value(query, key) for key in ("type", "fromEntityId", "toEntityId"))
    if isinstance(name, Lit) and one is not None and query.select == "count":
        return _often(query, str(name.value), one, to=other)
    if not isinstance(name, Lit) or other is None:
        return None
    keys = ("engagementType", "transactionType", "role")
    said = {key: tree for key in keys if (tree := _value(query, key)) is not None}
    verb = tied(str(name.value), said)[0]
    if one is not None and not query.select:
        return f"how {words(one)} {verb} {words(other)}"
    if query.select == "count" and one is None:
        return f"the number of people who {many(verb)} {words(other)}"
    if isinstance(query.select, str) and one is None:
        return f"{_selected(query.select).removesuffix(' of ')} of {words(other)}"
    return None


def _often(query: Query, name: str, who: Expr, *, to: Expr | None) -> str:
    """`how often the fan has commented on the post this week`."""
    keys = ("engagementType", "interactionType", "transactionType", "role")
    said = {key: tree for key in keys if (tree := _value(query, key)) is not None}
    if "interactionType" in said:
        said = {"engagementType": said["interactionType"]}
    verb = tied(name, said)[0]
    since, until = _bound(query, "gte"), _bound(query, "lt")
    timely = since is not None or until is not None
    verb = _BEGAN.get(name, verb) if timely and to is not None else verb
    end = f" {far_end(to)}" if to is not None else ""
    verb = verb if end else verb.removesuffix(" on")
    when = f" {stretch(since, until)}" if timely else ""
    return f"how often {words(who)} {verb}{end}{when}"


def _bound(query: Query, operator: str) -> Expr | None:
    moments = (one for one in query.where if one.field in {"validFrom", "occurredAt"})
    return next((one.value for one in moments if one.operator == operator), None)


# --- what happened ------------------------------------------------------------------------------


def _value(query: Query, field: str) -> Expr | None:
    for where in query.where:
        if where.field in {field, f"metadata.{field}"} and where.operator in {"eq", "gte", "gt"}:
            return where.value
    return None


def _measured(query: Query) -> str | None:
    """`the trend of the post's shares over the last 30 days`."""
    metric = _value(query, "metricType")
    if query.from_ != "events" or not isinstance(query.select, str) or metric is None:
        return None
    name = _selected(query.select).removesuffix(" of ").removesuffix(" value").removeprefix("the ")
    what = named(str(metric.value)) if isinstance(metric, Lit) else words(metric)
    thing, since = _value(query, "entityId"), _value(query, "occurredAt")
    whole = of(words(thing), what) if thing is not None else f"all {what}"
    over = f" over the last {span(since.right)}" if isinstance(since, Binary) else ""
    return f"the {name} of {whole}{over}"


def _deed(query: Query) -> str:
    """What somebody did, counted."""
    who, kinds = _value(query, "actorId"), {"content_interacted", "content_viewed"}
    if query.select != "count" or who is None or not kinds.issuperset(types := _types(query)):
        return ""
    viewed = types == ["content_viewed"]
    extra = [Filter(field="engagementType", operator="eq", value=Lit("viewed"))] * viewed
    told = query.model_copy(update={"where": [*query.where, *extra]})
    return _often(told, "engaged_with", who, to=_value(query, "entityId"))


_HAPPENINGS = {
    "payment_processed": ("status", "completed", "completed payments"),
    "content_interacted": ("interactionType", "commented", "comments"),
}


def _happened(query: Query) -> str:
    order = query.order_by[0] if query.order_by and not query.select else None
    number = f"{query.limit:,} " if order and query.limit and query.limit > 1 else ""
    lead = ("the " + number + ("newest " if order.descending else "oldest ")) if order else ""
    every = "" if lead or query.select else "all "
    select = _selected(query.select) if isinstance(query.select, str) else ""
    known = _HAPPENINGS.get(" ".join(_types(query)))
    if known and query.select in {None, "count"} and _value(query, known[0]) == Lit(known[1]):
        where = [one for one in query.where if one.field != f"metadata.{known[0]}"]
        told = _whole_stretches(query.model_copy(update={"where": where}))
        parts = [part for one in told if (part := _event_filter(one))]
        noun = known[2].removesuffix("s") if query.limit == 1 and order else known[2]
        return f"{select}{every}{lead}{noun}" + (f" {listed(parts)}" if parts else "")
    kinds = listed([f"“{named(name)}”" for name in _types(query)], "or")
    rest = [part for where in _whole_stretches(query) if (part := _event_filter(where))]
    if _types(query) == ["payment_processed"] and query.select == "sum(metadata.amount)":
        others = [part for part in rest if part != "whose status is completed"]
        return " ".join(["the total of completed payments", *([listed(others)] if others else [])])
    noun = "record" if query.limit == 1 else "records"
    said = f"{select}{every}{lead}{noun}" + (f" of {kinds}" if kinds else "")
    return said + (f" {listed(rest)}" if rest else "")


def _event_filter(where: Filter) -> str:
    if where.field in {"type", "eventType"} or where.value is None or where.operator is None:
        return ""
    if where.field == "entityId" and where.operator == "eq":
        return f"for {words(where.value)}"
    if where.field == "actorId" and where.operator == "eq":
        return f"by {words(where.value)}"
    if where.field in {"occurredAt", "timestamp"} and where.operator in {"gte", "gt"}:
        return stretch(where.value, None)
    if where.field in {"occurredAt", "timestamp"} and where.operator == "lt":
        return stretch(None, where.value)
    if where.field in {"occurredAt", "timestamp"} and isinstance(where.value, Items):
        return stretch(*where.value.values)
    return _filter(where, "that", one=False)

"""GET, FIND, SEARCH: what is asked for, to a query step or to a value that needs none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from one.compiler.bind.choosing import Asked, lately, where
from one.compiler.bind.derived import (
    HISTORIES,
    ME,
    ROLES,
    is_role_of_people,
    newest,
    people_tie,
    said_in,
    tie_between,
    type_filter,
)
from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.literals import Typed, count_of
from one.compiler.bind.measures import counted, measure_of
from one.compiler.bind.modifiers import CONTENT, HAPPENINGS, STOPS, held, modifiers
from one.compiler.bind.names import lookup, phrase, strip, taken_as
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.periods import cut_period, period_of
from one.compiler.bind.relative import clause_at
from one.compiler.bind.rephrasing import by_me, did, everyone, timed
from one.compiler.bind.sequel import sequel
from one.compiler.bind.session import Reading
from one.compiler.bind.sums import SIGNS
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import (
    Binary,
    Call,
    Hole,
    Lit,
)
from one.compiler.kinds import (
    INTEGER,
    MONEY,
    NUMBER,
    PEOPLE,
    PERSON,
    UNKNOWN,
    Base,
    Kind,
    list_of,
    thing,
)
from one.compiler.program import Filter, Order, Query, Step, Tie
from one.compiler.reader import Is, Span, Word, whole
from one.compiler.vocabulary import camel, key_of, singular

_TIMELY = {"last", "past", "before", "after", "until", "till"}
_NEWEST = {"newest", "latest", "recent", "last"}
_TOP = {"top", "best"}


def read_get(
    reading: Reading,
    words: Sequence[Word],
    span: Span,
    *,
    wanted: Kind | None = None,
    rows: bool = False,
) -> Asked | Typed | None:
    """The query, or the value that the words already are; None when a hole was reported.

    `rows`: what follows chooses among rows, so that `user` is no input `user ID`.
    """
    bare = by_me(did(timed(everyone(strip(words)))))
    if not bare or _by_chance(reading, bare) or _none(reading, bare):
        return None
    counted = _counted(reading, bare, span)
    if counted is not None:
        return counted
    if (following := sequel(reading, bare)) is not None:
        return following
    sought = rows and reading.find(phrase(bare)) is None
    if not (sought and _are_rows(reading, bare)) and (direct := _direct(reading, bare)):
        return direct
    asked = _asked(reading, bare)
    if asked is not None:
        return asked
    found = attempt(reading, bare)
    if found is None:
        reading.unknown(phrase(bare).replace(" 's", "'s"), whole(bare), wanted=wanted)
        return None
    return found


def _none(reading: Reading, words: list[Word]) -> bool:
    """`top 0 courses`: told."""
    at = 1 if words[0].low in _NEWEST | _TOP | {"oldest", "first"} else 0
    if len(words) < at + 2 or words[at].kind is not Is.NUMBER or words[at].text != "0":
        return False
    why = "Say 1 to 1,000, or leave the number out."
    reading.error("E204", "How many? 0 of them are none.", why=why, at=words[at].span)
    return True


def _by_chance(reading: Reading, words: list[Word]) -> bool:
    """`a random post`: told, for a run that goes on must find the same again."""
    chance = next((word for word in words[:3] if word.low in {"random", "randomly"}), None)
    if chance is None or lookup(reading, phrase(words)):
        return False
    fix = Fix("Write newest", (Edit(chance.span, "newest"),), Applies.MAYBE)
    why = "Say which: the newest, the oldest, top 3 by views, or all of them."
    reading.error("E205", "Nothing is picked by chance.", fix, why=why, at=chance.span)
    return True


def _direct(reading: Reading, words: list[Word]) -> Typed | None:
    """A name in scope, a property or a derived noun: nothing has to be searched."""
    low = [word.low for word in words]
    owned = any(word.kind is Is.POSSESSIVE for word in words)
    dated = owned and cut_period(words)[1] is not None
    sought = low[0] in _NEWEST | _TOP | {"all", "every", "most", "oldest", "first"}
    if dated or sought or _happened(reading, low):
        return None
    plain = phrase(words)
    if low == ["conversation"] and not reading.find(plain):
        return said_in(reading, span=whole(list(words)))
    if all(word.kind is Is.WORD for word in words) and lookup(reading, plain):
        return attempt(reading, words)
    if any(word.low in STOPS - {"of", "this", "that"} for word in words) and not lookup(
        reading, plain
    ):
        return None
    if owned or low[0] in {"my", "our", "their", "its", "his", "her"} or "of" in low:
        before, steps, names = len(reading.findings.found), len(reading.steps), dict(reading.names)
        if low[0] in {"my", "our"} and _plural_noun(reading, words[1:]):
            return None
        if any(word.low in _NEWEST | _TOP | {"oldest", "most"} for word in words):
            return None
        found = attempt(reading, words)
        if found is None and reading.findings.open_since(before):
            return Typed(Hole(), UNKNOWN)
        if found is None:  # nor what was looked up for the trial
            reading.findings.take_back(before)
            del reading.steps[steps:]
            reading.names = names
        return found
    return None


def _happened(reading: Reading, low: list[str]) -> bool:
    """`the video's comments`, `comments of the video`: they themselves, not how many."""
    noun = low[low.index("of") - 1] if "of" in low[1:] else low[-1]
    several = singular(noun) != noun and singular(noun) in HAPPENINGS
    return several and len(low) > 1 and lookup(reading, noun) is None


def _are_rows(reading: Reading, words: Sequence[Word]) -> bool:
    """Whether what follows can choose among them: one noun, `lessons of the course`."""
    of = next((n for n, word in enumerate(words) if word.low == "of"), len(words))
    owned = next((n for n in range(of - 1, 0, -1) if words[n].kind is Is.POSSESSIVE), -1)
    several = of < len(words) or owned > 0
    return len(words) == 1 or (several and _plural_noun(reading, words[owned + 1 : of]))


def _plural_noun(reading: Reading, words: Sequence[Word]) -> bool:
    noun = phrase(words)
    return (
        key_of(noun) in reading.vocabulary.plurals
        and reading.vocabulary.entity_of(noun) is not None
    )


def _counted(reading: Reading, words: list[Word], span: Span) -> Asked | Typed | None:
    """`number of followers`, `total revenue`, `average rating of my courses`."""
    low = [word.low for word in words]
    if low[0] in {"number", "count"} and len(words) > 2 and low[1] == "of":
        inner = read_get(reading, words[2:], span)
        return _count(reading, inner)
    if low[:2] == ["how", "many"]:
        return _count(reading, read_get(reading, words[2:], span))
    if (
        low[-1] == "count"
        and len(words) > 1
        and (kind := reading.vocabulary.entity_of(words[-2].text))
    ):
        del kind
        return _count(reading, read_get(reading, words[:-1], span))
    if spender := _spender(words):
        return _total(reading, "total", spender, span)
    if low[0] in {"total", "average", "sum"} and len(words) > 1 and low[1] not in SIGNS:
        return _total(reading, low[0], words[1:], span)
    mine = words[1:] if low[0] in {"my", "our"} else words
    if mine and mine[0].low in _EARNED and lookup(reading, phrase(words)) is None:
        return _total(reading, "total", mine, span)
    return None


_EARNED = frozenset({"revenue", "earnings", "income"})
_SPENT = frozenset({"spent", "spending", "spend", "spendings"})


def _spender(words: list[Word]) -> list[Word] | None:
    """`how much fan has spent this week`, `fan's total spending` → `spent by fan this week`."""
    low = [word.low for word in words]
    at = next((n for n, word in enumerate(low) if word in _SPENT), 0)
    if not at:
        return None
    who = words[2:at] if low[:2] == ["how", "much"] else words[:at]
    while who and who[-1].low in {"has", "have", "total"}:
        who = who[:-1]
    if low[:2] != ["how", "much"]:
        if not who or who[-1].kind is not Is.POSSESSIVE:
            return None
        who = who[:-1]
    by = replace(words[at], text="by", low="by")
    return [words[at], by, *who, *words[at + 1 :]] if who else None


def _count(reading: Reading, inner: Asked | Typed | None) -> Asked | Typed | None:
    if isinstance(inner, Asked):
        inner.select, inner.result, inner.limit, inner.order = "count", INTEGER, None, []
        return inner
    if isinstance(inner, Typed) and inner.kind.base is Base.LIST:
        return counted(reading, inner) or Typed(Call("length", (inner.tree,)), INTEGER)
    return inner


def _total(reading: Reading, what: str, words: list[Word], span: Span) -> Asked | Typed | None:
    function = "avg" if what == "average" else "sum"
    while len(words) > 1 and words[0].low in {"of", "all", "my", "the", "number"}:
        words = words[1:]
    low = [word.low for word in words]
    metric = low[0]
    if metric in _EARNED | _SPENT | {"sales", "payments"}:
        where = [
            Filter(field="type", operator="eq", value=Lit("payment_processed")),
            Filter(field="metadata.status", operator="eq", value=Lit("completed")),
        ]
        asked = Asked(
            Kind(Base.EVENT, frozenset({"payment_processed"})),
            True,
            "total revenue",
            where,
            table="events",
        )
        asked.select, asked.result = f"{function}(metadata.amount)", MONEY
        rest = words[1:]
        while rest and rest[0].low in {"'", "’", "amounts", "amount"}:  # `payments' amounts`
            rest = rest[1:]
        _scope(reading, asked, rest)
        return asked
    at = next((n for n, word in enumerate(low) if word == "of"), 0)
    if not at and len(low) > 2 and low[1] in {"on", "for"} and measure_of(low[0]):
        at = 1  # `likes on my posts`
    if at and at + 1 < len(words):
        inner = read_get(reading, words[at + 1 :], span)
        if isinstance(inner, Asked):
            key = phrase(words[:at])
            found = reading.vocabulary.property_kind(inner.rows.types, key)
            inner.select = f"{function}({found[0] if found else camel(key)})"
            inner.result = found[1] if found else NUMBER
            return inner
    inner = read_get(reading, words, span)
    if isinstance(inner, Typed) and inner.kind.base is Base.LIST:
        name = "average" if function == "avg" else "sum"
        return Typed(Call(name, (inner.tree,)), inner.kind.item or NUMBER)
    return _count(reading, inner) if isinstance(inner, Asked) and what == "total" else inner


def _scope(reading: Reading, asked: Asked, words: list[Word]) -> None:
    """`of the course`, `from the client`, `in the last 30 days` for events."""
    period = period_of(words) if words else None
    if period is None:
        words, period = cut_period(words)
        if len(words) > 1 and words[0].low in {"of", "from", "for", "by"}:
            of = value(reading, words[1:], whole(words[1:]))
            key = "actorId" if of.kind.person else "entityId"
            asked.where.append(Filter(field=key, operator="eq", value=of.tree))
        else:
            tell_left(reading, left_of(words, {"so", "far", "in", "total", "until", "to", "date"}))
    if period is not None:
        lately(asked, period)


# --- the noun -----------------------------------------------------------------------------------


def _stops(words: Sequence[Word], n: int) -> bool:
    """Whether the noun ends there: `followers | last week`."""
    low = words[n].low
    return low in STOPS or (low in _TIMELY and period_of(words[n:]) is not None)


def _end_of_noun(words: Sequence[Word]) -> int:
    """Where what describes a noun begins, in plain words."""
    return next((n for n, word in enumerate(words) if n and word.low in STOPS), len(words))


def _asked(reading: Reading, words: list[Word]) -> Asked | None:
    rest = list(words)
    shape = _Shape()
    owner = False
    marks = [word.kind for word in rest[: _end_of_noun(rest)]]
    while rest:
        if rest[0].low in {"my", "our"} and Is.POSSESSIVE in marks:
            break  # `my newest course's lessons`: the course is the newest
        taken = _quantifier(reading, rest, shape)
        if taken:
            rest = rest[taken:]
            continue
        if rest[0].low in {"my", "our"} and len(rest) > 1:
            owner, rest = True, rest[1:]
            continue
        break
    if not rest:
        return None
    holder, rest, shape = _holder(reading, rest, shape)
    cut = next(
        (n for n, word in enumerate(rest) if n and word.kind is Is.WORD and _stops(rest, n)),
        len(rest),
    )
    said: list[Word] | None = None
    if (clause := clause_at(reading, rest)) and clause[0] <= cut:
        cut, said = clause
    noun = [word for word in rest[:cut] if word.kind is not Is.MARK]
    asked = _of_noun(reading, noun, shape)
    if asked is None:
        return None
    _shape(reading, asked, shape, whole(words))
    if holder is not None:
        if not held(reading, asked, holder):
            return None
    elif owner:
        _mine(reading, asked)
    before = reading.rows
    reading.rows = asked.rows
    if said is not None:
        where(reading, asked, said)
        _narrow(asked)
    else:
        modifiers(reading, asked, rest[cut:])
    reading.rows = before
    return asked


@dataclass(slots=True)
class _Shape:
    """Quantifiers: how many, in which order."""

    many: bool | None = None
    limit: int | None = None
    order: list[Order] = field(default_factory=list[Order])
    recent: bool = False
    top: bool = False
    adjectives: list[str] = field(default_factory=list[str])


_RANKED = {
    "viewed": "views",
    "popular": "engagement",
    "liked": "likes",
    "shared": "shares",
    "engaged": "engagement",
    "downloaded": "downloads",
    "purchased": "sales",
    "sold": "sales",
    "active": "engagement",
    "watched": "views",
    "commented": "comments",
    "recent": "createdAt",
    "expensive": "price",
}


def _quantifier(reading: Reading, words: Sequence[Word], shape: _Shape) -> int:
    """How many words at the front say how many or in which order."""
    first = words[0].low
    if first in {"all", "every", "each"}:
        shape.many = True
        return 2 if len(words) > 2 and words[1].low in {"the", "of"} else 1
    if first in {"the", "a", "an", "any", "one"} and len(words) > 1:
        shape.many = False if first in {"a", "an", "one", "any"} else shape.many
        return 1
    if words[0].kind is Is.NUMBER or (count_of(words[0]) is not None and len(words) > 1):
        count = count_of(words[0])
        if count:
            shape.limit, shape.many = count, True
            return 1
    if first == "most" and len(words) > 1 and words[1].low in _RANKED:
        key = _RANKED[words[1].low]
        shape.order, shape.top = [Order(field=key, descending=True)], key != "createdAt"
        return 2
    if first in _TOP or first in {"highest", "popular", "trending"}:
        shape.top, shape.order = True, [Order(field="engagement", descending=True)]
        return 1
    if first in {"cheapest", "priciest"} and len(words) > 1:
        shape.order = [Order(field="price", descending=first == "priciest")]
        return 1
    if first in _NEWEST:
        shape.order, shape.recent = newest(), first == "recent"
        return 1
    if first in {"oldest", "first", "earliest"}:
        shape.order = [Order(field="createdAt")]
        return 1
    if (
        first in {"active", "published", "draft", "archived", "inactive"}
        and len(words) > 1
        and not lookup(reading, phrase(words))
    ):
        shape.adjectives.append(first)
        return 1
    if (
        first in {"relevant", "new", "matching", "unread"}
        and len(words) > 1
        and not lookup(reading, phrase(words))
    ):
        shape.adjectives.append(first)
        return 1
    return 0


def _shape(reading: Reading, asked: Asked, shape: _Shape, span: Span) -> None:
    asked.order, asked.limit = shape.order, shape.limit
    for word in shape.adjectives:
        if word in {"relevant", "matching"}:
            asked.limit = asked.limit or 10
        elif word == "new":
            asked.order = newest()
        elif word == "unread":
            asked.where.append(Filter(field="readAt", operator="exists", value=Lit(False)))
        else:
            asked.where.append(Filter(field="status", operator="eq", value=Lit(word)))
    if shape.recent:
        since = Binary("-", Call("now", ()), Lit("30d"))
        asked.where.append(Filter(field="createdAt", operator="gte", value=since))
        asked.limit = asked.limit or 50
        reading.note(
            "E323", "“Recent” is taken as the last 30 days, newest first, at most 50.", at=span
        )
        asked.many = True
    if shape.top and asked.many and asked.limit is None:
        asked.limit = 5
        reading.note("E323", "The first 5 by engagement are taken.", at=span)
    if shape.order and not asked.many:
        asked.limit = 1


def _holder(
    reading: Reading, words: list[Word], shape: _Shape
) -> tuple[Typed | None, list[Word], _Shape]:
    """`the creator's newest videos`: whose they are, and the noun after it."""
    marks = [n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE]
    plain = _end_of_noun(words)
    marks = [n for n in marks if n < plain]
    if marks:
        at = marks[-1]
        holder = value(reading, words[:at], whole(words[: at + 1]))
        rest = words[at + 1 :]
    elif words[0].low in {"their", "his", "her", "its"} and len(words) > 1:
        holder, rest = attempt(reading, words[:1]), words[1:]
        if holder is None:
            return None, words, shape
    else:
        return None, words, shape
    while rest and (taken := _quantifier(reading, rest, shape)):
        rest = rest[taken:]
    return holder, rest or words[-1:], shape


def _of_noun(reading: Reading, words: Sequence[Word], shape: _Shape) -> Asked | None:
    """The rows that a noun names; plural or counted ones are several."""
    if not words:
        return None
    noun = phrase(words)
    key, last = key_of(noun), words[-1].text
    if key in {"draft", "drafts"}:
        draft = Filter(field="status", operator="eq", value=Lit("draft"))
        return Asked(thing(*CONTENT), key == "drafts", noun, [type_filter(CONTENT), draft])
    vocabulary = reading.vocabulary
    many = key in vocabulary.plurals and key_of(singular(last.casefold())) != key_of(last)
    many = shape.many if shape.many is not None else many or bool(shape.limit)
    if key in {"content", "contents", "contentitems", "piecesofcontent", "items", "pieces"}:
        return Asked(thing(*CONTENT), True, noun, [type_filter(CONTENT)])
    if key in HISTORIES:
        asked = Asked(
            thing("message"), True, noun, [type_filter(["message"])], [Order(field="createdAt")]
        )
        if talk := said_in(reading, span=whole(list(words))):
            held(reading, asked, talk)
        return asked
    if key in {"knowledge", "knowledgebase"}:
        return Asked(
            thing("knowledge_item"), True, noun, [type_filter(["knowledge_item"])], limit=10
        )
    if vocabulary.is_person_word(noun) and vocabulary.entity_of(noun) != "creator":
        asked = Asked(PERSON, many, noun, [type_filter(PEOPLE)])
        if is_role_of_people(noun) and many:
            asked.where.append(people_tie(singular(noun.casefold()), ME))
        return asked
    name = vocabulary.entity_of(noun)
    if name is None and len(words) > 1 and words[0].kind is Is.WORD:
        inner = _of_noun(reading, words[1:], shape)
        return inner if inner and _qualified(reading, inner, words[0]) else None
    if name is None:
        return None
    kind = PERSON if name in PEOPLE and name != "creator" else thing(name)
    if name not in PEOPLE:
        taken_as(reading, noun, name, span=whole(list(words)))
    return Asked(kind, many, noun, [type_filter(kind.types)])


def _qualified(reading: Reading, asked: Asked, word: Word) -> bool:
    """An adjective before the noun: a status or a documented value of a property."""
    wanted = key_of(word.text)
    for name in sorted(asked.rows.types):
        if name not in reading.vocabulary.entity_types:
            continue
        for key, kind in reading.vocabulary.entity(name).kinds.items():
            if wanted in {key_of(one) for one in kind.values}:
                asked.where.append(
                    Filter(
                        field=key,
                        operator="eq",
                        value=Lit(next(v for v in kind.values if key_of(v) == wanted)),
                    )
                )
                return True
    return False


def _narrow(asked: Asked) -> None:
    """`students enrolled in the course` are the course's, not all of mine."""
    ties = [one.connected for one in asked.where if one.connected and not one.operator]
    said = {tie.type for tie in ties if tie.to is not None and tie.to != ME}
    asked.where = [
        one
        for one in asked.where
        if not (one.connected and one.connected.to == ME and one.connected.type in said)
    ]


def _mine(reading: Reading, asked: Asked) -> None:
    if asked.rows.person and asked.where[1:]:
        return
    if asked.rows.person and (role := singular(asked.noun.casefold())) in ROLES:
        asked.where.append(people_tie(role, ME))
        return
    name = sorted(asked.rows.types)[0]
    tie = tie_between(reading, Typed(ME, PERSON), name) or Tie(type="owns", from_=ME)
    received = any(one.field == "readAt" for one in asked.where)  # my unread messages: not by me
    asked.where.append(Filter(connected=tie, negated=received))


# --- what follows the noun ----------------------------------------------------------------------


# --- the step -----------------------------------------------------------------------------------


MOST_ROWS = 1_000


def emit_query(reading: Reading, asked: Asked, output: str, *, span: Span) -> Kind:
    """Adds the query and binds its result."""
    query, kind = query_of(reading, asked, span)
    name = reading.save(output, kind, span=span)
    reading.emit(Step(query=query, output=name), span)
    return kind


def query_of(reading: Reading, asked: Asked, span: Span) -> tuple[Query, Kind]:
    """The query, and the kind of what it finds."""
    limit = asked.limit if asked.many or asked.limit is not None else 1
    if limit is not None and not 1 <= limit <= MOST_ROWS:
        reading.error("E411", f"A list has 1 to {MOST_ROWS:,} things.", at=span)
        limit = MOST_ROWS
    kind = asked.result or (list_of(asked.rows) if asked.many else asked.rows.maybe)
    order = asked.order
    if not asked.many and asked.select is None and not order:
        order = newest()
    query = Query(
        from_="events" if asked.table == "events" else "entities",
        where=asked.where,
        search=asked.search,
        order_by=[] if asked.select else order,
        limit=None if asked.select else limit,
        select=asked.select,
    )
    return query, kind

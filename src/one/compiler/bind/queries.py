"""GET, FIND, SEARCH: what is asked for, to a query step or to a value that needs none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from one.compiler.bind.conditions import condition, find_predicate, normal
from one.compiler.bind.derived import (
    ME,
    is_role_of_people,
    newest,
    people_tie,
    tie_between,
    type_filter,
)
from one.compiler.bind.literals import Typed, count_of, duration_of
from one.compiler.bind.nouns import attempt, lookup, phrase, strip, value
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
from one.compiler.program import Filter, Operator, Order, Query, Step, Tie
from one.compiler.reader import Is, Span, Word, join, whole
from one.compiler.vocabulary import camel, key_of, singular

_CONTENT = ("blog_post", "video", "podcast", "social_post", "course", "lesson", "email")
_NEWEST = {"newest", "latest", "recent", "last"}
_TOP = {"top", "best"}
_STOPS = frozenset(
    {
        "where",
        "who",
        "that",
        "which",
        "whose",
        "about",
        "called",
        "named",
        "titled",
        "by",
        "in",
        "of",
        "on",
        "for",
        "from",
        "since",
        "with",
        "without",
        "between",
        "within",
        "to",
        "during",
        "matching",
        "owned",
        "created",
        "made",
        "sorted",
        "ordered",
        "this",
        "today",
        "yesterday",
        "relevant",
        "related",
        "over",
    }
)
_OPERATORS: dict[str, Operator] = {
    "==": "eq",
    "!=": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "in": "in",
}
_PERIODS = {"day": "1d", "week": "7d", "month": "30d", "year": "365d"}


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


def read_get(reading: Reading, words: Sequence[Word], span: Span) -> Asked | Typed | None:
    """The query, or the value that the words already are; None when a hole was reported."""
    bare = strip(words)
    if not bare:
        return None
    counted = _counted(reading, bare, span)
    if counted is not None:
        return counted
    if direct := _direct(reading, bare):
        return direct
    asked = _asked(reading, bare, span)
    if asked is not None:
        return asked
    found = attempt(reading, bare)
    if found is None:
        reading.unknown(phrase(bare).replace(" 's", "'s"), whole(bare))
        return None
    return found


def _direct(reading: Reading, words: Sequence[Word]) -> Typed | None:
    """A name in scope, a property or a derived noun: nothing has to be searched."""
    low = [word.low for word in words]
    if low[0] in _NEWEST | _TOP | {"all", "every", "most", "oldest", "first"}:
        return None
    plain = phrase(words)
    if all(word.kind is Is.WORD for word in words) and lookup(reading, plain):
        return attempt(reading, words)
    if any(word.low in _STOPS - {"of", "this", "that"} for word in words) and not lookup(
        reading, plain
    ):
        return None
    if (
        any(word.kind is Is.POSSESSIVE for word in words)
        or low[0] in {"my", "our", "their", "its", "his", "her"}
        or "of" in low
    ):
        before = len(reading.findings.found)
        if low[0] in {"my", "our"} and _plural_noun(reading, words[1:]):
            return None
        if any(word.low in _NEWEST | _TOP | {"oldest", "most"} for word in words):
            return None
        found = attempt(reading, words)
        if found is None and len(reading.findings.found) > before:
            return Typed(Hole(), UNKNOWN)
        return found
    return None


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
        return _count(inner)
    if low[:2] == ["how", "many"]:
        return _count(read_get(reading, words[2:], span))
    if (
        low[-1] == "count"
        and len(words) > 1
        and (kind := reading.vocabulary.entity_of(words[-2].text))
    ):
        del kind
        return _count(read_get(reading, words[:-1], span))
    if low[0] in {"total", "average", "sum"} and len(words) > 1:
        return _total(reading, low[0], words[1:], span)
    return None


def _count(inner: Asked | Typed | None) -> Asked | Typed | None:
    if isinstance(inner, Asked):
        inner.select, inner.result, inner.limit, inner.order = "count", INTEGER, None, []
        return inner
    if isinstance(inner, Typed) and inner.kind.base is Base.LIST:
        return Typed(Call("length", (inner.tree,)), INTEGER)
    return inner


def _total(reading: Reading, what: str, words: list[Word], span: Span) -> Asked | Typed | None:
    function = "avg" if what == "average" else "sum"
    if words[0].low == "of":
        words = words[1:]
    low = [word.low for word in words]
    metric = low[0]
    if metric in {"revenue", "earnings", "sales", "income"}:
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
        if len(words) > 2 and low[1] in {"of", "from", "for"}:
            _scope(reading, asked, words[2:])
        return asked
    if "of" in low and low.index("of") + 1 < len(words):
        at = low.index("of")
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
    return _count(inner) if isinstance(inner, Asked) and what == "total" else inner


def _scope(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    """`of the course`, `from the last 30 days` for events."""
    if since := _since(words):
        asked.where.append(Filter(field="occurredAt", operator="gte", value=since))
        return
    of = value(reading, words, whole(list(words)))
    asked.where.append(Filter(field="entityId", operator="eq", value=of.tree))


# --- the noun -----------------------------------------------------------------------------------


def _asked(reading: Reading, words: list[Word], span: Span) -> Asked | None:
    rest = list(words)
    shape = _Shape()
    owner = False
    while rest:
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
        (n for n, word in enumerate(rest) if n and word.kind is Is.WORD and word.low in _STOPS),
        len(rest),
    )
    noun = [word for word in rest[:cut] if word.kind is not Is.MARK]
    asked = _of_noun(reading, noun, shape)
    if asked is None:
        return None
    _shape(reading, asked, shape, whole(words))
    if holder is not None:
        if not _held(reading, asked, holder):
            return None
    elif owner:
        _mine(reading, asked)
    before = reading.rows
    reading.rows = asked.rows
    _modifiers(reading, asked, rest[cut:])
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
        first in {"relevant", "new", "matching"}
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
        else:
            asked.where.append(Filter(field="status", operator="eq", value=Lit(word)))
    if shape.recent:
        since = Binary("-", Call("now", ()), Lit("30d"))
        asked.where.append(Filter(field="createdAt", operator="gte", value=since))
        asked.limit = asked.limit or 50
        reading.note(
            "E323", span, "“Recent” is taken as the last 30 days, newest first, at most 50."
        )
        asked.many = True
    if shape.top and asked.many and asked.limit is None:
        asked.limit = 5
        reading.note("E323", span, "The first 5 by engagement are taken.")
    if shape.order and not asked.many:
        asked.limit = 1


def _holder(
    reading: Reading, words: list[Word], shape: _Shape
) -> tuple[Typed | None, list[Word], _Shape]:
    """`the creator's newest videos`: whose they are, and the noun after it."""
    marks = [n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE]
    plain = next((n for n, word in enumerate(words) if n and word.low in _STOPS), len(words))
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
    vocabulary = reading.vocabulary
    many = key in vocabulary.plurals and key_of(singular(last.casefold())) != key_of(last)
    many = shape.many if shape.many is not None else many or bool(shape.limit)
    if key in {"content", "contents", "contentitems", "piecesofcontent", "items", "pieces"}:
        return Asked(thing(*_CONTENT), True, noun, [type_filter(_CONTENT)])
    if key in {"conversationhistory", "chathistory", "messagehistory"}:
        return Asked(
            thing("message"), True, noun, [type_filter(["message"])], [Order(field="createdAt")]
        )
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


def _held(reading: Reading, asked: Asked, holder: Typed) -> bool:
    """Rows tied to the holder."""
    if isinstance(holder.tree, Hole):
        return True
    if asked.rows.person:
        one = singular(asked.noun.casefold())
        if is_role_of_people(one):
            asked.where = [type_filter(PEOPLE), people_tie(one, holder.tree)]
            return True
    tie = tie_between(reading, holder, sorted(asked.rows.types)[0])
    if tie is None:
        reading.error("E309", reading.outline.span, f"I don't see how {asked.noun} belong to this.")
        return False
    asked.where.append(Filter(connected=tie))
    return True


def _mine(reading: Reading, asked: Asked) -> None:
    if asked.rows.person and asked.where[1:]:
        return
    name = sorted(asked.rows.types)[0]
    tie = tie_between(reading, Typed(ME, PERSON), name) or Tie(type="owns", from_=ME)
    asked.where.append(Filter(connected=tie))


# --- what follows the noun ----------------------------------------------------------------------


def _modifiers(reading: Reading, asked: Asked, words: list[Word]) -> None:
    """`where …`, `about …`, `called "…"`, `by the creator`, `from the last 7 days`, `in the course`."""
    while words:
        first = words[0].low
        if first in {"where", "who", "which", "whose", "that", "with", "without"}:
            _where(reading, asked, first, words)
            return
        cut = next(
            (
                n
                for n, word in enumerate(words)
                if n
                and word.kind is Is.WORD
                and word.low in _STOPS - {"of", "this"}
                and words[n - 1].low not in {"created", "made", "owned", "related"}
            ),
            len(words),
        )
        part, words = words[:cut], words[cut:]
        _modifier(reading, asked, part)


def _where(reading: Reading, asked: Asked, first: str, words: list[Word]) -> None:
    body = words[1:]
    if first == "whose":
        first = "where"
    if (
        first == "with"
        and find_predicate(reading, normal(body))[1] is None
        and (since := _with(reading, asked, body))
    ):
        del since
        return
    if first in {"who", "that", "which"} and body:
        holder = Word("it", "row", body[0].span)
        body = [replace(holder, text="row"), *body]
    elif first in {"with", "without"} and body:
        has = Word("has", "has", body[0].span)
        row = Word("row", "row", body[0].span)
        negation = [Word("not", "not", body[0].span)] if first == "without" else []
        body = [row, has, *negation, *body]
    where(reading, asked, body)


def _with(reading: Reading, asked: Asked, words: list[Word]) -> bool:
    """`with status active`, `with high engagement`."""
    bare = strip(words)
    if len(bare) < 2:
        return False
    if bare[0].low in {"high", "low"}:
        key = camel(phrase(bare[1:]))
        found = reading.vocabulary.property_kind(asked.rows.types, key)
        operator: Operator = "gt" if bare[0].low == "high" else "lt"
        name = found[0] if found else key
        asked.where.append(
            Filter(field=name, operator=operator, value=Call("average", (Lit(name),)))
        )
        reading.note(
            "E323",
            whole(words),
            f"“{bare[0].text}” is taken as {'above' if operator == 'gt' else 'below'} the average.",
        )
        return True
    for count in range(min(3, len(bare) - 1), 0, -1):
        found = reading.vocabulary.property_kind(asked.rows.types, phrase(bare[:count]))
        if found:
            key, kind = found
            rest = bare[count:]
            known = next((v for v in kind.values if key_of(v) == key_of(phrase(rest))), None)
            tree = Lit(known) if known else value(reading, rest, whole(rest), kind).tree
            asked.where.append(Filter(field=key, operator="eq", value=tree))
            return True
    return False


def where(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    """Adds a condition on the rows."""
    before = reading.rows
    reading.rows = asked.rows
    tree = condition(reading, words, whole(list(words)) if words else reading.outline.span)
    reading.rows = before
    filters = filters_of(reading, asked, tree)
    if filters is None:
        reading.error(
            "E211",
            whole(list(words)),
            "Rows can't be chosen by this condition.",
            why="WHERE compares a property of each row, or asks for a relation of it.",
        )
        return
    asked.where.extend(filters)


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
        case Binary(op, Get(Ref("row"), key), Lit(None)) if op in {"==", "!="}:
            return Filter(field=key, operator="exists", value=Lit(op == "!="))
        case Binary(op, Get(Ref("row"), key), right) if op in _OPERATORS:
            return Filter(field=key, operator=_OPERATORS[op], value=right)
        case Binary(op, Get(Get(Ref("row"), key), inner), right) if op in _OPERATORS:
            return Filter(field=f"{key}.{inner}", operator=_OPERATORS[op], value=right)
        case Call("contains", (Get(Ref("row"), key), right)):
            return Filter(field=key, operator="contains", value=right)
        case Call("startsWith", (Get(Ref("row"), key), right)):
            return Filter(field=key, operator="startsWith", value=right)
        case Call("connected", (Ref("row"), Lit(str(name)), other)):
            return Filter(connected=Tie(type=name, to=other))
        case Call("connected", (other, Lit(str(name)), Ref("row"))):
            return Filter(connected=Tie(type=name, from_=other))
        case Call("owns", (Ref("row"), other)):
            return Filter(connected=Tie(type="owns", to=other))
        case Call("owns", (other, Ref("row"))):
            return Filter(connected=Tie(type="owns", from_=other))
        case Binary(op, Call("balance", (Ref("row"),)), right) if op in _OPERATORS:
            return Filter(field="balance", operator=_OPERATORS[op], value=right)
        case Binary(op, Call("length", (Get(Ref("row"), key),)), right) if op in _OPERATORS:
            return Filter(field=f"{key}.length", operator=_OPERATORS[op], value=right)
        case Binary("==", left, Ref(name)) if "row" not in names_in(left):
            return _same(reading, asked, name)
        case Get(Ref("row"), key):
            return Filter(field=key, operator="eq", value=Lit(True))
        case Binary(op, Ref("row"), right) if op in {"==", "!="} and right != Lit(None):
            return Filter(field="id", operator=_OPERATORS[op], value=Get(right, "id"))
        case _:
            return None


def _same(reading: Reading, asked: Asked, name: str) -> Filter | None:
    """`WHERE course is the course`: rows that belong to it."""
    found = reading.find(name)
    if found is None or found.kind.base is not Base.THING:
        return None
    tie = tie_between(reading, Typed(Ref(name), found.kind), sorted(asked.rows.types)[0])
    return Filter(connected=tie) if tie else None


def _modifier(reading: Reading, asked: Asked, words: list[Word]) -> None:
    first, rest = words[0].low, words[1:]
    if first in {"related", "relevant"} and rest and rest[0].low == "to":
        first, rest = "about", rest[1:]
    if first in {"called", "named", "titled"} and rest:
        found = _text(reading, rest)
        asked.where.append(Filter(field="name", operator="eq", value=found))
        asked.limit, asked.many = 1, False
    elif first in {"about", "matching", "on"} and rest and not _is_thing(reading, rest):
        about(reading, asked, rest)
    elif first in {
        "from",
        "in",
        "since",
        "within",
        "during",
        "over",
        "this",
        "today",
        "yesterday",
    } and (since := _since(words)):
        asked.where.append(Filter(field="createdAt", operator="gte", value=since))
    elif first in {"created", "made", "owned", "by"} and rest:
        body = rest[1:] if rest[0].low == "by" else rest
        _by(reading, asked, first, body)
    elif first == "between" and "and" in {word.low for word in rest}:
        _between(reading, asked, rest)
    elif rest:
        _tied(reading, asked, rest, words)


def _is_thing(reading: Reading, words: Sequence[Word]) -> bool:
    found = lookup(reading, phrase(strip(words)))
    return found is not None and found.kind.base is Base.THING


def _text(reading: Reading, words: Sequence[Word]) -> Expr:
    if len(words) == 1 or lookup(reading, phrase(strip(words))):
        found = attempt(reading, words)
        if found is not None:
            return found.tree
    return Lit(join(list(words)))


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
    asked.many = True
    asked.limit = asked.limit or 10


def _since(words: Sequence[Word]) -> Expr | None:
    """`from the last 7 days`, `this week`, `today`, `since yesterday`."""
    bare = [
        word
        for word in words
        if word.low
        not in {
            "from",
            "in",
            "the",
            "since",
            "within",
            "during",
            "over",
            "last",
            "past",
            "this",
            "of",
        }
    ]
    low = [word.low for word in bare]
    if not bare:
        return None
    if low == ["today"]:
        return Call("today", ())
    if low == ["yesterday"]:
        return Binary("-", Call("today", ()), Lit("1d"))
    if len(low) == 1 and low[0] in _PERIODS:
        return Binary("-", Call("now", ()), Lit(_PERIODS[low[0]]))
    duration = duration_of(bare)
    return Binary("-", Call("now", ()), Lit(duration)) if duration else None


def _by(reading: Reading, asked: Asked, first: str, words: Sequence[Word]) -> None:
    if not words:
        return
    of = value(reading, words, whole(list(words)))
    names = asked.rows.types
    authored = names <= frozenset(_CONTENT) | {
        "message",
        "report",
        "announcement",
    } and first not in {"owned"}
    asked.where.append(
        Filter(connected=Tie(type="authored" if authored else "owns", from_=of.tree))
    )


def _between(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    """`messages between fan and clone`."""
    at = next(n for n, word in enumerate(words) if word.low == "and")
    for part in (words[:at], words[at + 1 :]):
        if part:
            of = value(reading, part, whole(list(part)))
            asked.where.append(
                Filter(
                    any=[
                        Filter(connected=Tie(type="authored", from_=of.tree)),
                        Filter(connected=Tie(type="references", to=of.tree)),
                    ]
                )
            )


def _tied(
    reading: Reading, asked: Asked, words: Sequence[Word], whole_part: Sequence[Word]
) -> None:
    of = value(reading, words, whole(list(words)))
    if isinstance(of.tree, Hole):
        return
    if of.kind.base is Base.THING:
        _held(reading, asked, of)
        return
    reading.error(
        "E205", whole(list(whole_part)), f"I don't understand “{phrase(whole_part)}” here."
    )


# --- the step -----------------------------------------------------------------------------------


def emit_query(reading: Reading, asked: Asked, output: str, span: Span) -> Kind:
    """Adds the query and binds its result."""
    limit = asked.limit if asked.many or asked.limit else 1
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
    name = reading.save(output, kind, span)
    reading.emit(Step(query=query, output=name), span)
    return kind

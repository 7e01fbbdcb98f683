"""What follows the noun of a query: where, about, called, by, in, from the last week."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.choosing import Asked, about, lately, where
from one.compiler.bind.derived import (
    BROUGHT,
    ME,
    ROLES,
    in_talk,
    people_tie,
    talk_of,
    tie_between,
    type_filter,
)
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.literals import Typed
from one.compiler.bind.measures import measure_of
from one.compiler.bind.names import lookup, phrase, strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.ordering import order_of, ranked
from one.compiler.bind.periods import period_of
from one.compiler.bind.relative import subject_first
from one.compiler.bind.saying import find_predicate, normal
from one.compiler.bind.session import Reading
from one.compiler.expression import (
    Call,
    Expr,
    Hole,
    Lit,
    Ref,
)
from one.compiler.kinds import (
    PEOPLE,
    PERSON,
    Base,
    Kind,
)
from one.compiler.program import Filter, Operator, Tie
from one.compiler.reader import Is, Word, join, whole
from one.compiler.vocabulary import camel, key_of, singular

CONTENT = ("blog_post", "video", "podcast", "social_post", "course", "lesson", "email")


STOPS = frozenset(
    {
        "where",
        "but",
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


def held(reading: Reading, asked: Asked, holder: Typed) -> bool:
    """Rows tied to the holder."""
    if isinstance(holder.tree, Hole):
        return True
    one = singular(asked.noun.casefold())
    if one in BROUGHT and holder.kind.person and holder.tree != ME:
        brought = Filter(connected=Tie(type="referred_by", to=holder.tree))
        asked.rows, asked.where = PERSON, [type_filter(PEOPLE), brought]
        return True
    if asked.rows.person:
        if one in ROLES:
            asked.where = [type_filter(PEOPLE), people_tie(one, holder.tree)]
            return True
        inside = {_INSIDE.get(name) for name in holder.kind.types}
        if len(inside) == 1 and (relation := inside.pop()):  # the people in a community
            asked.where.append(Filter(connected=Tie(type=relation, to=holder.tree)))
            return True
    if not holder.kind.person and (happened := _happening(asked, holder)):
        asked.where = [*happened, *(one for one in asked.where if one.field != "type")]
        asked.table = "events"
        return True
    tie = tie_between(reading, holder, sorted(asked.rows.types)[0])
    if tie is None:
        at = reading.place_of(holder.tree, reading.here)
        reading.error("E309", f"I don't see how {asked.noun} belong to this.", at=at)
        return False
    asked.where.append(Filter(connected=tie))
    return True


_INSIDE = {
    **dict.fromkeys(("community", "conversation"), "member_of"),
    **dict.fromkeys(("course", "lesson", "livestream", "membership"), "enrolled_in"),
}


HAPPENINGS = {
    "payment": ("payment_processed", "status", "completed"),
    "comment": ("content_interacted", "interactionType", "commented"),
}


def _happening(asked: Asked, thing: Typed) -> list[Filter]:
    """`payments for the course`, `comments on the video`: what happened to it, and by whom."""
    noun = singular(asked.noun.casefold())
    named = "payment" if asked.rows.types == frozenset({"payment"}) else noun
    talk = thing.kind.types <= frozenset({"conversation", "message"})
    if named not in HAPPENINGS or talk:
        return []
    event, key, said = HAPPENINGS[named]
    asked.rows = Kind(Base.EVENT, frozenset({event}))
    where = {"type": Lit(event), f"metadata.{key}": Lit(said), "entityId": thing.tree}
    return [Filter(field=key, operator="eq", value=tree) for key, tree in where.items()]


_CALLED = frozenset({"called", "named", "titled"})
_LEADING = frozenset({"created", "made", "owned", "related", "since", "from", "during"})
"""Words that a stop belongs to: `since yesterday`, `created by`."""


def modifiers(reading: Reading, asked: Asked, words: list[Word]) -> None:
    """`where …`, `about …`, `called "…"`, `by the creator`, `from the last week`."""
    while words:
        first = words[0].low
        if first in {"but", "and"} and [word.low for word in words[1:2]] == ["not"]:
            row, said = Word("row", "row", words[0].span), Word("is", "is", words[0].span)
            where(reading, asked, [row, said, *words[1:]])
            return
        if first in {"where", "who", "which", "whose", "that", "with", "without"}:
            _where(reading, asked, first, words)
            return
        named = words[1:2] and words[1].low in {"my", "our"}  # `in my club called "Runners"`
        cut = next(
            (
                n
                for n, word in enumerate(words)
                if n
                and word.kind is Is.WORD
                and (word.low in STOPS - {"of", "this"} or _begins_period(words, n))
                and words[n - 1].low not in _LEADING
                and not (named and word.low in _CALLED)
            ),
            len(words),
        )
        part, words = words[:cut], words[cut:]
        _modifier(reading, asked, part)


def _begins_period(words: Sequence[Word], n: int) -> bool:
    """`payments for the episode | this month`."""
    if words[n].low not in {"this", "last", "past"} or words[n - 1].low in _TIMELY | {"the"}:
        return False
    return any(period_of(words[n : n + count]) is not None for count in (2, 3))


def _where(reading: Reading, asked: Asked, first: str, words: list[Word]) -> None:
    body = words[1:]
    if first == "with" and _with_whom(reading, asked, body):
        return
    if first in {"with", "without"} and _having(reading, asked, first, body):
        return
    if first == "whose":
        first = "where"
    if first in {"that", "which", "who", "whom"} and body and (by := subject_first(reading, body)):
        where(reading, asked, by)
        return
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


def _having(reading: Reading, asked: Asked, first: str, body: list[Word]) -> bool:
    """`courses without students`, `with no lessons`: those that nobody, or nothing, is tied to."""
    noun = [word for word in body if word.low not in {"no", "any"}]
    one = singular(noun[0].low) if len(noun) == 1 else ""
    if not one or one == noun[0].low or asked.rows.person or measure_of(noun[0].low):
        return False
    part = reading.vocabulary.entity_of(one) or ""
    hangs = tie_between(reading, Typed(Ref("row"), asked.rows), part) if part else None
    if one in ROLES:
        tie = Tie(type=ROLES[one], from_=Lit("thing"))
    elif hangs is not None and hangs.to is not None:
        tie = Tie(type=hangs.type, from_=Lit(part))
    else:
        return False
    no = first == "without" or (len(noun) < len(body) and body[0].low == "no")
    asked.where.append(Filter(connected=tie, negated=no))
    return True


_COMPARING = frozenset(
    {"of", "over", "under", "above", "below", "at", "more", "less", "longer", "shorter", "between"}
    | {"higher", "lower"}
)


def _with(reading: Reading, asked: Asked, words: list[Word]) -> bool:
    """`with status active`, `with high engagement`."""
    bare = strip(words)
    if len(bare) < 2:
        return False
    if bare[0].low in {"most", "highest", "fewest", "least", "lowest"} and (
        order := order_of(reading, asked, bare)
    ):
        asked.order = [order]
        return True
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
            f"“{bare[0].text}” is taken as {'above' if operator == 'gt' else 'below'} the average.",
            at=whole(words),
        )
        return True
    for count in range(min(3, len(bare) - 1), 0, -1):
        key = "name" if phrase(bare[:count]) == "title" else phrase(bare[:count])
        found = reading.vocabulary.property_kind(asked.rows.types, key)
        if found:
            key, kind = found
            rest = bare[count:]
            if rest[0].low in _COMPARING:
                said = Word("is", "is", rest[0].span)
                of = [said, *(rest[1:] if rest[0].low == "of" else rest)]
                where(reading, asked, [*bare[:count], *of])
                return True
            known = next((v for v in kind.values if key_of(v) == key_of(phrase(rest))), None)
            tree = Lit(known) if known else value(reading, rest, whole(rest), expected=kind).tree
            asked.where.append(Filter(field=key, operator="eq", value=tree))
            return True
    return False


_TIMELY = frozenset(
    {"from", "of", "for", "in", "on", "since", "within", "during", "over", "this", "today"}
    | {"yesterday", "last", "past", "before", "after", "until", "till", "between"}
)


def _modifier(reading: Reading, asked: Asked, words: list[Word]) -> None:
    first, rest = words[0].low, words[1:]
    if first in {"related", "relevant"} and rest and rest[0].low == "to":
        first, rest = "about", rest[1:]
    if first in _CALLED and rest:
        found = _text(reading, rest)
        asked.where.append(Filter(field="name", operator="eq", value=found))
        asked.limit, asked.many = 1, False
    elif first in _TIMELY and (period := period_of(words)):
        lately(asked, period)
    elif first in {"about", "matching", "on"} and rest and not _is_thing(reading, first, rest):
        about(reading, asked, rest)
    elif (
        first in {"by", "sorted", "ordered"}
        and rest
        and ranked(reading, asked, rest, sure=first != "by")
    ):
        return
    elif first in {"created", "made"} and rest and (period := period_of(rest)):
        lately(asked, period)
    elif first in {"created", "made", "owned", "by"} and rest:
        body = rest[1:] if rest[0].low == "by" else rest
        _by(reading, asked, first, body)
    elif first == "between" and "and" in {word.low for word in rest}:
        _between(reading, asked, rest)
    elif rest:
        _tied(reading, asked, rest, words)


def _is_thing(reading: Reading, first: str, words: Sequence[Word]) -> bool:
    """Whether the words are a thing, not what is spoken of: `on my newest video`."""
    if first == "on" and words[0].low in {"my", "our"}:
        return True
    found = lookup(reading, phrase(strip(words)))
    return found is not None and found.kind.base is Base.THING


def _text(reading: Reading, words: Sequence[Word]) -> Expr:
    if len(words) == 1 or lookup(reading, phrase(strip(words))):
        found = attempt(reading, words)
        if found is not None:
            return found.tree
    return Lit(join(list(words)))


def _by(reading: Reading, asked: Asked, first: str, words: Sequence[Word]) -> None:
    if not words:
        return
    of = value(reading, words, whole(list(words)))
    names = asked.rows.types
    if names <= {"payment", "invoice", "subscription"} and of.kind.person:
        held(reading, asked, of)
        return
    authored = names <= frozenset(CONTENT) | {
        "message",
        "report",
        "announcement",
    } and first not in {"owned"}
    asked.where.append(
        Filter(connected=Tie(type="authored" if authored else "owns", from_=of.tree))
    )


def _between(reading: Reading, asked: Asked, words: Sequence[Word]) -> None:
    """`messages between fan and clone`: those of the conversation of the two."""
    at = next(n for n, word in enumerate(words) if word.low == "and")
    parts = [part for part in (words[:at], words[at + 1 :]) if part]
    _talk(reading, asked, [value(reading, part, whole(list(part))) for part in parts])


def _talk(reading: Reading, asked: Asked, ends: Sequence[Typed]) -> None:
    """Conversations of these, or the messages of the one that they have."""
    if any(isinstance(one.tree, Hole) for one in ends):
        return
    if asked.rows.types == frozenset({"conversation"}):
        asked.where += [Filter(connected=in_talk(one)) for one in ends]
    elif all(one.connected is None for one in asked.where):
        held(reading, asked, talk_of(reading, ends, span=reading.here))


_TALKS = (frozenset({"message"}), frozenset({"conversation"}))
_SPEAKERS = frozenset({"creator", "audience_member", "ai_clone"})


def _with_whom(reading: Reading, asked: Asked, words: Sequence[Word]) -> bool:
    """`messages with the fan`, `my conversation with my clone`."""
    if asked.rows.types not in _TALKS or not attempt_quietly(reading, words):
        return False
    rows, reading.rows = reading.rows, None
    found = value(reading, words, whole(list(words)))
    reading.rows = rows
    if found.kind.base is not Base.THING or not (
        found.kind.person or found.kind.types <= _SPEAKERS
    ):
        return False
    _talk(reading, asked, [found])
    return True


def _tied(
    reading: Reading, asked: Asked, words: Sequence[Word], whole_part: Sequence[Word]
) -> None:
    rows, reading.rows = reading.rows, None  # a thing, no property of the row
    of = value(reading, words, whole(list(words)))
    reading.rows = rows
    if isinstance(of.tree, Hole):
        return
    if of.kind.base is Base.THING:
        held(reading, asked, of)
        return
    reading.error(
        "E205", f"I don't understand “{phrase(whole_part)}” here.", at=whole(list(whole_part))
    )

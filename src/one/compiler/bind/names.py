"""Names in scope: their spellings, rows of a WHERE, and who or what a pronoun means."""

import re
from collections.abc import Sequence

from one.compiler.bind.literals import Typed
from one.compiler.bind.measures import MEASURES, measure_of
from one.compiler.bind.session import Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.expression import (
    Call,
    Get,
    Hole,
    Ref,
)
from one.compiler.kinds import (
    DATETIME,
    INTEGER,
    TEXT,
    UNKNOWN,
    Base,
)
from one.compiler.reader import Is, Span, Word
from one.compiler.vocabulary import key_of, singular, spaced
from one.ontology.words import article

ARTICLES = frozenset(
    {"the", "a", "an", "some", "any", "each", "this", "that", "these", "those", "every"}
)


_AFTER = frozenset({",", ".", ":", ";", "!", "?"})
_BEFORE = frozenset({",", ":", "-", "–", "="})
_FRONT = ARTICLES | _BEFORE


ADJECTIVES = frozenset(
    {"new", "same", "current", "given", "entered", "said", "resulting", "original", "whole", "full"}
)


THEY = frozenset({"they", "them", "their", "his", "her", "he", "she", "him", "theirs"})


IT = frozenset({"it", "its", "this", "that", "itself"})


_MOMENTS = {
    "created": "createdAt",
    "made": "createdAt",
    "createdat": "createdAt",
    "added": "createdAt",
    "datecreated": "createdAt",
    "updated": "updatedAt",
    "changed": "updatedAt",
    "updatedat": "updatedAt",
}
"""When a row came to be or changed."""
_HAPPENED = frozenset({"published", "sent", "paid"})
"""Moments that a property keeps: `publishedAt`."""
BALANCES = {"tokenbalance", "balance", "tokens", "tokencount", "numberoftokens", "balanceoftokens"}


LAST = {
    "previousstep",
    "previousresult",
    "result",
    "thepreviousstep",
    "lastresult",
    "laststep",
    "stepresult",
}


HOLE = Typed(Hole(), UNKNOWN)


def strip(words: Sequence[Word]) -> list[Word]:
    """Without articles in front and marks around."""
    if not words or (words[0].low not in _FRONT and words[-1].kind is not Is.MARK):
        return list(words)
    start, end = 0, len(words)
    while start < end and words[end - 1].text in _AFTER and words[end - 1].kind is Is.MARK:
        end -= 1
    while start < end and words[start].text in _BEFORE and words[start].kind is Is.MARK:
        if start + 1 < end and is_sign(words[start], words[start + 1]):
            break
        start += 1
    while (
        end - start > 1
        and words[start].low in ARTICLES
        and words[start].kind is Is.WORD
        and not words[start + 1].glued
        and words[start + 1].low != "of"
    ):
        start += 1
    if end - start > 2 and words[start].text == "(" and words[end - 1].text == ")":
        return strip(words[start + 1 : end - 1])
    return list(words[start:end])


def is_sign(mark: Word, after: Word) -> bool:
    """Whether the mark is the sign of the number after it: `-5`, `-$5`."""
    return mark.text == "-" and after.glued and after.kind in {Is.NUMBER, Is.MONEY, Is.PERCENT}


def phrase(words: Sequence[Word]) -> str:
    """The words as one name."""
    return words[0].text if len(words) == 1 else " ".join([word.text for word in words])


def words_of(text: str, span: Span) -> list[Word]:
    """The words of a small text that stands at the span (names with possessives only)."""
    found: list[Word] = []
    for match in re.finditer(r"[^\W_][\w-]*|['’]s\b|[^\s]", text):
        here = Span(span.line, span.start + match.start(), span.start + match.end())
        piece = match.group()
        kind = Is.WORD if piece[0].isalpha() else Is.NUMBER if piece.isdigit() else Is.MARK
        if piece in {"'s", "’s"}:
            kind = Is.POSSESSIVE
        if piece == ".":
            kind = Is.POSSESSIVE
        found.append(Word(piece, piece.casefold(), here, kind))
    return found


def lookup(reading: Reading, wanted: str) -> Name | None:
    """A name in scope by any of its spellings: `video links`, `course ID`, `the courses`."""
    found = reading.find(wanted)
    if found is None and "." in wanted:
        return None
    if found is None and key_of(wanted).endswith("id") and len(wanted) > 2:
        found = reading.find(re.sub(r"[\s_]*id$", "", wanted, flags=re.IGNORECASE))
        found = found if found and found.kind.base is Base.THING else None
    if found is None:
        found = reading.find(wanted + " id")
        found = found if found and found.kind.base is Base.THING else None
    if found is None and len(wanted) > 3:
        found = reading.find(singular(wanted))
        found = found if found and found.source in {"collected", "loop"} else None
    if found is None and len(wanted) > 3:
        found = reading.find(singular(wanted)) if singular(wanted) != wanted else None
        found = found if found and found.kind.base is Base.LIST else None
    return found


def row_of(reading: Reading, wanted: str) -> Typed | None:
    """Inside WHERE: a property of each row."""
    if reading.rows is None:
        return None
    row = Typed(Ref("row"), reading.rows)
    if key_of(wanted) in {"row", "each", "them", "they", "it"}:
        return row
    types = reading.rows.types
    noun = any(reading.vocabulary.entity_of(wanted) == name for name in types)
    if noun and not reading.row_named:
        return row
    if key_of(wanted) in _MOMENTS:
        made = reading.rows.base is Base.EVENT
        moment = "occurredAt" if made else _MOMENTS[key_of(wanted)]
        return Typed(Get(row.tree, moment), DATETIME)
    found = reading.vocabulary.property_kind(types, wanted)
    if found is None and key_of(wanted) in _HAPPENED:
        found = reading.vocabulary.property_kind(types, wanted + " at")
    if found is None and key_of(wanted) == "title":
        found = ("name", TEXT)
    measure = measure_of(wanted)
    if found is None and measure and not reading.rows.person:
        return Typed(Get(row.tree, measure), MEASURES[measure].kind)
    if found is None and reading.rows.person and key_of(wanted) in BALANCES:
        return Typed(Call("balance", (row.tree,)), INTEGER)
    if found is None and reading.row_tie:
        tie = reading.vocabulary.connection(reading.row_tie)
        key = tie.key(wanted) or tie.key(wanted + " at")
        return Typed(Get(Get(row.tree, tie.name), key), tie.kinds[key]) if key else None
    return Typed(Get(row.tree, found[0]), found[1]) if found else None


def ref(reading: Reading, name: Name) -> Typed:
    reading.use(name)
    return Typed(Ref(name.name), name.kind)


_WIDE = frozenset(
    {"course", "community", "digital_product", "livestream", "media_asset", "campaign"}
)
"""Types of what has many names that don't say what it is."""


def taken_as(reading: Reading, noun: str, type: str, *, span: Span) -> None:
    """Tells, once, of what type a thing is by another word for it: a workshop is a course."""
    key, known = key_of(singular(noun.casefold())), key_of(type)
    if type in _WIDE and key not in known and known not in key and f"as:{key}" not in reading.told:
        reading.told.add(f"as:{key}")
        reading.note("E323", f"“{noun}” is taken as {article(spaced(type))}.", at=span)


def person(reading: Reading, word: Word) -> Typed:
    """Who `they` is: the only person in scope, else the one just spoken of, else a question. `them`
    after a command that found people are those.
    """
    crowd = _crowd(reading) if word.low == "them" else None
    people = reading.people()
    if crowd is not None:
        if people:
            said = f"“{word.text}” is taken as the {spaced(crowd.name)} of the line before."
            reading.note("E323", said, at=word.span)
        return ref(reading, crowd)
    return _which(
        reading, word, people, [one.people for one in reversed(reading.mentions)], what="person"
    )


def _crowd(reading: Reading) -> Name | None:
    """The people that the command before found, when it goes through none of them one by one."""
    before = reading.mentions[-2] if len(reading.mentions) > 1 else None
    if before is None or not before.crowd:
        return None
    said = (reading.find(one) for one in before.people)
    return None if any(one and one.source == "loop" for one in said) else reading.find(before.crowd)


def it(reading: Reading, word: Word) -> Typed:
    """What `it` is, by the same rule."""
    things = reading.things()
    return _which(
        reading, word, things, [one.things for one in reversed(reading.mentions)], what="thing"
    )


def _spoken(name: str) -> str:
    """`the fan`, `my book`."""
    said = spaced(name)
    return said if said.startswith("my ") else f"the {said}"


def _which(
    reading: Reading, word: Word, known: Sequence[Name], spoken: Sequence[list[str]], *, what: str
) -> Typed:
    if len(known) == 1:
        return ref(reading, known[0])
    names = {name.name: name for name in known}
    for mentioned in spoken:
        alive = [name for name in mentioned if name in names]
        if len(alive) == 1:
            return ref(reading, names[alive[0]])
    candidates = [name.name for name in known]
    if what == "thing" and not candidates and reading.last_saved:
        found = reading.find(reading.last_saved)
        if found:
            return ref(reading, found)
    mark = "'s" if word.low in {"their", "his", "its"} else ""
    fixes = [
        Fix(f"It is {name}", (Edit(word.span, f"{name}{mark}"),), Applies.MAYBE)
        for name in map(_spoken, candidates[:6])
    ]
    if what == "person" and not candidates:
        mine = "my" if word.low in {"their", "his", "her"} else "me"
        fixes.append(Fix("It is me", (Edit(word.span, mine),), Applies.MAYBE))
        if mine == "me":
            edit = Edit(word.span, "my followers")
            fixes.append(Fix("All my followers", (edit,), Applies.MAYBE))
    said = f"Who is “{word.text}”?" if what == "person" else f"What is “{word.text}”?"
    why = (
        f"More than one {what} could be meant." if candidates else f"No {what} has been named yet."
    )
    reading.ask("E304", said, *fixes, why=why, names=candidates, at=word.span)
    return HOLE


def is_chosen(reading: Reading, words: Sequence[Word]) -> bool:
    """`first lesson`, `newest post`: one of the things of a thing, which is looked for."""
    chosen = len(words) == 2 and words[0].low in CHOOSING
    return chosen and reading.vocabulary.entity_of(words[1].text) is not None


CHOOSING = frozenset({"first", "last", "newest", "latest", "oldest"})

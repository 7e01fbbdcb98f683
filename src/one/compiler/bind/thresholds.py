"""`WHEN my video reaches 10,000 views`: a measure that comes to a number."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.derived import is_role_of_people
from one.compiler.bind.leftover import left_of
from one.compiler.bind.literals import Typed, literal
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.session import Reading
from one.compiler.bind.subjects import MORE, bind_noun, owner, too_much
from one.compiler.diagnosis import Applies, Edit, Fix, within_one
from one.compiler.expression import Lit
from one.compiler.grammar import place_of
from one.compiler.program import Trigger
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import camel, singular


def reaches(reading: Reading, words: Sequence[Word]) -> Trigger | None:
    """`a creator's video reaches 10,000 views`."""
    at = next(
        (
            n
            for n, word in enumerate(words)
            if word.low in _REACHING or (word.low == "has" and _is_measure(words[n + 1 :]))
        ),
        0,
    )
    if not at or at + 1 >= len(words):
        return None
    words = _in_digits(words, at + 1)
    if words[at + 1].kind not in {Is.NUMBER, Is.MONEY}:
        return _of_how_many(reading, words, at)
    if _held(words, at):
        return _unwatched(reading, words)
    if at + 2 == len(words) and (turned := _measured(reading, words, at)) is not None:
        return turned
    if _slipped_metric(reading, words, at):
        return Trigger(signal="unknown")
    count = literal(words[at + 1 : at + 2])
    if not isinstance(count, Typed):
        return None
    words = _of_measure(reading, words, at + 2)
    metric = phrase(strip(words[at + 2 :])) or (
        "revenue" if words[at + 1].kind is Is.MONEY else "count"
    )
    if at + 2 == len(words) and is_role_of_people(words[at - 1].low):  # my followers reach 1,000
        if odd := left_of(words[: at - 1], {"my", "our", "number", "of"}):
            too_much(reading, odd)
        of = owner(reading, words[0].span)
        metric = words[at - 1].low
    else:
        of = bind_noun(reading, words[:at])
    if metric not in _METRICS or metric in _TRACKED:
        said = f"“{metric}” is what you TRACK under this name."
        reading.note("E323", said, at=whole(list(words)))
    reading.spans["trigger:reaches"] = whole(list(words))
    return Trigger(
        metric=camel(metric),
        entity=of.name,
        entity_type=of.type,
        mine=of.mine,
        reaches=count.tree,
    )


_REACHING = frozenset(
    {"reaches", "reach", "hits", "hit", "gets", "get", "passes", "pass", "crosses"}
)


def _is_measure(words: Sequence[Word]) -> bool:
    """`100 members`, after `my community has`."""
    return len(words) == 2 and words[0].kind is Is.NUMBER and words[1].low in _METRICS


def _in_digits(words: Sequence[Word], at: int) -> Sequence[Word]:
    """`100k views`, `2 million views` with the number as one word."""
    count = literal(words[at : at + 2]) if words[at].kind is Is.NUMBER else None
    if isinstance(count, Typed) and isinstance(count.tree, Lit) and count.kind.numeric:
        text = str(count.tree.value)
        return [*words[:at], replace(words[at], text=text, low=text), *words[at + 2 :]]
    return words


_TOKENS = frozenset({"token", "tokens", "balance", "coins"})


def _of_how_many(reading: Reading, words: Sequence[Word], at: int) -> Trigger | None:
    """`my course reaches many students`: a measure without its number, told."""
    said = words[at + 1 :]
    vague = len(said) == 2 and said[0].low in _MANY and said[1].low in _METRICS
    if not vague and not (len(said) == 1 and said[0].low in _METRICS and words[at].low in _REACHES):
        return None
    metric = said[-1].low
    why = f"Write WHEN my course reaches 100 {metric}: once, when the number is reached."
    reading.error("E208", f"How many {metric}?", why=why, at=whole(list(said)))
    return Trigger(signal="unknown")


_MANY = frozenset({"many", "more", "enough", "several", "some", "lots", "a"})
_REACHES = frozenset({"reaches", "reach", "hits", "hit", "crosses"})


def _held(words: Sequence[Word], at: int) -> bool:
    """`a fan's token balance reaches 1,000`, `a fan reaches 500 tokens`, not `my token`."""
    whose = any(word.kind is Is.POSSESSIVE for word in words[:at])
    said = [word.low for word in words[at + 2 :] if word.kind is Is.WORD]
    balance = words[at - 1].low == "balance"
    return balance or (whose and words[at - 1].low in _TOKENS) or bool(said and said[-1] in _TOKENS)


def _unwatched(reading: Reading, words: Sequence[Word]) -> Trigger:
    """What somebody holds sets nothing off: told, and how it is asked."""
    said = "What somebody holds sets nothing off."
    why = (
        "Let EVERY DAY look: GET my holders WHERE balance is at least 1,000; or ask with IF right"
        " after tokens were given."
    )
    reading.error("E208", said, why=why, at=whole(list(words)))
    for word in words:
        if reading.vocabulary.is_person_word(word.text):
            bind_noun(reading, [word], person=True)
    return Trigger(signal="unknown")


def _measured(reading: Reading, words: Sequence[Word], at: int) -> Trigger | None:
    """`my course's revenue reaches $1,000`, `the views of my video reach 1,000`: the measure of a
    thing, before the verb. What all things of somebody come to together is not watched: told.
    """
    subject = strip(words[:at])
    of = place_of(subject, {"of"})
    noun, metric = subject[of + 1 :], subject[:of]
    if not of:
        mark = next((n for n, word in enumerate(subject) if word.kind is Is.POSSESSIVE), 0)
        noun, metric = (subject[:mark], subject[mark + 1 :]) if mark else ([], subject[-1:])
    said = phrase(metric)
    if said.casefold() not in _METRICS or is_role_of_people(said.casefold()):
        return None
    if noun:
        return reaches(reading, [*noun, *words[at : at + 2], *metric])
    number = words[at + 1].text
    why = f"Write WHEN my course reaches {number} {said}; or EVERY DAY, GET it and IF asks of it."
    message = f"What all of somebody's things have of {said} together sets nothing off."
    reading.error("E208", message, why=why, at=whole(subject))
    return Trigger(signal="unknown")


def _of_measure(reading: Reading, words: Sequence[Word], at: int) -> list[Word]:
    """Without what stands beside the measure that is reached, which is told."""
    said = words[at:]
    odd = [word for word in said if word.kind is not Is.WORD or word.low in MORE]
    if not odd and said and words[at - 1].kind is Is.MONEY and said[0].low not in _METRICS:
        odd = list(said)
    if not odd and said and said[0].low in _METRICS:
        odd = list(said[1:])
    if odd:
        too_much(reading, odd)
    return [word for word in words if word not in odd]


_METRICS = (
    *("views", "likes", "shares", "comments", "downloads", "followers", "subscribers", "members"),
    *("students", "sales", "revenue", "plays", "listens", "tokens", "points", "completions"),
    *("enrollments", "purchases", "ratings", "saves", "visits", "backers", "pledges", "holders"),
)
_TRACKED = frozenset({"points", "backers", "pledges", "tokens"})
"""Measures that nothing here counts by itself."""


def _slipped_metric(reading: Reading, words: Sequence[Word], at: int) -> bool:
    """A number of nothing, or of a measure one letter away from a usual one: reported."""
    said = words[at + 2 :]
    people = is_role_of_people(words[at - 1].low)
    if not said and words[at + 1].kind is Is.NUMBER and not people:
        asked = f"{words[at + 1].text} of what? Say for example {words[at + 1].text} views."
        reading.error("E208", asked, at=words[at + 1].span)
        return True
    if len(said) != 1 or said[0].low in _METRICS or singular(said[0].low) in _METRICS:
        return False
    near = next((one for one in _METRICS if within_one(said[0].low, one)), None)
    if near is None or reading.vocabulary.entity_of(said[0].text):
        return False
    fix = Fix(f"Write {near}", (Edit(said[0].span, near),), Applies.SAFE)
    reading.error("E208", f"Did you mean {near}?", fix, names=(near,), at=said[0].span)
    return True

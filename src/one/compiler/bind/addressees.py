"""`WHEN a fan messages my clone`: to whom something was said, and that it was said to them."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.derived import in_talk, type_filter
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.session import Reading
from one.compiler.bind.subjects import whose
from one.compiler.expression import Binary, Get, Lit, Ref
from one.compiler.kinds import thing
from one.compiler.program import Filter, If, Order, Query, Step, Tie, Trigger
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import camel, key_of

_TO = frozenset({"messages", "message", "texts", "dms", "contacts", "pings"})
"""Verbs after which stands whom they speak to."""
_WITH = frozenset({"writes", "write", "talks", "talk", "chats", "chat", "speaks", "speak"})
"""Verbs after which `to` or `with` stands, and whom."""
_SAYS = frozenset({"sends", "send", "asks", "ask", "writes", "write", "posts", "post"})
_SELF = frozenset({"me", "us"})


def to_whom(reading: Reading, words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """The happening without whom it is said to where that is a clone of the owner's, and the clone:
    `a fan messages my clone` → `a fan sends a message`, `my clone`. What is said to the owner
    needs no name.
    """
    words = _turned(reading, words)
    for n, word in enumerate(words):
        after = list(words[n + 1 :])
        if not n or not after or word.kind is not Is.WORD:
            continue
        if word.low in _WITH and after[0].low in {"to", "with"}:
            after = after[1:]
        elif word.low in _SAYS:
            return _said_to(reading, words, n)
        elif word.low not in _TO:
            continue
        if _is_heard(reading, after):
            said = [_as(word, "sends"), _as(word, "a"), _as(word, "message")]
            return [*words[:n], *said], [] if after[-1].low in _SELF else after
        return list(words), []
    return list(words), []


_ASKED = ["asked", "a", "question"]
_GETS = frozenset({"gets", "receives", "get", "receive"})


def _turned(reading: Reading, words: Sequence[Word]) -> list[Word]:
    """`my clone gets a message from a fan` → `a fan sends a message to my clone`."""
    low = [word.low for word in words]
    at = next((n for n, word in enumerate(low) if n and word in _GETS), 0)
    asked = next((n for n in range(2, len(low) - 2) if low[n : n + 3] == _ASKED), 0)
    who, what = list(words[: at or asked - 1]), list(words[(at or asked) + 1 :])
    if not at and (not asked or low[asked - 1] not in {"is", "are", "gets"}):
        return list(words)
    hears = who[-1].low in {"i", "we"} or _is_clone(reading, who)
    by = next((n for n, word in enumerate(what) if word.low in {"from", "by"}), len(what))
    noun = whose(what[:by])[0] if hears and by else []
    if not noun or (noun[-1].low != "question" and not _is_message(reading, noun)):
        return list(words)
    to = who if who[-1].low not in {"i", "we"} else [_as(who[-1], "me")]
    sender = what[by + 1 :] or [_as(words[at], "person")]
    verb = "asks" if noun[-1].low == "question" else "sends"
    return [*sender, _as(words[at], verb), *what[:by], _as(words[at], "to"), *to]


def _said_to(reading: Reading, words: Sequence[Word], at: int) -> tuple[list[Word], list[Word]]:
    """`sends a question to my clone`, `asks my clone a question`, `writes my clone`."""
    after = list(words[at + 1 :])
    to = next((n for n, word in enumerate(after) if word.low == "to"), -1)
    if to >= 0 and _is_clone(reading, after[to + 1 :]):
        what = after[:to] or [_as(words[at], "message")]
        return [*words[: at + 1], *what], after[to + 1 :]
    for count in range(len(after), 0, -1):
        if _is_clone(reading, after[:count]):
            what = after[count:] or [_as(words[at], "message")]
            return [*words[: at + 1], *what], after[:count]
    return list(words), []


def _as(word: Word, text: str) -> Word:
    return replace(word, text=text, low=text)


def _is_heard(reading: Reading, words: Sequence[Word]) -> bool:
    return words[-1].low in _SELF or _is_clone(reading, words)


def _is_message(reading: Reading, words: Sequence[Word]) -> bool:
    return reading.vocabulary.entity_of(phrase(words)) == "message"


def _is_clone(reading: Reading, words: Sequence[Word]) -> bool:
    """`my clone`, `my AI clone`, `my Coach clone`, and nobody else's."""
    bare, mine = whose(words) if words else ([], False)
    if not mine or not bare:
        return False
    known = reading.vocabulary.entity_of
    named = len(bare) > 1 and bare[0].text[:1].isupper()
    return known(phrase(bare)) == "ai_clone" or (named and known(bare[-1].text) == "ai_clone")


def only_that(reading: Reading, trigger: Trigger) -> None:
    """Ends a run that another thing than the one of that name set off."""
    if reading.titled is None or trigger.entity != reading.titled[0]:
        return
    name, title = reading.titled
    other = Binary("!=", Get(Ref(name), "name"), Lit(title))
    reading.emit(
        Step(if_=If(condition=other, then=[Step(return_={})])), reading.names[key_of(name)].span
    )


def hear_only(reading: Reading, trigger: Trigger, clone: Sequence[Word]) -> None:
    """Ends a run whose message was not said to that clone."""
    span = whole(list(clone))
    heard = value(reading, strip(clone), span)
    if heard.kind.types != frozenset({"ai_clone"}) or trigger.entity is None:
        return
    where = [
        type_filter(["conversation"]),
        Filter(connected=Tie(type="part_of", from_=Ref(trigger.entity))),
        Filter(connected=in_talk(heard)),
    ]
    wanted = camel(f"{trigger.entity} conversation")
    talk = reading.bind(wanted, thing("conversation"), source="derived", span=span)
    newest = [Order(field="createdAt", descending=True)]
    query = Query(from_="entities", where=where, order_by=newest, limit=1)
    reading.emit(Step(query=query, output=talk), span)
    other = Binary("==", Ref(talk), Lit(None))
    reading.emit(Step(if_=If(condition=other, then=[Step(return_={})])), span)

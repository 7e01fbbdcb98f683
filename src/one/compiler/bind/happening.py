"""WHEN in other words: what happened as what happens, who is new as what they do."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.session import Reading
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import singular

_DONE = {
    **{past: past[:-1] + "s" for past in ("purchased", "subscribed", "completed", "liked")},
    **{past: past[:-1] + "s" for past in ("shared", "downloaded", "created", "released")},
    **{past: past[:-1] + "s" for past in ("rated", "saved")},
    **{past: past[:-2] + "s" for past in ("joined", "followed", "viewed", "posted", "uploaded")},
    **{past: past[:-2] + "s" for past in ("asked", "signed", "registered", "earned", "reviewed")},
    **{past: past[:-2] + "s" for past in ("commented", "failed", "enrolled", "listened")},
    **{
        past: past[:-2] + "es" for past in ("finished", "watched", "published", "reached", "passed")
    },
    "bought": "buys",
    "booked": "buys",
    "ordered": "buys",
    "paid": "pays",
    "sent": "sends",
    "wrote": "writes",
    "written": "writes",
    "submitted": "submits",
    "made": "makes",
}
_SAME = {"books": "buys", "orders": "buys"}
_AUXILIARIES = frozenset({"has", "have", "just", "recently", "newly", "finally", "already"})
_STATES = frozenset({"is", "was", "gets", "are", "been"})
_GETTING = frozenset({"get", "gets", "gain", "gains", "have", "has", "receive", "receives"})
_ARRIVES: dict[str, str] = {
    "follower": "follows me",
    "subscriber": "subscribes to me",
    "member": "joins my community",
    "student": "enrolls in my course",
}
"""Who is new, and what they did to become so."""
_WHOLE = {
    "joins": "joins my community",
    "follows": "follows me",
    "enrolls": "enrolls in my course",
    "subscribes": "subscribes to me",
}
"""A happening with nobody and nothing named: one of the owner's."""


def as_it_happens(reading: Reading, words: Sequence[Word]) -> list[Word]:
    """`a fan has bought my course` → `a fan buys my course`; `I get a new follower` → `a follower
    follows me`; `a fan joins` → `a fan joins my community`, which is said.
    """
    found = _new_one(reading, words) or _opinion(_present(reading, words))
    last = found[-1]
    said = _WHOLE.get(last.low) or (_WHOLE.get(f"{last.low}s") if len(found) > 1 else None)
    if said is None or len(found) < 2:
        return found
    reading.note("E323", f"“{last.text}” is taken as “{said}”.", at=whole(list(words)))
    return [*found[:-1], *_as(last, said)]


def _as(word: Word, said: str) -> list[Word]:
    return [replace(word, text=one, low=one, kind=Is.WORD) for one in said.split()]


def _present(reading: Reading, words: Sequence[Word]) -> list[Word]:
    """What a person did, as what they do."""
    for n, word in enumerate(words):
        before = words[n - 1].low if n else ""
        now = _DONE.get(word.low) or _SAME.get(word.low)
        if not n or now is None or (before in _STATES and word.low != "enrolled"):
            continue
        start = n
        while start > 1 and words[start - 1].low in _AUXILIARIES | _STATES:
            start -= 1
        who = words[:start]
        if who[-1].low == "new" and len(who) > 1:  # `someone new`
            who = who[:-1]
        known = reading.vocabulary.is_person_word(who[-1].text)
        if known or who[-1].low in {"somebody", "anyone", "anybody"}:
            if word.low in _SAME:
                reading.note("E323", f"“{word.text}” is taken as “{now}”.", at=word.span)
            return [*who, *_as(word, now), *words[n + 1 :]]
    if len(words) > 2 and words[1].low == "new" and words[0].low in {"someone", "somebody"}:
        return [words[0], *words[2:]]
    return list(words)


def _new_one(reading: Reading, words: Sequence[Word]) -> list[Word] | None:
    """`there is a new follower`, `I get a new subscriber`, `my course gets a new student`."""
    low = [word.low for word in words]
    who = singular(low[-1])
    if who not in _ARRIVES or not reading.vocabulary.is_person_word(who):
        return None
    got = next((n for n, word in enumerate(low) if word in _GETTING | {"is"}), 0)
    lead = low[got + 1 : -1] if got else low[:-1]
    if not set(lead) <= {"a", "an", "new", "another", "one"} or not lead:
        return None
    does = _as(words[-1], f"{who} {_ARRIVES[who]}")
    if low[:got] in (["there"], ["i"], ["we"]) or not got:
        return does
    if low[got] != "is" and got > 1 and who in {"student", "member"}:
        verb = _as(words[-1], f"{who} {'enrolls in' if who == 'student' else 'joins'}")
        return [*verb, *words[:got]]
    return None


_SAID = {"review": "rates", "rating": "rates", "comment": "comments on"}


def _opinion(words: list[Word]) -> list[Word]:
    """`a fan leaves a comment on my video` → `a fan comments on my video`."""
    for n, word in enumerate(words[:-3]):
        verb = n and word.low in {"leaves", "gives", "writes", "posts", "adds"}
        noun = words[n + 2].low if verb and words[n + 1].low in {"a", "an"} else ""
        if noun in _SAID and words[n + 3].low in {"on", "of", "for", "about", "under", "to"}:
            return [*words[:n], *_as(word, _SAID[noun]), *words[n + 4 :]]
    return words

"""Nouns as people turn them: `everyone who …`, `videos of mine`, `yesterday's posts`."""

from dataclasses import replace

from one.compiler.bind.periods import period_of
from one.compiler.reader import Is, Word


def everyone(words: list[Word]) -> list[Word]:
    """`everyone who follows me` are all the people who do, `videos of mine` my videos."""
    at = next((n for n, word in enumerate(words) if word.low in {"mine", "ours"}), 0)
    if at > 1 and words[at - 1].low == "of":
        mine = replace(words[at], text="my", low="my")
        return everyone([mine, *words[: at - 1], *words[at + 1 :]])
    if len(words) > 2 and words[0].low in {"who", "whoever"}:  # `who referred fan`
        one = words[1].low in {"referred", "invited", "brought", "made", "created", "wrote", "owns"}
        noun = "person" if one and words[0].low == "who" else "people"
        who = replace(words[0], text="who", low="who")
        return [replace(who, text=noun, low=noun), who, *words[1:]]
    if not words or words[0].low not in {"everyone", "everybody", "anyone", "anybody"}:
        return words
    return [replace(words[0], text="people", low="people"), *words[1:]]


_MINE = {
    **dict.fromkeys(("published", "posted", "released"), "published"),
    **dict.fromkeys(("made", "created", "wrote", "written", "uploaded", "recorded"), "created"),
}
_ALL = frozenset({"everything", "anything", "what", "whatever", "all"})
_HAVE = frozenset({"have", "had", "ever", "'ve", "just"})


def by_me(words: list[Word]) -> list[Word]:
    """`posts I published last week` → `my posts published last week`; `everything I made`, and
    `everything about yoga`, is content.
    """
    if not words or words[0].low in _COUNTING:
        return words
    first, low = words[0], [word.low for word in words]
    if first.low in _ALL and low[1:2] in _CHOOSING:
        return [_as(first, "my"), _as(first, "content"), *words[1:]]
    by = next((n for n in range(2, len(low)) if low[n - 1] == "by" and low[n] in {"me", "us"}), 0)
    if by and low[by - 2] in _MINE:
        did = _as(words[by - 2], _MINE[low[by - 2]])
        noun = [word for word in words[: by - 2] if word.low not in {"that", "which", "were"}]
        return [_as(first, "my"), *noun, did, *words[by + 1 :]]
    at = next((n for n, word in enumerate(words) if word.low in {"i", "we", "i've", "we've"}), 0)
    verb = next((n for n, word in enumerate(words) if n > at and word.low not in _HAVE), 0)
    if not at or not verb or words[verb].low not in _MINE:
        return words
    noun = words[: at - 1] if words[at - 1].low in {"that", "which"} else words[:at]
    if not noun or noun[-1].low in _ALL:
        noun = [*noun[:-1], _as(words[at], "content")]
    did = _as(words[verb], _MINE[words[verb].low])
    return [_as(words[at], "my"), *noun, did, *words[verb + 1 :]]


_COUNTING = frozenset({"number", "count", "how", "total", "average", "sum"})
_CHOOSING = (["about"], ["from"], ["published"], ["created"])


def _as(word: Word, text: str) -> Word:
    return replace(word, text=text, low=text)


def timed(words: list[Word]) -> list[Word]:
    """`yesterday's posts`, `last week's sales` → `posts from yesterday`."""
    at = next((n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE), 0)
    if not 0 < at < len(words) - 1 or period_of(words[:at]) is None:
        return words
    return [
        *words[at + 1 :],
        replace(words[at], text="from", low="from", kind=Is.WORD),
        *words[:at],
    ]


_DID = {
    **dict.fromkeys(("completed", "finished"), "completed"),
    **dict.fromkeys(("bought", "purchased"), "bought"),
    **dict.fromkeys(("viewed", "watched"), "viewed"),
    "liked": "liked",
    "saved": "saved",
    "rated": "rated",
}
"""What somebody did, before the noun: `the student's completed lessons`."""


def did(words: list[Word]) -> list[Word]:
    """`fan's purchased courses this week` → `courses fan bought this week`."""
    at = next((n for n, word in enumerate(words) if word.kind is Is.POSSESSIVE), 0)
    if not 0 < at < len(words) - 2 or words[at + 1].low not in _DID:
        return words
    verb, noun, who = words[at + 1], words[at + 2], words[:at]
    said = replace(verb, text=_DID[verb.low], low=_DID[verb.low])
    return [noun, *who, said, *words[at + 3 :]]

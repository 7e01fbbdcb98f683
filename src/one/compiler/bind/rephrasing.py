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
    if not words or words[0].low not in {"everyone", "everybody", "anyone", "anybody"}:
        return words
    return [replace(words[0], text="people", low="people"), *words[1:]]


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

"""What was given to a model, as passages with their sources, and which of them a question is about.

Passages are ranked by BM25 over what was given and nothing else, so the same question about the
same texts always has the same answer.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_MOST = 200_000  # characters that are looked at
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a about all also an and any are as at be been but by can could did do does for from get"
        " give had has have he her his how i if in into is it its just make many may me more most"
        " much my no not of on or our out she should so some than that the their them then there"
        " these they this those to up us use was we were what when where which who why will with"
        " would you your",
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence as it was given. `source` is the name of the text it stands in."""

    text: str
    source: str
    place: int


def words(text: str) -> list[str]:
    """The words that say something, without their endings."""
    return [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP]


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _texts(value: JsonValue, source: str) -> Iterator[tuple[str, str]]:
    """The texts in a value, each with the name that it goes by."""
    match value:
        case str():
            yield value, source
        case list():
            for item in value:
                yield from _texts(item, source)
        case dict():
            name = value.get("name") or value.get("title")
            inner = name if isinstance(name, str) else source
            for key, item in value.items():
                if key not in ("id", "type", "name", "title"):
                    yield from _texts(item, inner if inner != source else key)
        case _:
            return


@dataclass(frozen=True)
class Passages:
    """All that was given, in order."""

    items: Sequence[Passage]

    @classmethod
    def of(cls, given: dict[str, JsonValue]) -> "Passages":
        found, left = list[Passage](), _MOST
        for name, value in given.items():
            for text, source in _texts(value, name):
                for sentence in _SENTENCE.split(text[:left]):
                    if _WORD.search(sentence):
                        found.append(Passage(sentence.strip(), source, len(found)))
                left = max(0, left - len(text))
        return cls(found)

    @cached_property
    def _bags(self) -> list[Counter[str]]:
        return [Counter(words(passage.text)) for passage in self.items]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word stands in the whole."""
        return sum(self._bags, Counter[str]())

    def _weight(self, word: str) -> float:
        having = sum(word in bag for bag in self._bags)
        return math.log(1 + (len(self._bags) - having + 0.5) / (having + 0.5))

    def about(self, asked: Sequence[str], *, most: int) -> tuple[list[Passage], float]:
        """The passages that the `words` of a question are about, the best first, and how much of
        it they hold: 0 nothing, 1 every word.
        """
        weights = {word: self._weight(word) for word in asked}
        usual = self.counts.total() / max(1, len(self._bags))
        scored = [(self._score(bag, weights, usual), -n) for n, bag in enumerate(self._bags) if bag]
        best = [-n for score, n in sorted(scored, reverse=True)[:most] if score > 0]
        held = {word for n in best for word in self._bags[n]}
        total = sum(weights.values())
        share = sum(weights[word] for word in weights if word in held) / total if total else 0.0
        return [self.items[n] for n in best], round(share, 2)

    def _score(self, bag: Counter[str], weights: dict[str, float], usual: float) -> float:
        long = 1.2 * (0.25 + 0.75 * bag.total() / usual)
        return sum(
            weight * bag[word] * 2.2 / (bag[word] + long)
            for word, weight in weights.items()
            if bag[word]
        )

    def central(self, most: int) -> list[Passage]:
        """The passages made of what the whole says most often, in their order."""
        scored = [
            (sum(self.counts[word] for word in bag) / (len(bag) + 4), -n)
            for n, bag in enumerate(self._bags)
            if bag
        ]
        best = sorted(-n for _, n in sorted(scored, reverse=True)[:most])
        return [self.items[n] for n in best]

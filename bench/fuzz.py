"""Words in any order, half texts, spliced features, loose JSON: each is answered."""

import json
import os
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import process_time

from tests.compiler.world import vocabulary

from bench import Row
from one.clock import monotonic
from one.compiler import check_text, is_technical
from one.compiler.diagnosis import Severity
from one.compiler.format import format_text
from one.compiler.verbs import grammar

_GOOD = Path(__file__).parents[1] / "tests" / "cases" / "good"
_PLAIN = """fan course 's a to as with , : ( ) [ ] { } $5 10% 24 hours they it my me and or not
exists is at least video links - * 1. # // ... $x $(1) €3 9am 🎵 ß İ"""
_ODD = [*_PLAIN.split(), '"', "“", "'", "\u2028", "\u200f", "\x00", "\ufeff"]
_GAPS = ["\n", "\n  ", "\n    - ", "\n\n", "\t", " ", " ", " "]
_CHUNK = 2_000


def rows(full: bool) -> Iterable[Row]:
    """A million texts when `full`, else ten thousand."""
    chunks = range(500 if full else 5)
    begun = monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(_chunk, chunks))
    count = sum(one[0] for one in answers)
    bad = [fault for one in answers for fault in one[1]]
    slowest = max(one[2] for one in answers)
    took = monotonic() - begun
    yield Row("random texts", "-", f"{count:,} in {took:,.0f} s", "all answered", not bad)
    for fault in bad[:10]:
        yield Row("uncaught", "-", fault, "none", holds=False)
    yield Row("slowest of them", "-", f"{slowest * 1000:.0f} ms", "≤ 1 s", slowest <= 1)


def _chunk(seed: int) -> tuple[int, list[str], float]:
    """How many texts were tried, what went wrong, and the longest that one took."""
    chance = random.Random(seed)
    good = [path.read_text("utf-8") for path in sorted(_GOOD.glob("*.one"))]
    faults: list[str] = []
    slowest = 0.0
    for _ in range(_CHUNK):
        make = chance.choice(_MAKERS)
        text = make(chance, good)
        begun = process_time()
        try:
            _try(text)
        except Exception as error:  # whatever it is, it is a fault to be shown
            faults.append(f"{type(error).__name__}: {error} in {text[:200]!r}")
        slowest = max(slowest, process_time() - begun)
    return _CHUNK, faults, slowest


def _try(text: str) -> None:
    """Reads and checks; what compiles must be laid out to the same program at once."""
    report = check_text(text, vocabulary())
    report.as_json()
    if not report.features:
        raise AssertionError("no feature in the report")
    lines = text.count("\n") + text.count("\r") + 1
    for feature in report.features:
        for one in feature.diagnostics:
            if not 1 <= one.span.line <= lines + 1 or one.span.start < 1:
                raise AssertionError(f"{one.code} points outside the text")
    loud = {one.severity for each in report.features for one in each.diagnostics}
    if not is_technical(text) and not loud & {Severity.ERROR, Severity.QUESTION}:
        neat = format_text(text, grammar())
        if format_text(neat, grammar()) != neat:
            raise AssertionError("laid out twice is not laid out once")


def _words(chance: random.Random, good: list[str]) -> str:
    del good
    known = [*grammar().spellings(), *_ODD]
    words = (chance.choice(known) + chance.choice(_GAPS) for _ in range(chance.randint(1, 50)))
    return "FEATURE: x\n" + "".join(words)


def _letters(chance: random.Random, good: list[str]) -> str:
    del good
    return "".join(chr(chance.choice(_LETTERS)(chance)) for _ in range(chance.randint(0, 200)))


_LETTERS: list[Callable[[random.Random], int]] = [
    lambda chance: chance.randint(32, 126),
    lambda chance: chance.randint(0, 0xD7FF),
    lambda chance: chance.choice([10, 32, 34, 39, 58, 91, 93, 36, 123, 125]),
]


def _spliced(chance: random.Random, good: list[str]) -> str:
    """Lines of several good features, shuffled a little."""
    lines = [line for text in chance.sample(good, 2) for line in text.split("\n")]
    for _ in range(chance.randint(1, 6)):
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines[: chance.randint(1, len(lines))])


def _bitten(chance: random.Random, good: list[str]) -> str:
    """A good feature with pieces taken out, doubled or put elsewhere."""
    text = chance.choice(good)
    for _ in range(chance.randint(1, 5)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randint(0, 12))
        put = chance.choice(["", text[start:end] * 2, chance.choice(_ODD), chance.choice(_GAPS)])
        text = text[:start] + put + text[end:]
    return text


def _loose(chance: random.Random, good: list[str]) -> str:
    """A program's JSON with values and keys exchanged."""
    del good
    return json.dumps(
        {"feature": chance.choice(["x", 1, None]), "flow": [_value(chance, 4), _value(chance, 3)]}
    )


def _value(chance: random.Random, depth: int) -> object:
    if depth and chance.random() < 0.7:
        keys = ["if", "then", "condition", "entity", "type", "wait", "output", "atomic", "set"]
        keys += ["forEach", "in", "do", "service", "provider", "params", "onError", "retry", "try"]
        count = chance.randint(0, 3)
        if chance.random() < 0.3:
            return [_value(chance, depth - 1) for _ in range(count)]
        return {chance.choice(keys): _value(chance, depth - 1) for _ in range(count)}
    return chance.choice(["$x", "$(1 +", "5s", "course", 1, -2.5, None, True, "{a}", "$" * 9, ""])


_MAKERS = [_words, _letters, _spliced, _bitten, _bitten, _loose]

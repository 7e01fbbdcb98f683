"""Slips of the pen: every word of a good feature left out, swapped, misspelt; every line moved.

`mutants(text)` gives them in a fixed order; `end_of(text, mutant)` is what becomes of one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from one.compiler import FeatureReport, check_text
from one.compiler.diagnosis import Applies, Diagnostic, Fix, Severity
from one.compiler.mending import apply_edits
from one.compiler.reader import Is, Word, read
from one.errors import JSON
from tests.compiler.world import vocabulary

LOUD = {Severity.ERROR, Severity.QUESTION, Severity.WARNING}


class Slip(StrEnum):
    """What happened to a word or a line."""

    LEFT_OUT = "left out"
    SWAPPED = "swapped"
    MISSPELT = "misspelt"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one slip; `line` is where, `word` what was touched, `quoted` inside a text."""

    slip: Slip
    line: int
    word: str
    text: str
    quoted: bool = False


_FREE = (
    r"[\s*#]*feature\b.*",  # a title
    r"\s*([-*]|\d+[.)])?\s*\**[\w ]+\**\s*[:–-](?!\s*$).*",  # what an input is
    r".*\bcall\**\s+\**(open ?ai|ai|gpt)\b.*",  # what a model is asked
    r"\W*(step|define|wait until)\b.*",  # a name, a phrase, something awaited
    r".*\b(called|save as|about|otherwise)\b.*",  # a name, words for people
)


def is_free(text: str, mutant: Mutant) -> bool:
    """Whether the slip is among words that may be anything: another one is another true text."""
    line = text.split("\n")[mutant.line - 1]
    return mutant.quoted or any(re.fullmatch(one, line, re.IGNORECASE) for one in _FREE)


class Fate(StrEnum):
    """What became of it. `SILENT`: it means something else and nothing at all was said."""

    SAME = "the same program"
    ONE = "one diagnostic"
    MANY = "several diagnostics"
    NOTED = "another program, with a note"
    SILENT = "another program, nothing said"


def mutants(text: str) -> Iterator[Mutant]:
    """Every slip of every word and line."""
    lines = text.split("\n")
    for line in read(text):
        words = [word for word in line.words if word.span.line == line.number]
        for n, word in enumerate(words):
            yield _mutant(lines, word, Slip.LEFT_OUT, _without(lines, word))
            if n + 1 < len(words):
                yield _mutant(lines, word, Slip.SWAPPED, _swapped(lines, word, words[n + 1]))
            if word.kind is Is.WORD and len(word.text) > 2:
                yield _mutant(lines, word, Slip.MISSPELT, _misspelt(lines, word))
        if words:
            yield from _moved(lines, words[0])


def _mutant(lines: list[str], word: Word, slip: Slip, changed: str) -> Mutant:
    at = word.span.line - 1
    text = "\n".join([*lines[:at], changed, *lines[at + 1 :]])
    return Mutant(slip, word.span.line, word.text, text, word.kind is Is.TEXT)


def _without(lines: list[str], word: Word) -> str:
    line = lines[word.span.line - 1]
    before, after = line[: word.span.start - 1], line[word.span.end - 1 :]
    return before + (after.removeprefix(" ") if before.endswith(" ") or not before else after)


def _swapped(lines: list[str], word: Word, other: Word) -> str:
    line = lines[word.span.line - 1]
    one, two = (line[each.span.start - 1 : each.span.end - 1] for each in (word, other))
    between = line[word.span.end - 1 : other.span.start - 1]
    return line[: word.span.start - 1] + two + between + one + line[other.span.end - 1 :]


def _misspelt(lines: list[str], word: Word) -> str:
    """The middle letter left out, doubled or turned, by the length of the word."""
    line, text = lines[word.span.line - 1], word.text
    at = len(text) // 2
    wrong = (
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
    )[len(text) % 3]
    start = word.span.start - 1
    return line[:start] + wrong + line[start + len(text) :]


def _moved(lines: list[str], word: Word) -> Iterator[Mutant]:
    line = lines[word.span.line - 1]
    yield _mutant(lines, word, Slip.MOVED, "  " + line)
    if line.startswith(" "):
        yield _mutant(lines, word, Slip.MOVED, line[2:] if line.startswith("  ") else line[1:])


@cache
def _read(text: str) -> tuple[JSON, tuple[Diagnostic, ...]]:
    report = check_text(text, vocabulary())
    said = tuple(one for each in report.features for one in each.diagnostics)
    return [each.program.canonical() for each in report.features], said


@dataclass(frozen=True, slots=True)
class End:
    """The fate of a mutant and what was newly said."""

    fate: Fate
    said: tuple[Diagnostic, ...]
    hollow: bool = False
    """Whether a program has a hole that nothing asks or accuses."""

    def points_at(self, line: int) -> bool:
        """Whether something loud is said of the line."""
        return any(one.span.line <= line <= one.span.ending_line for one in self.loud)

    @property
    def loud(self) -> list[Diagnostic]:
        return [one for one in self.said if one.severity in LOUD]


def end_of(text: str, mutant: Mutant) -> End:
    """What became of a mutant, beside what was said of the text before."""
    program, before = _read(text)
    report = check_text(mutant.text, vocabulary())
    known = Counter((one.code, one.message) for one in before)
    new: list[Diagnostic] = []
    for each in report.features:
        for one in each.diagnostics:
            if known[one.code, one.message] > 0:
                known[one.code, one.message] -= 1
            else:
                new.append(one)
    loud = [one for one in new if one.severity in LOUD]
    hollow = any(is_hollow(each) for each in report.features)
    if loud:
        return End(Fate.ONE if len(loud) == 1 else Fate.MANY, tuple(new), hollow)
    if [each.program.canonical() for each in report.features] == program:
        return End(Fate.SAME, tuple(new), hollow)
    return End(Fate.NOTED if new else Fate.SILENT, tuple(new), hollow)


def is_hollow(report: FeatureReport) -> bool:
    """Whether the program has a hole, though no error and no question says so."""
    return "$hole(" in str(report.program.canonical()) and not any(
        one.open for one in report.diagnostics
    )


def loud_codes(text: str) -> Counter[str]:
    """The codes of all errors, questions and warnings of a text."""
    report = check_text(text, vocabulary())
    found = [one for each in report.features for one in each.diagnostics]
    return Counter(one.code for one in found if one.severity in LOUD)


def safe_fixes(one: Diagnostic) -> list[Fix]:
    return [fix for fix in one.fixes if fix.applies is Applies.SAFE]


def mends(text: str, code: str, fix: Fix, *, beside: str = "") -> bool:
    """Whether the fix takes a diagnostic away, and adds none that `beside` hasn't either."""
    before, after = loud_codes(text), loud_codes(apply_edits(text, fix.edits))
    return after <= before + loud_codes(beside) and after[code] < before[code]

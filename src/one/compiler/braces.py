"""Curly braces around commands, as other languages write blocks: told once, and read without."""

from collections.abc import Sequence

from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity
from one.compiler.reader import Is, Line, Stuff, Word

_BRACES = frozenset({"{", "}"})
_AROUND = frozenset({"{", "}", ";"})


def without_braces(lines: Sequence[Line], findings: Findings) -> Sequence[Line]:
    """The lines without braces that open or close a block."""
    found = [_bare(line) if "{" in line.raw or "}" in line.raw else line for line in lines]
    braces = [
        word
        for line, bare in zip(lines, found, strict=True)
        if bare is not line
        for word in (*line.words[:1], *line.words[-1:])
        if word.kind is Is.MARK and word.text in _BRACES
    ]
    if braces:
        edits = tuple(Edit(span, "") for span in dict.fromkeys(one.span for one in braces))
        fix = Fix("Take the braces away", edits, Applies.MAYBE)
        said = "Curly braces say nothing here: what is indented under a command belongs to it."
        findings.say(Severity.ERROR, ("E114", braces[0].span, said), fixes=[fix])
    return found if braces else lines


def _bare(line: Line) -> Line:
    """The line without an open brace at its end and a closed one at either."""
    if line.kind is not Stuff.WORDS or (line.words and line.words[0].low == "exactly"):
        return line
    words = line.words
    if _count(words, "{") == _count(words, "}") and not _turns(words):
        return line
    while words and words[0].kind is Is.MARK and words[0].text == "}":
        words = words[1:]
    while words and words[-1].kind is Is.MARK and words[-1].text in _AROUND:
        words = words[:-1]
    return line.with_words(words)


def _turns(words: Sequence[Word]) -> bool:
    """`} else {`."""
    return len(words) > 1 and words[0].text == "}" and words[-1].text == "{"


def _count(words: Sequence[Word], mark: str) -> int:
    return sum(word.text == mark for word in words)

"""Quotes inside quotes and brackets without their other half: told once, and read as meant."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity
from one.compiler.reader import Is, Line, Span, Word


def in_pairs(line: Line, findings: Findings) -> Line:
    """The line with each quote whole and without a ( that nothing closes."""
    if line.raw.count('"') > 2:
        line = _one_quote(line, findings)
    if "(" in line.raw and line.words[0].low != "exactly":
        line = _closed(line, findings)
    return line


def _one_quote(line: Line, findings: Findings) -> Line:
    """`"He said "hello" to me"`: one text, with single quotes inside."""
    words = line.words
    start = next((n for n in range(len(words) - 2) if _breaks(words, n)), -1)
    ends = [n for n in range(start + 2, len(words)) if words[n].kind is Is.TEXT and words[n].glued]
    if start < 0 or not ends or words[ends[-1]].broken:
        return line
    first, last = words[start], words[ends[-1]]
    place = first.span.to(last.span)
    inner = line.raw[place.start : place.end - 2]
    said = inner.replace('"', "'")
    edits = tuple(
        Edit(Span(place.line, at, at + 1), "'")
        for at in (place.start + 1 + n for n, letter in enumerate(inner) if letter == '"')
    )
    fix = Fix("Write single quotes inside", edits, Applies.MAYBE)
    why = "A quote ends at the next one of its kind. Inside a text stand single quotes."
    message = "A quote stands inside this quote."
    findings.say(Severity.ERROR, ("E102", place, message), fixes=[fix], why=why)
    whole = replace(first, text=said, low=said.casefold(), span=place)
    return line.with_words([*words[:start], whole, *words[ends[-1] + 1 :]])


def _breaks(words: Sequence[Word], n: int) -> bool:
    """Whether a word stands straight behind a text, as no end of one does."""
    after = words[n + 1]
    return words[n].kind is Is.TEXT and after.glued and after.kind in {Is.WORD, Is.NUMBER}


def _closed(line: Line, findings: Findings) -> Line:
    """The line without the last ( that no ) closes."""
    open_: list[int] = []
    for n, word in enumerate(line.words):
        if word.kind is Is.MARK and word.text == "(":
            open_.append(n)
        elif word.kind is Is.MARK and word.text == ")" and open_:
            open_.pop()
    if not open_ or len(line.words) == 1 or _smiles(line.words, open_[-1]):
        return line
    at = line.words[open_[-1]].span
    fix = Fix("Take the ( away", (Edit(at, ""),), Applies.MAYBE)
    findings.say(Severity.ERROR, ("E103", at, "This ( has no closing ) on its line."), fixes=[fix])
    return line.with_words([word for n, word in enumerate(line.words) if n != open_[-1]])


def _smiles(words: Sequence[Word], n: int) -> bool:
    """`:(`."""
    return words[n].glued and n > 0 and words[n - 1].text in {":", ";", "-"}

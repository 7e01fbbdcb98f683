"""Gaps in a command: a comma, an AND or an OF with nothing beside it, told where it stands."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from one.compiler.bind.session import Reading
from one.compiler.grammar import Command
from one.compiler.reader import Is, Span, Word

_LISTS = frozenset({"WITH", "VIA", "IN"})
_LISTING = frozenset({"GIVE", "COMBINE", "TAG"})
_JOINING = frozenset({",", "and", "or"})
_FREE = frozenset({"CALL", "SEND", "NOTIFY", "SHOW", "DEFINE", "EXACTLY", "STREAM"})
"""Commands whose own words are anybody's."""


def check_gaps(reading: Reading, command: Command) -> None:
    """Reports what is missing beside a joining word, once for a command."""
    for said, span in _gaps(command):
        reading.error("E204", said, at=span)
        return


def _gaps(command: Command) -> Iterator[tuple[str, Span]]:
    name = command.verb.name
    if not name:
        return
    if name in _LISTING:
        yield from _beside(command.words)
        yield from _leading(command.line.raw, command.key, command.words)
    if name not in _FREE:
        yield from _open_end(command.words)
    if name == "GET" and command.words[-1:] and command.words[-1].low in {"by", "from", "about"}:
        last = command.words[-1]
        yield f"Something is missing after “{last.low}”.", last.span
    for clause in command.clauses:
        if clause.name in _LISTS:
            yield from _beside(clause.words)
            yield from _leading(clause.line.raw, clause.key, clause.words)


def _beside(words: Sequence[Word]) -> Iterator[tuple[str, Span]]:
    """Two commas, or `and` at an end."""
    if _JOINING.isdisjoint([word.low for word in words]):
        return
    for one, other in pairwise(words):
        if one.text == other.text == "," and one.kind is other.kind is Is.MARK:
            yield "Something is missing between these commas.", one.span.to(other.span)
    for word in (words[:1], words[-1:]):
        if word and word[0].low in {"and", "or"} and word[0].kind is Is.WORD:
            yield f"Something is missing beside this “{word[0].low}”.", word[0].span


def _leading(line: str, key: Span, words: Sequence[Word]) -> Iterator[tuple[str, Span]]:
    """A comma straight after the clause, or the colon of a tag without its category."""
    first = words[0].span if words else key
    between = line[key.end - 1 : first.start - 1] if first.line == key.line else ""
    if between in {"", " "}:
        return
    if "," in between:
        at = key.end + between.index(",")
        yield "Something is missing before this comma.", Span(key.line, at, at + 1)
    elif between.startswith(" ") and between.endswith(":"):
        at = first.start - 1
        yield "Something is missing before this colon.", Span(key.line, at, at + 1)


def _open_end(words: Sequence[Word]) -> Iterator[tuple[str, Span]]:
    if not words or words[-1].low != "of" or words[-1].kind is not Is.WORD:
        return
    if "as" not in [word.low for word in words[-5:-2]]:  # `as part of`, `as a version of`
        yield "Of what? Something is missing here.", words[-1].span

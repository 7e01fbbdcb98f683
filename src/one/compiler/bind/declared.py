"""A name that is spelt one way where it is made and another way everywhere else."""

import re

from one.compiler.bind.session import Name, Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.grammar import Command
from one.compiler.layout import Outline
from one.compiler.reader import Span
from one.compiler.vocabulary import spaced

_WORDS = re.compile(r"[^\W_]+")


def tell_misdeclared(reading: Reading, said: str, name: Name) -> bool:
    """Told where it is made, when nothing else says it so and the rest says the other."""
    made, meant = spaced(name.name).casefold(), said.casefold()
    lines = _raw(reading.outline).items()
    others = [_spelt(raw) for number, raw in lines if number != name.span.line]
    if any(f" {made} " in text for text in others):
        return False
    if not _is_likelier(reading, meant, than=made):
        uses = sum(f" {meant} " in text for text in others)
        if uses < 2 and f" {meant} " not in _spelt(reading.outline.title):
            return False
    place = _place(reading.outline, name.span.line, made)
    if place is None or name.source not in {"input", "saved", "branch", "trigger", "loop"}:
        return False
    fix = Fix(f"Write {said}", (Edit(place, said),), Applies.MAYBE)
    message = f"“{made}” is said only here; further down it is “{said}”."
    reading.error("E301", message, fix, names=(said,), at=place)
    return True


def _is_likelier(reading: Reading, meant: str, *, than: str) -> bool:
    """Whether the last word of one is a noun that is known, and the other's is none."""
    vocabulary = reading.vocabulary
    known = [
        vocabulary.is_person_word(last) or vocabulary.entity_of(last) is not None
        for last in (one.rpartition(" ")[2] for one in (meant, than))
    ]
    return known == [True, False]


def _place(outline: Outline, line: int, said: str) -> Span | None:
    """Where the words stand on their line."""
    raw = next((raw for number, raw in _raw(outline).items() if number == line), "")
    spelt = r"[\W_]+".join(map(re.escape, said.split()))
    found = re.search(rf"(?<![^\W_]){spelt}(?![^\W_])", raw, re.IGNORECASE)
    return Span(line, found.start() + 1, found.end() + 1) if found else None


def _spelt(text: str) -> str:
    return f" {' '.join(_WORDS.findall(text.casefold()))} "


def _raw(outline: Outline) -> dict[int, str]:
    """The lines of a feature by their numbers."""
    found: dict[int, str] = {}
    for slot in (*outline.inputs, *outline.outputs):
        found[slot.line.number] = slot.line.raw
    for command in outline.commands:
        found |= _of(command)
    return found


def _of(command: Command) -> dict[int, str]:
    found = {command.line.number: command.line.raw}
    for clause in command.clauses:
        found[clause.line.number] = clause.line.raw
        for inner in clause.body:
            found |= _of(inner)
    for inner in command.body:
        found |= _of(inner)
    return found

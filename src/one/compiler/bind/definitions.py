"""DEFINE: phrases that a file or a project teaches, and their use as nouns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from one.compiler.bind.choosing import Asked, where
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.queries import emit_query, read_get
from one.compiler.bind.session import Reading
from one.compiler.expression import Ref
from one.compiler.grammar import Command
from one.compiler.light import frozen
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import key_of, singular

MAX_NESTED = 8


@frozen
class Definition:
    """A phrase with `[slots]`, what it stands for, and the condition of its rows."""

    said: tuple[Word, ...]
    means: tuple[Word, ...]
    where: tuple[Word, ...] = ()


def definitions_in(commands: Sequence[Command]) -> Iterator[Definition]:
    """Every DEFINE among the commands."""
    for command in commands:
        if command.verb.name != "DEFINE":
            continue
        meaning, limits = command.clause("AS"), command.clause("WHERE")
        if meaning and meaning.words and command.words:
            rows = tuple(limits.words) if limits else ()
            yield Definition(tuple(strip(command.words)), tuple(meaning.words), rows)


def expand(
    reading: Reading, words: Sequence[Word], definitions: Sequence[Definition]
) -> Typed | None:
    """What a defined phrase means here."""
    if reading.nested >= MAX_NESTED:
        return None
    for definition in definitions:
        slots = _match(list(definition.said), list(words))
        if slots is None:
            continue
        outer, own = reading.filled, [*slots.values()]
        runs = [*own, *([word] for run in own for word in run)]
        reading.filled = frozenset(key_of(phrase(run)) for run in runs)
        reading.nested += 1
        found = _read(reading, definition, slots, words)
        reading.nested -= 1
        reading.filled = outer
        return found
    return None


def _read(
    reading: Reading, definition: Definition, slots: dict[str, list[Word]], words: Sequence[Word]
) -> Typed | None:
    span = whole(list(words))
    found = read_get(reading, _filled(definition.means, slots), span)
    if not isinstance(found, Asked):
        return found
    if key_of(singular(words[-1].low)) != key_of(words[-1].low):
        found.many = True  # super fans are several, also where one is defined
    if definition.where:
        where(reading, found, _filled(definition.where, slots))
    output = reading.fresh(phrase(words))
    kind = emit_query(reading, found, output, span=span)
    name = reading.names[key_of(output)]
    reading.names[key_of(output)] = replace(name, kind=kind, source="derived", span=span)
    return Typed(Ref(output), kind)


def _match(said: list[Word], words: list[Word]) -> dict[str, list[Word]] | None:
    """The words that fill each slot, or None when the phrase is another."""
    if not said:
        return {} if not words else None
    if not words:
        return None
    if said[0].kind is not Is.SLOT:
        same = key_of(singular(said[0].low)) == key_of(singular(words[0].low))
        return _match(said[1:], words[1:]) if same else None
    for count in range(1, len(words) + 1):
        rest = _match(said[1:], words[count:])
        if rest is not None:
            return {said[0].low: words[:count], **rest}
    return None


def _filled(words: Sequence[Word], slots: dict[str, list[Word]]) -> list[Word]:
    found: list[Word] = []
    for word in words:
        found.extend(slots.get(word.low, [word]) if word.kind is Is.SLOT else [word])
    return found

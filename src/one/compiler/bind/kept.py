"""Properties of the writer's own: numbers that some command of the feature keeps."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from one.compiler.grammar import Command, place_of
from one.compiler.reader import Is
from one.compiler.vocabulary import key_of

_KEEPING = frozenset({"ADD", "SUBTRACT", "SET", "UPDATE"})
_ENDS = frozenset({"to", "by", "=", "from"})


def is_kept(commands: Sequence[Command], said: str) -> bool:
    """Whether one of the commands, wherever it stands, changes such a property of something."""
    return any(key_of(said) == key for command in _all(commands) for key in _changed(command))


def _all(commands: Sequence[Command]) -> Iterator[Command]:
    for command in commands:
        yield command
        yield from _all(command.body)
        for clause in command.clauses:
            yield from _all(clause.body)


def _changed(command: Command) -> Iterator[str]:
    """`1 to fan's visits`, `fan's streak to 0`: what belongs to somebody, before the new value."""
    if command.verb.name not in _KEEPING:
        return
    at = place_of(command.words, {"to", "by"})
    if command.verb.name == "SET" and [one.kind for one in command.words[at + 1 :]] != [Is.NUMBER]:
        return  # what is set may be a text
    for n, word in enumerate(command.words):
        if word.kind is Is.POSSESSIVE:
            after = takewhile(lambda one: one.low not in _ENDS, command.words[n + 1 :])
            yield key_of(" ".join(one.text for one in after))

"""SET: gives a property or a saved name a new value."""

from one.compiler.bind.changes import set_to
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.leftover import tell_left, turns
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb
from one.compiler.program import Step
from one.compiler.reader import Is, Word, whole


def read(command: Command, reading: Reading) -> None:
    """`the course's price to $20`, `total to 5`; a name that nothing binds yet is new."""
    words = strip(command.words)
    places = [
        n
        for n, word in enumerate(words)
        if n and word.kind in {Is.WORD, Is.MARK} and word.low in {"to", "=", ":"}
    ]
    if not places or places[0] + 1 >= len(words):
        reading.error(
            "E204", "SET what to what?", why="Write SET the course's price to $20.", at=command.span
        )
        return
    named, wanted = strip(words[: places[0]]), words[places[0] + 1 :]
    plain = all(word.kind is Is.WORD for word in named) and len(named) < 4
    if plain and reading.find(phrase(named)) is None and _is_new(reading, named):
        found = value(reading, wanted, command.span)
        tell_left(reading, [word for word in named if turns(word)])
        output = reading.save(phrase(named), found.kind, span=whole(named))
        reading.emit(Step(set={output: found.tree}), command.span)
        return
    set_to(reading, named, wanted, span=command.span)


def _is_new(reading: Reading, named: list[Word]) -> bool:
    """Whether this is no property: `guest share` is a name where a guest has no share."""
    known = reading.find(named[0].text)
    whose = named[0].low in _WHOSE
    if len(named) == 1 or not (whose or known):
        return not whose
    slips = known is not None and any(
        reading.vocabulary.entity(one).near(phrase(named[1:])) for one in known.kind.types
    )
    things = whose and named[0].low != "my"
    return not slips and not things and not attempt_quietly(reading, named)


_WHOSE = frozenset({"my", "their", "its", "his", "her"})


VERBS = (
    Verb(
        name="SET",
        read=read,
        pattern=frozenset({"to"}),
        says="Gives a property or a name a new value.",
        example="""FEATURE: New price
INPUT:
  - course: which one
SET course's price to $25
""",
    ),
)

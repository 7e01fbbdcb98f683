"""UPDATE: changes properties of a thing."""

from one.compiler.bind.changes import moved, set_to, update_thing
from one.compiler.bind.names import strip
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb, place_of
from one.compiler.reader import Is


def read(command: Command, reading: Reading) -> None:
    """`the course's price to $20`, or a thing with WITH, SET, ADD or SUBTRACT."""
    words = strip(command.words)
    if not words:
        reading.error("E204", "UPDATE what?", at=command.key)
        return
    places = [
        n
        for n, word in enumerate(words)
        if n and word.kind in {Is.WORD, Is.MARK} and word.low in {"to", "="}
    ]
    if places and places[0] + 1 < len(words):
        set_to(reading, words[: places[0]], words[places[0] + 1 :], span=command.span)
        return
    by = place_of(words, {"by"})
    counted = by and by + 1 < len(words) and words[by + 1].kind in _AMOUNTS
    if counted and any(word.kind is Is.POSSESSIVE for word in words[:by]):
        moved(command, reading, "add", amount=words[by + 1 :], of=words[:by])
        return
    update_thing(command, reading, words)


_AMOUNTS = frozenset({Is.NUMBER, Is.MONEY})
"""What `UPDATE fan's points by 5` adds."""


VERBS = (
    Verb(
        name="UPDATE",
        read=read,
        clauses=frozenset({"WITH", "SET", "ADD", "SUBTRACT"}),
        pattern=frozenset({"to"}),
        loose=frozenset({"WITH", "SET"}),
        says="Changes properties of a thing.",
        example="""FEATURE: Retitle
INPUT:
  - video: which one
  - new summary: what to say of it
UPDATE video WITH summary new summary
""",
    ),
)

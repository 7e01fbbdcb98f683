"""ADD: changes a number by some amount, at once."""

from one.compiler.bind.changes import moved
from one.compiler.bind.names import strip
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb
from one.compiler.reader import Is


def read(command: Command, reading: Reading) -> None:
    """An amount and what it changes."""
    words = strip(command.words)
    places = [n for n, word in enumerate(words) if n and word.low == "to" and word.kind is Is.WORD]
    if not places or places[0] + 1 >= len(words):
        reading.error(
            "E204",
            "ADD how much to what?",
            why="Write ADD 10 to the fan's token balance.",
            at=command.span,
        )
        return
    moved(command, reading, "add", amount=words[: places[0]], of=words[places[0] + 1 :])


VERBS = (
    Verb(
        name="ADD",
        read=read,
        pattern=frozenset({"to"}),
        says="Changes a number by some amount.",
        example="""FEATURE: Thank a member
INPUT:
  - member: who helped
ADD 5 to member's token balance
""",
    ),
)

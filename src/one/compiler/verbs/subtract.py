"""SUBTRACT: changes a number by some amount, at once."""

from one.compiler.bind.changes import moved
from one.compiler.bind.names import strip
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb
from one.compiler.reader import Is


def read(command: Command, reading: Reading) -> None:
    """An amount and what it changes."""
    words = strip(command.words)
    places = [
        n for n, word in enumerate(words) if n and word.low == "from" and word.kind is Is.WORD
    ]
    if not places or places[0] + 1 >= len(words):
        reading.error(
            "E204",
            "SUBTRACT how much from what?",
            why="Write SUBTRACT 10 from the fan's token balance.",
            at=command.span,
        )
        return
    moved(command, reading, "subtract", amount=words[: places[0]], of=words[places[0] + 1 :])


VERBS = (
    Verb(
        name="SUBTRACT",
        read=read,
        pattern=frozenset({"from"}),
        says="Changes a number by some amount.",
        example="""FEATURE: Spend points
INPUT:
  - member: who pays
SUBTRACT 5 from member's token balance
""",
    ),
)

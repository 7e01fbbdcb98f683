"""DISCONNECT: ends a relation between two."""

from one.compiler.bind.endings import end_between
from one.compiler.bind.names import strip
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Two ends, and the relation between them when it is said."""
    words, _, role = cut_at(command.words, "as")
    left, mark, right = cut_at(words, "from", "and", "with", "to")
    if not mark or not left or not right:
        reading.error("E204", "DISCONNECT what from what?", at=command.span)
        return
    end_between(reading, left, right, role=strip(role), span=command.span)


VERBS = (
    Verb(
        name="DISCONNECT",
        read=read,
        pattern=frozenset({"from", "as", "to"}),
        says="Ends a relation between two.",
        example="""FEATURE: Leave the choir
INPUT:
  - singer: who leaves
  - choir: the community they leave
DISCONNECT singer from choir
""",
    ),
)

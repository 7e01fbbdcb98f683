"""ARCHIVE: puts a thing aside."""

from one.compiler.bind.changes import life
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Each thing named."""
    life(command, reading, "archive")


VERBS = (
    Verb(
        name="ARCHIVE",
        read=read,
        says="Puts a thing aside.",
        example="""FEATURE: Close the season
INPUT:
  - course: which one
ARCHIVE course
""",
    ),
)

"""RESTORE: brings back what was deleted or archived."""

from one.compiler.bind.changes import life
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Each thing named."""
    life(command, reading, "restore")


VERBS = (
    Verb(
        name="RESTORE",
        read=read,
        says="Brings back what was deleted or archived.",
        example="""FEATURE: Bring it back
INPUT:
  - podcast: which one
RESTORE podcast
""",
    ),
)

"""DELETE: takes a thing away; RESTORE brings it back."""

from one.compiler.bind.changes import life
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Each thing named."""
    life(command, reading, "delete")


VERBS = (
    Verb(
        name="DELETE",
        read=read,
        says="Takes a thing away; RESTORE brings it back.",
        example="""FEATURE: Drop a draft
INPUT:
  - draft: which video
DELETE draft
""",
    ),
)

"""PUBLISH: shows a thing to the world."""

from one.compiler.bind.changes import life
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Each thing named."""
    life(command, reading, "publish")


VERBS = (
    Verb(
        name="PUBLISH",
        read=read,
        says="Shows a thing to the world.",
        example="""FEATURE: Go public
INPUT:
  - video: which one
PUBLISH video
""",
    ),
)

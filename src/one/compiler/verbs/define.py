"""DEFINE: teaches the project a noun."""

from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Definitions are gathered before the flow is read; here nothing is left to do."""
    if not command.words:
        reading.error("E204", "DEFINE what?", at=command.key)


VERBS = (
    Verb(
        name="DEFINE",
        read=read,
        clauses=frozenset({"AS", "WHERE"}),
        pattern=frozenset({"for", "in"}),
        says="Gives a phrase a meaning.",
        example="""FEATURE: Loyal ones
INPUT:
  - course: which one
DEFINE loyal fans AS my followers
NOTIFY me ABOUT "Done"
""",
    ),
)

"""DEFINE: teaches the project a noun."""

from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Definitions are gathered before the flow is read; here only what is missing is told."""
    missing = "DEFINE what?" if not command.words else "DEFINE it AS what?"
    if not command.words or command.clause("AS") is None:
        reading.error("E204", missing, at=command.span)


VERBS = (
    Verb(
        name="DEFINE",
        read=read,
        clauses=frozenset({"AS", "WHERE"}),
        pattern=frozenset({"for", "in"}),
        loose=frozenset({"AS"}),
        says="Gives a phrase a meaning.",
        example="""FEATURE: Loyal ones
DEFINE loyal fans AS my followers
FOR EACH fan IN loyal fans
  NOTIFY fan ABOUT "Thank you"
""",
    ),
)

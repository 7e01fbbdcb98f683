"""DEFINE: teaches the project a noun."""

from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb


def read(command: Command, reading: Reading) -> None:
    """Definitions are gathered before the flow is read; here nothing is left to do."""
    if not command.words:
        reading.error("E204", "DEFINE what?", at=command.key)
    elif command.clause("AS") is None:
        reading.error("E204", "DEFINE it AS what?", at=command.span)


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

"""DEFINE: teaches the project a noun."""

from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb
from one.compiler.reader import Is


def read(command: Command, reading: Reading) -> None:
    """Definitions are gathered before the flow is read; here only what is missing is told."""
    missing = "DEFINE what?" if not command.words else "DEFINE it AS what?"
    if not command.words or command.clause("AS") is None:
        reading.error("E204", missing, at=command.span)
        return
    meaning = [word for clause in command.clauses for word in clause.words]
    used = {word.low for word in meaning if word.kind is Is.SLOT}
    for word in command.words:
        if word.kind is Is.SLOT and word.low not in used:
            why = f"Say [{word.text}] after AS too, or leave it out."
            reading.warn("E610", f"“{word.text}” is never used.", why=why, at=word.span)


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

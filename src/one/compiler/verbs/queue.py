"""ADD TO QUEUE: work for later."""

import re

from one.compiler.bind.session import Reading
from one.compiler.grammar import Body, Command, Verb
from one.compiler.program import Later, Step
from one.compiler.reader import join, whole

_WHEN = re.compile(
    r"(?:it is |it's |the \w+ is )?(?:idle|quiet|free|not busy)"
    r"|(?:at )?(?:night|noon|midnight)|tonight|(?:at )?\d{1,2}(?::\d\d)? ?(?:am|pm)?"
    r"|(?:within|in|after) (?:\d+|an?|one) "
    r"(?:second|minute|min|hour|day|week)s?|tomorrow|later|possible"
)


def read(command: Command, reading: Reading) -> None:
    """The steps, and when they may run."""
    if not command.body:
        reading.error("E112", "ADD TO QUEUE what? There is no command under it.", at=command.span)
    branch = reading.block(command.body)
    clause = command.clause("PROCESS WHEN")
    when = join(clause.words).casefold() if clause and clause.words else None
    if clause and when and not _WHEN.fullmatch(when):
        said = f"I don't understand “{join(clause.words)}” here."
        why = "Say idle, at night, at 9pm or within 1 hour."
        reading.error("E205", said, why=why, at=whole(clause.words))
    if clause and when is None:
        reading.error(
            "E204", "PROCESS WHEN what? Say idle, at night or within 1 hour.", at=clause.key
        )
    reading.emit(Step(later=Later(do=branch.steps, when=when)), command.span)
    for key, name in branch.bound.items():
        if key not in reading.names:
            reading.gone[key] = ("queue", name.span)


VERBS = (
    Verb(
        name="ADD TO QUEUE",
        phrases=("ADD TO THE QUEUE",),
        read=read,
        clauses=frozenset({"PROCESS WHEN"}),
        body=Body.RUN,
        closers=("PROCESS WHEN",),
        says="Does its commands later.",
        example="""FEATURE: Later
INPUT:
  - notes: text
ADD TO QUEUE:
  CALL OpenAI to summarize WITH notes
PROCESS WHEN idle
""",
    ),
)

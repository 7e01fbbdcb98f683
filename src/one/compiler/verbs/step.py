"""STEP: a named part whose end is remembered."""

from one.compiler.bind.literals import count_of
from one.compiler.bind.session import Reading
from one.compiler.grammar import Body, Command, Verb
from one.compiler.program import Checkpoint, Step
from one.compiler.reader import Is, join


def read(command: Command, reading: Reading) -> None:
    """Number, title and body."""
    words = [
        word
        for word in command.words
        if word.kind is not Is.MARK or word.text not in {":", "-", "–", "."}
    ]
    number = count_of(words[0]) if words and words[0].kind is Is.NUMBER else None
    title = words[1:] if number is not None else words
    if not title and number is None:
        reading.error("E204", "STEP needs a number or a name.", at=command.key)
    if not command.body:
        reading.error("E112", "There is no command in this step.", at=command.span)
    branch = reading.block(command.body)
    name = join(title) if title else f"Step {number}"
    reading.emit(Step(step=Checkpoint(name=name, number=number, do=branch.steps)), command.span)
    reading.keep(branch, lambda kind: kind)


VERBS = (
    Verb(
        name="STEP",
        read=read,
        body=Body.STEP,
        says="A named part of the flow, remembered when it is done.",
        example="""FEATURE: Two steps
INPUT:
  - notes: text
STEP 1 Read:
  CALL OpenAI to summarize WITH notes SAVE AS summary
STEP 2 Tell:
  NOTIFY me ABOUT summary
""",
    ),
)

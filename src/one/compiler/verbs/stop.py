"""STOP: the end, with nothing to answer."""

from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.grammar import Command, Verb
from one.compiler.program import Step
from one.compiler.reader import Is, join


def read(command: Command, reading: Reading) -> None:
    """The end of the run; what is to be stopped otherwise is told."""
    if command.words:
        what = join(command.words)
        said = command.words[-1]
        text = f"GIVE {join([said])}" if said.kind is Is.TEXT else ""
        line, title = (text, f"Answer with it: {text}") if text else ("STOP HERE", "Stop here")
        fix = Fix(title, (Edit(command.span, line),), Applies.MAYBE)
        why = "A relation ends with END fan follows creator; a call is undone by its own CALL."
        said = f"STOP ends this feature; it can't stop “{what}”."
        reading.error("E204", said, fix, why=why, at=command.span)
        return
    reading.emit(Step(return_={}), command.span)


VERBS = (
    Verb(
        name="STOP HERE",
        phrases=("STOP",),
        read=read,
        says="Ends the feature, with nothing to answer.",
        example="""FEATURE: Greet newcomers
WHEN a fan follows me
IF fan is a member of my community
  STOP HERE
NOTIFY fan ABOUT "Come and join us"
""",
    ),
)

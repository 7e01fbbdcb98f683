"""EXACTLY: one step as the Technical DSL writes it, inside plain English."""

from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.session import Reading
from one.compiler.checker import kinds_of
from one.compiler.diagnosis import Findings
from one.compiler.grammar import Command, Verb
from one.compiler.program import steps_of
from one.compiler.reader import Span
from one.compiler.technical import read_technical


def read(command: Command, reading: Reading) -> None:
    """The JSON after the word, on the same line."""
    raw = command.line.raw
    start = command.key.end - 1
    findings = Findings()
    found = read_technical(raw[start:], findings)
    first = min((at for at in (raw.find("{"), raw.find("[")) if at >= 0), default=0)
    last = max(raw.rfind("}"), raw.rfind("]"))
    beside = [one for one in command.words if not first < one.span.start <= last + 1]
    tell_left(reading, left_of(beside, {";"}))
    for one in findings.found:
        place = Span(command.key.line, start + one.span.start, start + one.span.end)
        reading.error(one.code, one.message, at=place)
    for technical in found:
        for step in steps_of(technical.program.flow):
            reading.mark(step, "", span=command.span)
        known = {name.name: name.kind for name in reading.names.values()}
        for name, kind in kinds_of(technical.program, reading.vocabulary, known=known).items():
            if name not in known:
                reading.bind(name, kind, source="saved", span=command.span)
        reading.steps.extend(technical.program.flow)


VERBS = (
    Verb(
        name="EXACTLY",
        read=read,
        says="One step in the Technical DSL.",
        example="""FEATURE: Pause
EXACTLY {"wait": "5s"}
""",
    ),
)

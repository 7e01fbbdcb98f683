"""USE FEATURE: runs another feature."""

from one.compiler.bind.items import Item, items_of
from one.compiler.bind.names import strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import saved_name
from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest
from one.compiler.expression import Expr, Ref
from one.compiler.grammar import Command, Verb
from one.compiler.kinds import UNKNOWN, Base, Kind, fits, say_kind
from one.compiler.program import CallFeature, Step
from one.compiler.reader import Is, Span, join, whole
from one.compiler.vocabulary import FeatureFace, key_of


def read(command: Command, reading: Reading) -> None:
    """The feature by its title, its inputs by name."""
    words = strip(command.words)
    saved = saved_name(reading, command)
    if not words:
        reading.error("E204", "USE FEATURE which one?", at=command.key)
        return
    title = words[0].text if words[0].kind is Is.TEXT else join(words)
    face = reading.vocabulary.feature(title)
    if face is None:
        _unknown(reading, title, whole(words))
        if saved:
            reading.save(saved[0], UNKNOWN, span=saved[1])
        return
    given: dict[str, Expr] = {}
    for item in items_of(reading, command.all("WITH"), None):
        _input(reading, face, item, given)
    _missing(command, reading, face, given)
    kind = (
        next(iter(face.outputs.values()))
        if len(face.outputs) == 1
        else Kind(Base.RECORD, fields=tuple(face.outputs.items()))
    )
    target, span = saved or (next(iter(face.outputs), "result"), command.span)
    output = reading.save(target if saved else reading.fresh(target), kind, span=span)
    reading.emit(
        Step(call=CallFeature(feature=face.slug, input=given), output=output), command.span
    )


def _input(reading: Reading, face: FeatureFace, item: Item, given: dict[str, Expr]) -> None:
    name = next((one for one in face.inputs if key_of(one) == key_of(item.key)), None)
    if name is None:
        reading.error(
            "E205",
            f"“{face.title}” takes no “{item.key}”, but {listed(list(face.inputs)) or 'nothing'}.",
            names=list(face.inputs),
            at=item.span,
        )
        return
    found = value(reading, item.value, item.span, expected=face.inputs[name])
    given[name] = found.tree
    if not fits(found.kind, face.inputs[name]):
        reading.error("E502", f"“{name}” must be {say_kind(face.inputs[name])}.", at=item.span)


def _missing(command: Command, reading: Reading, face: FeatureFace, given: dict[str, Expr]) -> None:
    for name, kind in face.inputs.items():
        if name in given or kind.optional:
            continue
        known = reading.find(name)
        if known and fits(known.kind, kind):
            reading.use(known)
            given[name] = Ref(known.name)
        else:
            reading.error(
                "E803", f"“{face.title}” needs “{name}”.", why="Give it with WITH.", at=command.span
            )


def _unknown(reading: Reading, title: str, span: Span) -> None:
    titles = [face.title for face in reading.vocabulary.features]
    close = nearest(title, titles)
    fixes = [Fix(f"Write {name}", (Edit(span, name),), Applies.MAYBE) for name in close]
    near = f" Did you mean {listed(close)}?" if close else ""
    why = (
        "A feature is found by its title, here in this text or among those that are live. Write it"
        " below, beginning with FEATURE: and this title, or deploy it first."
    )
    said = f"There is no feature “{title}”.{near}"
    reading.error("E301", said, *fixes, names=close, at=span, why=why)


VERBS = (
    Verb(
        name="USE FEATURE",
        phrases=("USE THE FEATURE", "RUN FEATURE", "CALL FEATURE"),
        read=read,
        clauses=frozenset({"WITH", "SAVE AS"}),
        loose=frozenset({"WITH"}),
        says="Runs another feature and takes its results.",
        example="""FEATURE: Outer
INPUT:
  - text: text to shorten
USE FEATURE Inner WITH text SAVE AS short
GIVE short

FEATURE: Inner
INPUT:
  - text: text to shorten
OUTPUT:
  - short: text
CALL OpenAI to summarize WITH text SAVE AS short
GIVE short
""",
    ),
)

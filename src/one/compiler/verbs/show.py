"""SHOW: adds to what is answered."""

from one.compiler.bind.channels import notify_each
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Hole
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.program import Notify, Show, Step
from one.compiler.reader import Is, whole
from one.compiler.vocabulary import camel


def read(command: Command, reading: Reading) -> None:
    """What, to whom; in a triggered feature a message to that person."""
    words = strip(command.words)
    at = next(
        (
            n
            for n in range(len(words) - 2, 0, -1)
            if words[n].low == "to" and words[n].kind is Is.WORD
        ),
        0,
    )
    clause = command.clause("TO")
    whom = words[at + 1 :] if at else (clause.words if clause else [])
    runs = [*split_words(words[:at] if at else words, ",", "and"), *command.items]
    if not runs or (words and words[0].low == "to"):
        reading.error("E204", "SHOW what?", at=command.key)
        return
    values: dict[str, Expr] = {}
    for run in runs:
        name = (
            "message"
            if run[0].kind is Is.TEXT
            else camel(phrase([w for w in strip(run) if w.kind is Is.WORD])) or "shown"
        )
        found = value(reading, run, whole(run))
        if not isinstance(found.tree, Hole):
            values[name] = found.tree
    person = value(reading, whom, command.span) if whom else None
    if not values or (person is not None and isinstance(person.tree, Hole)):
        return
    if reading.trigger_kind and person is not None:
        for tree in values.values():
            notify_each(
                reading,
                command,
                person,
                notify=Notify(to=person.tree, about=tree, channels=["app"]),
            )
        return
    reading.emit(Step(show=Show(values=values, to=person.tree if person else None)), command.span)


VERBS = (
    Verb(
        name="SHOW",
        read=read,
        clauses=frozenset({"TO"}),
        pattern=frozenset({"to"}),
        says="Adds something to the answer.",
        example="""FEATURE: Show the price
INPUT:
  - course: which one
SHOW course's price
""",
    ),
)

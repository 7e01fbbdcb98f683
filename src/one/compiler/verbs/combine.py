"""COMBINE: several results as one."""

from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import cut_at, saved_name
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Record
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import Base, Kind
from one.compiler.program import Step
from one.compiler.reader import whole
from one.compiler.vocabulary import camel


def read(command: Command, reading: Reading) -> None:
    """A record of the named results."""
    words, _, into = cut_at(command.words, "into", "as")
    clause = command.clause("INTO") or command.clause("AS")
    into = into or (clause.words if clause else [])
    runs = [*split_words(words, ",", "and", "with"), *command.items]
    if not runs:
        reading.error("E204", "COMBINE what?", at=command.key)
        return
    fields: list[tuple[str, Expr]] = []
    kinds: list[tuple[str, Kind]] = []
    for run in runs:
        found = value(reading, run, whole(run))
        name = camel(phrase(strip(run)))
        fields.append((name, found.tree))
        kinds.append((name, found.kind))
    saved = saved_name(reading, command) or (
        (phrase(strip(into)), whole(into)) if into else ("combined", command.span)
    )
    output = reading.save(saved[0], Kind(Base.RECORD, fields=tuple(kinds)), span=saved[1])
    reading.emit(Step(set={output: Record(tuple(fields))}), command.span)


VERBS = (
    Verb(
        name="COMBINE",
        read=read,
        clauses=frozenset({"SAVE AS", "INTO", "AS"}),
        pattern=frozenset({"with"}),
        says="Makes one group of several results.",
        example="""FEATURE: One report
INPUT:
  - title: text
  - score: how many
COMBINE title and score SAVE AS report card
GIVE report card
""",
    ),
)

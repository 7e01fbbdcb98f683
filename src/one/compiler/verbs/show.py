"""SHOW: adds to what is answered."""

from collections.abc import Sequence

from one.compiler.bind.channels import notify_each
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import phrase, ref, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import known
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Hole, Lit
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import TEXT
from one.compiler.program import Notify, Show, Step
from one.compiler.reader import Is, Word, join, whole
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
        plain = command.phrase == "SAY" and not known(reading, run)
        name = "message" if run[0].kind is Is.TEXT or plain else camel(phrase(_named(run)))
        found = _said(reading, run) if command.phrase == "SAY" else value(reading, run, whole(run))
        if not isinstance(found.tree, Hole):
            values[name or "shown"] = found.tree
    person = value(reading, whom, command.span) if whom else _heard(command, reading)
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


def _named(words: Sequence[Word]) -> list[Word]:
    return [word for word in strip(words) if word.kind is Is.WORD]


def _said(reading: Reading, words: Sequence[Word]) -> Typed:
    """`SAY thank you`: the words themselves, where they name nothing."""
    quoted = any(word.kind is Is.TEXT for word in words)
    if quoted or known(reading, words):
        return value(reading, words, whole(list(words)))
    reading.note("E426", f"“{join(list(words))}” is taken as text.", at=whole(list(words)))
    return Typed(Lit(join(list(words))), TEXT)


def _heard(command: Command, reading: Reading) -> Typed | None:
    """Who hears what is said when something happened: its person."""
    people = reading.people()
    if command.phrase != "SAY" or reading.trigger_kind != "WHEN" or len(people) != 1:
        return None
    return ref(reading, people[0])


VERBS = (
    Verb(
        name="SHOW",
        phrases=("SAY",),
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

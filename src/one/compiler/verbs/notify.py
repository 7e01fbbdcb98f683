"""NOTIFY: tells someone something."""

from one.compiler.bind.channels import THEIR, channels_of, notify_each, of_theirs
from one.compiler.bind.items import items_of
from one.compiler.bind.names import strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import cut_at, free_text
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Lit
from one.compiler.grammar import Command, Verb, split_words
from one.compiler.kinds import PERSON
from one.compiler.program import Notify
from one.compiler.reader import Is, Word
from one.compiler.vocabulary import camel


def read(command: Command, reading: Reading) -> None:
    """Whom, about what, by which ways, with what beside."""
    whom, about, via = _parts(command)
    if not whom:
        reading.error("E204", "NOTIFY whom?", at=command.span)
        return
    tree: Expr = Lit("News for you")
    if about and about[0].low not in THEIR:
        tree = free_text(reading, about)
    clause = command.clause("ABOUT")
    if not about and (clause is None or not clause.items):
        reading.error(
            "E204",
            "NOTIFY them about what?",
            why='Write NOTIFY fan ABOUT "Your course is ready".',
            at=command.span,
        )
    channels = channels_of(reading, command, via)
    beside: dict[str, Expr] = {}
    for item in items_of(reading, command.all("WITH"), None):
        key = camel(item.key) or ("text" if "text" not in beside else f"text{len(beside)}")
        beside[key] = value(reading, item.value, item.span).tree
    for run in _people(whom):
        person = value(reading, run, command.span, expected=PERSON)
        if about and about[0].low in THEIR:
            own = of_theirs(reading, run, person, about=about)
            tree = own or free_text(reading, about)
        notify_each(
            reading,
            command,
            person,
            notify=Notify(to=person.tree, about=tree, channels=channels, with_=beside),
        )


def _people(words: list[Word]) -> list[list[Word]]:
    runs = split_words(words, ",", "and")
    return runs if len(runs) > 1 else [words]


def _parts(command: Command) -> tuple[list[Word], list[Word], list[Word]]:
    words = strip(command.words)
    texts = [n for n, word in enumerate(words) if word.kind is Is.TEXT]
    clause = command.clause("ABOUT")
    marks = ("via",) if clause else ("about", "that", "via", "with", "of")
    whom, mark, rest = cut_at(words, *marks)
    about: list[Word] = rest if mark in {"about", "that", "of", "with"} else []
    via: list[Word] = rest if mark == "via" else []
    if texts and not mark and clause is None:
        whom, about = words[: texts[0]], words[texts[0] :]
    about, second, after = cut_at(about, "via")
    if second:
        via = after
    via, third, later = cut_at(via, "about")
    if third:
        about = later
    if clause:
        about = clause.words or (clause.items[0] if clause.items else [])
    return whom, about, via


VERBS = (
    Verb(
        name="NOTIFY",
        read=read,
        clauses=frozenset({"ABOUT", "VIA", "WITH"}),
        pattern=frozenset({"about", "via", "that"}),
        says="Tells someone something, in the app or by mail, push or sms.",
        example="""FEATURE: Tell them
INPUT:
  - student: who studies
NOTIFY student ABOUT "The new lesson is out" VIA email and push
""",
    ),
)

"""REWARD: a gift of tokens to a person."""

from one.compiler.bind.giving import grant, is_money, tell_money
from one.compiler.bind.names import strip
from one.compiler.bind.nouns import attempt, value
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.grammar import Command, Verb
from one.compiler.reader import Is, whole


def read(command: Command, reading: Reading) -> None:
    """`REWARD fan WITH 10 tokens`."""
    head, mark, rest = cut_at(strip(command.words), "with")
    clause = command.clause("WITH")
    gift = rest if mark else (clause.words if clause else [])
    if head and not gift:  # `REWARD fan 10 tokens`
        at = next((n for n, word in enumerate(head) if word.kind is Is.NUMBER), len(head))
        head, gift = head[:at], head[at:]
    if not head or not gift:
        reading.error(
            "E204",
            "REWARD whom with what?",
            why="Write REWARD fan WITH 10 tokens.",
            at=command.span,
        )
        if head:
            attempt(reading, head)
        return
    if is_money(reading, gift):
        span = command.span.to(whole(gift))
        tell_money(reading, "REWARD", gift, span=span)
        return
    person = value(reading, head, command.span)
    if not grant(reading, person, gift, span=command.span):
        reading.error(
            "E205",
            "A reward is a number of tokens, such as 10 tokens.",
            at=clause.span if clause else command.span,
        )


VERBS = (
    Verb(
        name="REWARD",
        read=read,
        clauses=frozenset({"WITH"}),
        loose=frozenset({"WITH"}),
        says="Gives a person tokens.",
        example="""FEATURE: Thank a guest
INPUT:
  - guest: who came
REWARD guest WITH 15 tokens
""",
    ),
)

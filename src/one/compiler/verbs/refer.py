"""REFER: one person invites another, and is thanked for it."""

from one.compiler.bind.conditions import condition
from one.compiler.bind.giving import grant
from one.compiler.bind.literals import Typed
from one.compiler.bind.names import strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Hole
from one.compiler.grammar import Clause, Command, Verb
from one.compiler.kinds import PERSON
from one.compiler.program import Connect, Event, Step
from one.compiler.reader import Is, Word, whole


def read(command: Command, reading: Reading) -> None:
    """Who invites, who is invited, the reward and the bonus."""
    words = strip(command.words)
    if any(word.low == "by" for word in words):
        invited_words, _, inviter_words = cut_at(
            [w for w in words if w.low not in {"invited", "referred", "is"}], "by"
        )
    else:
        inviter_words, _, invited_words = cut_at(words, "to")
        clause = command.clause("TO")
        invited_words = invited_words or (clause.words if clause else [])
    if not inviter_words or not invited_words:
        reading.error(
            "E204",
            "REFER whom to whom?",
            why="Write REFER the fan TO the new user.",
            at=command.span,
        )
        return
    inviter, invited = (
        value(reading, inviter_words, command.span, expected=PERSON),
        value(reading, invited_words, command.span, expected=PERSON),
    )
    if isinstance(inviter.tree, Hole) or isinstance(invited.tree, Hole):
        return
    reading.emit(
        Step(connect=Connect(from_=invited.tree, to=inviter.tree, type="referred_by")), command.span
    )
    reading.emit(
        Step(event=Event(type="referral_created", entity=invited.tree, actor=inviter.tree)),
        command.span,
    )
    for clause in command.clauses:
        if clause.name in {"REWARD", "WITH"}:
            _reward(command, reading, inviter.tree, clause)


def _reward(command: Command, reading: Reading, inviter: Expr, clause: Clause) -> None:
    """`REWARD 20 tokens`, `WITH 50 bonus tokens if they buy a course`."""
    words, _, when = cut_at(clause.words, "if", "when")
    limit = command.clause("IF")
    when = when or (limit.words if limit and clause.name == "WITH" else [])
    kept = [
        word
        for word in words
        if word.low not in {"bonus", "extra", "a", "of", "them", "inviter", "with"}
    ]
    first = next((n for n, word in enumerate(kept) if word.kind is Is.NUMBER), 0)
    before = len(reading.steps)
    from_words = kept[first:]
    person = Typed(inviter, PERSON)
    if not from_words or not grant(
        reading, person, from_words, span=whole(clause.words) if clause.words else clause.key
    ):
        reading.error("E205", "A reward is a number of tokens, such as 20 tokens.", at=clause.span)
        return
    for step in reading.steps[before:]:
        if step.grant:
            step.grant.when = _when(reading, when, clause)


def _when(reading: Reading, words: list[Word], clause: Clause) -> Expr | None:
    """The condition of a bonus; none is at once, or when the invited joins."""
    return condition(reading, words, clause.span) if words else None


VERBS = (
    Verb(
        name="REFER",
        read=read,
        clauses=frozenset({"TO", "REWARD", "WITH", "IF"}),
        pattern=frozenset({"to", "by"}),
        loose=frozenset({"WITH"}),
        says="Notes that one person invited another, and thanks them.",
        example="""FEATURE: Bring a friend
INPUT:
  - member: who invites
  - friend: who is invited
REFER member TO friend REWARD 20 tokens
""",
    ),
)

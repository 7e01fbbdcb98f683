"""REFER: one person invites another, and is thanked for it."""

from dataclasses import replace

from one.compiler.bind.conditions import condition
from one.compiler.bind.giving import grant
from one.compiler.bind.leftover import left_of, tell_left
from one.compiler.bind.literals import Typed, literal
from one.compiler.bind.names import phrase, strip
from one.compiler.bind.nouns import value
from one.compiler.bind.saving import cut_at
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Hole, Ref
from one.compiler.grammar import Clause, Command, Verb
from one.compiler.kinds import PERSON
from one.compiler.program import Connect, Event, Grant, Step
from one.compiler.reader import Is, Word, whole
from one.compiler.vocabulary import key_of


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
    if inviter.tree == invited.tree:
        invited = _another(reading, invited_words)
    reading.emit(
        Step(connect=Connect(from_=invited.tree, to=inviter.tree, type="referred_by")), command.span
    )
    reading.emit(
        Step(event=Event(type="referral_created", entity=invited.tree, actor=inviter.tree)),
        command.span,
    )
    for clause in command.clauses:
        if clause.name in {"REWARD", "WITH"}:
            _reward(command, reading, (inviter.tree, invited.tree), clause)


def _another(reading: Reading, words: list[Word]) -> Typed:
    """Whoever is invited is someone else: an input."""
    reading.names.pop(key_of(phrase(strip(words))), None)
    name = reading.fresh(phrase(strip(words)))
    found = reading.declare(name, PERSON, span=whole(words))
    reading.note("E321", f"“{phrase(words)}” is taken as an input.", at=whole(words))
    return Typed(Ref(found.name), PERSON)


def _reward(command: Command, reading: Reading, people: tuple[Expr, Expr], clause: Clause) -> None:
    """`REWARD 20 tokens`, `WITH 50 bonus tokens if they buy a course`."""
    inviter, invited = people
    words, _, when = cut_at(clause.words, "if", "when")
    limit = command.clause("IF")
    when = when or (limit.words if limit and clause.name == "WITH" else [])
    kept = [word for word in words if word.low not in _LOOSE]
    first = next((n for n, word in enumerate(kept) if word.kind in {Is.NUMBER, Is.MONEY}), 0)
    tell_left(reading, left_of(kept[:first], ()))
    before = len(reading.steps)
    span = whole(clause.words) if clause.words else clause.key
    if kept and kept[first].kind is Is.MONEY and isinstance(money := literal(kept[first:]), Typed):
        reading.emit(Step(grant=Grant(to=inviter, amount=money.tree)), clause.span)
    elif not kept or not grant(reading, Typed(inviter, PERSON), kept[first:], span=span):
        said = "A reward is a number of tokens or money, such as 20 tokens."
        reading.error("E205", said, at=clause.span)
        return
    for step in reading.steps[before:]:
        if step.grant and when:
            step.grant.when = condition(reading, _they(when, invited), clause.span)


_LOOSE = frozenset({"bonus", "extra", "a", "of", "them", "inviter", "with"})


def _they(words: list[Word], invited: Expr) -> list[Word]:
    """`they` in a bonus is whoever was invited."""
    name = invited.name if isinstance(invited, Ref) else ""
    they = {"they", "them", "he", "she"}
    return [
        replace(w, text=name, low=name.casefold()) if name and w.low in they else w for w in words
    ]


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

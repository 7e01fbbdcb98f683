"""IF: one way or the other."""

from collections.abc import Sequence

from one.compiler.bind.conditions import condition
from one.compiler.bind.session import Branch, Reading
from one.compiler.expression import Expr, Hole
from one.compiler.grammar import Body, Clause, Command, Verb, span_of
from one.compiler.predicates import opposite
from one.compiler.program import If, Step


def read(command: Command, reading: Reading) -> None:
    """IF with its ELSE IFs as nested ifs."""
    tree = _condition(command, reading)
    if not command.body:
        reading.error(
            "E112", "IF this holds, then what? There is no command under it.", at=command.span
        )
    then = reading.block(command.body)
    others = [clause for clause in command.clauses if clause.name in {"ELSE IF", "ELSE"}]
    other = _rest(reading, others)
    step = Step(if_=If(condition=tree, then=then.steps, else_=other.steps))
    reading.emit(step, command.span, condition=span_of(command.words, command.key))
    reading.join(then, other)


def _condition(command: Command, reading: Reading) -> Expr:
    if command.asked == "UNLESS":
        return opposite(condition(reading, command.words, command.key))
    if len(command.words) != 1 or command.words[0].low not in {"not", "so", "yes", "no"}:
        return condition(reading, command.words, command.key)
    why = "A CHECK that does not hold ends the feature, so nothing is left to ask after it."
    said = f"IF {command.words[0].low}: what? Write it out: IF fan is enrolled in course."
    reading.error("E204", said, why=why, at=command.span)
    return Hole()


def _rest(reading: Reading, clauses: Sequence[Clause]) -> Branch:
    if not clauses:
        return Branch([])
    first = clauses[0]
    if first.name == "ELSE":
        if not first.body:
            reading.error("E112", "ELSE what? There is no command under it.", at=first.key)
        return reading.block(first.body)
    tree = condition(reading, first.words, first.key)
    then = reading.block(first.body)
    other = _rest(reading, clauses[1:])
    return _nested(reading, tree, then, other, clause=first)


def _nested(reading: Reading, tree: Expr, then: Branch, other: Branch, *, clause: Clause) -> Branch:
    step = Step(if_=If(condition=tree, then=then.steps, else_=other.steps))
    reading.mark(step, "", span=clause.span)
    reading.mark(step, "condition", span=span_of(clause.words, clause.key))
    before = dict(reading.names)
    reading.join(then, other)
    bound = {key: name for key, name in reading.names.items() if before.get(key) is not name}
    reading.names = before
    return Branch([step], bound)


VERBS = (
    Verb(
        name="IF",
        phrases=("UNLESS",),
        read=read,
        clauses=frozenset({"THEN", "ELSE", "ELSE IF"}),
        body=Body.ONE,
        says="Does one thing or another.",
        example="""FEATURE: Greet a listener
INPUT:
  - listener: who came
  - visits: how many
IF visits is more than 10 THEN
  NOTIFY listener ABOUT "You are a regular"
ELSE
  NOTIFY listener ABOUT "Welcome"
""",
    ),
)

"""CHECK: what must hold before the flow goes on."""

from one.compiler.bind.conditions import condition
from one.compiler.bind.saving import message_of
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Hole
from one.compiler.grammar import Clause, Command, Verb, span_of
from one.compiler.predicates import opposite, to_validate
from one.compiler.program import If, Step


def read(command: Command, reading: Reading) -> None:
    """One condition, or one for each listed item."""
    runs = [command.words, *command.items] if command.words or not command.items else command.items
    for run in runs:
        if run or not command.items:
            _one(command, reading, condition(reading, run, command.key))


def _one(command: Command, reading: Reading, tree: Expr) -> None:
    span = span_of(command.words, command.span)
    if isinstance(tree, Hole):
        _bodies(command, reading)
        return
    otherwise = command.clause("OTHERWISE")
    if command.body:
        _branches(command, reading, tree)
    elif otherwise and otherwise.body:
        branch = reading.block(otherwise.body)
        reading.note(
            "E425",
            "The flow goes on after this; OTHERWISE is done when the check fails.",
            at=otherwise.key,
        )
        step = Step(if_=If(condition=opposite(tree), then=branch.steps))
        reading.emit(step, span)
        if branch.ends:
            return
        reading.keep(branch, lambda kind: kind.maybe, source="branch")
    else:
        message = _message(reading, otherwise)
        reading.emit(Step(validate_=to_validate(tree, message)), span)


def _message(reading: Reading, clause: Clause | None) -> Expr | None:
    if clause is None:
        return None
    if not clause.words and not clause.items:
        reading.error("E204", "OTHERWISE what? Say a message or a command.", at=clause.key)
        return None
    return message_of(reading, clause.words or clause.items[0])


def _branches(command: Command, reading: Reading, tree: Expr) -> None:
    """CHECK … THEN … ELSE is an IF."""
    then = reading.block(command.body)
    other = command.clause("ELSE") or command.clause("OTHERWISE")
    left = reading.block(other.body) if other else reading.block([])
    step = Step(if_=If(condition=tree, then=then.steps, else_=left.steps))
    reading.emit(step, command.span, condition=span_of(command.words, command.key))
    reading.join(then, left)


def _bodies(command: Command, reading: Reading) -> None:
    """Reads what hangs on a condition that could not be understood."""
    for body in (command.body, *(clause.body for clause in command.clauses)):
        if body:
            reading.keep(reading.block(body), lambda kind: kind.maybe)


VERBS = (
    Verb(
        name="CHECK",
        phrases=("CHECK IF", "CHECK THAT", "CHECK WHETHER"),
        read=read,
        clauses=frozenset({"OTHERWISE", "THEN", "ELSE"}),
        says="Stops, with your words, when something does not hold.",
        example="""FEATURE: Open the studio
INPUT:
  - singer: who is asking
CHECK singer exists
  OTHERWISE say "Please sign in first"
""",
    ),
)

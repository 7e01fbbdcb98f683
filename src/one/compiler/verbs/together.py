"""DO TOGETHER: all of it or nothing of it."""

from one.compiler.bind.session import Reading
from one.compiler.grammar import Body, Command, Verb
from one.compiler.program import OnError, Step


def read(command: Command, reading: Reading) -> None:
    """The forward steps, and those that undo."""
    if not command.body:
        reading.error("E112", "DO TOGETHER what? There is no command under it.", at=command.span)
    branch = reading.block(command.body)
    step = Step(atomic=branch.steps)
    reading.keep(branch, lambda kind: kind)
    undo = command.clause("IF ANY FAIL")
    if undo:
        if not undo.body:
            reading.error(
                "E112", "If any fail, do what? There is no command under it.", at=undo.key
            )
        step.on_error = OnError(rollback=reading.block(undo.body).steps)
    reading.emit(step, command.span)


VERBS = (
    Verb(
        name="DO TOGETHER",
        phrases=("DO ALL TOGETHER", "DO THIS TOGETHER", "DO THESE TOGETHER"),
        read=read,
        clauses=frozenset({"IF ANY FAIL"}),
        body=Body.RUN,
        closers=("IF ANY FAIL",),
        says="Does all of its commands or none of them.",
        example="""FEATURE: Sell a print
INPUT:
  - buyer: who pays
  - print: which nft
  - price: price in dollars
DO TOGETHER:
  CALL Stripe to charge payment WITH price, buyer SAVE AS payment
  CALL blockchain to mint nft WITH print, buyer
IF ANY FAIL:
  CALL Stripe to refund payment
  CALL blockchain to burn nft WITH print
""",
    ),
)

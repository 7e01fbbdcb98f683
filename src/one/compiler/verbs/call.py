"""CALL: a service outside."""

from collections.abc import Sequence
from dataclasses import replace

from one.compiler.bind.actions import Found, Made, call_action, find_call
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.names import strip
from one.compiler.bind.saving import message_of, retry_of, saved_name, timeout_of
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr
from one.compiler.grammar import Clause, Command, Verb
from one.compiler.kinds import UNKNOWN
from one.compiler.program import OnError, Service, Step
from one.compiler.reader import Span, Word


def read(command: Command, reading: Reading) -> None:
    """The service, its action, its parameters and what it saves."""
    words: Sequence[Word] = strip(command.words)
    saved = saved_name(reading, command)
    if not words:
        reading.error("E204", "CALL what? Say a service and what it should do.", at=command.key)
        if saved:
            reading.save(saved[0], UNKNOWN, span=saved[1])
        return
    found = find_call(reading, words)
    retry, timeout = retry_of(reading, command), timeout_of(reading, command)
    if found is None:
        if saved:
            reading.save(saved[0], UNKNOWN, span=saved[1])
        return
    wanted = saved[0] if saved else ""
    found, clauses = _instruction(command, reading, found)
    made = call_action(reading, found, clauses, wanted=wanted, span=command.span)
    output = _output(reading, found, made, saved=saved, span=command.span)
    service = Service(
        provider=found.service.name,
        method=found.action.name,
        params=made.params,
        retry=retry,
        timeout=timeout,
    )
    step = Step(service=service, output=output)
    if output:
        reading.calls[output] = (found.service.name, found.action.name)
    _otherwise(command, reading, step)
    reading.emit(step, command.span, **made.places)


def _instruction(command: Command, reading: Reading, found: Found) -> tuple[Found, list[Clause]]:
    """`write a word with an example`: in small letters, naming nothing, it is no clause."""
    clauses: list[Clause] = []
    for clause in command.all("WITH"):
        said = clause.line.raw[clause.key.start - 1 : clause.key.end - 1]
        plain = said == "with" and clause.line is command.line and found.service.open
        if plain and clause.words and not attempt_quietly(reading, clause.words):
            more = (Word("with", "with", clause.key), *clause.words)
            found = replace(found, instruction=(*found.instruction, *more))
        else:
            clauses.append(clause)
    return found, clauses


def _output(
    reading: Reading, found: Found, made: Made, *, saved: tuple[str, Span] | None, span: Span
) -> str | None:
    """SAVE AS, else a name of its own; what only undoes or sends leaves nothing behind."""
    if saved:
        return reading.save(saved[0], made.kind, span=saved[1])
    if found.action.effect == "irreversible" and not found.action.fields:
        return None
    return reading.save(reading.fresh(made.wanted), made.kind, span=span)


def _otherwise(command: Command, reading: Reading, step: Step) -> None:
    clause = command.clause("OTHERWISE")
    if clause is None:
        return
    if clause.body:
        branch = reading.block(clause.body)
        step.on_error = OnError(rollback=branch.steps)
        return
    message: Expr = message_of(reading, clause.words)
    step.on_error = OnError(return_={"error": message})


VERBS = (
    Verb(
        name="CALL",
        read=read,
        clauses=frozenset({"WITH", "RETRY", "TIMEOUT", "SAVE AS", "OTHERWISE"}),
        pattern=frozenset({"to"}),
        loose=frozenset({"WITH"}),
        says="Asks a service outside to do something.",
        example="""FEATURE: Sum up my notes
INPUT:
  - notes: text of the notes
CALL OpenAI to summarize WITH notes
  RETRY 2 times
  SAVE AS summary
GIVE summary
""",
    ),
)

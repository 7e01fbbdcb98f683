"""CALL: a service outside."""

from collections.abc import Sequence

from one.compiler.bind.actions import call_action
from one.compiler.bind.items import attempt_quietly
from one.compiler.bind.minds import as_mind, minded
from one.compiler.bind.names import strip
from one.compiler.bind.phrasing import Made
from one.compiler.bind.saving import message_of, named_in, retry_of, saved_name, timeout_of
from one.compiler.bind.services import Found, find_call
from one.compiler.bind.session import Reading
from one.compiler.expression import Expr, Lit
from one.compiler.grammar import Clause, Command, Verb, split_words
from one.compiler.kinds import UNKNOWN
from one.compiler.program import OnError, Service, Step
from one.compiler.reader import Span, Word
from one.compiler.vocabulary import key_of


def read(command: Command, reading: Reading) -> None:
    """The service, its action, its parameters and what it saves."""
    words: Sequence[Word] = strip(command.words)
    saved = saved_name(reading, command)
    if not words:
        reading.error("E204", "CALL what? Say a service and what it should do.", at=command.key)
        if saved:
            reading.save(saved[0], UNKNOWN, span=saved[1])
        return
    words, beside = _beside(command, reading, words)
    mind, asked = minded(reading, words)
    found = asked or find_call(reading, words)
    retry, timeout = retry_of(reading, command), timeout_of(reading, command)
    if found is None:
        if saved:
            reading.save(saved[0], UNKNOWN, span=saved[1])
        return
    wanted = saved[0] if saved else ""
    clauses = [*beside, *command.all("WITH")]
    shape = named_in(command.all("SAVE AS")[0])[1] if saved else None
    made = call_action(reading, found, clauses, wanted=wanted, shape=shape, span=command.span)
    made.params.update(as_mind(reading, mind, made.params, span=command.span))
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
        instruction = made.params.get("instruction")
        if isinstance(instruction, Lit):
            reading.told_of[output] = str(instruction.value).casefold()
    _otherwise(command, reading, step)
    reading.emit(step, command.span, **made.places)


def _beside(
    command: Command, reading: Reading, words: Sequence[Word]
) -> tuple[Sequence[Word], list[Clause]]:
    """`answer the question with posts`: a clause in small letters, where it names something.

    For a model it is else part of the instruction: `write a word with an example`.
    """
    at = next((n for n, word in enumerate(words) if n > 1 and word.low == "with"), 0)
    after = list(words[at + 1 :])
    if not at or not after:
        return words, []
    service = reading.vocabulary.service(words[0].text)
    parts = split_words(after, ",", "and")
    if service and service.open and not all(attempt_quietly(reading, one) for one in parts):
        return words, []
    return words[:at], [Clause("WITH", words[at].span, after, command.line)]


def _output(
    reading: Reading, found: Found, made: Made, *, saved: tuple[str, Span] | None, span: Span
) -> str | None:
    """SAVE AS, else a name of its own; what only undoes or sends leaves nothing behind."""
    if saved:
        return reading.save(saved[0], made.kind, span=saved[1])
    if found.action.effect == "irreversible" and not found.action.fields:
        return None
    output = reading.save(reading.fresh(made.wanted), made.kind, span=span)
    for noun in ("call", made.wanted.removesuffix(" result")):  # `IF the payment fails`
        known = reading.find(noun)
        if known is None or known.name in reading.calls:
            reading.names[key_of(noun)] = reading.names[key_of(output)]
    return output


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
        clauses=frozenset({"WITH", "RETRY", "TIMEOUT", "SAVE AS", "OTHERWISE", "IF IT FAILS"}),
        pattern=frozenset({"to"}),
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

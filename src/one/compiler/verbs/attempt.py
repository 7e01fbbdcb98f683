"""TRY: commands that may fail, and what then."""

from one.compiler.bind.leftover import count_in, left_of, length_in, tell_left
from one.compiler.bind.session import Branch, Reading
from one.compiler.grammar import Body, Clause, Command, Verb
from one.compiler.program import Retrying, Step, Try


def read(command: Command, reading: Reading) -> None:
    """TRY, or TRY UP TO n TIMES."""
    if not command.body:
        reading.error(
            "E112", f"{command.phrase} what? There is no command under it.", at=command.span
        )
    times, words = count_in(command.words)
    tell_left(reading, left_of(words, _TRYING))
    if "UP TO" in command.phrase or times:
        _retry(command, reading, times)
        return
    branch = reading.block(command.body)
    catch = _block(reading, command.clause("IF IT FAILS") or command.clause("IF ALL FAIL"))
    last = _block(reading, command.clause("ALWAYS DO"))
    attempt = Try(do=branch.steps, catch=catch.steps, finally_=last.steps)
    reading.emit(Step(try_=attempt), command.span)
    if catch.ends:
        reading.join(branch, catch)
    else:
        reading.keep(branch, lambda kind: kind.maybe, source="branch")
    reading.keep(last, lambda kind: kind)


def _block(reading: Reading, clause: Clause | None) -> Branch:
    body = clause.body if clause else []
    if clause and not body:
        reading.error("E112", f"{clause.name} what? There is no command under it.", at=clause.key)
    return reading.block(body)


_TRYING = frozenset({"up", "to", "at", "most", "times", "time", "this", "it", "tries", "following"})


def _retry(command: Command, reading: Reading, times: int | None) -> None:
    if times is None or not 1 <= times <= 20:
        reading.error("E204", "Try how many times? Say 1 to 20.", at=command.span)
        times = 3
    body, delay = list(command.body), None
    for part in list(body):
        if part.verb.name == "WAIT" and part.clause("BETWEEN TRIES"):
            body.remove(part)
            delay, rest = length_in(part.words)
            rest += [word for one in part.clauses for word in one.words]
            if delay is None:
                reading.error("E204", "Wait how long between tries?", at=part.span)
            else:
                tell_left(reading, left_of(rest, {"for"}))
    between = command.clause("BETWEEN TRIES")
    if between and delay is None:
        delay, rest = length_in(between.words)
        tell_left(reading, left_of(rest, {"for", "of", "wait"}))
    branch = reading.block(body)
    fallback = _block(reading, command.clause("IF ALL FAIL") or command.clause("IF IT FAILS"))
    retrying = Retrying(do=branch.steps, times=times, delay=delay, fallback=fallback.steps)
    reading.emit(Step(retry=retrying), command.span)
    if fallback.steps:
        reading.join(branch, fallback)
    else:
        reading.keep(branch, lambda kind: kind)


VERBS = (
    Verb(
        name="TRY",
        phrases=("TRY UP TO",),
        read=read,
        clauses=frozenset({"IF IT FAILS", "ALWAYS DO", "IF ALL FAIL", "BETWEEN TRIES"}),
        body=Body.RUN,
        closers=("IF IT FAILS", "IF ALL FAIL", "ALWAYS DO"),
        says="Does something that may fail, and says what then.",
        example="""FEATURE: Careful post
INPUT:
  - caption: text
TRY:
  CALL Instagram to publish WITH caption
IF IT FAILS:
  NOTIFY me ABOUT "The post did not go out"
""",
    ),
)

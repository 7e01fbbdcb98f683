"""DO TOGETHER: what can be undone, by what, and what must come last."""

from collections.abc import Callable, Iterator, Sequence

from one.compiler.checker.infer import Judge
from one.compiler.diagnosis import Severity
from one.compiler.expression import Call, Expr, Ref, Unary
from one.compiler.program import Service, Step, steps_of
from one.compiler.reader import Span
from one.compiler.vocabulary import spaced
from one.ontology.services import Action

Place = Callable[[Step, str], Span]


def check_together(judge: Judge, steps: Sequence[Step], place: Place) -> None:
    """Judges every atomic step of the program."""
    if judge.findings.doubtful or any(
        one.code[1] == "8" and one.code != "E803" and one.severity is Severity.ERROR
        for one in judge.findings.found
    ):
        return
    for step in steps:
        if step.atomic is not None:
            _atomic(judge, step, place)


def check_asked(
    judge: Judge, steps: Sequence[Step], place: Place, *, sealed: frozenset[str] = frozenset()
) -> None:
    """`IF payment failed` after the DO TOGETHER that ends the run where it fails: never so."""
    for step in steps:
        body = step.if_
        failed = _failed(body.condition) if body is not None else ""
        never = failed in sealed or (failed.removeprefix("!") in sealed and body and body.else_)
        if failed and never:
            name = spaced(failed.removeprefix("!"))
            judge.error(
                "E601",
                f"{name.capitalize()} never failed here: where it does, all of DO TOGETHER is "
                "undone, and the run ends.",
                why="What is to be done then stands under IF ANY FAIL, after DO TOGETHER.",
                span=place(step, "condition"),
            )
        for _, block in step.blocks():
            check_asked(judge, block, place, sealed=sealed)
        if step.atomic is not None:
            inside = (one.output for one in steps_of(step.atomic) if one.service is not None)
            sealed |= {name for name in inside if name is not None}


def _failed(tree: Expr) -> str:
    """The name that a condition asks of whether it failed; with `!` where it asks the opposite."""
    match tree:
        case Call("failed", (Ref(name),)):
            return name
        case Unary("not", Call("failed", (Ref(name),))):
            return f"!{name}"
        case _:
            return ""


def _calls(judge: Judge, steps: list[Step]) -> Iterator[tuple[Step, Service, Action]]:
    for step in steps_of(steps):
        if step.service is None:
            continue
        action = judge.vocabulary.action(step.service.provider, step.service.method)
        if action is not None:
            yield step, step.service, action


def _atomic(judge: Judge, step: Step, place: Place) -> None:
    undo = step.on_error.rollback if step.on_error else []
    forward = list(_calls(judge, step.atomic or []))
    undoing = list(_calls(judge, undo))
    _waits(judge, step.atomic or [], place)
    made = {call.output for call, _, _ in forward if call.output}
    for call, service, action in undoing:
        if not any(_undoes((service, action), one) for one in forward) or _of_another(
            service, action, made=made
        ):
            judge.place = place(call, "")
            judge.error(
                "E701",
                "This undoes nothing: no command before it in DO TOGETHER is its counterpart.",
            )
    hard = [one for one in forward if one[2].effect == "irreversible"]
    named = [one for one in hard if not any(_undoes((s, a), one) for _, s, a in undoing)]
    for call, _, action in named:
        judge.place = place(call, "")
        if call is not forward[-1][0] or len(named) > 1:
            judge.error(
                "E702",
                "What this does can't be undone, so it must come last.",
                why="Or say under IF ANY FAIL what undoes it.",
            )
        else:
            judge.note("E720", f"“{action.phrases[0]}” can't be undone; nothing after it may fail.")
    for call, _, action in forward:
        if action.effect == "reversible" and not action.inverse and not undoing:
            judge.place = place(call, "")
            judge.error(
                "E703",
                f"Nothing is known that undoes “{action.phrases[0]}”. Name it under IF ANY FAIL.",
            )


def _waits(judge: Judge, steps: list[Step], place: Place) -> None:
    """All or nothing can't be held open while time goes by."""
    for step in steps_of(steps):
        if step.wait is not None or step.wait_for_event is not None or step.later is not None:
            said = "Nothing can wait inside DO TOGETHER: it is done at once or not at all."
            judge.error("E704", said, span=place(step, ""))


def _of_another(undo: Service, action: Action, *, made: set[str]) -> bool:
    """Whether the undo names something that no call before it made."""
    given = [undo.params.get(param.name) for param in action.params if param.fill]
    return any(isinstance(one, Ref) and one.name not in made for one in given if one is not None)


def _undoes(undo: tuple[Service, Action], forward: tuple[Step, Service, Action]) -> bool:
    """The inverse of the call, or another action of its service that changes something."""
    service, action = undo
    _, called, known = forward
    if service.provider != called.provider:
        return False
    return known.inverse == action.name or (
        known.effect == "irreversible" and action.name != known.name
    )

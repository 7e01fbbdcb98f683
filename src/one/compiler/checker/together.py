"""DO TOGETHER: what can be undone, by what, and what must come last."""

from collections.abc import Callable, Iterator

from one.compiler.checker.infer import Judge
from one.compiler.diagnosis import Severity
from one.compiler.program import Service, Step, walk
from one.compiler.reader import Span
from one.ontology.services import Action

Place = Callable[[Step, str], Span]


def check_together(judge: Judge, steps: list[Step], place: Place) -> None:
    """Judges every atomic step of the program."""
    if judge.findings.doubtful or any(
        one.code[1] == "8" and one.severity is Severity.ERROR for one in judge.findings.found
    ):
        return
    for _, step in walk(steps):
        if step.atomic is not None:
            _atomic(judge, step, place)


def _calls(judge: Judge, steps: list[Step]) -> Iterator[tuple[Step, Service, Action]]:
    for _, step in walk(steps):
        if step.service is None:
            continue
        action = judge.vocabulary.action(step.service.provider, step.service.method)
        if action is not None:
            yield step, step.service, action


def _atomic(judge: Judge, step: Step, place: Place) -> None:
    undo = step.on_error.rollback if step.on_error else []
    forward = list(_calls(judge, step.atomic or []))
    undoing = list(_calls(judge, undo))
    for call, service, action in undoing:
        if not any(_undoes((service, action), one) for one in forward):
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


def _undoes(undo: tuple[Service, Action], forward: tuple[Step, Service, Action]) -> bool:
    """The inverse of the call, or another action of its service that changes something."""
    service, action = undo
    _, called, known = forward
    if service.provider != called.provider:
        return False
    return known.inverse == action.name or (
        known.effect == "irreversible" and action.name != known.name
    )

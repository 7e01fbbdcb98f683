"""Calls that a feature asks about afterwards: `IF payment failed` goes on where one failed."""

from collections.abc import Collection, Iterator, Sequence

from one.compiler.expression import Call, children, names_in
from one.compiler.program import OnError, Program, Step, steps_of, trees_in

_OWN_ENDS = frozenset({"try", "retry", "atomic"})
_GOES_ON = OnError(continue_=True)


def go_on(steps: Sequence[Step], asked: Collection[str]) -> None:
    """A call whose result is asked for having failed doesn't end the flow when it fails; what it
    is tried in, or done together with, sees to that itself.
    """
    for step in steps:
        called = step.service is not None or step.call is not None
        if called and step.on_error is None and step.output in asked:
            step.on_error = _GOES_ON.model_copy()
        if step.kind not in _OWN_ENDS:
            for _, block in step.blocks():
                go_on(block, asked)


def unsaid(program: Program) -> Program:
    """The program without what `go_on` adds to it when it is read."""
    found = program.model_copy(deep=True)
    asked = set(_asked(found.flow))
    for step in steps_of(found.flow):
        if step.output in asked and step.on_error == _GOES_ON:
            step.on_error = None
    again = found.model_copy(deep=True)
    go_on(again.flow, asked)
    return found if again == program else program


def _asked(steps: list[Step]) -> Iterator[str]:
    """The names of what a value asks whether it failed."""
    waiting = [tree for step in steps_of(steps) for tree in trees_in(step)]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, Call) and tree.name == "failed":
            yield from names_in(tree)
        waiting += children(tree)

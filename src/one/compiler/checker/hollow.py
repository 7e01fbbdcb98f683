"""Steps of the Technical DSL that come to nothing: blocks, lists and waits with nothing in them."""

from collections.abc import Callable, Iterator, Sequence

from one.compiler.checker.infer import Judge
from one.compiler.diagnosis import listed
from one.compiler.expression import Items
from one.compiler.program import Step
from one.compiler.reader import Span

Place = Callable[[Step, str], Span]
_CHANNELS = ("app", "email", "push", "sms")
_NEEDED = frozenset({"do", "steps", "atomic"})


def check_hollow(judge: Judge, steps: Sequence[Step], *, place: Place) -> None:
    """Reading English has told of these already, in its own words."""
    for step in steps:
        for pointer, code, said in (*_blocks(step), *_lists(step), *_waits(step)):
            judge.error(code, said, span=place(step, pointer))


_Found = Iterator[tuple[str, str, str]]


def _blocks(step: Step) -> _Found:
    blocks = step.blocks()
    if step.if_ is not None and not step.if_.then and not step.if_.else_:
        yield "then", "E112", "If this holds, then what? There is no step."
    if step.parallel is not None and not step.parallel:
        yield "", "E112", "There is no step to do at the same time."
    for name, inner in blocks:
        if name in _NEEDED and not inner:
            yield (name if name != step.kind else ""), "E112", "There is no step in this block."


def _lists(step: Step) -> _Found:
    if step.for_each is not None and step.for_each.in_ == Items(()):
        yield "in", "E502", "There is nothing in this list to go through."
    if step.tag is not None and not step.tag.names:
        yield "names", "E903", "Tag it with what? “names” holds nothing."
    if step.show is not None and not step.show.values:
        yield "values", "E903", "Show what? “values” holds nothing."
    if (update := step.update) is not None and not (update.set or update.add or update.status):
        yield "", "E903", "Change what? Say “set”, “add” or “status”."
    if step.notify is not None:
        if not step.notify.channels:
            yield "channels", "E903", "Sent how? “channels” holds nothing."
        for one in step.notify.channels:
            if one not in _CHANNELS:
                said = f"There is no way called “{one}”. There are {listed(_CHANNELS, 'and')}."
                yield "channels", "E909", said


def _waits(step: Step) -> _Found:
    long = "This is longer than nothing: a number above 0, and ms, s, m, h, d or w."
    if isinstance(step.wait, str) and _nothing(step.wait):
        yield "", "E905", long
    for part in (step.wait_for_event, step.service):
        if part is not None and part.timeout is not None and _nothing(part.timeout):
            yield "timeout", "E905", long


def _nothing(length: str) -> bool:
    return not length.rstrip("mohdws").strip("0.")

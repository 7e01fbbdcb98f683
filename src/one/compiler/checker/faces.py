"""Inputs, outputs, waits, step numbers, triggers: what a feature shows and promises."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence

from one.compiler.bind.session import ends
from one.compiler.checker.infer import Judge
from one.compiler.checker.ranges import constant
from one.compiler.diagnosis import Edit, Fix
from one.compiler.expression import names_in
from one.compiler.program import Every, Program, Step, trees_in
from one.compiler.reader import Span
from one.compiler.vocabulary import spaced

Spans = Mapping[str, Span]


def check_faces(judge: Judge, program: Program, steps: Sequence[Step], *, spans: Spans) -> None:
    """Judges what the whole program says of itself."""
    if judge.findings.doubtful:
        return
    if not judge.findings.open:
        _inputs(judge, program, steps, spans=spans)
    _outputs(judge, program, steps, spans=spans)
    _triggers(judge, program, steps, spans=spans)


def _inputs(judge: Judge, program: Program, steps: Sequence[Step], *, spans: Spans) -> None:
    unread = [name for name in program.input if not {name, _base(name)} & judge.used]
    read = frozenset[str]().union(*map(_names, steps)) if unread else frozenset[str]()
    for name in unread:
        if not {name, _base(name)} & read:
            judge.warn("E610", f"“{name}” is never used.", span=spans.get(name))


def _base(name: str) -> str:
    """`courseId` → `course`."""
    return name.removesuffix("Id")


def _names(step: Step) -> Iterator[str]:
    """Every name that a step reads."""
    if step.validate_:
        yield from (name.split(".")[0] for name in step.validate_.checks)
    for tree in trees_in(step):
        yield from names_in(tree)


def _outputs(judge: Judge, program: Program, steps: Sequence[Step], *, spans: Spans) -> None:
    """Every declared output is given on every way that ends."""
    returns = [
        step for step in steps if step.return_ is not None and not _refuses(step.return_, spans)
    ]
    shown = {name for step in steps if step.show for name in step.show.values}
    for name, slot in program.output.items():
        span = spans.get("out:" + name)
        if span is None or slot.optional or name in shown:
            continue
        giving = [step for step in returns if name in (step.return_ or {})]
        if not giving:
            said = f"“{name}” is promised as an output and never given."
            end = spans.get("end:") if not returns and _is_bound(program, name) else None
            fixes = [_giving(end, name)] if end else []
            judge.error("E602", said, *fixes, span=span)
        elif any(name not in (step.return_ or {}) for step in returns) or not ends(program.flow):
            judge.error("E602", f"“{name}” is not given on every way through.", span=span)


def _is_bound(program: Program, name: str) -> bool:
    """Whether the flow saves something under the name, on the way that always runs."""
    return name in program.input or any(step.output == name for step in program.flow)


def _giving(end: Span, name: str) -> Fix:
    place = Span(end.line, end.end, end.end)
    return Fix(f"Give {spaced(name)} at the end", (Edit(place, f"\nGIVE {spaced(name)}"),))


def _refuses(given: Mapping[str, object], spans: Spans) -> bool:
    """An early answer in words only, beside the declared outputs."""
    return list(given) == ["message"] and "out:message" not in spans


def _triggers(judge: Judge, program: Program, steps: Sequence[Step], *, spans: Spans) -> None:
    """A feature whose own steps would set it off again."""
    trigger = program.trigger
    if trigger is None:
        return
    if trigger.every is not None:
        _comes(judge, trigger.every, spans)
    known = constant(trigger.reaches) if trigger.reaches is not None else None
    if known is not None and known.sort != "text" and known.number <= 0:
        said = "This never comes: what is counted begins at nothing and grows from there."
        span = spans.get("trigger:reaches") or spans.get("trigger")
        judge.error("E605", said, span=span, why="Say a number that it grows to, such as 100.")
    for step in steps:
        made = step.entity.type if step.entity else None
        tied = step.connect.type if step.connect else None
        happened = step.event.type if step.event else None
        again = (
            (trigger.created and trigger.created == made)
            or (trigger.event and trigger.event == happened and not trigger.where)
            or (
                trigger.connection
                and trigger.connection == tied
                and trigger.connection != "completed"
            )
        )
        if again:
            judge.warn("E613", "This sets the same feature off again.", span=judge.locate(step))
            return


def _comes(judge: Judge, every: Every, spans: Spans) -> None:
    """A schedule that never comes, or a day that it has none of."""
    span = spans.get("trigger:every") or spans.get("trigger")
    if every.count < 1:
        said = "This never comes: it is every 1 of something, or more."
        judge.error("E605", said, span=span, why="Write how often, such as every 15 minutes.")
    for day in every.days:
        if (sort := _sort(day)) == "never":
            why = "Give a day that the month has."
            judge.error("E605", f"This never comes: there is no {day}.", span=span, why=why)
        elif sort != every.unit:
            why = "A weekday is of a week, a number of a month, a date such as 12-24 of a year."
            judge.error("E909", f"“{day}” is no day of a {every.unit}.", span=span, why=why)


def _sort(day: str) -> str:
    """Of which stretch of time a day is told."""
    if not day[:1].isdigit():
        return "week"
    month, _, date = day.partition("-")
    if not date:
        return "month"
    return "year" if int(date) <= monthrange(2024, int(month))[1] else "never"


def check_numbers(judge: Judge, steps: Sequence[Step]) -> None:
    """Gaps in the numbers of STEP."""
    last = 0
    for step in steps:
        if step.step is None or step.step.number is None:
            continue
        number = step.step.number
        if number != last + 1:
            said = f"Step {number} follows step {last}."
            said = said if last else f"The first step is number {number}."
            judge.warn("E611", said, span=judge.locate(step))
        last = number

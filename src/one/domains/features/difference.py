"""What changed between two revisions, as a person says it: from the programs and the sheets, not
from the texts, so that a new layout changes nothing.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from one.compiler.paraphrase import understood
from one.compiler.program import Program
from one.compiler.sheet import Sheet, ticks_of
from one.compiler.sheet import differences as rights
from one.store import Row

Part = Literal["start", "input", "output", "flow", "sheet"]


class Difference(Row):
    """One thing that changed. `before` and `after` are what it said; one may be nothing."""

    part: Part
    says: str
    before: str | None
    after: str | None


def differences(old: Program, new: Program, *, sheets: tuple[Sheet, Sheet]) -> list[Difference]:
    """Everything that changed, in the order in which a feature is read; then what it may do."""
    found = [*_start(old, new)]
    found += _slots("input", old, new)
    found += _slots("output", old, new)
    found += _lines(_flow(old), _flow(new))
    found += _rights(*sheets)
    return found


def _rights(old: Sheet, new: Sheet) -> Iterator[Difference]:
    changed = rights(old, new)
    for line in changed.more:
        yield Difference(part="sheet", says=f"New: {line.says}", before=None, after=line.says)
    for line in changed.less:
        yield Difference(part="sheet", says=f"No longer: {line.says}", before=line.says, after=None)
    before = {tick.line: tick for tick in ticks_of(old)}
    for tick in ticks_of(new):
        was = tick.line in before and before[tick.line].ticked
        if tick.ticked and not was:
            said = f"{tick.says} Now {tick.allows}."
            yield Difference(part="sheet", says=said, before=None, after=tick.allows)
        elif was and not tick.ticked:
            said = f"{tick.says} No longer {tick.allows}."
            yield Difference(part="sheet", says=said, before=tick.allows, after=None)


def _start(old: Program, new: Program) -> Iterator[Difference]:
    before, after = _trigger(old), _trigger(new)
    if before == after:
        return
    if before and after:
        says = f"It begins otherwise: not “{before}” but “{after}”."
    elif after:
        says = f"It is no longer called: “{after}”."
    else:
        says = f"It no longer runs by itself (“{before}”); it is called."
    yield Difference(part="start", says=says, before=before, after=after)


def _trigger(program: Program) -> str | None:
    if program.trigger is None:
        return None
    bare = Program(feature=program.feature, trigger=program.trigger)
    return understood(bare, ())[0].removesuffix(", this runs by itself.")


def _slots(part: Literal["input", "output"], old: Program, new: Program) -> Iterator[Difference]:
    before, after = _each_slot(part, old), _each_slot(part, new)
    verb = "needs" if part == "input" else "gives"
    for name, said in before.items():
        if name not in after:
            yield Difference(part=part, says=f"No longer {verb} {said}.", before=said, after=None)
        elif after[name] != said:
            says = f"Now {verb} {after[name]}, before it was {said}."
            yield Difference(part=part, says=says, before=said, after=after[name])
    for name, said in after.items():
        if name not in before:
            yield Difference(part=part, says=f"Now also {verb} {said}.", before=None, after=said)


def _each_slot(part: Literal["input", "output"], program: Program) -> dict[str, str]:
    """Of each input or output: how it is said."""
    slots = program.input if part == "input" else program.output
    found: dict[str, str] = {}
    for name, slot in slots.items():
        one = Program(feature=program.feature)
        setattr(one, part, {name: slot})
        said = understood(one, ())[0]
        found[name] = said.removeprefix("It needs ").removeprefix("It gives ").removesuffix(".")
    return found


def _flow(program: Program) -> list[str]:
    said = understood(Program(feature=program.feature, flow=program.flow), ())
    return [line.strip() for line in said]


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Lines that came, went or were put in the place of others."""
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        for before, after in _paired(old[a:b], new[c:d]):
            if before is None:
                says = f"It now does: {after}"
            elif after is None:
                says = f"It no longer does: {before}"
            else:
                says = f"Instead of: {before} Now: {after}"
            yield Difference(part="flow", says=says, before=before, after=after)


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Lines of two stretches that are versions of each other, and those that stand alone."""
    left = list(new)
    for before in old:
        alike = max(left, key=lambda one: _likeness(before, one), default=None)
        if alike is not None and _likeness(before, alike) > 0.5:
            for skipped in left[: left.index(alike)]:
                yield None, skipped
            left = left[left.index(alike) + 1 :]
            yield before, alike
        else:
            yield before, None
    for after in left:
        yield None, after


def _likeness(before: str, after: str) -> float:
    return SequenceMatcher(a=before.split(), b=after.split(), autojunk=False).ratio()

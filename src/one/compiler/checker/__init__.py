"""Everything that can be wrong with a program, in either spelling; one mistake, one diagnostic."""

from collections.abc import Mapping
from dataclasses import replace

from one.compiler.bind.literals import CURRENCY_WORDS
from one.compiler.bind.session import VALUE, Marks, always_given
from one.compiler.checker.circles import check_circles
from one.compiler.checker.faces import check_faces, check_numbers
from one.compiler.checker.facts import check_facts
from one.compiler.checker.flow import Walker
from one.compiler.checker.gone import check_gone
from one.compiler.checker.hollow import check_hollow
from one.compiler.checker.infer import Judge, Names
from one.compiler.checker.private import check_private, reads_private
from one.compiler.checker.shares import check_shares
from one.compiler.checker.together import check_asked, check_together
from one.compiler.checker.truth import check_truth
from one.compiler.checker.types import check_types
from one.compiler.diagnosis import Findings
from one.compiler.kinds import PERSON, UNKNOWN, Base, read_kind, thing, write_kind
from one.compiler.program import MAX_STEPS, Program, Slot, steps_of
from one.compiler.reader import Span
from one.compiler.vocabulary import Vocabulary, singular, spaced

Places = tuple[Marks, Mapping[str, Span]]


def check_program(
    program: Program, vocabulary: Vocabulary, *, findings: Findings, places: Places, english: bool
) -> None:
    """Adds what is wrong to the findings. `places`: marks of steps, spans of names."""
    marks, spans = places
    judge = Judge(vocabulary, findings, english)
    walker = Walker(judge, marks, program.output, inputs=program.input)
    judge.locate = walker.place
    judge.place_of = lambda tree: marks.get((id(tree), VALUE))
    steps = list(steps_of(program.flow))
    if len(steps) > MAX_STEPS:
        judge.error("E108", f"This feature has {len(steps):,} steps; one may have {MAX_STEPS}.")
        return
    if not english:
        check_types(judge, program, steps, spans=spans, place=walker.place)
        check_hollow(judge, steps, place=walker.place)
    walker.block(program.flow, starting_names(program))
    check_together(judge, steps, walker.place)
    check_asked(judge, program.flow, walker.place)
    check_circles(judge, program, steps)
    check_facts(judge, program, steps)
    check_shares(judge, steps)
    check_gone(judge, program, steps, place=walker.place)
    check_truth(judge, program, steps, places=(walker.place, spans))
    if reads_private(steps, vocabulary):
        check_private(judge, steps, kinds_of(program, vocabulary), place=walker.place)
    check_numbers(judge, steps)
    judge.place = next(iter(spans.values()), judge.place)
    check_faces(judge, program, steps, spans=spans)


def starting_names(program: Program) -> Names:
    """Inputs and what the trigger binds."""
    names: Names = {}
    for name, slot in program.input.items():
        kind = read_kind(slot.type) or UNKNOWN
        if kind.base is Base.MONEY and (currency := _currency(name, slot)):
            kind = replace(kind, values=(currency,))
        names[name] = kind
        if name.endswith("Id") and kind.base == "thing":
            names.setdefault(name[:-2], kind)
    trigger = program.trigger
    if trigger is not None:
        if trigger.actor:
            names[trigger.actor] = PERSON
        names |= {name: thing(kind) for name, kind in trigger.with_.items()}
        if trigger.entity:
            names[trigger.entity] = thing(*([trigger.entity_type] if trigger.entity_type else []))
    return names


def _currency(name: str, slot: Slot) -> str:
    """The currency that an input's words say: `price in euros`."""
    said = f"{spaced(name)} {slot.gloss}".casefold().split()
    found = {CURRENCY_WORDS[one] for word in said if (one := singular(word)) in CURRENCY_WORDS}
    return found.pop() if len(found) == 1 else ""


def outputs_of(program: Program, vocabulary: Vocabulary) -> dict[str, Slot]:
    """What the program answers, when it declares no outputs."""
    judge, names = Judge(vocabulary, Findings(), english=False), kinds_of(program, vocabulary)
    found, always = dict[str, Slot](), always_given(program.flow)
    for step in steps_of(program.flow):
        for name, tree in (step.return_ or {}).items():
            kind = judge.kind(tree, names)
            slot = Slot(type=write_kind(kind if name in always else kind.maybe))
            found.setdefault(name, slot)
    return found


def kinds_of(program: Program, vocabulary: Vocabulary, *, known: Names | None = None) -> Names:
    """Every name that the program binds anywhere, with its kind; loop names included."""
    judge = Judge(vocabulary, Findings(), english=False)
    walker = Walker(judge, {}, outputs=program.output, inputs=program.input)
    names = {**(known or {}), **starting_names(program)}
    for step in steps_of(program.flow):
        if step.for_each is not None:
            kind = judge.kind(step.for_each.in_, names)
            names.setdefault(step.for_each.as_, kind.item or UNKNOWN)
        for name, kind in walker.binds(step, names).items():
            names.setdefault(name, kind)
    return names

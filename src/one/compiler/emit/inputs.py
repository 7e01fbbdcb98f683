"""What a feature is given, as its code names it."""

from collections.abc import Iterator, Sequence

from one.compiler.emit.scope import TAKEN, snake
from one.compiler.expression import Binary, Expr, Lit, Ref, children
from one.compiler.predicates import trees_of
from one.compiler.program import Program, Slot, Step, Trigger, steps_of


def inputs_of(program: Program) -> dict[str, tuple[Slot, bool]]:
    """Every input with whether it may be missing: the declared ones, and what a trigger binds."""
    checked = set(_checked(program.flow))
    found = {
        name: (slot, slot.optional or name in checked or short(name) in checked)
        for name, slot in program.input.items()
    }
    made = program.trigger.with_ if program.trigger else {}
    for name, kind in _bound_by(program.trigger):
        found.setdefault(name, (Slot(type=kind), name in checked or name in made))
    return found


def _bound_by(trigger: Trigger | None) -> Iterator[tuple[str, str]]:
    if trigger is None:
        return
    if trigger.actor:
        yield trigger.actor, "Id<person>"
    if trigger.entity:
        yield trigger.entity, f"Id<{trigger.entity_type or 'entities'}>"
    for name, kind in trigger.with_.items():
        yield name, f"Id<{kind}>"


def short(name: str) -> str:
    return name[:-2] if name.endswith("Id") else name


def _checked(steps: Sequence[Step]) -> Iterator[str]:
    """Names of which the feature asks whether they are there."""
    for step in steps_of(steps):
        for tree in trees_of(step):
            yield from _asked_for(tree)


def _asked_for(tree: Expr) -> Iterator[str]:
    match tree:
        case Binary("==" | "!=", Ref(name), Lit(None)):
            yield name
        case _:
            for child in children(tree):
                yield from _asked_for(child)


def attribute(name: str) -> str:
    """The field that an input or an output is in the code."""
    found = snake(name)
    found = f"{found}_" if found in TAKEN - {"run", "data", "given", "failure"} else found
    return f"n_{found}" if found[0].isdigit() else found

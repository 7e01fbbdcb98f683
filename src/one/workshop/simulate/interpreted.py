"""A program as a feature that can be run as it stands, without code being written for it."""

import keyword
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from typing_extensions import override

from one.compiler.kinds import Base, Kind, read_kind
from one.compiler.program import Program, Slot, walk
from one.compiler.vocabulary import Vocabulary
from one.sdk import Feature, Input, Output, Thing, Trigger
from one.sdk import Slot as Asked
from one.sdk.feature import Field, Part
from one.sdk.run import Run
from one.sdk.values import Money, Value
from one.workshop.simulate.outside import OUTSIDE
from one.workshop.simulate.scope import Answer, Scope, is_durable, may_be_missing, read_in
from one.workshop.simulate.shapes import SHAPES
from one.workshop.simulate.trees import constant
from one.workshop.simulate.walking import Block, Walk, Watch, unwatched

_KINDS: Mapping[Base, type] = {
    Base.TEXT: str,
    Base.INTEGER: int,
    Base.SHARE: int,
    Base.NUMBER: float,
    Base.RATIO: float,
    Base.BOOLEAN: bool,
    Base.MONEY: Money,
    Base.DATETIME: datetime,
    Base.DURATION: timedelta,
    Base.THING: Thing,
}


class Given(Input):
    """What a program is given, by its own names."""

    values: Mapping[str, Value]


@dataclass
class Interpreted(Feature):
    """A program that is walked through instead of being written as code."""

    name: str = ""
    inputs: Mapping[str, Field] = field(default_factory=dict[str, Field])

    @property
    @override
    def slug(self) -> str:
        return self.name

    @cached_property
    @override
    def fields(self) -> tuple[Field, ...]:
        return tuple(self.inputs.values())

    @cached_property
    @override
    def given(self) -> type[Input]:
        named = {one.name: name for name, one in self.inputs.items()}

        def given(**values: Value) -> Input:
            return Given(values={named[key]: value for key, value in values.items()})

        return cast("type[Input]", given)


def interpreted(
    program: Program, vocabulary: Vocabulary, *, watch: Watch = unwatched
) -> Interpreted:
    """The feature that a program is; `watch` hears of each step that was done or has failed."""
    read = read_in(program.flow)
    walking = Walk(
        frozenset(program.output),
        read,
        {service.name: service for service in vocabulary.services},
        {**SHAPES, **OUTSIDE},
        watch,
    )
    return Interpreted(
        program.title or program.feature,
        _main(walking, program),
        is_durable(program.flow),
        _trigger(program),
        dict(_parts(walking, program)),
        name=program.feature,
        inputs=_inputs(program),
    )


def _main(walking: Walk, program: Program) -> Callable[[Run, Input], Awaitable[Output]]:
    async def main(run: Run, given: Input) -> Output:
        assert isinstance(given, Given), "an interpreted feature makes its own input"
        names: dict[str, Value] = {}
        for name, value in given.values.items():
            if not walking.read.isdisjoint({name, _short(name)}):
                names[name] = value
                names.setdefault(_short(name), value)
        flow = Block(program.flow, "flow")
        return await walking.block(Scope(run, None, names), flow) or Answer()

    return main


def _parts(walking: Walk, program: Program) -> Iterator[tuple[str, Part]]:
    """What goes its own way, by its path."""
    for path, step in walk(program.flow):
        if step.later is not None:
            yield path, _part(walking, Block(step.later.do, f"{path}.do"))


def _part(walking: Walk, block: Block) -> Part:
    async def part(run: Run, names: dict[str, Value]) -> None:
        await walking.block(Scope(run, None, dict(names)), block)

    return part


# --- what it is given ----------------------------------------------------------------------------


def _inputs(program: Program) -> dict[str, Field]:
    """Every input by its name: the declared ones, and what a trigger binds."""
    missing = may_be_missing(program.flow)
    found = {
        name: _field(name, slot, optional=not missing.isdisjoint({name, _short(name)}))
        for name, slot in program.input.items()
    }
    for name, kind, sure in _bound(program):
        optional = not sure or name in missing
        found.setdefault(name, _field(name, Slot(type=kind), optional=optional))
    return found


def _bound(program: Program) -> Iterator[tuple[str, str, bool]]:
    """The names that a trigger binds, their kinds, and whether they surely are there."""
    trigger = program.trigger
    if trigger is None:
        return
    if trigger.actor:
        yield trigger.actor, "Id<person>", True
    if trigger.entity:
        yield trigger.entity, f"Id<{trigger.entity_type or 'entities'}>", True
    for name, kind in trigger.with_.items():
        yield name, f"Id<{kind}>", False


def _short(name: str) -> str:
    """`$buyer` is `buyerId` too."""
    return name.removesuffix("Id")


def _field(name: str, slot: Slot, *, optional: bool) -> Field:
    kind = read_kind(slot.type) or Kind(Base.JSON)
    many = kind.base is Base.LIST
    inner = (kind.item or Kind(Base.JSON)) if many else kind
    asked = Asked(
        tuple(sorted(inner.types)) if inner.base is Base.THING else (),
        constant(slot.min) if slot.min is not None else None,
        constant(slot.max) if slot.max is not None else None,
        tuple(constant(one) for one in slot.one_of or ()),
    )
    python = _KINDS.get(inner.base, object)
    default = constant(slot.default) if slot.default is not None else None
    return Field(_spelt(name), python, asked, many, optional or slot.optional, default)


def _spelt(name: str) -> str:
    """The name as Python spells it, which its wire name leads back to."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{spaced}_" if keyword.iskeyword(spaced) else spaced


def _trigger(program: Program) -> Trigger | None:
    """Whose news sets it off, and what fills which input."""
    trigger = program.trigger
    if trigger is None or trigger.every is not None or trigger.signal is not None:
        return None
    made = {_spelt(name): kind for name, kind in trigger.with_.items()}
    actor, entity = _spelt(trigger.actor or ""), _spelt(trigger.entity or "")
    if trigger.connection:
        return Trigger("connections", actor, entity, made)
    if trigger.created or trigger.published:
        return Trigger("entities", actor, entity, made)
    return Trigger("events", actor, entity, made)

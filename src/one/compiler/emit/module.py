"""A program as a module of Python: imports, what it is given and gives, and the flow itself."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from one.compiler.emit.expressions import Expressions, constant, mapping
from one.compiler.emit.outside import OUTSIDE
from one.compiler.emit.scope import TAKEN, Names, Static, snake
from one.compiler.emit.shapes import SHAPES
from one.compiler.emit.statements import Statements, is_durable, read_in, trees_of
from one.compiler.emit.writer import Writer
from one.compiler.expression import Binary, Expr, Lit, Ref, children
from one.compiler.kinds import Base, Kind, read_kind
from one.compiler.program import Program, Slot, Step, Trigger, walk
from one.compiler.vocabulary import Vocabulary

SDK = frozenset(
    {
        "AnyOf", "Average", "Awaited", "Failure", "How", "Input", "Money", "New", "Output",
        "Query", "Refusal", "Run", "Slot", "Thing", "Tie", "Trigger", "Value", "Where", "among",
        "answered", "at_least", "at_most", "average", "ceiling", "contains", "datetime", "days",
        "divided", "either", "equal", "failed", "failed_with", "feature", "first", "floor",
        "hours", "join", "last", "least", "length", "less", "lower", "minus", "minutes", "money",
        "months_after", "more", "most", "negative", "nothing", "pick", "plus", "read",
        "remainder", "rounded", "seconds", "split", "starts_with", "text", "timedelta", "times",
        "total", "trim", "truth", "upper", "weeks",
    }
)  # fmt: skip
"""What `one.sdk` offers to generated code."""

_STATIC = {
    Base.TEXT: Static.TEXT,
    Base.INTEGER: Static.INTEGER,
    Base.NUMBER: Static.NUMBER,
    Base.RATIO: Static.NUMBER,
    Base.SHARE: Static.INTEGER,
    Base.BOOLEAN: Static.BOOLEAN,
    Base.MONEY: Static.MONEY,
    Base.DATETIME: Static.MOMENT,
    Base.DURATION: Static.LENGTH,
}


@dataclass(frozen=True, slots=True)
class Emitted:
    """A feature's module. `errors` are the codes that it refuses with, and their words."""

    slug: str
    module: str
    errors: Mapping[str, str]
    durable: bool


def emit(
    program: Program, vocabulary: Vocabulary, *, text: str = "", lines: Mapping[str, int]
) -> Emitted:
    """The module of a whole program; `lines` are the lines of its text by path."""
    writer = Writer(tuple(text.splitlines()), lines)
    names = Names(SDK | {"Given", "Result"} | {program.feature})
    outputs = {key: _attribute(key) for key in program.output}
    services = {service.name: service for service in vocabulary.services}
    write = Statements(
        writer,
        names,
        outputs,
        services,
        {**SHAPES, **OUTSIDE},
        read_in(program.flow),
        program.trigger is not None,
    )
    durable = is_durable(program.flow)
    _given(write, program)
    _result(write, program)
    _main(write, program, durable=durable)
    _parts(write, program)
    body = "\n".join(writer.lines)
    module = "\n".join([*_head(program, body), body]).rstrip() + "\n"
    return Emitted(program.feature, module, dict(sorted(write.errors.items())), durable)


def _head(program: Program, body: str) -> list[str]:
    said = [program.title or program.feature, "", "Written by ONE from the text of the feature."]
    doc = "\n".join(said).replace("\\", "\\\\").replace('"""', "'''")
    used = {
        node.id
        for node in ast.walk(ast.parse(body))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    names = sorted(used & SDK, key=lambda one: (not one[0].isupper(), one))
    lines = [f'"""{doc}', '"""', ""]
    if "Annotated" in used:
        lines += ["from typing import Annotated", ""]
    return [*lines, f"from one.sdk import {', '.join(names)}", ""]


def _attribute(name: str) -> str:
    found = snake(name)
    found = f"{found}_" if found in TAKEN - {"run", "data", "given", "failure"} else found
    return f"n_{found}" if found[0].isdigit() else found


# --- what goes in and out -----------------------------------------------------------------------


def inputs_of(program: Program) -> dict[str, tuple[Slot, bool]]:
    """Every input with whether it may be missing: the declared ones, and what a trigger binds."""
    checked = set(_checked(program.flow))
    found = {
        name: (slot, slot.optional or name in checked or _short(name) in checked)
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


def _short(name: str) -> str:
    return name[:-2] if name.endswith("Id") else name


def _checked(steps: Sequence[Step]) -> Iterator[str]:
    """Names of which the feature asks whether they are there."""
    for _, step in walk(list(steps)):
        for tree in trees_of(step):
            yield from _asked_for(tree)


def _asked_for(tree: Expr) -> Iterator[str]:
    match tree:
        case Binary("==" | "!=", Ref(name), Lit(None)):
            yield name
        case _:
            for child in children(tree):
                yield from _asked_for(child)


def _given(write: Statements, program: Program) -> None:
    write.add("")
    with write.writer.block("class Given(Input):"):
        write.add('"""What the feature is given."""')
        write.add("")
        for name, (slot, missing) in inputs_of(program).items():
            write.add(_field(write, name, slot, missing=missing))
    write.add("")


def _field(write: Statements, name: str, slot: Slot, *, missing: bool) -> str:
    kind = read_kind(slot.type) or Kind(Base.JSON)
    python = _annotation(write, kind.sure)
    default = ""
    if missing or slot.optional:
        python, default = f"{python} | None", " = None"
    asked = _asked_of(write, slot, kind)
    if asked:
        python = f"Annotated[{python}, Slot({asked})]"
    gloss = f"  # {' '.join(slot.gloss.split())[:60]}" if slot.gloss else ""
    return f"{_attribute(name)}: {python}{default}{gloss}"


def _annotation(write: Statements, kind: Kind) -> str:
    if kind.base is Base.LIST:
        return f"list[{_annotation(write, (kind.item or Kind(Base.JSON)).sure)}]"
    if kind.base is Base.THING:
        return "Thing"
    static = _STATIC.get(kind.base, Static.VALUE)
    return static.value


def _asked_of(write: Statements, slot: Slot, kind: Kind) -> str:
    """The keywords of a field's Slot."""
    at = Expressions(write.names)
    inner = kind.item if kind.base is Base.LIST and kind.item else kind
    said: list[str] = []
    if inner.base is Base.THING and inner.types:
        said.append(f"types={tuple(sorted(inner.types))!r}")
    for key, tree in (("at_least", slot.min), ("at_most", slot.max)):
        if tree is not None:
            said.append(f"{key}={at.text_of(tree)}")
    if slot.one_of:
        values = ast.Tuple([at.value(one) for one in slot.one_of], ast.Load())
        said.append(f"one_of={ast.unparse(values)}")
    return ", ".join(said)


def _result(write: Statements, program: Program) -> None:
    write.add("")
    with write.writer.block("class Result(Output):"):
        write.add('"""What the feature gives."""')
        write.add("")
        for name, slot in program.output.items():
            gloss = f"  # {' '.join(slot.gloss.split())[:60]}" if slot.gloss else ""
            write.add(f"{_attribute(name)}: Value = None{gloss}")
    write.add("")


# --- the flow -----------------------------------------------------------------------------------


def _main(write: Statements, program: Program, *, durable: bool) -> None:
    write.add("")
    named = ", durable=True" if durable else ""
    if (
        program.trigger is not None
        and program.trigger.every is None
        and program.trigger.signal is None
    ):
        named += f", trigger={_trigger(program.trigger)}"
    write.add(f"@feature({(program.title or program.feature)!r}{named})")
    with write.writer.function(program.feature, "Result", run="Run", given="Given"):
        write.add(f'"""{_docline(program)}"""')
        _inputs(write, program)
        write.block(program.flow, "flow")
        if not (program.flow and program.flow[-1].return_ is not None):
            write.add("return Result()")


def _docline(program: Program) -> str:
    said = (program.title or program.feature).replace("\\", "").replace('"', "'")
    return said.rstrip(".") + "."


def _inputs(write: Statements, program: Program) -> None:
    """A local for each input that the flow reads."""
    for name, (slot, missing) in inputs_of(program).items():
        kind = read_kind(slot.type) or Kind(Base.JSON)
        static = Static.VALUE if missing or kind.optional else _STATIC.get(kind.base, Static.VALUE)
        if not _is_read(program, name):
            continue
        local = write.names.bind(name, static)
        write.add(f"{local} = given.{_attribute(name)}")
        if _short(name) not in write.names.known:
            write.names.known[_short(name)] = write.names.known[name]


def _is_read(program: Program, name: str) -> bool:
    return not {name, _short(name)}.isdisjoint(read_in(program.flow))


def _trigger(trigger: Trigger) -> str:
    """The sdk's trigger: whose news it hears, and what fills which input."""
    kind = "connections" if trigger.connection else "entities"
    kind = kind if trigger.connection or trigger.created or trigger.published else "events"
    said = [f"kind={kind!r}"]
    if trigger.actor:
        said.append(f"actor={_attribute(trigger.actor)!r}")
    if trigger.entity:
        said.append(f"entity={_attribute(trigger.entity)!r}")
    if trigger.with_:
        made = {_attribute(name): constant(kind) for name, kind in trigger.with_.items()}
        said.append(f"made={ast.unparse(mapping(made))}")
    return f"Trigger({', '.join(said)})"


def _parts(write: Statements, program: Program) -> None:
    """What goes its own way, as functions of their own."""
    for part in write.parts:
        names = Names(write.names.reserved)
        own = Statements(
            write.writer,
            names,
            write.outputs,
            write.services,
            write.shapes,
            write.read,
            write.triggered,
            write.errors,
            write.parts,
        )
        write.writer.forget()
        function = write.names.fresh(part.path.replace(".", "_"))
        own.add("")
        own.add("")
        own.add(f"@{program.feature}.part({part.path!r})")
        with own.writer.function(function, "None", run="Run", names="dict[str, Value]"):
            own.add('"""Goes its own way."""')
            for one in part.names:
                own.add(f"{names.bind(one)} = names[{one!r}]")
            own.block(part.steps, f"{part.path}.do")

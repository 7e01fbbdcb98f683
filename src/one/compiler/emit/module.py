"""A program as a module of Python: imports, what it is given and gives, and the flow itself."""

import ast
from collections.abc import Mapping

from one.compiler.emit.expressions import Expressions, constant, mapping, several
from one.compiler.emit.inputs import attribute, inputs_of, short
from one.compiler.emit.outside import OUTSIDE
from one.compiler.emit.printing import WIDTH, imported, quoted, source
from one.compiler.emit.scope import Names, Static
from one.compiler.emit.shapes import SHAPES
from one.compiler.emit.statements import Statements, is_durable, read_in, times_read
from one.compiler.emit.tidying import tidied
from one.compiler.emit.writer import Writer
from one.compiler.kinds import PEOPLE, Base, Kind, read_kind
from one.compiler.light import frozen
from one.compiler.program import Program, Slot, Trigger
from one.compiler.vocabulary import Vocabulary

SDK = frozenset(
    {
        "AnyOf", "Average", "Awaited", "Failure", "How", "Input", "Money", "New", "Output",
        "Person", "Query", "Refusal", "Run", "Slot", "Thing", "Tie", "Trigger", "Value", "Where",
        "among", "at_least", "at_most", "average", "beginning", "ceiling", "contains", "datetime",
        "days", "divided", "either", "equal", "failed", "failed_with", "feature", "first",
        "floor", "hours", "join", "last", "least", "length", "less", "lower", "minus", "minutes",
        "money", "months_after", "more", "most", "negative", "nothing", "pick", "plus", "read",
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


@frozen
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
    outputs = {key: attribute(key) for key in program.output}
    services = {service.name: service for service in vocabulary.services}
    write = Statements(
        program,
        writer,
        names,
        outputs,
        services,
        {**SHAPES, **OUTSIDE},
        read_in(program.flow),
        times_read(program.flow),
    )
    durable = is_durable(program.flow)
    _given(write, program)
    _result(write, program)
    _main(write, program, durable=durable)
    _parts(write, program)
    body = "\n".join(tidied(writer.lines))
    module = "\n".join([*_head(program, body), body]).rstrip() + "\n"
    return Emitted(program.feature, module, dict(sorted(write.errors.items())), durable)


def _head(program: Program, body: str) -> list[str]:
    title = _sayable(program.title or program.feature)
    nodes = ast.walk(ast.parse(body))
    used = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    names = sorted(used & SDK, key=lambda one: (not one[0].isupper(), one))
    annotated = ["from typing import Annotated", ""] if "Annotated[" in body else []
    doc = [f'"""{title}', "", "Written by ONE from the text of the feature.", '"""', ""]
    return [*doc, *annotated, *imported("one.sdk", names), ""]


def _sayable(text: str) -> str:
    """A title as a docstring can have it."""
    plain = "".join(one for one in text if one.isprintable() and one != "\\")
    return " ".join(plain.replace('"', "'").split())[:90]


# --- what goes in and out -----------------------------------------------------------------------


def _given(write: Statements, program: Program) -> None:
    write.add("")
    with write.writer.block("class Given(Input):"):
        write.add('"""What the feature is given."""')
        found = inputs_of(program)
        write.writer.lines += [""] if found else []
        for name, (slot, missing) in found.items():
            _field(write, name, slot, missing=missing)
    write.add("")


def _field(write: Statements, name: str, slot: Slot, *, missing: bool) -> None:
    kind = read_kind(slot.type) or Kind(Base.JSON)
    python, default = _annotation(kind.sure), ""
    if missing or slot.optional:
        python, default = f"{python} | None", " = None"
    elif slot.default is not None:
        default = f" = {Expressions(write.names).text_of(slot.default)}"
    asked = _asked_of(write, slot, kind)
    if asked:
        python = f"Annotated[{python}, Slot({asked})]"
    _said_beside(write, f"{attribute(name)}: {python}{default}", slot)


def _said_beside(write: Statements, field: str, slot: Slot) -> None:
    """A field with its gloss: behind it where there is room, else above."""
    gloss = "".join(one for one in " ".join(slot.gloss.split())[:80] if one.isprintable())
    if gloss and len(field) + len(gloss) + 8 <= WIDTH:
        field += f"  # {gloss}"
    elif gloss:
        write.add(f"# {gloss}")
    write.add(field)


def static_of(kind: Kind) -> Static:
    """What is sure of an input that is there."""
    return Static.VALUE if kind.optional else _STATIC.get(kind.base, Static.VALUE)


def _annotation(kind: Kind) -> str:
    if kind.base is Base.LIST:
        return f"list[{_annotation((kind.item or Kind(Base.JSON)).sure)}]"
    if kind.base is Base.THING:
        return "Person" if kind.types == PEOPLE else "Thing"
    return _STATIC.get(kind.base, Static.VALUE).value


def _asked_of(write: Statements, slot: Slot, kind: Kind) -> str:
    """The keywords of a field's Slot."""
    at = Expressions(write.names)
    inner = kind.item if kind.base is Base.LIST and kind.item else kind
    said: list[str] = []
    if inner.base is Base.THING and inner.types and inner.types != PEOPLE:
        types = several([constant(one) for one in sorted(inner.types)])
        said.append(f"types={source(types)}")
    for key, tree in (("at_least", slot.min), ("at_most", slot.max)):
        if tree is not None:
            said.append(f"{key}={at.text_of(tree)}")
    if slot.one_of:
        said.append(f"one_of={source(several([at.value(one) for one in slot.one_of]))}")
    return ", ".join(said)


def _result(write: Statements, program: Program) -> None:
    write.add("")
    with write.writer.block("class Result(Output):"):
        write.add('"""What the feature gives."""')
        write.writer.lines += [""] if program.output else []
        for name, slot in program.output.items():
            _said_beside(write, f"{attribute(name)}: Value = None", slot)
    write.add("")


# --- the flow -----------------------------------------------------------------------------------


def _main(write: Statements, program: Program, *, durable: bool) -> None:
    write.add("")
    named = ", durable=True" if durable else ""
    trigger = program.trigger
    if trigger is not None and trigger.every is None and trigger.signal is None:
        named += f", trigger={_trigger(trigger)}"
    write.add(f"@feature({quoted(program.title or program.feature)}{named})")
    with write.writer.function(program.feature, "Result", run="Run", given="Given"):
        write.add(f'"""{_sayable(program.title or program.feature).rstrip(".")}."""')
        _inputs(write, program)
        write.block(program.flow, "flow")
        if not (program.flow and program.flow[-1].return_ is not None):
            write.add("return Result()")


def _inputs(write: Statements, program: Program) -> None:
    """A local for each input that the flow reads."""
    for name, (slot, missing) in inputs_of(program).items():
        kind = read_kind(slot.type) or Kind(Base.JSON)
        static = Static.VALUE if missing else static_of(kind)
        if not _is_read(program, name):
            continue
        local = write.names.bind(name, static)
        write.add(f"{local} = given.{attribute(name)}")
        if short(name) not in write.names.known:
            write.names.known[short(name)] = write.names.known[name]


def _is_read(program: Program, name: str) -> bool:
    return not {name, short(name)}.isdisjoint(read_in(program.flow))


def _trigger(trigger: Trigger) -> str:
    """The sdk's trigger: whose news it hears, and what fills which input."""
    kind = "connections" if trigger.connection else "entities"
    kind = kind if trigger.connection or trigger.created or trigger.published else "events"
    said = [f"kind={quoted(kind)}"]
    if trigger.actor:
        said.append(f"actor={quoted(attribute(trigger.actor))}")
    if trigger.entity:
        said.append(f"entity={quoted(attribute(trigger.entity))}")
    if trigger.with_:
        made = {attribute(name): constant(kind) for name, kind in trigger.with_.items()}
        said.append(f"made={source(mapping(made))}")
    return f"Trigger({', '.join(said)})"


def _parts(write: Statements, program: Program) -> None:
    """What goes its own way, as functions of their own."""
    for part in write.parts:
        names = Names(write.names.reserved)
        own = Statements(
            program,
            write.writer,
            names,
            write.outputs,
            write.services,
            write.shapes,
            write.read,
            write.times,
            write.errors,
            write.parts,
        )
        write.writer.forget()
        function = write.names.fresh(part.path.replace(".", "_"))
        own.add("")
        own.add("")
        own.add(f"@{program.feature}.part({quoted(part.path)})")
        with own.writer.function(function, "None", run="Run", names="dict[str, Value]"):
            own.add('"""Goes its own way."""')
            for one in part.names:
                own.add(f"{names.bind(one)} = names[{quoted(one)}]")
            own.block(part.steps, f"{part.path}.do")

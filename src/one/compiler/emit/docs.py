"""A feature's page: what it does in words, what it takes, gives and refuses, and what it may do."""

from collections.abc import Iterator, Sequence

from one.compiler.emit.inputs import inputs_of
from one.compiler.emit.module import Emitted
from one.compiler.kinds import Base, Kind, read_kind, say_kind
from one.compiler.paraphrase import limits, started, understood
from one.compiler.program import Program, Slot, steps_of
from one.compiler.sheet import SECTIONS, Sheet
from one.compiler.sheet import Line as SheetLine
from one.compiler.spoken import listed, named

_UNSAID = frozenset({"answers", "reads"})


def docs_of(program: Program, sheet: Sheet, *, emitted: Emitted) -> str:
    """The page as Markdown; beside it stands the picture of the flow, `<slug>.svg`."""
    title = _plain(program.title or named(program.feature))
    parts = [
        [f"# {title}", "", *_begins(program)],
        ["## What it does", "", *_does(program)],
        ["![The flow, step by step, as above.]" + f"({emitted.slug}.svg)"],
        _takes(program),
        _gives(program),
        _refuses(emitted),
        _may(sheet),
        _uses(program),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part).rstrip() + "\n"


def _begins(program: Program) -> Iterator[str]:
    if program.trigger is not None:
        yield f"{started(program.trigger)}, this runs by itself."
    else:
        yield f"It is called: `POST /api/features/<owner>/{program.feature}`."


def _does(program: Program) -> Iterator[str]:
    """The paraphrase as a list."""
    for line in understood(program, []):
        depth = len(line) - len(line.lstrip())
        said = line.strip()
        if said.startswith(("It needs ", "It gives ")) or said.endswith("runs by itself."):
            continue
        yield f"{' ' * depth}- {_plain(said)}"


def _takes(program: Program) -> list[str]:
    rows = [
        (f"`{name}`", _kind(slot), _said(slot), "" if missing else "yes")
        for name, (slot, missing) in inputs_of(program).items()
    ]
    return _table("## What it takes", ("name", "what", "which", "needed"), rows)


def _gives(program: Program) -> list[str]:
    rows = [(f"`{name}`", _kind(slot), _said(slot)) for name, slot in program.output.items()]
    return _table("## What it gives", ("name", "what", "which"), rows)


def _refuses(emitted: Emitted) -> list[str]:
    rows = [
        (f"`{code}`", words or "in the words of the moment")
        for code, words in emitted.errors.items()
    ]
    return _table("## When it refuses", ("code", "words"), rows)


def _may(sheet: Sheet) -> list[str]:
    """What it may do and for whom."""
    found = ["## What it may do", "", f"- {_plain(sheet.runs.says)}"]
    for section, title in SECTIONS.items():
        lines: tuple[SheetLine, ...] = getattr(sheet, section)
        if lines and section not in _UNSAID:
            found.append(f"- {title}:")
            found += [f"  - {_plain(one)}" for one in dict.fromkeys(one.says for one in lines)]
    return found


def _uses(program: Program) -> list[str]:
    """The types, services and features that it touches."""
    steps = list(steps_of(program.flow))
    things = {step.entity.type for step in steps if step.entity}
    ties = {one.type for step in steps for one in (step.connect, step.disconnect) if one}
    events = {step.event.type for step in steps if step.event}
    services = {f"{s.service.provider}.{s.service.method}" for s in steps if s.service}
    features = {step.call.feature for step in steps if step.call}
    groups = (
        ("Things", things),
        ("Connections", ties),
        ("Events", events),
        ("Services", {one for one in services if not one.startswith("$")}),
        ("Features", features),
    )
    rows = [f"- {title}: {_codes(sorted(names))}" for title, names in groups if names]
    return ["## What it uses", "", *rows] if rows else []


def _codes(names: Sequence[str]) -> str:
    return listed([f"`{one}`" for one in names])


def _kind(slot: Slot) -> str:
    kind = read_kind(slot.type) or Kind(Base.JSON)
    return say_kind(kind.sure)


def _said(slot: Slot) -> str:
    bounds = [one for one in limits(slot) if one != "optional"]
    return _plain(", ".join([*([slot.gloss] if slot.gloss else []), *bounds]))


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    said = [f"| {' | '.join(_cell(one) for one in row)} |" for row in rows]
    return [title, "", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *said]


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """A line that Markdown and HTML leave as it is."""
    said = " ".join(text.split())
    for mark in "\\*_[]<>#":
        said = said.replace(mark, f"\\{mark}") if "`" not in said else said
    return said

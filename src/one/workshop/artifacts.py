"""What `one build` writes of a feature: for a person to read and to keep in git. Pure; the same
text gives the same bytes.
"""

from collections.abc import Iterator, Mapping

import orjson

from one.compiler import FeatureReport
from one.compiler.emit.cases import cases_of
from one.compiler.emit.openapi import operation
from one.compiler.sheet import sheet_of, sheet_words
from one.compiler.vocabulary import Vocabulary
from one.errors import JSON
from one.workshop.gate import Built, build

_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def artifacts(report: FeatureReport, vocabulary: Vocabulary, *, text: str) -> dict[str, str]:
    """The files of a feature that compiles, by name."""
    program, name = report.program, report.name
    built = build(program, vocabulary, text=text, lines=report.lines)
    said = " ".join(report.understood)
    return {
        f"{name}.py": built.module,
        f"test_{name}.py": cases_of(program, vocabulary, emitted=built.emitted).module,
        f"{name}.json": _json(program.canonical()),
        f"{name}.openapi.json": _json(operation(program, built.emitted, said=said)),
        f"{name}.md": "\n".join(_page(report, vocabulary, built)) + "\n",
    }


def _json(value: dict[str, JSON]) -> str:
    return orjson.dumps(value, option=_PRETTY).decode()


def _page(report: FeatureReport, vocabulary: Vocabulary, built: Built) -> Iterator[str]:
    program = report.program
    yield f"# {report.title or report.name}\n"
    yield from (_listed(line) for line in report.understood)
    for head, slots in (("It needs", program.input), ("It gives", program.output)):
        if slots:
            yield f"\n## {head}\n"
            yield from (f"- `{name}` ({slot.type}): {slot.gloss}" for name, slot in slots.items())
    if built.errors:
        yield "\n## It refuses with\n"
        yield from _errors(built.errors)
    yield "\n## What it may do, and for whom\n"
    for line in sheet_words(sheet_of(program, vocabulary)):
        yield _listed(line)


def _errors(errors: Mapping[str, str]) -> Iterator[str]:
    for code, words in errors.items():
        yield f"- `{code}`: {words}"


def _listed(line: str) -> str:
    """A line, as deep in a list as it is indented."""
    bare = line.lstrip()
    return f"{' ' * (len(line) - len(bare))}- {bare}"

"""What `one build` writes of a feature: for a person to read and to keep in git. Pure; the same
text gives the same bytes.
"""

import orjson

from one.compiler import FeatureReport
from one.compiler.emit.cases import cases_of
from one.compiler.emit.docs import docs_of
from one.compiler.emit.flowchart import flowchart
from one.compiler.emit.openapi import operation
from one.compiler.sheet import sheet_of
from one.compiler.vocabulary import Vocabulary
from one.errors import JSON
from one.workshop.gate import build

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
        f"{name}.md": docs_of(program, sheet_of(program, vocabulary), emitted=built.emitted),
        f"{name}.svg": flowchart(program),
    }


def _json(value: dict[str, JSON]) -> str:
    return orjson.dumps(value, option=_PRETTY).decode()

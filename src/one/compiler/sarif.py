"""Reports as SARIF 2.1.0, for code scanners: results with their rules and their fixes."""

from collections.abc import Iterable, Mapping, Sequence

from one.compiler.codes import CODES
from one.compiler.diagnosis import Diagnostic, Edit, Fix
from one.compiler.reader import Span
from one.errors import JSON

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "question": "error", "warning": "warning", "info": "note"}


def sarif(files: Mapping[str, Sequence[Diagnostic]]) -> JSON:
    """One run over these files; columns count code points."""
    results: list[JSON] = [_result(file, one) for file, found in files.items() for one in found]
    driver: JSON = {
        "name": "one",
        "rules": [_rule(code) for code in sorted({one.code for f in files.values() for one in f})],
    }
    run: JSON = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> JSON:
    page = CODES[code]
    return {"id": code, "shortDescription": {"text": page.title}, "help": {"text": page.why}}


def _result(file: str, one: Diagnostic) -> JSON:
    said = f"{one.message} {one.why}".strip()
    place: JSON = {
        "physicalLocation": {"artifactLocation": {"uri": file}, "region": _region(one.span)}
    }
    result: dict[str, JSON] = {
        "ruleId": one.code,
        "level": _LEVELS[one.severity.value],
        "message": {"text": said},
        "locations": [place],
    }
    if one.fixes:
        result["fixes"] = [_fix(file, fix) for fix in one.fixes]
    return result


def _region(span: Span) -> JSON:
    return {
        "startLine": span.line,
        "startColumn": span.start,
        "endLine": span.ending_line,
        "endColumn": span.end,
    }


def _fix(file: str, fix: Fix) -> JSON:
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": {"uri": file}, "replacements": _replacements(fix.edits)}
        ],
    }


def _replacements(edits: Iterable[Edit]) -> list[JSON]:
    return [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        for edit in edits
    ]

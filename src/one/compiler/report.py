"""Diagnostics as data: the JSON that every face of the compiler speaks."""

from one.compiler.diagnosis import Diagnostic, Edit, Fix
from one.compiler.reader import Span
from one.errors import JSON


def _start(span: Span) -> JSON:
    return {"line": span.line, "column": span.start}


def _end(span: Span) -> JSON:
    return {"line": span.ending_line, "column": span.end}


def fix_json(fix: Fix) -> JSON:
    edits: list[JSON] = [_edit(edit) for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applies.value, "edits": edits}


def _edit(edit: Edit) -> JSON:
    return {"start": _start(edit.span), "end": _end(edit.span), "text": edit.text}


def diagnostic_json(one: Diagnostic) -> JSON:
    """A diagnostic with lines and columns from 1."""
    return {
        "code": one.code,
        "severity": one.severity.value,
        "start": _start(one.span),
        "end": _end(one.span),
        "message": one.message,
        "why": one.why,
        "fixes": [fix_json(fix) for fix in one.fixes],
    }

"""Program code among the commands (JSON, SQL, JavaScript, Python): told once a block, left out."""

import re
from collections.abc import Sequence
from functools import lru_cache

from one.compiler.diagnosis import Applies, Edit, Findings, Fix, Severity
from one.compiler.grammar import Grammar
from one.compiler.reader import KEPT_LINES, Line, Span, Stuff

_JSON = re.compile(
    r"\{\s*[\"']?\w+[\"']?\s*:.*|\[\s*[\[{].*|[\"']\w+[\"']\s*:\s*(?:[\"'{\[\d-].*|(?:true|false|null)\b.*)"
)
_SQL = re.compile(
    r"select\s+(?:\*|[\w.]+(?:\s*,\s*[\w.]+)+)\s+from\s+\w+.*|select\s.+\sfrom\s+\w+.*;"
    r"|select\s.+\sfrom\s+\w+\s+where\s+\w+\s*[=<>].*|insert\s+into\s+\w+.*"
    r"|update\s+\w+\s+set\s+\w+\s*=.*|delete\s+from\s+\w+\s*(?:;|where\s+\w+\s*[=<>].*)?"
    r"|(?:create|alter|drop)\s+table\b.*",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:async\s+)?(?:def|function|func)\s+\w+\s*\(.*|class\s+\w+\s*[:({].*"
    r"|import\s+[\w.]+(?:\s+as\s+\w+)?;?|from\s+[\w.]+\s+import\s.*|import\s.*\sfrom\s+[\"'].*"
    r"|(?:const|let|var)\s+\w+\s*=.*[;)]|await\s+\w+[.(].*|for\s*\(.*|while\s*\(.*|#include.*|<\?php.*"
    r"|(?!\w+\((?:optional|required)\))[a-z_][\w.]*\((?:\w*|.*[\"'.,;{=].*)\)\s*;?"
    r"|(?:curl|sudo|npm|pip)\s+-?\w.*|\$\s+[a-z]+\s.*"
)
_MARKS = re.compile(r"[(){}\[\];$]|[\"']\s*:")
_WORDS = frozenset({"from", "into", "set", "table", "curl", "sudo", "npm", "pip", "import"})
"""What a line of code has somewhere: one of these marks or words."""
_MAYBE = re.compile(
    r"[\w.\[\]]+\s*[-+*/:]?=\s*\S.*|return\b.*|[{}\])]+[;,]?|\}?\s*else\s*[:{]?"
    r"|\}?\s*(?:else if|elif|if)\b.*[:{]|(?:try|finally|except.*)\s*[:{]|for\s+\w+\s+in\s.+:"
    r"|while\s.+:|.*;|[\])}]+.*|pass|break|continue"
)
"""Lines that are code beside one that is for sure."""
_WHY = {
    "json": "A step of the Technical DSL stands behind EXACTLY, on one line:"
    ' EXACTLY {"wait": "5s"}. A whole feature in it is a file of its own.',
    "sql": "What is kept is reached by its name: GET all my courses WHERE price is at most $20,"
    " SET course's price to $25, DELETE draft.",
    "code": "Write what is to happen, one command on a line: IF fan follows me,"
    ' NOTIFY fan ABOUT "Hi", GIVE total.',
}


def without_code(lines: Sequence[Line], grammar: Grammar, *, findings: Findings) -> Sequence[Line]:
    """The lines without blocks of code; each is told at its first line."""
    kinds = {line.number: kind for line in lines if (kind := _kind(line))}
    if not kinds:
        return lines
    spoken = [line for line in lines if line.kind is Stuff.WORDS]
    gone: set[int] = set()
    for n, line in enumerate(spoken):
        if line.number not in kinds or line.number in gone:
            continue
        block = _block(spoken, n, kinds)
        gone |= {one.number for one in block}
        beside = any(
            grammar.verb_phrases.match(one.words)
            for one in spoken
            if one.number not in gone and one.number not in kinds
        )
        _tell(block, kinds[line.number], findings, alone=not beside)
    return [line for line in lines if line.number not in gone]


@lru_cache(maxsize=KEPT_LINES)
def _kind(line: Line) -> str:
    """The language that a line is in for sure."""
    if line.kind is not Stuff.WORDS or line.bullet:
        return ""
    if _WORDS.isdisjoint(line.lows) and not _MARKS.search(line.raw):
        return ""
    bare = line.raw.strip()
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(bare)), "")


_SHAPES = (("json", _JSON), ("sql", _SQL), ("code", _CODE))


def _block(lines: Sequence[Line], at: int, kinds: dict[int, str]) -> list[Line]:
    """The lines around one of code that belong to it."""
    start, end = at, at + 1
    while start and _belongs(lines[start - 1], kinds):
        start -= 1
    while end < len(lines) and _belongs(lines[end], kinds):
        end += 1
    return list(lines[start:end])


def _belongs(line: Line, kinds: dict[int, str]) -> bool:
    return not line.bullet and (
        line.number in kinds or _MAYBE.fullmatch(line.raw.strip()) is not None
    )


def _tell(block: Sequence[Line], kind: str, findings: Findings, *, alone: bool) -> None:
    """One diagnostic for the block, with its lines as remarks where there is anything beside it."""
    first = block[0]
    edits = tuple(Edit(Span(one.number, one.indent + 1, one.indent + 1), "# ") for one in block)
    fixes = [] if alone else [Fix("Make it a remark", edits, Applies.MAYBE)]
    raw = first.raw.strip()
    if kind == "json" and len(block) == 1 and raw.endswith("}"):
        place = Span(first.number, first.span.start, first.span.start)
        fixes.insert(0, Fix("Put EXACTLY before it", (Edit(place, "EXACTLY "),), Applies.MAYBE))
    said = "This is program code. A feature is written in plain English."
    findings.say(Severity.ERROR, ("E117", first.span, said), fixes=fixes, why=_WHY[kind])

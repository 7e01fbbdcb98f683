"""The golden features, checked and written as code, once a test run."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from one.compiler import check_text
from one.compiler.emit import Emitted, emit
from one.compiler.program import Program
from tests.compiler.world import vocabulary

FOLDER = Path(__file__).parent.parent / "cases" / "good"


@dataclass(frozen=True)
class Golden:
    """One feature of the golden texts."""

    text: str
    program: Program
    lines: dict[str, int]
    emitted: Emitted


@cache
def golden() -> dict[str, Golden]:
    """By slug."""
    found: dict[str, Golden] = {}
    for file in sorted(FOLDER.glob("*.one")):
        text = file.read_text()
        for report in check_text(text, vocabulary()).features:
            made = emit(report.program, vocabulary(), text=text, lines=report.lines)
            found[made.slug] = Golden(text, report.program, report.lines, made)
    return found

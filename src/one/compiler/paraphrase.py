"""What was understood: the program in sentences, each assumption marked."""

from collections.abc import Sequence

from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Diagnostic
from one.compiler.program import Program


def understood(program: Program, reading: Reading, found: Sequence[Diagnostic]) -> list[str]:
    return []

"""Everything that can be wrong with a program, in either spelling; one mistake, one diagnostic."""

from one.compiler.bind.session import Reading
from one.compiler.diagnosis import Findings
from one.compiler.program import Program
from one.compiler.vocabulary import Vocabulary


def check_program(
    program: Program, vocabulary: Vocabulary, findings: Findings, reading: Reading
) -> None:
    """Adds what is wrong to the findings."""

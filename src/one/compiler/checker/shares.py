"""What is owned in parts: the parts that one feature gives away are no more than the whole."""

from collections.abc import Sequence

from one.compiler.checker.infer import Judge
from one.compiler.expression import Expr, Lit
from one.compiler.program import Step

WHOLE = 10_000
"""Basis points."""


def check_shares(judge: Judge, steps: Sequence[Step]) -> None:
    """Adds up the shares of each thing that stand in the text; the one that goes over is told."""
    given: dict[Expr, float] = {}
    for step in steps:
        tie = step.connect
        if tie is None or tie.type != "owns":
            continue
        match tie.metadata.get("revenueShare"):
            case Lit(int() | float() as share):
                given[tie.to] = given.get(tie.to, 0) + share
                if given[tie.to] > WHOLE and share <= WHOLE:
                    said = f"The shares given here come to {given[tie.to] / 100:g}%."
                    why = "All owners of a thing together have 100% of it."
                    judge.error("E411", said, span=judge.locate(step), why=why)
                    return
            case _:
                pass

"""The vocabulary that the compiler's tests read with."""

from functools import cache

from one.compiler import FeatureReport, check_text
from one.compiler.vocabulary import Vocabulary
from one.ontology import load
from one.providers.base import catalogue


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(load(), catalogue())


def one(text: str) -> FeatureReport:
    """The report of a text with one feature."""
    return check_text(text, vocabulary()).features[0]


def problems(text: str) -> list[str]:
    """The codes of errors and questions, in order."""
    found = one(text).diagnostics
    return [each.code for each in found if each.severity.value in {"error", "question"}]


def flow(text: str) -> list[object]:
    """The steps as canonical JSON."""
    steps = one(text).program.canonical().get("flow", [])
    assert isinstance(steps, list)
    return list(steps)

"""Every command: its example compiles, says itself back, and survives the way through English."""

import pytest

from one.compiler import check_text, write_english
from one.compiler.verbs import grammar
from tests.compiler.world import one, vocabulary

VERBS = sorted(grammar().verbs)


@pytest.mark.parametrize("name", VERBS)
def test_the_example_of_a_command_compiles(name: str) -> None:
    for feature in check_text(grammar().verbs[name].example, vocabulary()).features:
        bad = [d for d in feature.diagnostics if d.severity.value in {"error", "question"}]
        assert bad == []
        assert feature.understood


@pytest.mark.parametrize("name", VERBS)
def test_the_example_comes_back_through_english(name: str) -> None:
    report = one(grammar().verbs[name].example)
    if report.program.flow and "call" in report.program.flow[0].model_dump(exclude_none=True):
        return  # the other feature is not in the text that is written
    again = one(write_english(report.program, vocabulary()))
    assert again.program.canonical() == report.program.canonical()


@pytest.mark.parametrize("name", VERBS)
def test_a_command_without_its_words_is_told_what_is_missing(name: str) -> None:
    report = one(f"FEATURE: Bare\n{name}\n")
    assert all(
        found.severity.value in {"error", "question", "info"} for found in report.diagnostics
    )

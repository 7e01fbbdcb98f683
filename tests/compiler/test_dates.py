"""Conditions on the day and the time of day; what is named without its year or week."""

import pytest

from one.compiler import check_text
from tests.compiler.world import vocabulary


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("now is after 6pm", "now is after 18:00 today"),
        ("now is before Friday 8:30pm", "now is before Friday at 20:30"),
        ("today is Monday", "today is Monday"),
        ("today is not Monday", "today is not Monday"),
        ("today is after March 3", "today is after March 3"),
        ("today is the 24th of December", "today is December 24"),
    ],
)
def test_a_condition_on_the_day_is_read_as_a_person_says_it(said: str, understood: str) -> None:
    text = f"FEATURE: One\nINPUT:\n  - course: which\nIF {said}\n  PUBLISH course\n"
    report = check_text(text, vocabulary()).features[0]
    assert report.outcome in {"compiled", "assumptions"}
    assert f"If {understood}:" in report.understood

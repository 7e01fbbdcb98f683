"""One mistake, one diagnostic: what follows from it further down is not said as well."""

import pytest

from one.compiler.diagnosis import Severity
from tests.compiler.world import one

HEAD = "FEATURE: A\nINPUT:\n  - fan\n  - course\n"


def loud(text: str) -> list[tuple[str, int]]:
    return [
        (each.code, each.span.line)
        for each in one(HEAD + text).diagnostics
        if each.severity is not Severity.INFO
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ELSE me ABOUT \"No\"", ("E106", 5)),
        ("DO AT SAME :\n  NOTIFY fan ABOUT \"Hi\"\nWAIT FOR ALL TO FINISH", ("E106", 5)),
        ("GET my courses AS SAVE shelf\nNOTIFY fan ABOUT shelf\nGIVE shelf", ("E203", 5)),
        ("FOR EACH lesson course's lessons\n  NOTIFY fan ABOUT lesson", ("E204", 5)),
        ("CALL Stripe to charge WITH amount course's pirce, customer fan", ("E305", 5)),
        ("IF course exits THEN\n  NOTIFY fan ABOUT course's name", ("E205", 5)),
    ],
)  # fmt: skip
def test_what_only_follows_is_not_said(text: str, said: tuple[str, int]) -> None:
    assert loud(text + "\n") == [said]


def test_mistakes_that_stand_alone_are_all_said() -> None:
    text = 'NOTIFY fan VIA pigeon ABOUT "Hi"\nELSE\n  NOTIFY me ABOUT "No"\nDELETE trophy\n'
    assert loud(text) == [("E205", 5), ("E106", 6), ("E305", 8)]

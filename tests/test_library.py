"""ONE's own features: they compile without a question, and the demo world runs them."""

import pytest

from one import library
from one.compiler import check_text
from tests.compiler.world import vocabulary

TEXTS = dict(library.texts())


def test_what_the_project_promises_is_there() -> None:
    titles = {
        report.title
        for text in TEXTS.values()
        for report in check_text(text, vocabulary()).features
    }
    assert titles >= {
        "Create my AI clone",
        "Let fans buy my tokens",
        "Let fans chat with my AI clone",
        "Enroll a student and follow up",
        "Publish a post and tell my followers",
        "Prepare my daily post",
        "Refer a friend",
        "Buy tokens",
        "Tip a creator",
        "Buy a course",
    }


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_text_compiles(name: str) -> None:
    assert check_text(TEXTS[name], vocabulary()).clean

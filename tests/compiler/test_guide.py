"""docs/language.md."""

import re
from pathlib import Path

import pytest

from one.compiler import check_text
from one.compiler.guide import describe
from tests.compiler.world import vocabulary

PAGE = Path(__file__).parent.parent.parent / "docs" / "language.md"
EXAMPLES = re.findall(r"```one\n(.*?)```", describe(), re.DOTALL)


def test_the_page_is_as_the_compiler_tells_it() -> None:
    assert PAGE.read_text("utf-8") == describe(), "write it anew: make docs"


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_an_example_compiles(text: str) -> None:
    found = [one for each in check_text(text, vocabulary()).features for one in each.diagnostics]
    assert [one for one in found if one.severity.value in {"error", "question", "warning"}] == []

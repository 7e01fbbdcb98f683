"""What docs/security.md says holds is held by tests that are there."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_is_named_is_there() -> None:
    text = (TESTS.parent / "docs" / "security.md").read_text("utf-8")
    named = NAMED.findall(text)
    assert len(named) > 30
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (TESTS / file).exists() or f"def {name}" not in (TESTS / file).read_text("utf-8")
    ]
    assert missing == []


def test_every_line_has_a_test() -> None:
    text = (TESTS.parent / "docs" / "security.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and "ASVS" not in line]
    assert [line for line in lines if not NAMED.search(line)] == []

"""The page for those who run a deployment says what the settings are."""

from pathlib import Path

from one.cli.docs import with_settings
from one.settings import variables

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"


def test_the_table_of_settings_is_the_settings() -> None:
    page = PAGE.read_text("utf-8")
    assert with_settings(page) == page, "run `make docs`"
    assert all(f"`{name}`" in page for name in variables())

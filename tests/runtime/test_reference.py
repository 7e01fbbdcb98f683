from pathlib import Path

from one.app import operations
from one.runtime import operations_of, reference
from tests.web import shelf


def test_a_page_says_of_each_operation_what_it_takes_and_raises() -> None:
    page = reference(operations_of(shelf))
    section = page.partition("### create_book")[2].partition("###")[0]
    assert "`POST /api/books`" in section
    assert "`one shelf create-book`" in section
    assert "may be called by: anyone signed in" in section
    assert "Taken (409)" in section
    assert "| `genre` | `fiction` `science` | required. |" in section
    assert "| `pages` | whole number |  |" in section


def test_the_page_in_docs_is_what_the_code_says() -> None:
    assert Path("docs/operations.md").read_text("utf-8") == reference(operations()), (
        "write it anew: make docs"
    )

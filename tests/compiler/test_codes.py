"""Every code has its page, and every page is true."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from one.compiler import check_text
from one.compiler.codes import CODES, Page, describe
from one.compiler.diagnosis import Severity
from tests.compiler.world import vocabulary

ROOT = Path(__file__).parents[2]
SHOWN = [page for page in CODES.values() if page.bad]
NO_MODEL, UNCHARGED = "E804", "E826"
SILENT = {Severity.WARNING, Severity.INFO}


def said_of(page: Page, text: str) -> list[tuple[str, Severity]]:
    known = replace(
        vocabulary(),
        has_model=page.code != NO_MODEL,
        uncharged="No payments are set up here." if page.code == UNCHARGED else "",
    )
    report = check_text(text.lstrip("\n"), known)
    return [(one.code, one.severity) for each in report.features for one in each.diagnostics]


def test_every_code_that_is_said_has_a_page_and_every_page_a_code() -> None:
    said: set[str] = set()
    for path in (ROOT / "src/one/compiler").rglob("*.py"):
        if path.parent.name != "codes":
            said |= set(re.findall(r'"(E\d{3})"', path.read_text("utf-8")))
    assert sorted(CODES) == sorted(said)


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.code)
def test_a_bad_example_gets_its_code_and_no_other(page: Page) -> None:
    found = said_of(page, page.bad)
    assert page.code in {code for code, _ in found}
    assert {code for code, severity in found if severity not in SILENT} <= {page.code}


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.code)
def test_a_good_example_compiles_without_its_code(page: Page) -> None:
    found = said_of(page, page.good)
    assert page.code not in {code for code, _ in found}
    assert {severity for _, severity in found} <= {Severity.INFO}


def test_the_page_of_the_docs_is_as_the_codes_are() -> None:
    page = ROOT / "docs" / "diagnostics.md"
    assert page.read_text("utf-8") == describe(), "run `make docs`"

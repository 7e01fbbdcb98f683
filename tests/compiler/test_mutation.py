"""A sixth of all slips of the good features: told where they are, once, or no slip at all.

`python -m bench mutation` goes through all of them.
"""

from collections import Counter
from pathlib import Path

import pytest

from one.compiler import check_text, is_technical
from tests.compiler.mutation import Fate, end_of, is_free, is_hollow, mends, mutants, safe_fixes
from tests.compiler.world import vocabulary

CASES = Path(__file__).parent.parent / "cases"
GOOD = sorted((CASES / "good").glob("*.one"))
BAD = sorted((CASES / "bad").glob("*.one"))
EACH = 6


def test_a_slip_is_told_once_where_it_is_or_means_something_else() -> None:
    fates: Counter[Fate] = Counter()
    silent = elsewhere = 0
    broken: list[str] = []
    hollow: list[str] = []
    texts = [text for path in GOOD if not is_technical(text := path.read_text("utf-8"))]
    slips = [(text, slip) for text in texts for slip in mutants(text)]
    for text, slip in slips[::EACH]:
        end = end_of(text, slip)
        fates[end.fate] += 1
        hollow += [slip.text] * end.hollow
        told = end.fate in {Fate.ONE, Fate.MANY}
        elsewhere += told and not end.points_at(slip.line)
        silent += end.fate is Fate.SILENT and not is_free(text, slip)
        fixes = [(one.code, fix) for one in end.said for fix in safe_fixes(one)]
        broken += [slip.text for code, fix in fixes if not mends(slip.text, code, fix, beside=text)]
    told = fates[Fate.ONE] + fates[Fate.MANY]
    assert sum(fates.values()) >= 2_900
    assert fates[Fate.ONE] / told >= 0.9, fates
    assert elsewhere / told <= 0.1, elsewhere
    assert silent / sum(fates.values()) <= 0.04, silent
    assert broken == []
    assert hollow == []


@pytest.mark.parametrize(
    "line",
    [
        "SET x to my course for beginners",
        "SET x to fan's course with lessons",
        "GET my course for beginners SAVE AS x",
        "CALL openai to translate wishes SAVE AS x",
        'CALL stripe to charge "ten" SAVE AS x',
        "NOTIFY fan ABOUT wishes WITH deadlines",
        "ADD plenty TO fan's seats",
    ],
)
def test_what_is_left_open_is_asked_or_told(line: str) -> None:
    text = f"FEATURE: A\nINPUT:\n  - fan\n{line}\nGIVE fan\n"
    (report,) = check_text(text, vocabulary()).features
    assert not is_hollow(report)
    assert [each.code for each in report.diagnostics if each.open]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_safe_fix_of_a_bad_text_mends_it_and_breaks_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    said = [one for each in check_text(text, vocabulary()).features for one in each.diagnostics]
    for one in said:
        for fix in safe_fixes(one):
            assert mends(text, one.code, fix), (one, fix)

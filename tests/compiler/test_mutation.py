"""A quarter of all slips of the good features: told where they are, once, or no slip at all.

`python -m bench mutation` goes through all of them.
"""

from collections import Counter
from pathlib import Path

from one.compiler import is_technical
from tests.compiler.mutation import Fate, end_of, is_free, mutants

GOOD = sorted((Path(__file__).parent.parent / "cases" / "good").glob("*.one"))
EACH = 4


def test_a_slip_is_told_once_where_it_is_or_means_something_else() -> None:
    fates: Counter[Fate] = Counter()
    silent = elsewhere = 0
    texts = [text for path in GOOD if not is_technical(text := path.read_text("utf-8"))]
    slips = [(text, slip) for text in texts for slip in mutants(text)]
    for text, slip in slips[::EACH]:
        end = end_of(text, slip)
        fates[end.fate] += 1
        told = end.fate in {Fate.ONE, Fate.MANY}
        elsewhere += told and not end.points_at(slip.line)
        silent += end.fate is Fate.SILENT and not is_free(text, slip)
    told = fates[Fate.ONE] + fates[Fate.MANY]
    assert sum(fates.values()) >= 2_900
    assert fates[Fate.ONE] / told >= 0.9, fates
    assert elsewhere / told <= 0.1, elsewhere
    assert silent / sum(fates.values()) <= 0.04, silent

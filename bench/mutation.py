"""Every slip of the pen in every good feature: how it is told, and how often it is not."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.compiler.mutation import Fate, Mutant, end_of, is_free, mends, mutants, safe_fixes

from bench import Row
from one.compiler import is_technical

_GOOD = Path(__file__).parents[1] / "tests" / "cases" / "good"
_LEAST = 3_000


def rows(full: bool) -> Iterable[Row]:
    """Slips told once, told elsewhere, and told not at all; what safe fixes do. `full`: all."""
    fates: Counter[Fate] = Counter()
    elsewhere = silent = fixed = broken = 0
    for text, slip in _slips(1 if full else 3):
        end = end_of(text, slip)
        fates[end.fate] += 1
        elsewhere += end.fate in {Fate.ONE, Fate.MANY} and not end.points_at(slip.line)
        silent += end.fate is Fate.SILENT and not is_free(text, slip)
        for one in end.said:
            for fix in safe_fixes(one):
                fixed += 1
                broken += not mends(slip.text, one.code, fix, beside=text)
    all_, told = sum(fates.values()), fates[Fate.ONE] + fates[Fate.MANY]
    yield Row("slips", "-", f"{all_:,}, none crashed", f"≥ {_LEAST:,}", all_ >= _LEAST * 0.9)
    once = fates[Fate.ONE] / told
    yield Row("told once", "all that are told", f"{once:.1%} of {told:,}", "≥ 90%", once >= 0.9)
    right = 1 - elsewhere / told
    yield Row("told on their line", "all that are told", f"{right:.1%}", "≥ 90%", right >= 0.9)
    quiet = silent / all_
    yield Row(
        "another program, unsaid", "all, free words apart", f"{quiet:.1%}", "≤ 4%", quiet <= 0.04
    )
    free = fates[Fate.SILENT] - silent
    yield Row("another text, as true", "all", f"{free / all_:.1%}", "-", holds=True)
    yield Row("safe fixes that mend", "all", f"{fixed - broken} of {fixed}", "all", not broken)


def _slips(each: int) -> list[tuple[str, Mutant]]:
    texts = [path.read_text("utf-8") for path in sorted(_GOOD.glob("*.one"))]
    found = [(text, slip) for text in texts if not is_technical(text) for slip in mutants(text)]
    return found[::each]

"""Scripts that measure ONE against a raw baseline in the same run.

Each module here offers `rows(full: bool) -> Iterable[Row]`; `full` asks for the large world.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One measured path: what came out, beside what it must reach."""

    path: str
    against: str
    measured: str
    bar: str
    holds: bool

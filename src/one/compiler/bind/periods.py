"""Stretches of time up to now: `the last 7 days`, `this week`, `since yesterday`."""

from collections.abc import Sequence

from one.compiler.bind.literals import duration_of
from one.compiler.expression import Binary, Call, Expr, Lit
from one.compiler.reader import Is, Word

_PERIODS = {"day": "1d", "week": "7d", "month": "30d", "year": "365d"}
_LEADS = frozenset(
    {"from", "in", "the", "since", "within", "during", "over", "last", "past", "this", "of", "for"}
)
_BEGINS = frozenset(
    {"from", "in", "since", "within", "during", "over", "this", "today", "last", "past"}
)


def since_of(words: Sequence[Word]) -> Expr | None:
    """The moment at which the stretch begins; None when the words say none."""
    bare = [word for word in words if word.low not in _LEADS]
    low = [word.low for word in bare]
    if not bare:
        return None
    if low == ["today"]:
        return Call("today", ())
    if low == ["yesterday"]:
        return Binary("-", Call("today", ()), Lit("1d"))
    if len(low) == 1 and low[0] in _PERIODS:
        return Binary("-", Call("now", ()), Lit(_PERIODS[low[0]]))
    duration = duration_of(bare)
    return Binary("-", Call("now", ()), Lit(duration)) if duration else None


def cut_since(words: list[Word]) -> tuple[list[Word], Expr | None]:
    """`the course in the last 7 days` → `the course`, and that moment."""
    for n, word in enumerate(words):
        compared = words[n - 1].low in {"is", "are", "was", "before", "after", "than", "since"}
        if word.kind is Is.WORD and word.low in _BEGINS | {"yesterday"} and n and not compared:
            since = since_of(words[n:])
            if since is not None:
                return words[:n], since
    return words, None

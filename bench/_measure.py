"""Two ways of doing the same, in turns: the ratio of each turn, and how far the turns lie apart."""

import gc
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from one.clock import monotonic

Work = Callable[[], Awaitable[None]]
REPEATS = 7
_TIMES = 200


@dataclass(frozen=True, slots=True)
class Ratio:
    """The middle ratio of several turns, the least and the greatest; how each side fared."""

    middle: float
    least: float
    most: float
    ours: float
    theirs: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"


def ratio(pairs: list[tuple[float, float]]) -> Ratio:
    """Of measurements made in pairs: ours to theirs."""
    found = sorted(ours / theirs for ours, theirs in pairs)
    sides = [median(pair[side] for pair in pairs) for side in (0, 1)]
    return Ratio(median(found), found[0], found[-1], *sides)


async def compared(
    ours: Callable[[], Awaitable[float]],
    theirs: Callable[[], Awaitable[float]],
    *,
    repeats: int = REPEATS,
) -> Ratio:
    """Runs both in each turn, in an order that changes, after a turn that doesn't count."""
    order = random.Random(11)
    pairs: list[tuple[float, float]] = []
    for turn in range(repeats + 1):
        if order.random() < 0.5:
            one, other = await ours(), await theirs()
        else:
            other, one = await theirs(), await ours()
        if turn:
            pairs.append((one, other))
    return ratio(pairs)


def each(work: Callable[[], object]) -> list[float]:
    """Seconds of each of many times, as a server works: it has done so before, and what was built
    at its start is out of the collector's sight.
    """
    for _ in range(20):
        work()
    gc.collect()
    gc.freeze()
    return [once(work) for _ in range(_TIMES)]


def once(work: Callable[[], object]) -> float:
    """Seconds that it takes once."""
    begun = monotonic()
    work()
    return monotonic() - begun


def timed(work: Callable[[int], Awaitable[None]], *, times: int) -> Callable[[], Awaitable[float]]:
    """Seconds that one of `times` takes, each given its number."""

    async def run() -> float:
        begun = monotonic()
        for at in range(times):
            await work(at)
        return (monotonic() - begun) / times

    return run

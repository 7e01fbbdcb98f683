"""A run in words, for a terminal: how it is, what it did line by line, and whom it waits for."""

import re
from collections.abc import Iterable

import orjson

from one.domains.runs import Moment, Timeline
from one.store.runs import ENDED, Run
from one.store.yeses import Awaited
from one.workshop.retelling import came_of, failure_of

_MOST, WIDE = 200, 44


def line(run: Run) -> str:
    """A run in a line."""
    reason = f"  {run.reason}" if run.reason else ""
    return f"{run.id}  {run.created_at:%Y-%m-%d %H:%M:%S}  {run.status:<9} {run.feature}{reason}"


def told(found: Timeline) -> Iterable[str]:
    """A run, then its timeline."""
    yield line(found.run)
    for moment in found.steps:
        yield told_moment(moment, text=found.text, over=found.run.status in ENDED)
    yield from map(told_ask, found.asks)
    if found.run.output is not None:
        yield f"output: {orjson.dumps(found.run.output).decode()}"
    if found.run.error is not None:
        yield f"error: {failure_of(found.run.error)}"


def told_ask(ask: Awaited) -> str:
    """Whom a run waits for, and the command that answers for them."""
    return (
        f"  It waits for {ask.name}: {ask.words}\n"
        f"  They answer with: one answer {ask.request} yes --as {ask.person}"
    )


def told_moment(moment: Moment, *, text: str | None = None, over: bool = False) -> str:
    """A row of a timeline in a line, by the line of the feature's text where that is at hand; what
    a run that is over still waited for, it has left.
    """
    status = "left" if over and moment.status == "waiting" else moment.status
    place = f"line {moment.line}" if moment.line else ""
    words = _written(text, moment) or moment.path
    tries = f" (attempt {moment.attempt})" if moment.attempt > 1 else ""
    came = failure_of(moment.error) if moment.error is not None else came_of(moment)
    said = f"  {came[:_MOST]}" if came else ""
    waits = f"  until {moment.until:%Y-%m-%d %H:%M:%S}" if moment.until else ""
    return (
        f"  {moment.at:%H:%M:%S.%f}"[:-3]
        + f"  {place:<8} {words:<{WIDE}} {status:<7}"
        + f" {moment.operation}{tries}{waits}{said}"
    )


def _written(text: str | None, moment: Moment) -> str:
    """The words of a moment's line, and which item of a list it is done for."""
    if text is None or moment.line is None:
        return ""
    items = re.findall(r"\[item=(\d+)\]", moment.path)
    item = f" · {'.'.join(items)}" if items else ""
    return written(text, moment.line, wide=WIDE - len(item)) + item


def written(text: str, line: int, *, wide: int) -> str:
    """The words of a line, cut where they are longer than that."""
    said = text.splitlines()[line - 1].strip()
    return said if len(said) <= wide else f"{said[: wide - 1]}…"

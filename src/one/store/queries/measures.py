"""Numbers of rows: how many, sums and means, and how a measure has moved over time."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from pydantic import JsonValue

from one.errors import Invalid
from one.store.filters import refuse
from one.store.queries.choosing import chosen, require_bounded
from one.store.queries.fields import field_at
from one.store.queries.scene import Scene

_CALL = re.compile(r"(sum|avg|min|max|trend|growth|projection)\(([\w.]+)\)")
_MOVING = frozenset({"trend", "growth", "projection"})
_SELECTS = ("count", "sum(…)", "avg(…)", "min(…)", "max(…)", "trend(…)", "growth(…)")
_TIMES = {
    "entities": "x.created_at",
    "connections": "x.valid_from",
    "events": "x.occurred_at",
    "tags": "x.created_at",
}


async def measured(scene: Scene, select: str) -> JsonValue:
    """The number that `select` names; money where the field is money. Raises Invalid."""
    if select in ("count", "total"):
        return await _count(scene)
    call = _CALL.fullmatch(select.replace(" ", ""))
    if call is None:
        raise refuse("/select", f"{select[:60]!r} is no number of rows.", *_SELECTS)
    if call[1] in _MOVING:
        return await _moved(scene, call[1], call[2])
    return await _added(scene, call[1], call[2])


async def _count(scene: Scene) -> int:
    where = chosen(scene)
    await require_bounded(scene, sorted_by_time=True)
    (record,) = await _rows(scene, f"SELECT count(*) FROM {scene.source()} WHERE {where}")
    return cast(int, record[0])


async def _added(scene: Scene, how: str, path: str) -> JsonValue:
    """A sum or a mean, of one currency or of none."""
    field = field_at(scene, path)
    where = chosen(scene)
    await require_bounded(scene, sorted_by_time=False)
    records = await _rows(
        scene,
        f"SELECT {field.currency} AS c, {how}({field.number}) FROM {scene.source()}"
        f" WHERE {where} AND {field.number} IS NOT NULL GROUP BY 1 ORDER BY 1 NULLS LAST",
    )
    if not records:
        return 0 if how == "sum" else None
    if len(records) > 1:
        kinds = " and ".join(str(record[0] or "no currency") for record in records[:4])
        raise Invalid(
            f"These amounts are in {kinds}, so they make no one number.",
            cure="Ask for those of one currency.",
        )
    currency, number = cast("tuple[str | None, Decimal]", records[0])
    if currency is None:
        return _plain(number)
    return {"amount": int(number.quantize(Decimal(1), ROUND_HALF_UP)), "currency": currency}


@dataclass(frozen=True, slots=True)
class _Course:
    """A measure over time: the line through its values, and its first and last."""

    slope: float | None
    start: float | None
    first: Decimal
    last: Decimal
    begun: Decimal
    days: int


async def _moved(scene: Scene, how: str, path: str) -> JsonValue:
    """`trend`: change a day; `growth`: last against first; `projection`: what follows when it goes
    on for as long again. Nothing to compare is no change."""
    field = field_at(scene, path)
    where = chosen(scene)
    await require_bounded(scene, sorted_by_time=False)
    time = _TIMES[scene.query.table]
    day = f"extract(epoch FROM {time}) / 86400"
    now = "extract(epoch FROM %(now)s::timestamptz) / 86400"
    (record,) = await _rows(
        scene,
        f"SELECT regr_slope(v, d), regr_intercept(v, d), (array_agg(v ORDER BY d, id))[1],"
        f" (array_agg(v ORDER BY d DESC, id DESC))[1], min(d), {now} FROM (SELECT x.id,"
        f" {field.number} AS v, ({day}) AS d FROM {scene.source()} WHERE {where}) x"
        " WHERE v IS NOT NULL",
    )
    if record[2] is None:
        return None if how == "projection" else 0
    slope, start, first, last, begun, today = cast(
        "tuple[float | None, float | None, Decimal, Decimal, Decimal, Decimal]", record
    )
    match how:
        case "trend":
            return slope or 0
        case "growth":
            return float((last - first) / abs(first)) if first else 0
        case _:
            if slope is None or start is None:
                return _plain(last)
            return start + slope * float(2 * today - begun)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


async def _rows(scene: Scene, sql: str) -> list[tuple[object, ...]]:
    return await scene.session.tx.rows(scene.named + sql, scene.session.params(**scene.params))

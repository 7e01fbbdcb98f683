"""What the payments sandbox keeps: objects by kind and id, what they belong to, the movements of
balances, answers by idempotency key, and what is still to be delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from one.store.database import Record, Transaction
from one.store.session import jsonb

Fields = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Kept:
    """An object as it is to be kept. `parents` are the ids it belongs to; `due` is when something
    happens to it by itself.
    """

    account: str
    kind: str
    id: str
    fields: Fields
    parents: tuple[str, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of an account's balance."""

    account: str
    currency: str
    id: str
    net: int
    available_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A page of a list, the newest first, of what belongs to one of the parents, if there are any;
    `like` is what its objects have to hold.
    """

    parents: tuple[str, ...] = ()
    like: Fields | None = None
    limit: int = 10
    older_than: str | None = None
    newer_than: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What was answered to an idempotency key; without a status it is still being worked on."""

    asked: str
    status: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event of an account on its way to an endpoint, tried so many times."""

    endpoint: str
    event: str
    account: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Records:
    """The objects of one account in one transaction; the platform's own account is empty."""

    tx: Transaction
    space: UUID
    account: str = ""

    def of(self, account: str) -> "Records":
        """Those of another account."""
        return replace(self, account=account)

    async def get(self, kind: str, id: str) -> Fields | None:
        return _fields(await self.tx.row(_GET, self._params(kind=kind, id=id)))

    async def lock(self, kind: str, id: str) -> Fields | None:
        """The same, held until the transaction ends."""
        return _fields(await self.tx.row(f"{_GET} FOR UPDATE", self._params(kind=kind, id=id)))

    async def save(self, objects: Sequence[Kept], *, movements: Sequence[Movement] = ()) -> None:
        """Keeps objects instead of those that are there."""
        if objects:
            await self.tx.run(_SAVE, self._columns(objects))
        parents = [(kept, parent) for kept in objects for parent in kept.parents]
        if parents:
            columns = self._columns([kept for kept, _ in parents])
            await self.tx.run(_PARENTS, {**columns, "parents": [parent for _, parent in parents]})
        if movements:
            await self.tx.run(_MOVE, self._moved(movements))

    async def find(self, kind: str, span: Span) -> list[Fields]:
        """One more than `limit`, where there are more."""
        params = self._params(kind=kind, limit=span.limit + 1)
        said, order = [_OF_KIND, _THERE], "DESC"
        if span.parents:
            said.append(_OF_PARENT)
            params["parents"] = [*span.parents]
        if span.like:
            said.append("o.fields @> %(like)s::jsonb")
            params["like"] = jsonb(span.like)
        if span.older_than is not None:
            said.append("o.id < %(older)s")
            params["older"] = span.older_than
        if span.newer_than is not None:
            said.append("o.id > %(newer)s")
            params["newer"], order = span.newer_than, "ASC"
        for name, at, sign in (("since", span.since, ">="), ("until", span.until, "<=")):
            if at is not None:
                said.append(f"(o.fields ->> 'created')::bigint {sign} %({name})s")
                params[name] = at
        found = await self.tx.rows(
            f"SELECT o.fields FROM sandbox_objects o WHERE {' AND '.join(said)}"
            f" ORDER BY o.id {order} LIMIT %(limit)s",
            params,
        )
        return [cast("Fields", record[0]) for record in found]

    async def total(self, kind: str, *, parent: str, field: str) -> int:
        """The sum of a field over all of a kind that belong to something."""
        record = await self.tx.row(
            "SELECT coalesce(sum((o.fields ->> %(field)s)::bigint), 0)::bigint"
            f" FROM sandbox_objects o WHERE {_OF_KIND} AND {_OF_PARENT}",
            self._params(kind=kind, parents=[parent], field=field),
        )
        return _count(record)

    async def balances(self, now: datetime) -> list[tuple[str, int, int]]:
        """Of each currency what is available and what is pending."""
        found = await self.tx.rows(
            "SELECT currency, sum(net) FILTER (WHERE available_at <= %(now)s)::bigint,"
            " sum(net) FILTER (WHERE available_at > %(now)s)::bigint FROM sandbox_money"
            " WHERE space_id = %(space)s AND account = %(account)s GROUP BY 1 ORDER BY 1",
            self._params(now=now),
        )
        return [(str(name), _whole(free), _whole(held)) for name, free, held in found]

    async def settle(self, kind: str, id: str) -> None:
        """Makes an object without anything in it, unless it is there."""
        await self.tx.run(
            "INSERT INTO sandbox_objects (space_id, account, kind, id, fields)"
            " VALUES (%(space)s, %(account)s, %(kind)s, %(id)s, '{}') ON CONFLICT DO NOTHING",
            self._params(kind=kind, id=id),
        )

    async def hold_balance(self) -> None:
        """Waits until nobody else takes from this account's balance."""
        await self.settle("balance", "")
        await self.lock("balance", "")

    async def claim(self, key: str, *, asked: str, now: datetime, old: datetime) -> Stored | None:
        """Takes an idempotency key for what is asked, or gives what was answered to it. A key last
        used before `old` is forgotten.
        """
        params = self._params(key=key, asked=asked, now=now, old=old)
        if await self.tx.run(_CLAIM, params):
            return None
        record = await self.tx.row(
            "SELECT asked, status, body FROM sandbox_answers WHERE space_id = %(space)s"
            " AND account = %(account)s AND key = %(key)s",
            params,
        )
        assert record is not None, "a key that was taken is there"
        status = cast("int | None", record[1])
        return Stored(str(record[0]), status, cast("bytes | None", record[2]) or b"")

    async def answer(self, key: str, *, status: int, body: bytes) -> None:
        """Keeps what is answered to a key that was claimed."""
        await self.tx.run(
            "UPDATE sandbox_answers SET status = %(status)s, body = %(body)s"
            " WHERE space_id = %(space)s AND account = %(account)s AND key = %(key)s",
            self._params(key=key, status=status, body=body),
        )

    async def due(self, now: datetime) -> tuple[str, str, str] | None:
        """Account, kind and id of something whose time has come; others skip it meanwhile."""
        record = await self.tx.row(
            "SELECT account, kind, id FROM sandbox_objects WHERE space_id = %(space)s"
            " AND due <= %(now)s ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED",
            self._params(now=now),
        )
        return None if record is None else (str(record[0]), str(record[1]), str(record[2]))

    async def send(self, deliveries: Sequence[Delivery], *, at: datetime) -> None:
        """Puts events on their way."""
        await self.tx.run(
            "INSERT INTO sandbox_deliveries (space_id, endpoint, event, account, attempts, next_at)"
            " SELECT %(space)s, d.endpoint, d.event, d.account, 0, %(at)s FROM"
            " unnest(%(endpoints)s::text[], %(events)s::text[], %(accounts)s::text[])"
            " AS d(endpoint, event, account) ON CONFLICT DO NOTHING",
            self._params(
                at=at,
                endpoints=[each.endpoint for each in deliveries],
                events=[each.event for each in deliveries],
                accounts=[each.account for each in deliveries],
            ),
        )

    async def take(self, now: datetime, *, until: datetime, limit: int) -> list[Delivery]:
        """Deliveries whose time has come; nobody else takes them before `until`."""
        found = await self.tx.rows(
            "WITH mine AS (SELECT endpoint, event FROM sandbox_deliveries"
            " WHERE space_id = %(space)s AND next_at <= %(now)s ORDER BY next_at, event"
            " LIMIT %(limit)s FOR UPDATE SKIP LOCKED) UPDATE sandbox_deliveries d"
            " SET next_at = %(until)s, attempts = d.attempts + 1 FROM mine"
            " WHERE d.space_id = %(space)s AND d.endpoint = mine.endpoint AND d.event = mine.event"
            " RETURNING d.endpoint, d.event, d.account, d.attempts",
            self._params(now=now, until=until, limit=limit),
        )
        taken = [Delivery(str(e), str(v), str(a), _whole(n)) for e, v, a, n in found]
        return sorted(taken, key=lambda delivery: delivery.event)

    async def delivered(self, delivery: Delivery) -> None:
        """Has it done with."""
        await self.tx.run(f"DELETE FROM sandbox_deliveries {_DELIVERY}", self._of(delivery))

    async def postpone(self, delivery: Delivery, *, until: datetime) -> None:
        """Has it tried again then."""
        await self.tx.run(
            f"UPDATE sandbox_deliveries SET next_at = %(until)s {_DELIVERY}",
            {**self._of(delivery), "until": until},
        )

    def _of(self, delivery: Delivery) -> dict[str, object]:
        return self._params(endpoint=delivery.endpoint, event=delivery.event)

    def _params(self, **more: object) -> dict[str, object]:
        return {"space": self.space, "account": self.account, **more}

    def _columns(self, objects: Sequence[Kept]) -> dict[str, object]:
        return self._params(
            accounts=[kept.account for kept in objects],
            kinds=[kept.kind for kept in objects],
            ids=[kept.id for kept in objects],
            fields=[jsonb(kept.fields) for kept in objects],
            dues=[kept.due for kept in objects],
        )

    def _moved(self, movements: Sequence[Movement]) -> dict[str, object]:
        return self._params(
            accounts=[each.account for each in movements],
            currencies=[each.currency for each in movements],
            ids=[each.id for each in movements],
            nets=[each.net for each in movements],
            free=[each.available_at for each in movements],
        )


_GET = (
    "SELECT fields FROM sandbox_objects WHERE space_id = %(space)s AND account = %(account)s"
    " AND kind = %(kind)s AND id = %(id)s"
)
_OF_KIND = "o.space_id = %(space)s AND o.account = %(account)s AND o.kind = %(kind)s"
_THERE = "NOT o.fields ? '_deleted'"
_OF_PARENT = (
    "o.id IN (SELECT p.id FROM sandbox_parents p WHERE p.space_id = %(space)s"
    " AND p.account = %(account)s AND p.kind = %(kind)s AND p.parent = ANY(%(parents)s))"
)
_SAVE = (
    "INSERT INTO sandbox_objects (space_id, account, kind, id, fields, due)"
    " SELECT %(space)s, k.account, k.kind, k.id, k.fields::jsonb, k.due FROM"
    " unnest(%(accounts)s::text[], %(kinds)s::text[], %(ids)s::text[], %(fields)s::text[],"
    " %(dues)s::timestamptz[]) AS k(account, kind, id, fields, due)"
    " ON CONFLICT (space_id, account, kind, id)"
    " DO UPDATE SET fields = EXCLUDED.fields, due = EXCLUDED.due"
)
_PARENTS = (
    "INSERT INTO sandbox_parents (space_id, account, kind, parent, id)"
    " SELECT %(space)s, p.account, p.kind, p.parent, p.id FROM"
    " unnest(%(accounts)s::text[], %(kinds)s::text[], %(parents)s::text[], %(ids)s::text[])"
    " AS p(account, kind, parent, id) ON CONFLICT DO NOTHING"
)
_MOVE = (
    "INSERT INTO sandbox_money (space_id, account, currency, id, net, available_at)"
    " SELECT %(space)s, m.account, m.currency, m.id, m.net, m.free FROM"
    " unnest(%(accounts)s::text[], %(currencies)s::text[], %(ids)s::text[], %(nets)s::bigint[],"
    " %(free)s::timestamptz[]) AS m(account, currency, id, net, free)"
)
_CLAIM = (
    "INSERT INTO sandbox_answers (space_id, account, key, asked, at)"
    " VALUES (%(space)s, %(account)s, %(key)s, %(asked)s, %(now)s)"
    " ON CONFLICT (space_id, account, key) DO UPDATE SET asked = EXCLUDED.asked, status = NULL,"
    " body = NULL, at = EXCLUDED.at WHERE sandbox_answers.at < %(old)s"
)


_DELIVERY = "WHERE space_id = %(space)s AND endpoint = %(endpoint)s AND event = %(event)s"


def _fields(record: Record | None) -> Fields | None:
    return None if record is None else cast("Fields", record[0])  # JSON, as it was kept


def _whole(value: object) -> int:
    return int(cast("int | None", value) or 0)


def _count(record: Record | None) -> int:
    return _whole(record[0]) if record is not None else 0

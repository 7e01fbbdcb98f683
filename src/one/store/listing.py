"""Lists: filters, an order and a cursor over any of the four tables, each read by an index.

A list is read as branches (what is public, what is the viewer's own, one per type or value asked
for), each a short ordered range of one index, and merged. So a page costs what a page costs,
however many rows there are that the viewer may not see.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import product

import orjson
from pydantic import JsonValue

from one.store.database import Record
from one.store.filters import Clause, Field, Filter, Sort, bound, read_id, read_time, refuse
from one.store.session import Session
from one.store.sight import Branch

MOST_ITEMS = 200
COUNT_LIMIT = 10_000
_MOST_BRANCHES = 64


@dataclass(frozen=True, slots=True)
class Order:
    """The sort keys of a list, all in one direction; they end in the row's id."""

    keys: tuple[Field, ...]
    descending: bool

    def by(self, names: tuple[str, ...]) -> str:
        way = " DESC" if self.descending else ""
        return ", ".join(f"{name}{way}" for name in names)


@dataclass(slots=True)
class Listing:
    """One list: `conditions` speak of the row as `x`; `splits` are read value by value.

    `named` is what the branches look into, for the statement's WITH.
    """

    table: str
    columns: str
    order: Order
    branches: list[Branch]
    named: str = ""
    clause: Clause = field(default_factory=Clause)
    splits: list[tuple[str, list[object]]] = field(default_factory=list[tuple[str, list[object]]])
    asked: JsonValue = None

    def narrow(self, where: Field, wanted: Filter) -> None:
        """Adds a filter where it is read best: eq and in as ranges of their own."""
        if wanted.operator in ("eq", "in") and where.indexed:
            self.splits.append((where.sql, list(dict.fromkeys(bound(where, wanted)))))
        else:
            self.clause.add(where, wanted)

    async def page(
        self, session: Session, *, limit: int, cursor: str | None
    ) -> tuple[list[Record], str | None]:
        """Up to `limit` rows of `columns`, and the cursor of the next page if there is one."""
        if not 1 <= limit <= MOST_ITEMS:
            raise refuse("/limit", f"A page holds 1 to {MOST_ITEMS} items.")
        digest = self._digest(session)
        self._start_after(session, cursor, digest)
        records = await session.tx.rows(self._sql(limit + 1), self._params(session))
        width = len(self.order.keys)
        items = [record[:-width] for record in records[:limit]]
        if len(records) <= limit:
            return items, None
        return items, _sealed(session.secret, digest, records[limit - 1][-width:])

    def condition(self) -> str:
        """That the row `x`, wherever it comes from, is in the list."""
        parts = ["x.space_id = %(space)s", *self.clause.conditions]
        for column, values in self.splits:
            any_of = " OR ".join(f"{column} = {self._once(value)}" for value in values)
            parts.append(f"({any_of})")
        branches = " OR ".join(f"({one.where})" for one in self.branches if not one.each)
        if self.named:
            branches = f"EXISTS (WITH {self.named} SELECT 1 WHERE {branches})"
        return " AND ".join((*parts, f"({branches})"))

    async def count(self, session: Session) -> int:
        """How many rows there are, at most COUNT_LIMIT + 1."""
        sql = f"SELECT count(*) FROM ({self._sql(COUNT_LIMIT + 1)}) counted"
        record = await session.tx.row(sql, self._params(session))
        return int(str(record[0])) if record else 0

    def _params(self, session: Session) -> dict[str, object]:
        return session.params(**self.clause.params)

    def _digest(self, session: Session) -> str:
        viewer = session.viewer
        asked = [self.table, self.asked, str(session.space), str(viewer.id), viewer.role]
        return hashlib.sha256(orjson.dumps(asked)).hexdigest()[:16]

    def _start_after(self, session: Session, cursor: str | None, digest: str) -> None:
        if cursor is None:
            return
        texts = _unsealed(session.secret, digest, cursor)
        pairs = zip(self.order.keys, texts, strict=True)
        names = [self.clause.param(_sort_value(key.sort, text)) for key, text in pairs]
        sorts = ", ".join(key.sql for key in self.order.keys)
        way = "<" if self.order.descending else ">"
        self.clause.conditions.append(f"({sorts}) {way} ({', '.join(names)})")

    def _sql(self, limit: int) -> str:
        names = tuple(f"s{at}" for at in range(len(self.order.keys)))
        sorts = ", ".join(
            f"{key.sql} AS {name}" for key, name in zip(self.order.keys, names, strict=True)
        )
        order = self.order.by(tuple(key.sql for key in self.order.keys))
        tail = f"ORDER BY {order} LIMIT {limit}"
        merged = f"ORDER BY {self.order.by(names)} LIMIT {limit}"
        parts: list[str] = []
        for branch, conditions in product(self.branches, self._splits()):
            where = " AND ".join(
                (
                    "x.space_id = %(space)s",
                    *self.clause.conditions,
                    *conditions,
                    f"({branch.where})",
                    *((branch.when,) if branch.when else ()),
                )
            )
            select = f"SELECT {self.columns}, {sorts} FROM {self.table} x"
            if branch.each:
                parts.append(
                    f"(SELECT l.* FROM ({branch.each}) m CROSS JOIN LATERAL ({select}"
                    f" WHERE x.{branch.on} = m.id AND {where} {tail}) l {merged})"
                )
            else:
                parts.append(f"({select} WHERE {where} {tail})")
        prefix = f"WITH {self.named} " if self.named else ""
        if len(parts) == 1:
            return prefix + parts[0]
        return f"{prefix}SELECT * FROM ({' UNION ALL '.join(parts)}) u {merged}"

    def _splits(self) -> list[tuple[str, ...]]:
        """Every combination of the values asked for, or one condition where there are too many."""
        size = len(self.branches)
        choices: list[list[str]] = []
        for column, values in self.splits:
            size *= len(values)
            if size > _MOST_BRANCHES:
                size //= len(values)
                choices.append([f"{column} = ANY({self._once(values)})"])
            else:
                choices.append([f"{column} = {self._once(value)}" for value in values])
        return [tuple(some) for some in product(*choices)]

    def _once(self, value: object) -> str:
        """A parameter for this value, the same one each time it is asked for."""
        for name, known in self.clause.params.items():
            if known is value:
                return f"%({name})s"
        return self.clause.param(value)


def _sealed(secret: bytes, digest: str, values: Record) -> str:
    payload = orjson.dumps([digest, [_plain(value) for value in values]])
    seal = hmac.digest(secret, payload, "sha256")[:12]
    return urlsafe_b64encode(seal + payload).rstrip(b"=").decode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _unsealed(secret: bytes, digest: str, cursor: str) -> list[str]:
    """The sort values in a cursor. Raises Invalid unless it was made for this very query."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    seal, payload = raw[:12], raw[12:]
    if not payload or not hmac.compare_digest(hmac.digest(secret, payload, "sha256")[:12], seal):
        raise refuse("/cursor", "This cursor was not made here. Begin again without one.")
    made_for, values = orjson.loads(payload)
    if made_for != digest:
        raise refuse("/cursor", "This cursor belongs to another list. Begin again without one.")
    return values


def _sort_value(sort: Sort, value: str) -> object:
    match sort:
        case "time":
            return read_time(value, "/cursor")
        case "id":
            return read_id(value, "/cursor")
        case "number":
            try:
                return Decimal(value)
            except InvalidOperation:
                raise refuse("/cursor", "This cursor was not made here.") from None
        case _:
            return value

"""Lists: filters, an order and a cursor over any of the four tables, each read by an index.

A list is read as branches (what is public, what is the viewer's own, one per type or value asked
for), each a short ordered range of one index, and merged. So a page costs what a page costs,
however many rows there are that the viewer may not see.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain, product
from operator import itemgetter

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from pydantic import JsonValue

from one.store.database import Record
from one.store.filters import Clause, Field, Filter, Sort, bound, read_id, read_time, refuse
from one.store.session import Session
from one.store.sight import Branch

MOST_ITEMS = 200
COUNT_LIMIT = 10_000
MOST_BUFFERS = 1_600  # what looking at rows that may not be seen can cost a page
_MOST_BRANCHES = 64
_PAD = 128  # bytes
_AGAIN = 3  # buffers to come back to a row that was found in an index
_RARE = 200  # so few things with a tag are looked up one by one


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

    `named` is what the branches look into, for the statement's WITH. `tests` are asked row by row,
    of a bounded number; `lookups` find the ids that it is about. Up to `few` things of the
    viewer's own are looked up one by one. `dearer`: what the tests touch in addition. `by_ids`:
    it is bounded by what it asks for. `kinds`: what is read type by type and merged, where no index
    has all of them in order. `statements`: by the size of the page.
    """

    table: str
    columns: str
    order: Order
    branches: list[Branch]
    named: str = ""
    clause: Clause = field(default_factory=Clause)
    splits: list[tuple[Field, list[object]]] = field(
        default_factory=list[tuple[Field, list[object]]]
    )
    asked: JsonValue = None
    tests: list[str] = field(default_factory=list[str])
    lookups: list[str] = field(default_factory=list[str])
    few: int = 200
    budget: int = MOST_BUFFERS
    dearer: int = 0
    by_ids: bool = False
    kinds: str = ""
    statements: dict[int, str] = field(default_factory=dict[int, str])
    kept: list[str] = field(init=False)  # of a row, `columns` and those sort keys that are none
    keys: list[int] = field(init=False)  # where in it the sort keys stand

    def __post_init__(self) -> None:
        names = self.columns.split(", ")
        keys = [f"s{n}" if k.sql not in names else k.sql for n, k in enumerate(self.order.keys)]
        self.kept = list(dict.fromkeys([*names, *keys]))
        self.keys = [self.kept.index(key) for key in keys]

    def narrow(self, where: Field, wanted: Filter) -> None:
        """Adds a filter where it is read best: eq and in as ranges of their own."""
        if where.beside:
            self.tests.append(self.clause.condition(where, wanted))
            self.dearer = max(self.dearer, where.beside)
        elif wanted.operator in ("eq", "in"):
            self.splits.append((where, list(dict.fromkeys(bound(where, wanted)))))
        elif wanted.operator in ("ne", "exists"):
            self.tests.append(self.clause.condition(where, wanted))
        else:
            self.clause.conditions.append(self.clause.condition(where, wanted))

    async def page(
        self, session: Session, *, limit: int, cursor: str | None
    ) -> tuple[list[Record], str | None]:
        """Up to `limit` rows that begin with `columns`, and the cursor of the next page, if any.

        A page may hold fewer, or nothing, and go on: where few of the rows looked at may be seen.
        """
        if not 1 <= limit <= MOST_ITEMS:
            raise refuse("/limit", f"A page holds 1 to {MOST_ITEMS} items.")
        digest = self._digest(session)
        rest = self if cursor is None else self._after(_unsealed(session.secret, digest, cursor))
        statement = rest._statement(limit)
        records = await session.tx.rows(statement, rest._params(session))
        keys_of = itemgetter(*self.keys)
        items: list[Record] = []
        end: Record | None = None
        for record in records:
            *_, shown, stop = record
            if end is not None and keys_of(record) != end:
                break
            if shown and len(items) == limit:
                end = keys_of(items[-1])
                break
            if shown:
                items.append(record)
            if stop:  # another part may show this very row
                end = keys_of(record)
        return items, None if end is None else _sealed(session.secret, digest, end)

    def condition(self) -> str:
        """That the row `x`, wherever it comes from, is in the list."""
        parts = ["x.space_id = %(space)s", *self.clause.conditions, *self.tests]
        parts += [f"x.id IN ({ids})" for ids in self.lookups]
        for where, values in self.splits:
            any_of = " OR ".join(where.equals(self._once(value)) for value in values)
            parts.append(f"({any_of})")
        branches = " OR ".join(one.condition for one in self.branches if not one.each)
        if self.named:
            branches = f"EXISTS (WITH {self.named} SELECT 1 WHERE {branches})"
        return " AND ".join((*parts, f"({branches})"))

    async def count(self, session: Session) -> int:
        """How many rows there are, at most COUNT_LIMIT + 1."""
        sql = f"SELECT count(*) FROM ({self._sql(COUNT_LIMIT + 1, bounded=False)}) counted"
        record = await session.tx.row(sql, self._params(session))
        return int(str(record[0])) if record else 0

    def _params(self, session: Session) -> dict[str, object]:
        return session.params(few=self.few, **self.clause.params)

    def _digest(self, session: Session) -> str:
        viewer = session.viewer
        asked = (self.table, self.asked, str(session.space), str(viewer.id), viewer.role)
        return hashlib.blake2b(repr(asked).encode(), digest_size=8).hexdigest()

    def _after(self, values: list[JsonValue]) -> "Listing":
        """The rest of the list, from its row with these sort values on."""
        rest = replace(self, clause=self.clause.copy(), statements={})
        pairs = zip(self.order.keys, values, strict=True)
        names = [rest.clause.param(_sort_value(key.sort, str(value))) for key, value in pairs]
        sorts = ", ".join(key.sql for key in self.order.keys)
        way = "<" if self.order.descending else ">"
        rest.clause.conditions.append(f"({sorts}) {way} ({', '.join(names)})")
        return rest

    def _statement(self, limit: int) -> str:
        """What reads up to `limit` rows."""
        if limit not in self.statements:
            self.statements[limit] = self._sql(limit + 1, bounded=not self.by_ids)
        return self.statements[limit]

    def _sql(self, limit: int, *, bounded: bool) -> str:
        """Rows with their sort keys, whether they are shown, and whether the search ends there."""
        names = tuple(f"s{at}" for at in range(len(self.order.keys)))
        pairs = list(product(chain.from_iterable(map(self._tested, self.branches)), self._splits()))
        tested = sum(1 for branch, _ in pairs if branch.test and not branch.each)
        merged = f"ORDER BY {self.order.by(names)} LIMIT {limit + tested * bounded}"
        parts: list[str] = []
        for branch, conditions in pairs:
            where = " AND ".join(
                (
                    "x.space_id = %(space)s",
                    *self.clause.conditions,
                    *conditions,
                    f"({branch.where if bounded else branch.condition})",
                    *((branch.when,) if branch.when else ()),
                )
            )
            again = _AGAIN if self.kinds and not branch.each else 0
            share = self.budget // (1 + branch.cost + again) // max(tested, 1)
            most = max(1, share) if branch.test and bounded else limit
            parts.append(self._part(branch, where, most=most, bounded=bounded))
        prefix = f"WITH {self.named} " if self.named else ""
        kept = ", ".join(name.removeprefix("x.") for name in self.kept)
        return f"{prefix}SELECT {kept}, shown, stop FROM ({' UNION ALL '.join(parts)}) u {merged}"

    def _tested(self, branch: Branch) -> list[Branch]:
        """The branch with the list's own tests; `lookups` are read first where they find little."""
        tests = [*self.tests, *([branch.test] if branch.test else [])]
        tested = " AND ".join(f"({test})" for test in tests)
        branch = replace(branch, test=tested, cost=branch.cost + self.dearer)
        found = [branch]
        for ids in self.lookups:
            within, size = f"x.id IN ({ids})", f"(SELECT count(*) FROM ({ids} LIMIT {_RARE + 1}) l)"
            if branch.each:
                return [replace(branch, where=f"{branch.where} AND {within}")]
            rare = " AND ".join(filter(None, (branch.when, f"{size} <= {_RARE}")))
            often = " AND ".join(filter(None, (branch.when, f"{size} > {_RARE}")))
            test = f"{within} AND {branch.test}" if branch.test else within
            found = [
                replace(branch, each=ids, on="id", when=rare),
                replace(branch, when=often, test=test, cost=branch.cost + 4),
            ]
        return found

    def _part(self, branch: Branch, where: str, *, most: int, bounded: bool) -> str:
        """One ordered range; of one that is tested row by row, the last row looked at stands too,
        shown or not."""
        order = self.order.by(tuple(key.sql for key in self.order.keys))
        sorts = ", ".join(f"{key.sql} AS s{at}" for at, key in enumerate(self.order.keys))
        found = f"SELECT x.* FROM {self.table} x"
        tail = f"ORDER BY {order} LIMIT {most}"
        each, on = (branch.each, branch.on) if branch.each else (self.kinds, "type")
        if each:
            names = tuple(f"s{at}" for at in range(len(self.order.keys)))
            found = (
                f"SELECT x.* FROM (SELECT l.* FROM ({each}) m CROSS JOIN LATERAL"
                f" (SELECT x.id, {sorts} FROM {self.table} x WHERE x.{on} = m.id"
                f" AND {where} {tail}) l ORDER BY {self.order.by(names)} LIMIT {most}) i"
                f" JOIN {self.table} x ON x.space_id = %(space)s AND x.id = i.id"
            )
            where = "true"
        if not branch.test or not bounded:
            return (
                f"(SELECT {self.columns}, {sorts}, true AS shown, false AS stop"
                f" FROM ({found} WHERE {where} {tail}) x)"
            )
        numbered = (
            f"SELECT x.*, row_number() OVER (ORDER BY {order}) AS nth"
            f" FROM ({found} WHERE {where} {tail}) x"
        )
        return (
            f"(SELECT {self.columns}, {sorts}, shown, nth = {most} AS stop FROM (SELECT x.*,"
            f" ({branch.test}) AS shown FROM ({numbered}) x OFFSET 0) x"
            f" WHERE shown OR nth = {most} ORDER BY {order})"
        )

    def _splits(self) -> list[tuple[str, ...]]:
        """Every combination of the values asked for, or one condition where there are too many."""
        size = len(self.branches)
        choices: list[list[str]] = []
        for where, values in self.splits:
            size *= len(values)
            if size > _MOST_BRANCHES:
                size //= len(values)
                choices.append([where.is_any_of(self._once(values))])
            else:
                choices.append([self._choice(where, values, at) for at in range(len(values))])
        return [tuple(some) for some in product(*choices)]

    def _choice(self, where: Field, values: list[object], at: int) -> str:
        """That the field is this value and, where two may be spellings of one, none before it."""
        names = [where.value(self._once(value)) for value in values[: at + 1]]
        others = [f"{names[at]} <> {earlier}" for earlier in names[:at] if where.folded]
        return " AND ".join((where.equals(self._once(values[at])), *others))

    def _once(self, value: object) -> str:
        """A parameter for this value, the same one each time it is asked for."""
        for name, known in self.clause.params.items():
            if known is value:
                return f"%({name})s"
        return self.clause.param(value)


def _sealed(secret: bytes, digest: str, values: Record) -> str:
    """A cursor, which can't be read: the row at which a page ended may be one that isn't shown. Its
    length tells no more than how many pads of letters the row's sort values take.
    """
    payload = orjson.dumps([digest, *values], default=str)  # a decimal is none of its types
    padded = payload.ljust(-(-len(payload) // _PAD) * _PAD)
    return urlsafe_b64encode(_box(secret).encrypt(padded, None)).rstrip(b"=").decode()


@lru_cache(maxsize=64)
def _box(secret: bytes) -> AESSIV:
    return AESSIV(hashlib.sha256(b"cursor:" + secret).digest())


def _unsealed(secret: bytes, digest: str, cursor: str) -> list[JsonValue]:
    """The sort values in a cursor. Raises Invalid unless it was made for this very query."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        payload = _box(secret).decrypt(raw, None)
    except (ValueError, InvalidTag):
        raise refuse("/cursor", "This cursor was not made here. Begin again without one.") from None
    made_for, *values = orjson.loads(payload)
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

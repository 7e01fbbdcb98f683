"""How a deployment's database is: for those who run it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from one.ontology import Ontology
from one.store.database import Database, Transaction
from one.store.migrate import migrations
from one.store.refill import outdated
from one.store.sequencer import LOCK


@dataclass(frozen=True, slots=True)
class Size:
    """A table: about how many rows, and the bytes on disk, its indexes among them."""

    table: str
    rows: int
    bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A space and the position of its last change."""

    id: UUID
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class State:
    """`queued` changes wait for their position, the oldest since `lag`; `led` says whether some
    process gives them. `outdated` are types whose declared keys are not all filled in.
    """

    server: str
    schema: str
    applied: tuple[tuple[str, datetime], ...]
    missing: tuple[str, ...]
    sizes: tuple[Size, ...] = ()
    queued: int = 0
    lag: timedelta = timedelta()
    led: bool = False
    spaces: tuple[Kept, ...] = ()
    outdated: tuple[tuple[str, tuple[str, ...]], ...] = ()


async def state(database: Database, ontology: Ontology, *, now: datetime) -> State:
    """Reads only; also of a schema that is not there yet, or not up to date."""
    async with database.read() as tx:
        server = await tx.row(
            "SELECT current_setting('server_version'), to_regclass(%(table)s)",
            {"table": f"{database.schema}.migrations"},
        )
        assert server is not None
        known = [migration.name for migration in migrations()]
        if server[1] is None:
            return State(str(server[0]), database.schema, (), tuple(known))
        records = await tx.rows("SELECT name, applied_at FROM migrations ORDER BY number")
        applied = cast("list[tuple[str, datetime]]", records)
        missing = tuple(name for name in known if name not in {name for name, _ in applied})
        if missing:
            return State(str(server[0]), database.schema, tuple(applied), missing)
        queued, lag = await _queue(tx, now)
        return State(
            str(server[0]),
            database.schema,
            tuple(applied),
            (),
            sizes=await _sizes(tx, database.schema),
            queued=queued,
            lag=lag,
            led=await _led(tx, database.schema),
            spaces=await _spaces(tx),
            outdated=tuple((t, tuple(n)) for t, n in (await outdated(tx, ontology)).items()),
        )


async def _queue(tx: Transaction, now: datetime) -> tuple[int, timedelta]:
    record = await tx.row("SELECT count(*), min(at) FROM change_queue")
    assert record is not None
    oldest = cast("datetime | None", record[1])
    return cast(int, record[0]), max(now - oldest, timedelta()) if oldest else timedelta()


async def _led(tx: Transaction, schema: str) -> bool:
    record = await tx.row(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %(lock)s"
        " AND objid::bigint = hashtext(%(schema)s)::bigint & 4294967295"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        {"lock": LOCK, "schema": schema},
    )
    return record is not None


async def _sizes(tx: Transaction, schema: str) -> tuple[Size, ...]:
    records = await tx.rows(
        "SELECT c.relname, greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid), 0),"
        " pg_total_relation_size(c.oid), pg_indexes_size(c.oid)"
        " FROM pg_class c WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind = 'r'"
        " ORDER BY 3 DESC, 1",
        {"schema": schema},
    )
    return tuple(Size(*row) for row in cast("list[tuple[str, int, int, int]]", records))


async def _spaces(tx: Transaction) -> tuple[Kept, ...]:
    records = await tx.rows(
        "SELECT s.id, s.name, coalesce(p.last, 0) FROM spaces s"
        " LEFT JOIN positions p ON p.space_id = s.id WHERE s.until IS NULL"
        " ORDER BY s.created_at, s.id"
    )
    return tuple(Kept(*row) for row in cast("list[tuple[UUID, str, int]]", records))

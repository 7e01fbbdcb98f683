"""A believable crowd of rows by COPY: skewed as life is, the same every time, kept between runs."""

import asyncio
import fcntl
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier
from pydantic import JsonValue

from one.clock import Clock
from one.ontology import ConnectionType, EntityType, EventType, Ontology, load
from one.settings import Settings
from one.store import DEFAULT_SPACE, Database, embedded, migrate
from one.store.migrate import migrations
from one.store.session import jsonb
from one.store.sight import PEOPLE, seen
from one.store.slots import filled, slots_of

FOLDER = Path(".one-bench")
FULL, TENTH = 200_000, 20_000
CONNECTIONS, EVENTS = 5, 15  # of each entity
YEAR = timedelta(days=365)
START = datetime(2026, 1, 1, tzinfo=UTC) - YEAR

_ENTITIES = {
    "audience_member": 1100,
    "lesson": 300,
    "blog_post": 160,
    "message": 80,
    "payment": 80,
    "digital_product": 60,
    "course": 40,
    "video": 40,
    "community": 20,
    "creator": 10,
}
_CONNECTIONS = {
    "following": 240,
    "enrolled_in": 200,
    "transacted": 120,
    "engaged_with": 120,
    "owns": 90,
    "member_of": 80,
    "completed": 60,
    "part_of": 30,
}
_EVENTS = {
    "content_viewed": 4500,
    "payment_processed": 2000,
    "content_interacted": 1200,
    "entity_created": 700,
    "progress_updated": 500,
    "entity_updated": 300,
}
_WORDS = (
    *("yoga", "piano", "guitar", "garden", "studio", "budget"),
    *("market", "stretch", "harmoni", "rhythm", "canva", "pixel"),
)
COMMON, RARE = "garden", "zither"
_TEXT = "Words that a course, a post or a lesson would say of itself, about as long as they are. "

Values = dict[str, JsonValue]
Row = tuple[str | None, ...]
Kind = EntityType | ConnectionType | EventType
AnyKind = TypeVar("AnyKind", EntityType, ConnectionType, EventType)


@dataclass(slots=True)
class Made:
    """What later rows point at: ids by type, most popular first, and who owns most."""

    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    owners: dict[str, str] = field(default_factory=dict[str, str])

    def of(self, types: Sequence[str]) -> list[str]:
        return [id for type in types for id in self.ids.get(type, ())]


@dataclass(frozen=True)
class Crowd:
    """`size` entities, five times as many connections, fifteen times as many events or more."""

    ontology: Ontology
    size: int
    busy: int = EVENTS
    space: UUID = DEFAULT_SPACE
    made: Made = field(default_factory=Made)

    @cached_property
    def chance(self) -> random.Random:
        return random.Random(7)

    def entities(self) -> Iterator[Row]:
        kinds = self._weighted(self.ontology.entities, _ENTITIES, 6)
        for at, kind in enumerate(self.chance.choices(*kinds, k=self.size)):
            id, time = self._moment(at, self.size, table=1)
            self.made.ids.setdefault(kind.name, []).append(id)
            status = self._status(kind)
            visibility = "private" if self.chance.random() < 0.1 else kind.visibility
            words = [self.chance.choice(_WORDS) for _ in range(4)]
            words += [COMMON] * (at % 3 == 0) + [RARE] * (at % 9_973 == 0)
            search = " ".join(f"'{word}':{n + 1}A" for n, word in enumerate(words))
            properties: Values = {"x_text": _TEXT * 3, **self._declared(kind, at)}
            columns = filled(kind, properties)
            yield (
                str(self.space), id, kind.name, f"{words[0]} {words[1]} {at}", status, visibility,
                seen(visibility, status), jsonb(properties), "1", time, time, None,
                *(_text(columns[name]) for name in ("k1", "k2", "k3", "n1", "n2")),
                f"{search} 'type/{kind.name}'",
            )  # fmt: skip

    def connections(self) -> Iterator[Row]:
        owners = self.made.ids["creator"]
        for things in [ids for type, ids in self.made.ids.items() if type not in PEOPLE]:
            for id in things:
                self.made.owners[id] = self._popular(owners)
        total = self.size * CONNECTIONS
        pairs = ((owner, thing) for thing, owner in self.made.owners.items())
        rest = total - len(self.made.owners)
        kinds = self._weighted(self.ontology.connections, _CONNECTIONS, 3)
        taken: set[tuple[str, str, str]] = set()
        for at, pair in enumerate(pairs):
            yield self._connection(at, total, self.ontology.connections["owns"], pair=pair)
        for at, kind in enumerate(self.chance.choices(*kinds, k=rest), len(self.made.owners)):
            if kind.name == "owns":
                continue
            pair = self._pair(kind)
            if pair[0] == pair[1] or (not kind.many and (kind.name, *pair) in taken):
                continue
            taken.add((kind.name, *pair))
            yield self._connection(at, total, kind, pair=pair)

    def _connection(
        self, at: int, total: int, kind: ConnectionType, *, pair: tuple[str, str]
    ) -> Row:
        id, time = self._moment(at, total, table=2)
        metadata = self._declared(kind, at)
        if kind.name == "owns":
            metadata["revenueShare"] = 10_000
        columns = filled(kind, metadata)
        slot = id if kind.many else ""
        return (
            str(self.space), id, kind.name, *pair, slot, jsonb(metadata), None, time, None, "1",
            time, time, *(_text(columns[name]) for name in ("k1", "k2", "n1")),
        )  # fmt: skip

    def events(self) -> Iterator[Row]:
        total = self.size * self.busy
        kinds = self._weighted(self.ontology.events, _EVENTS, 25)
        people = self.made.of(PEOPLE)
        subjects = {
            kind.name: self.made.of(sorted(kind.subjects)) if kind.subjects else self._things
            for kind in self.ontology.events.values()
        }
        for at, kind in enumerate(self.chance.choices(*kinds, k=total)):
            id, time = self._moment(at, total, table=3)
            metadata = self._declared(kind, at)
            if kind.name == "payment_processed":
                metadata["status"] = "refunded" if at % 15_000 < 5 else "succeeded"
            columns = filled(kind, metadata)
            session = f"session-{at // 8}" if at % 2 else None
            yield (
                str(self.space), id, kind.name, self._popular(subjects[kind.name]),
                self._popular(people), "user", jsonb(metadata), time, time, None, session,
                *(_text(columns[name]) for name in ("k1", "k2", "n1")),
            )  # fmt: skip

    @cached_property
    def _things(self) -> list[str]:
        return self.made.of([name for name in self.made.ids if name not in PEOPLE])

    def _pair(self, kind: ConnectionType) -> tuple[str, str]:
        sources, targets = kind.pairs[0]
        return self._popular(self._ids(sources)), self._popular(self._ids(targets))

    def _ids(self, types: frozenset[str]) -> list[str]:
        known = self._cache.get(types)
        if known is None:
            known = self._cache[types] = self.made.of(sorted(types))
        return known

    @cached_property
    def _cache(self) -> dict[frozenset[str], list[str]]:
        return {}

    def _popular(self, ids: list[str]) -> str:
        return ids[int(len(ids) * self.chance.random() ** 2.5)]

    def _status(self, kind: EntityType) -> str:
        if "published" not in kind.transitions:
            return kind.initial
        return self.chance.choices(("published", "draft", "archived"), (75, 20, 5))[0]

    def _declared(self, kind: Kind, at: int) -> Values:
        """Values for the keys that lists are filtered by, few of them common, many rare."""
        found: Values = {}
        for path, column in slots_of(kind).items():
            value: JsonValue = int(10_000 * self.chance.random())
            if column.startswith("k"):
                unique = path in getattr(kind, "unique", ())
                value = f"{path}-{at if unique else int(20 * self.chance.random() ** 3)}"
            below = found
            *outer, last = path.split(".")
            for key in outer:
                inner: Values = {}
                below[key] = inner
                below = inner
            below[last] = value
            if last == "amount":
                below["currency"] = "usd"
        return found

    def _moment(self, at: int, total: int, *, table: int) -> tuple[str, str]:
        """The id and the time of the `at`th of `total` rows, spread over a year."""
        time = START + YEAR * (at / total)
        millis = int(time.timestamp() * 1000)
        digits = f"{millis:012x}"
        id = f"{digits[:8]}-{digits[8:]}-7{table:03x}-8000-{at:012x}"
        return id, time.isoformat()

    @staticmethod
    def _weighted(
        kinds: Mapping[str, AnyKind], weights: dict[str, int], rest: int
    ) -> tuple[list[AnyKind], list[int]]:
        return list(kinds.values()), [weights.get(name, rest) for name in kinds]


def _text(value: str | float | None) -> str | None:
    return None if value is None else str(value)


_COLUMNS = {
    "entities": "space_id, id, type, name, status, visibility, seen, properties, version,"
    " created_at, updated_at, deleted_at, k1, k2, k3, n1, n2, search",
    "connections": "space_id, id, type, from_id, to_id, slot, metadata, strength, valid_from,"
    " valid_to, version, created_at, updated_at, k1, k2, n1",
    "events": "space_id, id, type, entity_id, actor_id, actor_type, metadata, occurred_at,"
    " recorded_at, source, session_id, k1, k2, n1",
}
_BLOCK = 1 << 20


def fill(connection: psycopg.Connection, crowd: Crowd) -> None:
    """Copies the crowd in, with indexes made afterwards and foreign keys taken as kept."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for table, rows in (
            ("entities", crowd.entities()),
            ("connections", crowd.connections()),
            ("events", crowd.events()),
        ):
            indexes = connection.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
                " AND tablename = %s AND indexname NOT LIKE '%%_pkey'",
                [table],
            ).fetchall()
            for name, _ in indexes:
                connection.execute(SQL("DROP INDEX {}").format(Identifier(str(name))))
            _copy(connection, table, rows)
            for _, definition in indexes:
                connection.execute(str(definition).encode())
    _settle(connection)


def _settle(connection: psycopg.Connection) -> None:
    """As autovacuum would leave it: again while a commit beside this one is not on disk yet.

    PostgreSQL keeps one place in its log for 32 neighbouring transactions, and takes no page as
    seen by all while that place waits to be written.
    """
    for _ in range(20):
        connection.execute("VACUUM (FREEZE, ANALYZE) entities, connections, events")
        unseen = connection.execute(
            "SELECT FROM pg_class WHERE relname IN ('entities', 'connections', 'events')"
            " AND relnamespace = current_schema()::regnamespace AND relallvisible < 0.99 * relpages"
        )
        if not unseen.rowcount:
            return


def _copy(connection: psycopg.Connection, table: str, rows: Iterator[Row]) -> None:
    statement = f"COPY {table} ({_COLUMNS[table]}) FROM STDIN".encode()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        block: list[str] = []
        size = 0
        for row in rows:
            line = "\t".join([r"\N" if value is None else value for value in row])
            block.append(line)
            size += len(line)
            if size > _BLOCK:
                copy.write("\n".join(block) + "\n")
                block, size = [], 0
        copy.write("".join(line + "\n" for line in block))


@dataclass(frozen=True, slots=True)
class World:
    """A filled database: `rich` owns most, `poor` has nothing, `shown` is for anyone to see.

    `maker` is for what a bench writes, so that the others stay what they are.
    """

    settings: Settings
    url: str
    rich: UUID
    poor: UUID
    maker: UUID
    shown: tuple[UUID, ...]


def prepared(*, full: bool) -> World:
    """The large world or a tenth of it, made on first use."""
    folder = (FOLDER / ("full" if full else "tenth")).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    url = embedded.start(folder / "postgres")
    settings = Settings(data=folder, database_url=url)
    done = folder / "filled"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = [migration.digest for migration in migrations()]
        if not done.exists() or json.loads(done.read_text("utf-8")) != made:
            _make(url, FULL if full else TENTH)
            done.write_text(json.dumps(made), "utf-8")
    with _connected(url) as connection:
        return World(settings, url, *_people(connection), _shown(connection))


def _make(url: str, size: int) -> None:
    async def migrated() -> None:
        database = Database(url, "one")
        await migrate(database, now=Clock().now())
        await database.close()

    with _connected(url) as connection:
        connection.execute("DROP SCHEMA IF EXISTS one CASCADE")
        asyncio.run(migrated())
        fill(connection, Crowd(load(None), size))


def _connected(url: str) -> psycopg.Connection:
    settings = "-c search_path=one,public -c timezone=UTC"
    return psycopg.connect(url, autocommit=True, options=settings)


def _people(connection: psycopg.Connection) -> tuple[UUID, UUID, UUID]:
    rich = connection.execute(
        "SELECT from_id FROM connections WHERE type = 'owns' GROUP BY 1 ORDER BY count(*) DESC"
    ).fetchone()
    others = connection.execute(
        "SELECT id FROM entities e WHERE type = 'audience_member' AND created_at < %s"
        " AND NOT EXISTS (SELECT 1 FROM connections c WHERE (c.from_id = e.id OR c.to_id = e.id)"
        " AND c.type <> 'owns') ORDER BY id DESC LIMIT 2",
        [START + YEAR],
    ).fetchall()
    assert rich is not None
    return rich[0], others[0][0], others[1][0]


def _shown(connection: psycopg.Connection) -> tuple[UUID, ...]:
    records = connection.execute(
        "SELECT id FROM entities WHERE type = 'course' AND seen = 'public' ORDER BY id LIMIT 200"
    )
    return tuple(record[0] for record in records)

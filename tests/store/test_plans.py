"""What a page costs among 600,000 events: at most 2,000 buffers, whoever asks for what."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

import psycopg
import pytest
from bench._world import COMMON, RARE, Crowd, fill
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typing_extensions import override

from one.clock import Clock
from one.ontology import ConnectionType, EntityType, EventType, load
from one.store import (
    ANYBODY,
    DEFAULT_SPACE,
    PLATFORM,
    ConnectionAsk,
    Database,
    Desk,
    EntityAsk,
    EventAsk,
    Store,
    TagAsk,
    Viewer,
    parse_filter,
)
from one.store.database import Params, Transaction
from one.store.filters import Filter
from one.store.lists import Ask
from one.store.slots import slots_of
from tests.conftest import SCHEMA, migrate_template

MOST_BUFFERS = 2_000

pytestmark = pytest.mark.anyio


class Explaining(Transaction):
    """Adds up the buffers that statements touch."""

    buffers = 0

    @override
    async def _execute(
        self, sql: str, params: Params | None
    ) -> psycopg.AsyncCursor[tuple[object, ...]]:
        explained = await super()._execute(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params
        )
        record = await explained.fetchone()
        assert record is not None
        plan = cast("list[dict[str, dict[str, int]]]", record[0])[0]["Plan"]
        self.buffers += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return await super()._execute(sql, params)


@dataclass(frozen=True, slots=True)
class Place:
    """A filled deployment and the ids that the asks are about."""

    desk: Desk
    viewers: dict[str, Viewer]
    entity: UUID
    actor: UUID
    popular: UUID
    rare: UUID

    async def dear(self, asks: dict[str, Ask], viewer: str) -> dict[str, int]:
        """Those of the asks whose first or second page of 200 touches too much."""
        found: dict[str, int] = {}
        async with self.desk.read(DEFAULT_SPACE, self.viewers[viewer], snapshot=False) as store:
            for name, ask in asks.items():
                tx = Explaining(store.session.tx.raw)
                explained = Store(replace(store.session, tx=tx))
                following = await _page(explained, ask)
                first, tx.buffers = tx.buffers, 0
                if following is not None:
                    await _page(explained, ask, following)
                if max(first, tx.buffers) > MOST_BUFFERS:
                    found[name] = max(first, tx.buffers)
        return found


async def _page(store: Store, ask: Ask, cursor: str | None = None) -> str | None:
    """Reads a page; the cursor of the next."""
    match ask:
        case EntityAsk():
            return (await store.entities(ask, limit=200, cursor=cursor)).next
        case ConnectionAsk():
            return (await store.connections(ask, limit=200, cursor=cursor)).next
        case EventAsk():
            return (await store.events(ask, limit=200, cursor=cursor)).next
        case TagAsk():
            return (await store.tags(ask, limit=200, cursor=cursor)).next
        case _:
            raise TypeError(type(ask))


@pytest.fixture(scope="module")
async def place(postgres_url: str) -> AsyncGenerator[Place]:
    """A database of its own: 20,000 things, 100,000 connections, 600,000 events."""
    name = f"{conninfo_to_dict(postgres_url)['dbname']}_plans"
    server = make_conninfo(postgres_url, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        # as ONE's own PostgreSQL is set
        admin.execute(f'ALTER DATABASE "{name}" SET random_page_cost = 1.1'.encode())
        admin.execute(f'ALTER DATABASE "{name}" SET jit = off'.encode())
    url = make_conninfo(postgres_url, dbname=name)
    await asyncio.to_thread(migrate_template, url)
    options = f"-c search_path={SCHEMA},public -c timezone=UTC"
    with psycopg.connect(url, autocommit=True, options=options) as connection:
        fill(connection, Crowd(load(None), 20_000, busy=30))
        _label(connection)
        viewers, *ids = _chosen(connection)
    database = Database(url, SCHEMA)
    await database.start()
    yield Place(await Desk.open(database, load(None), clock=Clock()), viewers, *ids)
    await database.close()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}"'.encode())


_TAGS = {"popular": 3, "rare": 4_999}
"""Name of a tag, and one of how many things carries it."""


def _label(connection: psycopg.Connection) -> None:
    for name, nth in _TAGS.items():
        connection.execute(
            "INSERT INTO tags (space_id, id, category, name, key, usage_count, version, created_at,"
            " updated_at) SELECT id, md5(%(name)s)::uuid, 'topic', %(name)s, %(name)s, 0, 1, now(),"
            " now() FROM spaces",
            {"name": name},
        )
        connection.execute(
            "INSERT INTO entity_tags SELECT space_id, id, md5(%(name)s)::uuid, created_at FROM"
            " (SELECT *, row_number() OVER (ORDER BY id) AS at FROM entities) e"
            " WHERE at %% %(nth)s = 0",
            {"name": name, "nth": nth},
        )
    connection.execute("VACUUM (ANALYZE) tags, entity_tags")


def _chosen(connection: psycopg.Connection) -> tuple[dict[str, Viewer], UUID, UUID, UUID, UUID]:
    def first(sql: str) -> UUID:
        record = connection.execute(sql.encode()).fetchone()
        assert record is not None
        return record[0]

    nobody = first(
        "SELECT id FROM entities e WHERE type = 'audience_member' AND NOT EXISTS (SELECT FROM"
        " connections c WHERE c.from_id = e.id OR c.to_id = e.id) ORDER BY id LIMIT 1"
    )
    related = "SELECT from_id FROM connections WHERE type IN ({}) GROUP BY 1 ORDER BY {} LIMIT 1"
    owner = first(related.format("'owns'", "abs(count(*) - 300), from_id"))
    member = first(related.format("'enrolled_in', 'member_of'", "abs(count(*) - 100), from_id"))
    collaborator = first(
        related.format("'collaborates_with', 'manages'", "count(*) DESC, from_id OFFSET 10")
    )
    entity, actor = (
        first(f"SELECT {end} FROM events GROUP BY 1 ORDER BY count(*) DESC OFFSET 20 LIMIT 1")
        for end in ("entity_id", "actor_id")
    )
    people = {
        "an owner of nothing": nobody,
        "an owner of hundreds": owner,
        "a member": member,
        "a collaborator": collaborator,
    }
    viewers = {"staff": Viewer(PLATFORM, "staff"), "anybody": ANYBODY}
    viewers |= {name: Viewer(id, "person") for name, id in people.items()}
    popular, rare = (first(f"SELECT md5('{name}')::uuid") for name in _TAGS)
    return viewers, entity, actor, popular, rare


def _filters(kind: EntityType | ConnectionType | EventType, prefix: str) -> Iterator[str]:
    for path, column in slots_of(kind).items():
        if path in kind.private:
            continue
        key = f"{prefix}.{path}"
        if column.startswith("n"):
            some, other = "77", "5000"
            yield f"{key} between 100,9000"
        else:
            some, other = f"{path}-0", f"{path}-7"
            yield f"{key} startsWith {path}"
        yield from (f"{key} {way} {some}" for way in ("eq", "ne", "gt", "gte"))
        yield from (f"{key} {way} {other}" for way in ("lt", "lte"))
        yield from (f"{key} in {some},{other}", f"{key} exists true", f"{key} exists false")


def _read(*texts: str) -> tuple[Filter, ...]:
    return tuple(parse_filter(text, "/where") for text in texts)


ONTOLOGY = load(None)
ORDERS = ("createdAt", "-createdAt", "updatedAt", "name", "-name")
DAY = "between 2025-03-01,2025-03-02"


def _things(place: Place) -> dict[str, Ask]:
    asks: dict[str, Ask] = {
        "with a popular tag": EntityAsk(tag=place.popular),
        "with a rare tag": EntityAsk(tag=place.rare),
        "courses with a popular tag": EntityAsk(("course",), tagged=("topic", "popular")),
        "courses with a rare tag": EntityAsk(("course",), tagged=("topic", "rare")),
        "all": EntityAsk(),
        "all, oldest first": EntityAsk(order="createdAt"),
        "deleted": EntityAsk(deleted=True),
        "drafts": EntityAsk(status="draft"),
        "made on a day": EntityAsk(filters=_read(f"createdAt {DAY}")),
        "a common word": EntityAsk(("course",), text=COMMON),
        "a rare word": EntityAsk(("course",), text=RARE),
        "a draft course": EntityAsk(("course",), status="draft"),
        "courses and lessons": EntityAsk(("course", "lesson")),
        "by name": EntityAsk(("lesson",), _read("name startsWith yoga")),
        "of a name": EntityAsk(("lesson",), _read("name eq Yoga Calm 7")),
        "of some names": EntityAsk(("lesson", "course"), _read("name in Yoga Calm 7,x,X,Y")),
        "not of a name": EntityAsk(("lesson",), _read("name ne Yoga Calm 7")),
        "changed on a day": EntityAsk(("lesson",), _read(f"updatedAt {DAY}")),
    }
    for kind in ONTOLOGY.entities.values():
        asks[kind.name] = EntityAsk((kind.name,))
        asks |= {f"{kind.name} {at}": EntityAsk((kind.name,), order=at) for at in ORDERS[-1:]}
        for text in _filters(kind, "properties"):
            asks[f"{kind.name} {text}"] = EntityAsk((kind.name,), _read(text))
        for path in (one for one in slots_of(kind) if one.endswith(".amount")):
            amount = f"properties.{path}"
            for code in ("usd", "xxx"):
                said = f"{amount.removesuffix('.amount')}.currency eq {code}"
                asks[f"{kind.name} {said}"] = EntityAsk((kind.name,), _read(said))
                both = _read(f"{amount} gte 0", f"{amount} lte 9000", said)
                asks[f"{kind.name} by amount, {said}"] = EntityAsk((kind.name,), both)
    return asks | {f"lesson by {at}": EntityAsk(("lesson",), order=at) for at in ORDERS}


def _relations(place: Place) -> dict[str, Ask]:
    asks: dict[str, Ask] = {
        "all": ConnectionAsk(),
        "ended too": ConnectionAsk(ended=True),
        "of an actor": ConnectionAsk(from_id=place.actor),
        "to a thing": ConnectionAsk(to_id=place.entity),
        "owned by an actor": ConnectionAsk(("owns",), from_id=place.actor),
        "made on a day": ConnectionAsk(filters=_read(f"createdAt {DAY}")),
    }
    for kind in ONTOLOGY.connections.values():
        asks[kind.name] = ConnectionAsk((kind.name,))
        for text in _filters(kind, "metadata"):
            asks[f"{kind.name} {text}"] = ConnectionAsk((kind.name,), _read(text))
    return asks


def _happenings(place: Place) -> dict[str, Ask]:
    asks: dict[str, Ask] = {
        "all": EventAsk(),
        "all, oldest first": EventAsk(order="recordedAt"),
        "on a day": EventAsk(filters=_read(f"recordedAt {DAY}")),
        "of a thing": EventAsk(entity_id=place.entity),
        "seen of a thing": EventAsk(("content_viewed",), entity_id=place.entity),
        "by an actor": EventAsk(actor_id=place.actor),
        "seen by an actor": EventAsk(("content_viewed",), actor_id=place.actor),
        "in a session": EventAsk(session="session-100"),
        "refunded": EventAsk(("payment_processed",), _read("metadata.status eq refunded")),
        "refunded on a day": EventAsk(
            ("payment_processed",), _read("metadata.status eq refunded", f"recordedAt {DAY}")
        ),
    }
    for kind in ONTOLOGY.events.values():
        asks[kind.name] = EventAsk((kind.name,))
        asks[f"{kind.name} on a day"] = EventAsk((kind.name,), _read(f"recordedAt {DAY}"))
        for text in _filters(kind, "metadata"):
            asks[f"{kind.name} {text}"] = EventAsk((kind.name,), _read(text))
    return asks


VIEWERS = (
    "staff",
    "anybody",
    "an owner of nothing",
    "an owner of hundreds",
    "a member",
    "a collaborator",
)


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_page_of_things_is_found_by_an_index(place: Place, viewer: str) -> None:
    assert await place.dear(_things(place), viewer) == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_page_of_connections_is_found_by_an_index(place: Place, viewer: str) -> None:
    assert await place.dear(_relations(place), viewer) == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_page_of_events_is_found_by_an_index(place: Place, viewer: str) -> None:
    assert await place.dear(_happenings(place), viewer) == {}

"""The store's verbs beside the same statements by hand, on the same pool."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import orjson
import uvloop

from bench import Row
from bench._measure import Ratio, compared, timed
from bench._world import World, prepared
from one.app import App, build
from one.clock import new_id
from one.domains.graph import create_entity
from one.runtime import Call
from one.store import DEFAULT_SPACE, EntityAsk, Viewer
from one.store.session import entity_columns

_COURSE = {"slug": "", "summary": "Ten evenings at the piano.", "language": "en"}
_ONE = (
    f"SELECT {entity_columns('x')} FROM entities x WHERE space_id = %(space)s AND id = %(id)s"
    " AND deleted_at IS NULL"
)
_PAGE = (
    f"SELECT {entity_columns('x')} FROM entities x WHERE space_id = %(space)s"
    " AND type = 'course' AND seen = 'public' AND deleted_at IS NULL"
    " ORDER BY created_at DESC, id DESC LIMIT 20"
)
_RAW = (
    "INSERT INTO entities (space_id, id, type, name, status, visibility, seen, properties, version,"
    " created_at, updated_at, k1, k2, search) VALUES (%(space)s, %(id)s, 'course', %(name)s,"
    " 'draft', 'public', 'private', %(properties)s, 1, %(now)s, %(now)s, %(slug)s, 'en',"
    " setweight(to_tsvector('english', %(name)s), 'A')"
    " || setweight(to_tsvector('english', %(summary)s), 'B'))",
    "INSERT INTO connections (space_id, id, type, from_id, to_id, slot, metadata, valid_from,"
    " version, created_at, updated_at) VALUES (%(space)s, %(owns)s, 'owns', %(me)s, %(id)s, '',"
    " '{\"revenueShare\":10000}', %(now)s, 1, %(now)s, %(now)s)",
    "INSERT INTO events (space_id, id, type, entity_id, actor_id, actor_type, metadata,"
    " occurred_at, recorded_at) VALUES (%(space)s, %(event)s, 'entity_created', %(id)s, %(me)s,"
    " 'user', '{\"entityType\":\"course\"}', %(now)s, %(now)s)",
)


@dataclass(frozen=True, slots=True)
class _Bench:
    app: App
    world: World

    @property
    def person(self) -> Viewer:
        return Viewer(self.world.poor, "person")

    @property
    def maker(self) -> Viewer:
        return Viewer(self.world.maker, "person")

    def id(self, at: int) -> UUID:
        return self.world.shown[at % len(self.world.shown)]

    async def create(self, at: int) -> None:
        properties = _COURSE | {"slug": str(new_id())}
        body = orjson.dumps({"type": "course", "name": f"Piano {at}", "properties": properties})
        call = Call(self.maker, DEFAULT_SPACE, body=body)
        await create_entity.invoke(self.app.deployment, call)

    async def create_raw(self, at: int) -> None:
        slug = str(new_id())
        params = {
            "space": DEFAULT_SPACE,
            "me": self.world.maker,
            "id": new_id(),
            "owns": new_id(),
            "event": new_id(),
            "name": f"Piano {at}",
            "summary": _COURSE["summary"],
            "slug": slug,
            "properties": orjson.dumps(_COURSE | {"slug": slug}).decode(),
            "now": self.app.desk.clock.now(),
        }
        async with self.app.desk.database.write() as tx:
            for statement in _RAW:
                await tx.raw.execute(statement.encode(), params)

    async def get(self, at: int) -> None:
        async with self.app.desk.read(DEFAULT_SPACE, self.person, snapshot=False) as store:
            await store.get(self.id(at))

    async def get_raw(self, at: int) -> None:
        async with self.app.desk.database.read(snapshot=False) as tx:
            cursor = await tx.raw.execute(
                _ONE.encode(), {"space": DEFAULT_SPACE, "id": self.id(at)}
            )
            assert await cursor.fetchone()

    async def page(self, at: int) -> None:
        del at
        async with self.app.desk.read(DEFAULT_SPACE, self.person, snapshot=False) as store:
            assert len((await store.entities(EntityAsk(("course",)))).items) == 20

    async def page_raw(self, at: int) -> None:
        del at
        async with self.app.desk.database.read(snapshot=False) as tx:
            cursor = await tx.raw.execute(_PAGE.encode(), {"space": DEFAULT_SPACE})
            assert len(await cursor.fetchall()) == 20


@asynccontextmanager
async def _opened(world: World) -> AsyncGenerator[_Bench]:
    async with build(world.settings) as app:
        yield _Bench(app, world)


def rows(full: bool) -> Iterable[Row]:
    """Ratios of seconds; the raw side is psycopg on our own pool, with tuples as its result."""
    return uvloop.run(_rows(prepared(full=full)))


async def _rows(world: World) -> list[Row]:
    async with _opened(world) as bench:
        made = await compared(timed(bench.create, times=200), timed(bench.create_raw, times=200))
        read = await compared(timed(bench.get, times=1000), timed(bench.get_raw, times=1000))
        page = await compared(timed(bench.page, times=300), timed(bench.page_raw, times=300))
    return [
        _row("create entity + connection + event", "the five statements raw", made, most=2.0),
        _row("point read", "raw", read, most=3.0),
        _row("list of 20", "raw", page, most=3.0),
    ]


def _row(path: str, against: str, found: Ratio, *, most: float) -> Row:
    milliseconds = f"{found.ours * 1000:.2f} and {found.theirs * 1000:.2f} ms"
    return Row(path, against, f"{found} x; {milliseconds}", f"≤ {most:.1f} x", found.middle <= most)

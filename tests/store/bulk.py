"""Builders for the tests of imports and exports."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import orjson

from one.clock import new_id
from one.runtime.seal import Seal
from one.store import Happening, Viewer
from one.store.bulk import Host, Imported, export_space, import_path
from one.store.preferences import About, prefer
from tests.world import STAFF, World, id_of

TABLES = (
    "entities",
    "unique_values",
    "tags",
    "entity_tags",
    "connections",
    "events",
    "preferences",
)
NOW = "2026-01-31T09:00:00Z"


async def take_in(world: World, path: Path, *, by: Viewer = STAFF) -> Imported:
    host = Host(world.desk, world.space, by, Seal(["a test's own"]).close)
    return await import_path(host, path, report=lambda _: None)


async def put_out(world: World, folder: Path) -> Path:
    await export_space(
        world.desk, folder, space=world.space, viewer=STAFF, report=lambda _section, _rows: None
    )
    return folder


async def rows_of(world: World) -> dict[str, list[object]]:
    """Every column of every row that an import has to get right."""
    async with world.desk.database.read() as tx:
        return {
            table: [
                row[0]
                for row in await tx.rows(
                    f"SELECT to_jsonb(x) - 'space_id' FROM {table} x"
                    " WHERE space_id = %(space)s ORDER BY 1",
                    {"space": world.space},
                )
            ]
            for table in TABLES
        }


def entity(type: str = "course", **more: object) -> dict[str, object]:
    line: dict[str, object] = {"id": str(new_id()), "type": type, "name": "A thing"}
    return line | more


def connection(type: str, from_: str, to: str, **metadata: object) -> dict[str, object]:
    return {"id": str(new_id()), "type": type, "from": from_, "to": to, "metadata": metadata}


def event(type: str, entity: str, **metadata: object) -> dict[str, object]:
    return {"id": str(new_id()), "type": type, "entity": entity, "metadata": metadata}


def write_lines(path: Path, lines: Sequence[Mapping[str, object] | bytes]) -> Path:
    texts = [orjson.dumps(line) if isinstance(line, Mapping) else line for line in lines]
    path.write_bytes(b"".join(text + b"\n" for text in texts))
    return path


def rejected(path: Path) -> list[tuple[int, str]]:
    """(line, what is said of it) of a file of rejected lines."""
    found: list[tuple[int, str]] = []
    for text in path.read_bytes().splitlines():
        entry = cast("dict[str, object]", orjson.loads(text))
        faults = cast("list[dict[str, str]]", entry["faults"])
        said = "; ".join(f"{fault['pointer']} {fault['message']}" for fault in faults)
        found.append((cast(int, entry["line"]), said))
    return found


async def small_world(world: World) -> None:
    """A little of everything, made by the verbs."""
    ana, fan = (
        await world.person(name='Ana \\ "x"\tand\nmore'),
        await world.person("audience_member", "Fan"),
    )
    await world.update(id_of(ana), handle="ana", email="ana@example.com")
    course = await world.thing(
        "course",
        by=ana,
        name="Bread",
        status="published",
        slug="bread",
        description="Rising dough\\",
        price={"amount": 4_900, "currency": "eur"},
        x_free={"b": [1, 2.5, 1e300, "ü\u2028"], "a": None},
    )
    lesson = await world.thing("lesson", by=ana, name="Kneading")
    gone = await world.thing("course", by=ana, name="Gone", slug="gone")
    async with world.write(ana) as store:
        await store.tag(course.id, ["industry:Food", "baking"])
        await store.tag(gone.id, ["baking"])
        await store.delete(gone.id)
    await world.connect("part_of", lesson.id, course.id, order=1)
    liked = await world.connect("engaged_with", id_of(fan), course.id, engagementType="liked")
    await world.connect("transacted", id_of(fan), course.id, transactionType="purchase")
    await world.connect("transacted", id_of(fan), course.id, transactionType="purchase")
    await world.connect("referred_by", id_of(fan), id_of(ana))
    async with world.write(fan) as store:
        for about in (About(), About(author=id_of(ana), kind="offer", channel="email")):
            await prefer(store.session, id_of(fan), about, wanted=False)
        await store.end(liked.id)
        await store.record(
            Happening("content_viewed", course.id, {"completionRate": 0.1 + 0.2}, None, "web", "s")
        )

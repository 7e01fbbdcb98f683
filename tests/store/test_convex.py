"""A Convex snapshot comes in with its ids kept, its words settled, and nothing lost in silence."""

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast
from uuid import UUID

import orjson
import pytest

from one.errors import Invalid, NotFound
from one.store import ANYBODY, ConnectionAsk, EntityAsk, EventAsk
from one.store.bulk.convex import new_id_of
from tests.store.bulk import put_out, rejected, rows_of, take_in
from tests.world import World

pytestmark = pytest.mark.anyio
Document = Mapping[str, object]

MILLIS = 1_760_000_000_000.5
ENTITIES: list[Document] = [
    {
        "_id": "ana",
        "_creationTime": MILLIS,
        "type": "creator",
        "name": "Ana",
        "properties": {"handle": "ana", "favouriteColour": "blue", "points": 5.0},
        "status": "draft",
        "createdAt": MILLIS,
        "updatedAt": MILLIS,
    },
    {
        "_id": "bread",
        "type": "course",
        "name": "Bread",
        "properties": {"price": 99, "publishedAt": MILLIS, "slug": "bread"},
        "status": "published",
        "createdAt": MILLIS,
        "updatedAt": MILLIS,
    },
    {"_id": "fan", "type": "audience_member", "name": "Fan", "createdAt": MILLIS},
    {"_id": "odd", "type": "dream", "name": "Odd", "createdAt": MILLIS},
]
CONNECTIONS: list[Document] = [
    {
        "_id": "c1",
        "fromEntityId": "ana",
        "toEntityId": "bread",
        "relationshipType": "owns",
        "metadata": {"revenueShare": 0.7},
        "createdAt": MILLIS,
    },
    {
        "_id": "c2",
        "fromEntityId": "fan",
        "toEntityId": "bread",
        "relationshipType": "paid_for",
        "createdAt": MILLIS,
    },
    {
        "_id": "c3",
        "fromEntityId": "fan",
        "toEntityId": "odd",
        "relationshipType": "engaged_with",
        "metadata": {"engagementType": "liked"},
        "createdAt": MILLIS,
    },
]
EVENTS: list[Document] = [
    {
        "_id": "e1",
        "entityId": "bread",
        "eventType": "payment_completed",
        "timestamp": MILLIS,
        "metadata": {"invitedBy": "ana"},
        "actorId": "fan",
        "actorType": "user",
        "sessionId": "s1",
    },
]
TAGS: list[Document] = [
    {"_id": "t1", "name": "industry:Food", "category": "industry", "usageCount": 9},
    {"_id": "t2", "name": "Baking", "usageCount": 9},
    {"_id": "t3", "name": "baking", "usageCount": 9},
]
VECTOR = [round(math.sin(n), 12) for n in range(1536)]
LINKS: list[Document] = [
    {"_id": "l1", "entityId": "bread", "tagId": "t1", "createdAt": MILLIS},
    {"_id": "l2", "entityId": "bread", "tagId": "t3", "createdAt": MILLIS},
    {"_id": "l3", "entityId": "ana", "tagId": "t2", "createdAt": MILLIS},
]
SNAPSHOT: dict[str, Sequence[Document]] = {
    "_tables": [{"name": "entities", "id": 1}],
    "entities": ENTITIES,
    "connections": CONNECTIONS,
    "events": EVENTS,
    "tags": TAGS,
    "entityTags": LINKS,
    "sessions": [{"_id": "s1", "userId": "u1", "token": "x"}],
    "embeddings": [
        {"_id": "v1", "entityId": "bread", "embedding": VECTOR, "model": "m", "createdAt": MILLIS}
    ],
    "mine": [{"_id": "m1"}],
}


def snapshot(path: Path, tables: Mapping[str, Sequence[Document]] = SNAPSHOT) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", "A snapshot")
        for table, documents in tables.items():
            lines = b"".join(orjson.dumps(document) + b"\n" for document in documents)
            archive.writestr(f"{table}/documents.jsonl", lines)
    return path


async def test_a_snapshot_comes_in_whole(world: World, tmp_path: Path) -> None:
    imported = await take_in(world, snapshot(tmp_path / "convex.zip"))
    assert {file.file.split("/")[0]: file.rows for file in imported.files} == {
        "entities": 3,
        "tags": 2,
        "entityTags": 3,
        "connections": 2,
        "events": 1,
        "embeddings": 1,
    }
    async with world.read() as store:
        ana = await store.get(UUID(new_id_of("ana")), private=True)
        bread = await store.get(UUID(new_id_of("bread")), private=True)
        (sale,) = (await store.connections(ConnectionAsk(types=("transacted",)))).items
        (owned,) = (await store.connections(ConnectionAsk(types=("owns",)))).items
        (paid,) = (await store.events(EventAsk(types=("payment_processed",)))).items
        tags = await store.tags_of(bread.id)
    assert (ana.status, ana.properties) == (
        "inactive",
        {
            "handle": "ana",
            "points": 5,
            "x_favouriteColour": "blue",
            "x_convexId": "ana",
            "x_convexStatus": "draft",
        },
    )
    assert bread.properties == {
        "publishedAt": "2025-10-09T08:53:20.000500Z",
        "slug": "bread",
        "x_price": 99,
        "x_convexId": "bread",
    }
    assert owned.metadata["revenueShare"] == 7_000
    assert (sale.from_id, sale.to_id) == (UUID(new_id_of("fan")), bread.id)
    assert sale.metadata == {"transactionType": "purchase", "x_convexId": "c2"}
    assert paid.metadata == {"status": "completed", "x_invitedBy": "ana", "x_convexId": "e1"}
    assert (paid.session, paid.occurred_at.timestamp() * 1_000) == ("s1", MILLIS)
    assert [(tag.category, tag.name, tag.usage_count) for tag in tags] == [
        ("industry", "Food", 1),
        ("topic", "Baking", 1),
    ]


async def test_a_vector_comes_in_as_a_thing_that_only_staff_see(
    world: World, tmp_path: Path
) -> None:
    await take_in(world, snapshot(tmp_path / "convex.zip"))
    async with world.read() as store:
        vector = await store.get(UUID(new_id_of("v1")))
    assert (vector.type, vector.name) == ("embedding", "Vector of bread")
    assert vector.properties == {
        "model": "m",
        "dimensions": 1536,
        "vector": VECTOR,
        "entityId": new_id_of("bread"),
        "x_convexId": "v1",
    }
    async with world.read(ANYBODY) as store:
        with pytest.raises(NotFound):
            await store.get(vector.id)


async def test_what_is_not_imported_is_told(world: World, tmp_path: Path) -> None:
    imported = await take_in(world, snapshot(tmp_path / "convex.zip"))
    assert sorted(note.split(" doc")[0] for note in imported.notes) == [
        "mine: 1",
        "sessions: 1",
    ]
    assert imported.rejected is not None
    assert rejected(imported.rejected) == [
        (4, "/type is no entity type"),
        (3, f"/to there is no entity with the id {new_id_of('odd')}"),
    ]


async def test_a_later_snapshot_adds_what_is_new(world: World, tmp_path: Path) -> None:
    await take_in(world, snapshot(tmp_path / "first.zip"))
    before = await rows_of(world)
    more: Document = {"_id": "more", "type": "lesson", "name": "More", "createdAt": MILLIS}
    later = SNAPSHOT | {"entities": [*ENTITIES, more]}
    imported = await take_in(world, snapshot(tmp_path / "later.zip", later))
    after = await rows_of(world)
    assert (imported.rows, len(after["entities"])) == (1, len(before["entities"]) + 1)
    assert after["events"] == before["events"]


async def test_an_import_of_a_snapshot_goes_round(world: World, tmp_path: Path) -> None:
    await take_in(world, snapshot(tmp_path / "convex.zip"))
    other = await world.neighbour()
    await take_in(other, await put_out(world, tmp_path / "out"))
    assert await rows_of(other) == await rows_of(world)


HOPELESS: list[tuple[str, Document, str]] = [
    ("entities", {"type": "course", "name": "A"}, "/_id is required"),
    ("entities", {"_id": "a", "type": "course", "createdAt": 1e300}, "/name"),
    (
        "connections",
        {**CONNECTIONS[0], "metadata": {"revenueShare": 40}},
        "/metadata/revenueShare must lie between 0 and 1 in a snapshot",
    ),
    ("events", {"_id": "e", "eventType": "x", "entityId": 7}, "/type"),
    ("entityTags", {"_id": "l", "entityId": "a"}, "/tagId is required"),
]


@pytest.mark.parametrize(("table", "document", "says"), HOPELESS)
async def test_a_document_that_can_not_come_is_told(
    world: World, tmp_path: Path, table: str, document: Document, says: str
) -> None:
    imported = await take_in(world, snapshot(tmp_path / "convex.zip", {table: [document]}))
    assert imported.rejected is not None
    ((line, said),) = rejected(imported.rejected)
    assert line == 1
    assert said.startswith(says)


async def test_a_damaged_snapshot_is_told(world: World, tmp_path: Path) -> None:
    whole = snapshot(tmp_path / "convex.zip").read_bytes()
    at = whole.index(b"entities/documents.jsonl") + 40
    (tmp_path / "bad.zip").write_bytes(whole[:at] + bytes(20) + whole[at + 20 :])
    snapshot(tmp_path / "other.zip", {})
    for name in ("bad.zip", "other.zip"):
        with pytest.raises(Invalid):
            await take_in(world, tmp_path / name)


async def test_things_keep_their_convex_id(world: World, tmp_path: Path) -> None:
    await take_in(world, snapshot(tmp_path / "convex.zip"))
    async with world.read() as store:
        found = await store.entities(EntityAsk(types=("creator", "course", "audience_member")))
    kept = {cast(str, thing.properties["x_convexId"]): thing.id for thing in found.items}
    assert kept == {old: UUID(new_id_of(old)) for old in ("ana", "bread", "fan")}

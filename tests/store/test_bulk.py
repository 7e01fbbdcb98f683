"""What goes out comes in again as it was, and an import keeps every rule that the verbs keep."""

import re
from pathlib import Path

import pytest

from one.clock import new_id
from one.errors import Conflict, Denied, Invalid, NotFound
from one.store import PLATFORM, EntityAsk, parse_filter
from one.store.bulk.catalogue import LEFT_OUT, SECTIONS
from tests.store.bulk import (
    connection,
    entity,
    event,
    put_out,
    rejected,
    rows_of,
    small_world,
    take_in,
    write_lines,
)
from tests.world import World

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def other(world: World) -> World:
    """A second space, as a new deployment has it."""
    return await world.neighbour()


async def test_an_import_makes_the_rows_that_the_verbs_made(
    world: World, other: World, tmp_path: Path
) -> None:
    await small_world(world)
    imported = await take_in(other, await put_out(world, tmp_path / "out"))
    assert await rows_of(other) == await rows_of(world)
    assert (imported.rejected, [file.rejected for file in imported.files]) == (None, [0] * 6)


async def test_the_export_of_an_import_has_the_same_bytes(
    world: World, other: World, tmp_path: Path
) -> None:
    await small_world(world)
    first = await put_out(world, tmp_path / "first")
    await take_in(other, first)
    second = await put_out(other, tmp_path / "second")
    files = sorted(file.name for file in first.iterdir())
    assert len(files) == 7
    for file in files:
        assert (first / file).read_bytes() == (second / file).read_bytes()


async def test_imported_things_are_found_as_others_are(
    world: World, other: World, tmp_path: Path
) -> None:
    await small_world(world)
    await take_in(other, await put_out(world, tmp_path / "out"))
    for ask in (
        EntityAsk(types=("course",), text="rising"),
        EntityAsk(types=("course",), filters=(parse_filter("properties.slug eq bread", "/where"),)),
        EntityAsk(types=("creator", "audience_member")),
    ):
        async with world.read() as here, other.read() as there:
            wanted = await here.entities(ask)
            assert wanted.items != []
            assert (await there.entities(ask)).items == wanted.items


async def test_a_batch_is_one_change(world: World, tmp_path: Path) -> None:
    lines = [entity(), entity()]
    await take_in(world, write_lines(tmp_path / "entities.ndjson", lines))
    ids = sorted(str(line["id"]) for line in lines)
    async with world.desk.database.read() as tx:
        news = await tx.rows(
            "SELECT kind, row_type, version, before FROM change_queue WHERE space_id = %(space)s"
            " UNION ALL SELECT kind, row_type, version, before FROM changes"
            " WHERE space_id = %(space)s",
            {"space": world.space},
        )
    before = {"first": ids[0], "last": ids[1], "rows": 2}
    assert news == [("imported", "entities", 1, before)]


async def test_importing_again_changes_nothing(world: World, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "entities.ndjson", [entity(), entity(name="")])
    first = await take_in(world, file)
    before = await rows_of(world)
    again = await take_in(world, file)
    assert (first.rows, again.rows) == (1, 0)
    assert (again.files[0].earlier, again.files[0].rejected) == (True, 1)
    assert await rows_of(world) == before


async def test_what_is_there_stays_as_it_is(world: World, tmp_path: Path) -> None:
    course = await world.course(name="Mine")
    lines = [entity(id=str(course.id), name="Theirs"), entity(id=str(PLATFORM), name="Theirs")]
    await world.update(PLATFORM, description="Changed here")
    imported = await take_in(world, write_lines(tmp_path / "entities.ndjson", lines))
    assert (imported.rows, imported.files[0].there) == (0, 2)
    async with world.read() as store:
        assert (await store.get(course.id)).name == "Mine"


async def test_a_tag_that_is_here_by_another_id_takes_the_links(
    world: World, other: World, tmp_path: Path
) -> None:
    await small_world(world)
    there = await other.course()
    async with other.write() as store:
        baking, *_ = await store.tag(there.id, ["baking"])
    await take_in(other, await put_out(world, tmp_path / "out"))
    async with other.read() as store:
        tag = await store.find_tag(baking.id)
    assert tag.usage_count == 2


BAD_LINES = [
    ("entities", b"\xff{}", " is not UTF-8 text (byte 1)"),
    ("entities", b"{", " is not JSON: unexpected end of data (character 3)"),
    ("entities", b"[]", " is not a JSON object"),
    ("entities", b'{"a":' * 2_000 + b"1" + b"}" * 2_000, " is nested too deeply"),
    ("entities", b'"' + b"x" * 10_000_000 + b'"', " is longer than 8 MiB"),
    ("entities", entity(name="a\0b"), "/name must not contain the NUL character"),
    ("entities", entity(name=" "), "/name A name can't be empty."),
    ("entities", entity("kourse"), "/type is no entity type"),
    ("entities", entity(id="7"), "/id must be an id (a UUID)"),
    ("entities", entity(version=0), "/version must be a whole number from 1 on"),
    ("entities", entity(visibility="all"), "/visibility must be one of public, members, parties"),
    ("entities", entity(status="asleep"), "/status"),
    ("entities", entity(nmae=1), "/nmae is not known here; did you mean name?"),
    ("entities", entity(properties={"price": 3}), "/properties/price must be an object"),
    ("entities", entity(properties={"title\0": 3}), "/properties/title"),
    ("entities", entity(properties={"x_a": "\0"}), "/properties/x_a must not contain the NUL"),
    ("entities", entity(createdAt="yesterday"), "/createdAt must be a moment"),
    ("entities", entity(createdAt="2026-01-01T00:00:00"), "/createdAt must be a moment"),
    ("connections", connection("owns", str(PLATFORM), str(PLATFORM)), "/to can't be connected"),
    (
        "connections",
        connection("part_of", str(new_id()), str(PLATFORM)),
        "/from there is no entity with the id",
    ),
    (
        "events",
        event("content_viewed", str(PLATFORM)) | {"actor": str(new_id())},
        "/actor there is no entity with the id",
    ),
    ("events", event("content_viewed", str(new_id())), "/entity there is no entity with the id"),
    ("events", event("clone_trained", str(PLATFORM)), "/entity has a type that clone_trained"),
    ("events", event("content_vewed", str(PLATFORM)), "/type is no event type"),
    ("events", event("content_viewed", str(PLATFORM), duraton=1), "/metadata/duraton is not"),
    ("events", event("content_viewed", str(PLATFORM)) | {"source": "\0"}, "/source must not"),
    ("tags", {"id": str(new_id()), "name": "a", "category": "colour"}, "/name There is no tag"),
    ("entity_tags", {"entity": str(PLATFORM), "tag": str(new_id())}, "/tag there is no tag"),
    ("preferences", {"person": str(PLATFORM), "wanted": False}, "/person there is no person"),
    ("preferences", {"person": str(PLATFORM), "wanted": "no"}, "/wanted must be true"),
]


@pytest.mark.parametrize(("section", "line", "says"), BAD_LINES)
async def test_a_bad_line_is_told_and_the_others_are_kept(
    world: World, tmp_path: Path, section: str, line: dict[str, object] | bytes, says: str
) -> None:
    good: dict[str, dict[str, object]] = {
        "entities": entity(),
        "connections": connection("references", str((await world.course()).id), str(PLATFORM)),
        "events": event("content_viewed", str(PLATFORM)),
        "tags": {"id": str(new_id()), "name": "good"},
        "entity_tags": {},
        "preferences": {"person": str((await world.person()).id), "wanted": False},
    }
    lines = [line, good[section]] if good[section] else [line]
    file = write_lines(tmp_path / f"{section}.ndjson", lines)
    imported = await take_in(world, file)
    assert imported.rows == len(lines) - 1
    assert imported.rejected is not None
    assert imported.rejected.name == f"{section}.rejected.ndjson"
    (told,) = rejected(imported.rejected)
    assert told[0] == 1
    assert told[1].startswith(says)


async def test_every_fault_of_a_line_is_told(world: World, tmp_path: Path) -> None:
    line = {"id": "x", "type": "course", "name": "", "properties": {"price": 3}, "version": "1"}
    imported = await take_in(world, write_lines(tmp_path / "entities.ndjson", [line]))
    assert imported.rejected is not None
    ((_, said),) = rejected(imported.rejected)
    for pointer in ("/id", "/name", "/properties/price", "/version"):
        assert f"{pointer} " in said


async def test_lines_that_clash_with_each_other(world: World, tmp_path: Path) -> None:
    fan, friend, thing = (entity(type) for type in ("audience_member", "creator", "course"))
    things = [fan, friend, thing, thing, *(entity(properties={"slug": "s"}) for _ in range(2))]
    first = await take_in(world, write_lines(tmp_path / "entities.ndjson", things))
    a, b, c = (str(one["id"]) for one in (fan, friend, thing))
    links = [
        connection("owns", b, c, revenueShare=6_000),
        connection("owns", a, c, revenueShare=6_000),
        connection("owns", a, c),
        connection("owns", a, c),
        connection("referred_by", a, b),
        connection("referred_by", a, b),
    ]
    second = await take_in(world, write_lines(tmp_path / "connections.ndjson", links))
    assert first.rejected is not None
    assert second.rejected is not None
    assert [line for line, _ in rejected(first.rejected)] == [4, 6]
    assert [line for line, _ in rejected(second.rejected)] == [2, 4, 6]
    again = [connection("owns", b, c), connection("referred_by", a, b)]
    third = await take_in(world, write_lines(tmp_path / "connections.ndjson", again))
    assert third.rows == 0


async def test_what_was_deleted_for_good_does_not_come_back(world: World, tmp_path: Path) -> None:
    course = await world.course()
    out = await put_out(world, tmp_path / "out")
    async with world.write() as store:
        await store.delete(course.id)
        await store.purge(course.id)
    (out / "manifest.json").unlink()
    (out / "connections.ndjson").unlink()
    imported = await take_in(world, out)
    assert imported.rejected is not None
    assert (
        "/id was deleted for good here and stays so" in dict(rejected(imported.rejected)).values()
    )


async def test_only_staff_import_and_export(world: World, tmp_path: Path) -> None:
    ana = await world.person()
    with pytest.raises(Denied):
        await take_in(world, write_lines(tmp_path / "entities.ndjson", [entity()]), by=ana)


async def test_a_path_that_is_no_import_says_why(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "thing.txt").touch()
    (tmp_path / "entitys.ndjson").touch()
    for path, error in (
        (tmp_path / "nowhere", NotFound),
        (tmp_path / "empty", Invalid),
        (tmp_path / "thing.txt", Invalid),
        (tmp_path / "entitys.ndjson", Invalid),
    ):
        with pytest.raises(error) as raised:
            await take_in(world, path)
        assert raised.value.message


async def test_an_empty_file_is_told(world: World, tmp_path: Path) -> None:
    imported = await take_in(world, write_lines(tmp_path / "events.ndjson", []))
    assert imported.notes == ("events.ndjson is empty.",)


@pytest.mark.parametrize(
    "manifest",
    [
        b"{",
        b"[]",
        b'{"format":"one-export","version":2,"sections":{}}',
        b'{"format":"one-export","version":1,"sections":{"dreams":{"sha256":""}}}',
        b'{"format":"one-export","version":1,"sections":{"entities":{"sha256":"0"}}}',
        b'{"format":"one-export","version":1,"sections":{"events":{"sha256":"0"}}}',
    ],
)
async def test_a_manifest_that_does_not_fit_is_told(
    world: World, tmp_path: Path, manifest: bytes
) -> None:
    write_lines(tmp_path / "entities.ndjson", [entity()])
    (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(Invalid):
        await take_in(world, tmp_path)


async def test_an_export_does_not_write_into_another_folder(world: World, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(Conflict):
        await put_out(world, tmp_path)


async def test_the_files_of_the_docs_come_in(world: World, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "transfer.md").read_text("utf-8")
    files = re.findall(r"`(\w+\.ndjson)`\n```json\n(.*?)```", text, re.DOTALL)
    assert len(files) == 3
    for name, lines in files:
        (tmp_path / name).write_text(lines, "utf-8")
    imported = await take_in(world, tmp_path)
    assert (imported.rows, imported.rejected) == (4, None)


async def test_a_space_that_is_not_there_is_told(world: World, tmp_path: Path) -> None:
    nowhere = World(world.desk, new_id())
    with pytest.raises(NotFound):
        await take_in(nowhere, write_lines(tmp_path / "entities.ndjson", [entity()]))
    with pytest.raises(NotFound):
        await put_out(nowhere, tmp_path / "out")


async def test_every_table_has_a_section_or_a_reason_to_have_none(world: World) -> None:
    async with world.desk.database.read() as tx:
        found = await tx.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %(schema)s",
            {"schema": world.desk.database.schema},
        )
    written = {section.table for section in SECTIONS}
    assert {record[0] for record in found} == written | LEFT_OUT.keys()

"""What a type declares as indexed is found also in rows from before it did."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from one.clock import Clock, new_id
from one.errors import Invalid
from one.ontology import load
from one.store import DEFAULT_SPACE, Database, Desk, Draft, EntityAsk, migrate, parse_filter
from one.store import refill as filling
from one.store.refill import refill
from one.store.slots import declared
from one.store.state import state
from tests.world import STAFF

pytestmark = pytest.mark.anyio

MANY = 2_000
RECIPE = """
[entities.recipe]
extends = "thing"
plural = "recipes"
indexed = [{indexed}]
[entities.recipe.properties]
servings = "count"
difficulty = ["easy", "hard"]
{more}
"""


@pytest.fixture
async def database(anyio_backend: str, postgres_url: str) -> AsyncGenerator[Database]:
    """A deployment of the test's own, in a schema of its own."""
    database = Database(postgres_url, f"refill_{new_id().hex[-12:]}")
    await database.start()
    await migrate(database, now=Clock().now())
    yield database
    await database.close()


async def opened(database: Database, folder: Path, *indexed: str, more: str = "") -> Desk:
    """The desk of a deployment that starts with these keys of a recipe indexed."""
    path = folder / "ontology.toml"
    path.write_text(RECIPE.format(indexed=", ".join(f'"{key}"' for key in indexed), more=more))
    ontology = load(path)
    await refill(database, ontology, report=lambda table, rows: None)
    return await Desk.open(database, ontology, clock=Clock())


async def cook(desk: Desk, many: int) -> None:
    async with desk.write(DEFAULT_SPACE, STAFF) as store:
        for at in range(many):
            facts = {"servings": at % 10, "difficulty": "hard" if at % 4 else "easy"}
            await store.create(Draft("recipe", f"Dish {at}", facts))


async def count(desk: Desk, *where: str) -> int:
    filters = tuple(parse_filter(text, "/where") for text in where)
    async with desk.read(DEFAULT_SPACE, STAFF) as store:
        return (await store.count(EntityAsk(types=("recipe",), filters=filters))).count


async def outdated(database: Database, desk: Desk) -> object:
    return (await state(database, desk.ontology, now=Clock().now())).outdated


async def test_a_key_that_becomes_indexed_is_found_in_all_rows(
    database: Database, tmp_path: Path
) -> None:
    desk = await opened(database, tmp_path)
    await cook(desk, MANY)
    desk = await opened(database, tmp_path, "servings", "difficulty")
    assert await count(desk, "properties.servings gte 5") == MANY / 2
    assert await count(desk, "properties.difficulty eq easy", "properties.servings eq 0") == 100
    assert await outdated(database, desk) == ()


async def test_a_key_that_moves_to_another_column_is_found_there(
    database: Database, tmp_path: Path
) -> None:
    desk = await opened(database, tmp_path, "difficulty")
    await cook(desk, 8)
    desk = await opened(database, tmp_path, "season", "difficulty", more='season = "word"')
    assert await count(desk, "properties.difficulty eq easy") == 2
    assert await count(desk, "properties.season exists true") == 0


async def test_words_that_become_searchable_are_found_in_all_rows(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(desk: Desk) -> int:
        async with desk.read(DEFAULT_SPACE, STAFF) as store:
            return (await store.count(EntityAsk(types=("recipe",), text="hard"))).count

    monkeypatch.setattr(filling, "BATCH", 50)
    desk = await opened(database, tmp_path)
    await cook(desk, 120)
    assert await found(desk) == 0
    searched = '[entities.recipe.search]\ndifficulty = "B"'
    desk = await opened(database, tmp_path, more=searched)
    assert await found(desk) == 90
    assert await outdated(database, desk) == ()
    desk = await opened(database, tmp_path)
    assert await found(desk) == 0


async def test_what_was_stopped_half_way_is_gone_on_with(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "BATCH", 50)
    desk = await opened(database, tmp_path)
    await cook(desk, 120)
    path = tmp_path / "ontology.toml"
    path.write_text(RECIPE.format(indexed='"servings"', more=""))
    ontology = load(path)

    def stop(table: str, rows: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await refill(database, ontology, report=stop)
    assert await outdated(database, await Desk.open(database, ontology, clock=Clock())) == (
        ("entities", ("recipe",)),
    )
    assert await refill(database, ontology, report=lambda table, rows: None) == 70
    assert await refill(database, ontology, report=stop) == 0


async def test_more_keys_than_there_are_columns_are_refused(
    database: Database, tmp_path: Path
) -> None:
    more = "\n".join(f'{key} = "word"' for key in "abcd")
    with pytest.raises(Invalid, match="recipe declares more indexed keys"):
        await opened(database, tmp_path, *"abcd", more=more)


def test_every_built_in_type_has_room_for_its_keys() -> None:
    tables = declared(load(None))
    for table in tables.values():
        assert any(table.values())
        assert all(len(set(columns.values())) == len(columns) for columns in table.values())

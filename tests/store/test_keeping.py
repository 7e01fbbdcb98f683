"""What need not be kept goes; what still has to be read stays."""

from datetime import timedelta

import pytest

from one.clock import new_id
from one.store import Desk, Patch
from one.store.keeping import tidy
from one.store.sequencer import channel, stamp
from one.store.uses import EVER, count_use, uses_of
from tests.world import World

pytestmark = pytest.mark.anyio


async def stamped(world: World) -> None:
    """Everything written so far has its position."""
    connection = await world.desk.database.connect()
    try:
        while await stamp(connection, channel(world.desk.database.schema)):
            pass
    finally:
        await connection.close()


async def test_changes_are_kept_as_long_as_it_says(world: World) -> None:
    made = await world.course()
    async with world.write() as store:
        await store.update(made.id, Patch(name="Renamed"))
    await stamped(world)
    await tidy(world.desk, keep=timedelta(days=1), keep_runs=timedelta(days=1), reopen=timedelta(1))
    async with world.read() as store:
        assert [version.version for version in await store.history(made.id)] == [2, 1]
    await tidy(world.desk, keep=timedelta(), keep_runs=timedelta(), reopen=timedelta(1))
    async with world.read() as store:
        assert await store.history(made.id) == []
        assert (await store.get(made.id)).name == "Renamed"


async def test_a_purge_leaves_nothing_of_what_was(world: World) -> None:
    ana, made = await world.person(), await world.course()
    link = await world.connect("enrolled_in", ana.id or made.id, made.id, note="Private words")
    async with world.write() as store:
        await store.amend(link.id, metadata={"note": "Other words"})
    await stamped(world)
    async with world.write() as store:
        await store.delete(made.id)
        await store.purge(made.id)
    await stamped(world)
    async with world.read() as store:
        kept = await store.session.tx.rows(
            "SELECT before FROM changes WHERE space_id = %(space)s AND before IS NOT NULL",
            store.session.params(),
        )
    assert "words" not in str(kept)


async def test_a_space_whose_time_is_over_goes(world: World) -> None:
    desk, now = world.desk, world.desk.clock.now()
    over, running = new_id(), new_id()
    await desk.add_space(over, "Left behind", until=now - timedelta(seconds=1))
    await desk.add_space(running, "At work", until=now + timedelta(hours=1))
    await tidy(desk, keep=timedelta(days=1), keep_runs=timedelta(days=1), reopen=timedelta(1))
    async with world.read() as store:
        found = await store.session.tx.rows(
            "SELECT id FROM spaces WHERE id = ANY(%(ids)s)", {"ids": [over, running, world.space]}
        )
        rows = await store.session.tx.row(
            "SELECT count(*) FROM entities WHERE space_id = %(over)s", {"over": over}
        )
    assert {one[0] for one in found} == {running, world.space}
    assert rows == (0,)
    reopened = await Desk.open(desk.database, desk.ontology, clock=desk.clock)
    assert world.space in reopened.spaces
    assert running not in reopened.spaces
    await desk.drop_space(running)


async def test_counts_of_days_that_are_over_go_and_those_for_ever_stay(world: World) -> None:
    today = world.desk.clock.now().date()
    days = (today, today - timedelta(days=1), today - timedelta(days=9), EVER)
    async with world.write() as store:
        for day in days:
            assert await count_use(store.session, "key", limit=1, day=day)
    await tidy(world.desk, keep=timedelta(), keep_runs=timedelta(), reopen=timedelta(days=1))
    async with world.read() as store:
        left = [await uses_of(store.session, "key", day=day) for day in days]
    assert left == [1, 1, 0, 1]

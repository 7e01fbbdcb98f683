"""Lists hold what the rule says and nothing else, whoever asks, however far a page may look."""

import random
from itertools import product
from uuid import UUID

import pytest

from one.errors import Conflict, Invalid
from one.store import (
    ANYBODY,
    ConnectionAsk,
    EntityAsk,
    EventAsk,
    Patch,
    Store,
    Viewer,
    parse_filter,
)
from one.store.happenings import Happening
from one.store.lists import Ask, listing_of
from one.store.sight import entity_seen, owns
from tests.world import World

pytestmark = pytest.mark.anyio

TIES = (
    *("owns", "manages", "collaborates_with", "enrolled_in", "member_of", "transacted"),
    *("following", "part_of", "published_to", "completed", "engaged_with", "assigned_to"),
)
EVENTS = ("content_viewed", "content_interacted", "payment_processed")
VISIBILITIES = ("public", "members", "parties", "private")
ASKS = (
    EntityAsk(),
    EntityAsk(order="createdAt"),
    EntityAsk(("lesson",), order="-name"),
    EntityAsk(("audience_member", "creator"), order="name"),
    EntityAsk(("course",), (parse_filter("properties.language ne en", ""),)),
    ConnectionAsk(),
    ConnectionAsk(("following", "engaged_with", "part_of")),
    ConnectionAsk(("enrolled_in",)),
    ConnectionAsk(("transacted", "assigned_to")),
    ConnectionAsk(("enrolled_in",), (parse_filter("metadata.progress exists false", ""),)),
    EventAsk(),
    EventAsk(("payment_processed",), order="recordedAt"),
    EventAsk(("payment_processed",), (parse_filter("metadata.status ne refunded", ""),)),
)


async def crowd(world: World, chance: random.Random) -> list[Viewer]:
    """Things and people of all sorts, related at random; the people."""
    people = [await world.person(chance.choice(("creator", "audience_member"))) for _ in range(5)]
    ids = [viewer.id for viewer in people if viewer.id]
    for type in chance.choices(("course", "lesson", "community", "digital_product"), k=14):
        status = "published" if type != "community" and chance.random() < 0.7 else None
        by = chance.choice(people)
        ids.append((await world.thing(type, by=by, name=f"n{chance.random()}", status=status)).id)
    for id in ids:
        if chance.random() < 0.6:
            async with world.write() as store:
                await store.update(id, Patch(visibility=chance.choice(VISIBILITIES)))
    for _ in range(90):
        try:
            await world.connect(chance.choice(TIES), chance.choice(ids), chance.choice(ids))
        except (Invalid, Conflict):
            continue
    for _ in range(40):
        try:
            async with world.write(Viewer(chance.choice(people).id, "staff")) as store:
                await store.record(Happening(chance.choice(EVENTS), chance.choice(ids), {}))
        except Invalid:
            continue
    async with world.write() as store:
        await store.delete(ids[-1])
    return people


async def ruled(world: World, viewer: Viewer, ask: Ask) -> set[UUID]:
    """The rule, asked of every row there is."""
    async with world.read(viewer) as store:
        tx, params = store.session.tx, store.session.params()
        every = f"SELECT e.id, {{}} FROM entities e WHERE space_id = %(space)s{' AND {}'}"
        alive = every.format(entity_seen(viewer, "e"), "e.deleted_at IS NULL")
        seen = {id for id, yes in await tx.rows(alive, params) if yes}
        owned = {
            id
            for id, yes in await tx.rows(every.format(owns("e"), "deleted_at IS NULL"), params)
            if yes
        }
    ontology = world.desk.ontology
    async with world.read() as store:
        rows = await walked(store, ask, few=200, budget=100_000)
        match ask:
            case EntityAsk():
                return {id for id in rows if id in seen}
            case ConnectionAsk():
                edges = [await store.connection(id) for id in rows]
                return {
                    edge.id
                    for edge in edges
                    if {edge.from_id, edge.to_id} <= seen
                    and (
                        ontology.connections[edge.type].seen_by == "public"
                        or {edge.from_id, edge.to_id} & owned
                    )
                }
            case _:
                events = [await store.event(id) for id in rows]
                return {
                    event.id
                    for event in events
                    if event.entity_id in seen
                    and (
                        ontology.events[event.type].seen_by == "public"
                        or (viewer.id is not None and event.actor_id == viewer.id)
                        or event.entity_id in owned
                    )
                }


async def walked(store: Store, ask: Ask, *, few: int, budget: int) -> list[UUID]:
    """The ids of a list, page by page."""
    found: list[UUID] = []
    cursor: str | None = None
    while True:
        listing = listing_of(store.session, ask)
        listing.few, listing.budget = few, budget
        records, cursor = await listing.page(store.session, limit=4, cursor=cursor)
        found += [record[0] for record in records if isinstance(record[0], UUID)]
        if cursor is None:
            return found


@pytest.mark.parametrize("seed", range(4))
async def test_lists_hold_what_the_rule_says(world: World, seed: int) -> None:
    people = await crowd(world, random.Random(seed))
    for viewer, ask in product([*people, ANYBODY], ASKS):
        expected = await ruled(world, viewer, ask)
        async with world.read(viewer) as store:
            for few, budget in ((200, 100_000), (200, 60), (0, 100_000), (0, 60)):
                found = await walked(store, ask, few=few, budget=budget)
                assert len(found) == len(set(found)), (ask, "repeats")
                assert set(found) == expected, (viewer, ask, few, budget)
            listing = listing_of(store.session, ask)
            listing.few, listing.budget = 0, 10
            assert await listing.count(store.session) == len(expected)


async def test_what_is_asked_for_by_id_comes_on_one_page(world: World) -> None:
    made = [await world.course() if at % 9 else await world.thing("course") for at in range(30)]
    seen = [course.id for course in made if course.status == "published"]
    async with world.read(await world.person()) as store:
        listing = listing_of(store.session, EntityAsk(ids=tuple(course.id for course in made)))
        listing.few, listing.budget = 0, 10
        records, cursor = await listing.page(store.session, limit=200, cursor=None)
    assert ([record[0] for record in records], cursor) == (seen[::-1], None)


async def test_a_page_that_looked_far_enough_is_short_and_goes_on(world: World) -> None:
    await world.course(name="seen")
    for _ in range(30):
        await world.thing("course", name="draft")
    async with world.read(ANYBODY) as store:
        ask = EntityAsk(("course",), order="-updatedAt")
        listing = listing_of(store.session, ask)
        listing.budget = 10
        records, cursor = await listing.page(store.session, limit=5, cursor=None)
        assert (records, cursor is None) == ([], False)
        assert len(await walked(store, ask, few=0, budget=10)) == 1

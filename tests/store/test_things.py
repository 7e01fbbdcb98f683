"""Things are made whole, changed without losing anything, and brought back as they were."""

import asyncio

import pytest

from one.clock import new_id
from one.errors import Conflict, Denied, Invalid, NotFound
from one.store import Draft, EntityAsk, EventAsk, Patch, Viewer
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


async def test_what_is_made_is_read_back(world: World) -> None:
    ana = await world.person()
    made = await world.thing("course", by=ana, name=" Breath ", language="en")
    async with world.read(ana) as store:
        assert await store.get(made.id) == made
    assert (made.name, made.status, made.version) == ("Breath", "draft", 1)
    assert made.properties["language"] == "en"


async def test_its_maker_owns_it_whole_and_the_event_is_there(world: World) -> None:
    ana = await world.person()
    made = await world.thing("course", by=ana)
    async with world.read(ana) as store:
        events = (await store.events(EventAsk(entity_id=made.id))).items
        near = await store.neighbours(made.id)
    assert [(event.type, event.metadata, event.actor_id) for event in events] == [
        ("entity_created", {"entityType": "course"}, ana.id)
    ]
    assert [(n.connection.type, n.connection.metadata) for n in near] == [
        ("owns", {"revenueShare": 10_000})
    ]


async def test_a_merge_patch_goes_deep_and_null_takes_away(world: World) -> None:
    made = await world.thing("course", summary="Short", x_notes={"a": 1, "b": 2})
    changed = await world.update(made.id, summary=None, x_notes={"b": None, "c": 3})
    assert "summary" not in changed.properties
    assert changed.properties["x_notes"] == {"a": 1, "c": 3}


async def test_a_change_that_changes_nothing_makes_no_version(world: World) -> None:
    made = await world.thing("course", summary="Same")
    assert await world.update(made.id, summary="Same") == made


async def test_eight_writers_lose_no_change(world: World) -> None:
    made = await world.thing("course", x_plays=0)

    async def writer() -> None:
        for _ in range(100):
            async with world.write() as store:
                await store.update(made.id, Patch(increment={"x_plays": 1}))

    await asyncio.gather(*(writer() for _ in range(8)))
    async with world.read() as store:
        assert (await store.get(made.id)).properties["x_plays"] == 800


async def test_of_two_stale_writers_one_is_told_what_changed(world: World) -> None:
    made = await world.thing("course", summary="One")
    async with world.write() as store:
        await store.update(made.id, Patch(properties={"summary": "Two"}), version=1)
    with pytest.raises(Conflict) as conflict:
        async with world.write() as store:
            await store.update(made.id, Patch(name="Other"), version=1)
    current = conflict.value.details["current"]
    assert isinstance(current, dict)
    assert (current["version"], current["name"]) == (2, "A thing")
    assert conflict.value.details["changed"] == ["properties.summary"]


@pytest.mark.parametrize("verb", ["delete", "archive", "restore"])
async def test_life_cycle_verbs_refuse_a_stale_version(world: World, verb: str) -> None:
    made = await world.course()
    await world.update(made.id, summary="Newer")
    with pytest.raises(Conflict):
        async with world.write() as store:
            await getattr(store, verb)(made.id, version=1)


async def test_what_is_deleted_is_gone_everywhere_until_it_is_restored(world: World) -> None:
    ana = await world.person()
    fan = await world.person("audience_member")
    made = await world.course(by=ana)
    await world.connect("following", id_of(fan), id_of(ana))
    async with world.write(ana) as store:
        await store.tag(made.id, ["yoga"])
        await store.delete(made.id, reason="A mistake")
    for viewer in (ana, fan, Viewer()):
        async with world.read(viewer) as store:
            assert made.id not in {e.id for e in (await store.entities(EntityAsk())).items}
            assert (await store.events(EventAsk(entity_id=made.id))).items == []
            with pytest.raises(NotFound):
                await store.get(made.id)
    async with world.write(ana) as store:
        await store.restore(made.id)
        tags = await store.tags_of(made.id)
        assert [(tag.key, tag.usage_count) for tag in tags] == [("yoga", 1)]
        assert (await store.get(made.id)).status == "published"


async def test_a_unique_value_is_free_after_delete_and_refused_on_restore(world: World) -> None:
    first = await world.thing("course", slug="breath")
    with pytest.raises(Conflict) as taken:
        await world.thing("course", slug="breath")
    assert taken.value.faults[0].pointer == "/properties/slug"
    async with world.write() as store:
        await store.delete(first.id)
    second = await world.thing("course", slug="breath")
    with pytest.raises(Conflict):
        async with world.write() as store:
            await store.restore(first.id)
    async with world.write() as store:
        await store.update(second.id, Patch(properties={"slug": "other"}))
    async with world.write() as store:
        assert (await store.restore(first.id)).deleted_at is None


async def test_a_handle_is_one_persons_whether_fan_or_creator(world: World) -> None:
    await world.thing("creator", handle="ana")
    with pytest.raises(Conflict):
        await world.thing("audience_member", handle="Ana")


async def test_a_person_does_not_vouch_for_themselves(world: World) -> None:
    ana = await world.person()
    with pytest.raises(Denied) as refused:
        await world.update(id_of(ana), by=ana, verified=True)
    assert refused.value.faults[0].pointer == "/properties/verified"
    await world.update(id_of(ana), verified=True)
    await world.update(id_of(ana), by=ana, tagline="Verified, and may still change the rest")


async def test_purging_leaves_id_type_and_time(world: World) -> None:
    made = await world.course()
    await world.connect("following", id_of(await world.person()), id_of(await world.person()))
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.purge(made.id)
    async with world.write() as store:
        await store.tag(made.id, ["yoga"])
        await store.delete(made.id)
        await store.purge(made.id)
    async with world.read() as store:
        with pytest.raises(NotFound) as gone:
            await store.get(made.id)
        assert gone.value.details["type"] == "course"
        assert "purgedAt" in gone.value.details


async def test_history_tells_what_each_change_was(world: World) -> None:
    made = await world.thing("course", summary="One")
    await world.update(made.id, summary="Two")
    async with world.write() as store:
        await store.update(made.id, Patch(status="published", name="Named"))
    async with world.read() as store:
        history = await store.history(made.id)
    assert [(v.version, v.changed) for v in history] == [
        (3, ["name", "properties.publishedAt", "status"]),
        (2, ["properties.summary"]),
        (1, []),
    ]
    before = history[1].before
    assert before is not None
    assert before.properties == {"summary": "One"}


async def test_private_properties_are_in_no_general_read(world: World) -> None:
    ana = await world.person()
    made = await world.thing(
        "strategy_agent", by=ana, status="active", systemPrompt="Secret", description="Open"
    )
    await world.update(made.id, description="Opener")
    async with world.read(ana) as store:
        page = await store.entities(EntityAsk(types=("strategy_agent",)))
        seen = [
            await store.get(made.id),
            *page.items,
            (await store.neighbours(id_of(ana)))[0].entity,
        ]
        assert all("systemPrompt" not in entity.properties for entity in seen)
        assert "Secret" not in str(await store.history(made.id))
        whole = await store.get(made.id, private=True)
    assert whole.properties["systemPrompt"] == "Secret"


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (Draft("corse", "x", {}), "/type"),
        (Draft("course", "  ", {}), "/name"),
        (Draft("course", "a\0b", {}), "/name"),
        (Draft("course", "x" * 301, {}), "/name"),
        (Draft("course", "x", {"sumary": "typo"}), "/properties/sumary"),
        (Draft("course", "x", {"price": 12}), "/properties/price"),
        (Draft("course", "x", {}, status="gone"), "/status"),
    ],
)
async def test_what_makes_no_sense_is_refused_at_its_place(
    world: World, draft: Draft, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        async with world.write() as store:
            await store.create(draft)
    assert refused.value.faults[0].pointer == pointer
    async with world.read() as store:
        assert (await store.count(EntityAsk(types=("course",)))).count == 0


async def test_adding_to_what_is_no_number_is_refused(world: World) -> None:
    made = await world.thing("course", summary="Text")
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.update(made.id, Patch(increment={"summary": 1}))


async def test_nobody_deletes_themselves_here(world: World) -> None:
    ana = await world.person()
    with pytest.raises(Denied):
        async with world.write(ana) as store:
            await store.delete(id_of(ana))


async def test_an_unknown_id_is_not_found(world: World) -> None:
    async with world.write() as store:
        with pytest.raises(NotFound):
            await store.update(new_id(), Patch(name="x"))


async def test_an_error_undoes_the_whole_transaction(world: World) -> None:
    async def half_right() -> None:
        async with world.write() as store:
            await store.create(Draft("course", "Kept?", {}))
            await store.create(Draft("course", "", {}))

    with pytest.raises(Invalid):
        await half_right()
    async with world.read() as store:
        assert (await store.count(EntityAsk(types=("course",)))).count == 0

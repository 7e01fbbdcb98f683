"""Connections make sense, hold once, end and can be read as of then; shares make a whole."""

import asyncio
from datetime import timedelta

import pytest

from one.errors import Conflict, Invalid, NotFound
from one.store import ConnectionAsk, Link, Viewer
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def test_a_relation_that_makes_no_sense_names_the_types_allowed(world: World) -> None:
    course, fan = await world.course(), await world.person("audience_member")
    with pytest.raises(Invalid) as refused:
        await world.connect("following", course.id, id_of(fan))
    assert "creator" in refused.value.faults[0].allowed


async def test_a_thing_is_not_connected_to_itself(world: World) -> None:
    ana = await world.person()
    with pytest.raises(Invalid):
        await world.connect("following", id_of(ana), id_of(ana))


async def test_ends_that_are_missing_or_deleted_are_named(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    async with world.write() as store:
        await store.delete(id_of(bo))
    with pytest.raises(NotFound) as missing:
        await world.connect("following", id_of(ana), id_of(bo))
    assert [fault.pointer for fault in missing.value.faults] == ["/to"]


async def test_a_relation_holds_once(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    first = await world.connect("following", id_of(ana), id_of(bo))
    with pytest.raises(Conflict) as again:
        await world.connect("following", id_of(ana), id_of(bo))
    current = again.value.details["current"]
    assert isinstance(current, dict)
    assert current["id"] == str(first.id)


async def test_eight_at_once_make_one_relation(world: World) -> None:
    ana, bo = await world.person(), await world.person()

    async def one() -> bool:
        try:
            await world.connect("following", id_of(ana), id_of(bo))
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(8)))) == 1


async def test_kinds_of_engagement_stand_side_by_side_and_sales_repeat(world: World) -> None:
    ana, course = await world.person(), await world.course()
    for kind in ("liked", "saved"):
        await world.connect("engaged_with", id_of(ana), course.id, engagementType=kind)
    with pytest.raises(Conflict):
        await world.connect("engaged_with", id_of(ana), course.id, engagementType="liked")
    for _ in range(2):
        await world.connect("transacted", id_of(ana), course.id, transactionType="purchase")
    async with world.read() as store:
        assert (await store.count(ConnectionAsk(from_id=ana.id))).count == 4


async def test_what_ended_is_read_as_of_then_and_may_begin_again(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    made = await world.connect("following", id_of(ana), id_of(bo))
    async with world.write() as store:
        ended = await store.end(made.id)
    assert ended.valid_to is not None
    async with world.read() as store:
        now = await store.connections(ConnectionAsk(from_id=ana.id))
        then = await store.connections(ConnectionAsk(from_id=ana.id, as_of=made.valid_from))
        ever = await store.connections(ConnectionAsk(from_id=ana.id, ended=True))
    assert ([c.id for c in now.items], [c.id for c in then.items]) == ([], [made.id])
    assert [c.id for c in ever.items] == [made.id]
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.end(made.id)
    assert (await world.connect("following", id_of(ana), id_of(bo))).id != made.id


async def test_only_one_referrer(world: World) -> None:
    ana, bo, cy = [await world.person() for _ in range(3)]
    await world.connect("referred_by", id_of(ana), id_of(bo))
    with pytest.raises(Conflict):
        await world.connect("referred_by", id_of(ana), id_of(cy))


async def test_an_amendment_merges_and_keeps_its_version(world: World) -> None:
    ana, course = await world.person(), await world.course()
    made = await world.connect("enrolled_in", id_of(ana), course.id, progress=0.1)
    async with world.write() as store:
        changed = await store.amend(made.id, metadata={"progress": 0.5}, version=1)
    assert (changed.version, changed.metadata["progress"]) == (2, 0.5)
    with pytest.raises(Conflict):
        async with world.write() as store:
            await store.amend(made.id, metadata={"progress": 0.6}, version=1)
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.amend(made.id, valid_to=made.valid_from - timedelta(days=1))


async def test_shares_over_the_whole_are_refused(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    course = await world.course(by=ana)
    with pytest.raises(Invalid) as refused:
        await world.connect("owns", id_of(bo), course.id, revenueShare=1)
    assert refused.value.faults[0].pointer == "/metadata/revenueShare"


@pytest.mark.parametrize("points", [[10_001], [5_000, 4_999], [0, 10_000], [-1, 10_001]])
async def test_shares_that_make_no_whole_are_refused(world: World, points: list[int]) -> None:
    owners = [await world.person() for _ in points]
    course = await world.course(by=owners[0])
    with pytest.raises(Invalid):
        async with world.write() as store:
            await store.share(course.id, list(zip(map(id_of, owners), points, strict=True)))


async def test_shares_are_replaced_whole(world: World) -> None:
    ana, bo, cy = [await world.person() for _ in range(3)]
    course = await world.course(by=ana)
    async with world.write() as store:
        await store.share(course.id, [(id_of(ana), 7_000), (id_of(bo), 3_000)])
        await store.share(course.id, [(id_of(bo), 4_000), (id_of(cy), 6_000)])
    async with world.read() as store:
        owners = (await store.connections(ConnectionAsk(types=("owns",), to_id=course.id))).items
    assert {(c.from_id, c.metadata["revenueShare"]) for c in owners} == {
        (bo.id, 4_000),
        (cy.id, 6_000),
    }


async def test_no_interleaving_leaves_another_sum(world: World) -> None:
    owners = [await world.person() for _ in range(4)]
    course = await world.course(by=owners[0])

    async def divide(turn: int) -> None:
        chosen = [id_of(owner) for owner in owners[: 1 + turn % 4]]
        points = [10_000 // len(chosen)] * len(chosen)
        points[0] += 10_000 - sum(points)
        async with world.write() as store:
            await store.share(course.id, list(zip(chosen, points, strict=True)))

    await asyncio.gather(*(divide(turn) for turn in range(24)))
    async with world.read() as store:
        owned = (await store.connections(ConnectionAsk(types=("owns",), to_id=course.id))).items
    shares = [connection.metadata["revenueShare"] for connection in owned]
    assert sum(share for share in shares if isinstance(share, int)) == 10_000


async def test_shares_are_told_to_owners_and_staff_alone(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    course = await world.course(by=ana)
    shown: list[object] = []
    for viewer in (ana, bo, Viewer(), STAFF):
        async with world.read(viewer) as store:
            page = await store.connections(ConnectionAsk(types=("owns",), to_id=course.id))
            shown.append(page.items[0].metadata.get("revenueShare"))
    assert shown == [10_000, None, None, 10_000]


async def test_neighbours_and_paths_reach_three_steps(world: World) -> None:
    ana, bo, cy = [await world.person() for _ in range(3)]
    course = await world.course(by=cy)
    await world.connect("following", id_of(ana), id_of(bo))
    await world.connect("following", id_of(bo), id_of(cy))
    async with world.read() as store:
        near = await store.neighbours(id_of(ana), depth=3)
        ways = await store.paths(id_of(ana), course.id)
        assert await store.paths(id_of(ana), course.id, depth=2) == []
    assert {(n.depth, n.entity.id) for n in near} == {(1, bo.id), (2, cy.id), (3, course.id)}
    assert [[c.type for c in way.steps] for way in ways] == [["following", "following", "owns"]]


async def test_strangers_do_not_see_a_relation_of_two_others(world: World) -> None:
    ana, fan = await world.person(), await world.person("audience_member")
    course = await world.course(by=ana)
    await world.connect("enrolled_in", id_of(fan), course.id)
    seen: dict[str, int] = {}
    viewers = {"fan": fan, "owner": ana, "other": await world.person(), "nobody": Viewer()}
    for name, viewer in (viewers | {"staff": STAFF}).items():
        async with world.read(viewer) as store:
            ask = ConnectionAsk(types=("enrolled_in",))
            seen[name] = len((await store.connections(ask)).items)
            narrowed = ConnectionAsk(types=("enrolled_in",), to_id=course.id)
            assert len((await store.connections(narrowed)).items) == seen[name]
            assert (await store.count(ask)).count == seen[name]
    assert seen == {"fan": 1, "owner": 1, "other": 0, "nobody": 0, "staff": 1}


async def test_a_link_needs_a_known_type(world: World) -> None:
    ana = await world.person()
    with pytest.raises(Invalid) as refused:
        async with world.write() as store:
            await store.connect(Link("folowing", id_of(ana), id_of(ana), {}))
    assert "following" in refused.value.faults[0].allowed

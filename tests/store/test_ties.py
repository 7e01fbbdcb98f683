"""What is owned, bought and held as features mean it; facts of money stand once."""

import asyncio
from dataclasses import replace

import pytest

from one.errors import Invalid, NotFound
from one.store import Link, Move, Proof, Written
from one.store.happenings import Happening
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio

CHARGE = Proof("stripe", "test", "ch_1")


async def test_who_owns_bought_or_holds_a_thing_owns_it(world: World) -> None:
    ana, fan, other = (
        await world.person(),
        await world.person("audience_member"),
        await world.person(),
    )
    course = await world.course(by=ana)
    token = await world.thing("token", by=ana, status="active")
    await world.connect("transacted", id_of(fan), course.id)
    async with world.write(ana) as store:
        await store.move(Move(id_of(fan), token.id, 2, "earned", {}))
        owning = [
            await store.owns(id_of(who), thing.id)
            for who in (ana, fan, other)
            for thing in (course, token)
        ]
        await store.move(Move(id_of(fan), token.id, -2, "spent", {}))
        empty = await store.owns(id_of(fan), token.id)
    assert owning == [True, True, True, True, False, False]
    assert not empty


@pytest.mark.parametrize(
    ("metadata", "owned"),
    [
        ({"state": "completed"}, True),
        ({"state": "partially_refunded"}, True),
        ({"state": "pending"}, False),
        ({"state": "refunded"}, False),
        ({"transactionType": "tip"}, False),
    ],
)
async def test_what_was_refunded_is_not_owned(
    world: World, metadata: dict[str, str], *, owned: bool
) -> None:
    ana, fan = await world.person(), await world.person("audience_member")
    course = await world.course(by=ana)
    await world.connect("transacted", id_of(fan), course.id, **metadata)
    async with world.read(ana) as store:
        assert await store.owns(id_of(fan), course.id) is owned


async def test_a_tie_is_asked_by_its_type_its_metadata_and_whoever_may_know(world: World) -> None:
    ana, fan, stranger = await world.person(), await world.person(), await world.person()
    community = await world.thing("community", by=ana, status="published")
    made = await world.connect("member_of", id_of(fan), community.id, role="moderator")
    asked = Link("member_of", id_of(fan), community.id, {})
    async with world.read(ana) as store:
        assert await store.connected(asked)
        assert await store.connected(replace(asked, metadata={"role": "moderator"}))
        assert not await store.connected(replace(asked, metadata={"role": "admin"}))
        assert not await store.connected(Link("member_of", community.id, id_of(fan), {}))
        with pytest.raises(Invalid):
            await store.connected(replace(asked, type="dreams_of"))
    async with world.read(stranger) as store:
        assert not await store.connected(asked)
    async with world.write() as store:
        await store.end(made.id)
    async with world.read(ana) as store:
        assert not await store.connected(asked)


async def test_a_fact_carries_its_proof_and_stands_once(world: World) -> None:
    ana, fan = await world.person(), await world.person("audience_member")
    course = await world.course(by=ana)
    link = Link("transacted", id_of(fan), course.id, {"state": "completed"})
    paid = Happening("payment_processed", course.id, {"status": "completed"})

    async def write() -> str:
        try:
            async with world.write(ana) as store:
                await store.relate_fact(link, CHARGE)
                await store.record_fact(paid, CHARGE, actor=id_of(fan))
        except Written as before:
            return str(before.details["id"])
        return ""

    answers = await asyncio.gather(*(write() for _ in range(6)))
    async with world.read(fan) as store:
        (row,) = await store.session.tx.rows(
            "SELECT id, metadata FROM connections x WHERE space_id = %(space)s"
            " AND type = 'transacted'",
            store.session.params(),
        )
        events = await store.session.tx.rows(
            "SELECT actor_id, metadata->>'x_reference' FROM events WHERE space_id = %(space)s"
            " AND type = 'payment_processed'",
            store.session.params(),
        )
    assert sorted(answers) == ["", *[str(row[0])] * 5]
    assert row[1] == {
        "transactionType": "purchase",
        "state": "completed",
        "x_provider": "stripe",
        "x_mode": "test",
        "x_reference": "ch_1",
    }
    assert events == [(id_of(fan), "ch_1")]


async def test_each_step_of_a_payment_is_a_fact_of_its_own(world: World) -> None:
    ana = await world.person()
    course = await world.course(by=ana)
    async with world.write(ana) as store:
        for status in ("initiated", "completed", "refunded"):
            happening = Happening("payment_processed", course.id, {"status": status})
            await store.record_fact(happening, CHARGE)
        with pytest.raises(Written):
            await store.record_fact(happening, CHARGE)
        await store.record_fact(happening, Proof("stripe", "live", "ch_1"))


async def test_facts_are_checked_like_anything_else(world: World) -> None:
    ana = await world.person()
    course = await world.course(by=ana)
    missing = Link("transacted", world.space, course.id, {})
    turned = Link("transacted", course.id, id_of(ana), {})
    minted = Happening("nft_minted", course.id, {})
    unknown = Happening("payment_processed", course.id, {"status": "dreamt"})
    async with world.write(STAFF) as store:
        with pytest.raises(NotFound):
            await store.relate_fact(missing, CHARGE)
        with pytest.raises(Invalid):
            await store.relate_fact(turned, CHARGE)
        for happening in (minted, unknown):
            with pytest.raises(Invalid):
                await store.record_fact(happening, CHARGE)

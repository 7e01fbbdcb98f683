"""Whatever is done to tokens, in whatever order, and whatever breaks off: nothing appears and
nothing is lost; and an edit beside the ledger is told.
"""

import asyncio
import random
from collections import Counter
from uuid import UUID

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from one.clock import new_id
from one.errors import Conflict, OneError
from one.store import Desk, Move, Store, Viewer, ledger
from one.store.deliveries import deliver, take_back
from one.store.stakes import Lock, claim, stake, stakes_of, unstake
from tests.domains.conftest import Client
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


class Broken(Exception):
    """A transaction that ends in the middle."""


STEP = st.tuples(
    st.sampled_from(
        ("mint", "spend", "burn", "send", "stake", "unstake", "claim", "buy", "refund")
    ),
    st.integers(0, 2),
    st.integers(1, 30),
    st.booleans(),
)


class Bank:
    """Three people and a token with limits; what came into being and what is no more."""

    def __init__(self, world: World, people: list[Viewer], token: UUID) -> None:
        self.world, self.people, self.token = world, people, token
        self.out: Counter[str] = Counter()
        self.sales: list[tuple[UUID, UUID]] = []

    async def step(self, verb: str, who: int, amount: int, breaks: bool) -> None:
        try:
            async with self.world.write() as store:
                came = await self.act(store, verb, id_of(self.people[who]), amount)
                if breaks:
                    raise Broken
        except (Broken, OneError):
            return
        self.out["units"] += came

    async def act(self, store: Store, verb: str, who: UUID, amount: int) -> int:
        """What one act adds to all units that there are."""
        session, token = store.session, self.token
        if verb in ("mint", "spend", "burn"):
            action = {"mint": "minted", "spend": "spent", "burn": "burned"}[verb]
            change = amount if verb == "mint" else -amount
            await store.move(Move(who, token, change, action, {}))
            return change
        if verb == "send":
            to = next(id_of(one) for one in self.people if id_of(one) != who)
            await store.transfer(Move(who, token, amount, "transferred", {}), to)
        if verb == "stake":
            await stake(session, who, token=token, lock=Lock(amount, amount % 2 * 10**9))
        if verb in ("unstake", "claim"):
            for one in (await stakes_of(session, who))[:1]:
                if verb == "unstake":
                    await unstake(session, one)
                else:
                    return (await claim(session, one)).reward
        if verb == "buy":
            sale = new_id()
            await deliver(session, who, token, quantity=amount, sale=sale)
            self.sales.append((who, sale))
            return amount
        if verb == "refund" and self.sales:
            buyer, sale = self.sales[-1]
            return -await take_back(
                session, buyer, token, quantity=amount, sale=sale, refund=new_id()
            )
        return 0


async def bank(world: World) -> Bank:
    people = [await world.person(name=name) for name in ("Ana", "Bo", "Cy")]
    token = await world.thing(
        "token", by=people[0], status="active", totalSupply=200, stakingRate=20_000
    )
    return Bank(world, people, token.id)


async def agrees(one: Bank) -> None:
    async with one.world.read() as store:
        assert await ledger.verify(store.session) == []
        supply = await ledger.supply(store.session, one.token)
        held = [await ledger.holdings(store.session, id_of(who)) for who in one.people]
    assert supply.circulating == one.out["units"] <= 200
    assert sum(h.balance + h.staked for some in held for h in some) == supply.circulating


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=25))
async def test_nothing_appears_and_nothing_is_lost(
    desk: Desk, steps: list[tuple[str, int, int, bool]]
) -> None:
    one = await bank(await World.made(desk))
    for step in steps:
        await one.step(*step)
    await agrees(one)


async def test_nor_when_all_do_it_at_once(world: World) -> None:
    chance, one = random.Random(7), await bank(world)
    verbs = ("mint", "spend", "burn", "send", "stake", "unstake", "claim", "buy", "refund")

    async def many() -> None:
        for _ in range(25):
            await one.step(chance.choice(verbs), chance.randrange(3), chance.randint(1, 20), False)

    await asyncio.gather(*(many() for _ in range(8)))
    async with world.read() as store:
        assert await ledger.verify(store.session) == []
    await agrees(one)


EDITS = {
    "balance": "UPDATE connections SET metadata = metadata || '{\"amount\": 999}'"
    " WHERE space_id = %(s)s AND type = 'holds' AND slot = 'tokens'",
    "stake": "UPDATE connections SET metadata = metadata || '{\"amount\": 1}'"
    " WHERE space_id = %(s)s AND type = 'holds' AND slot = 'stake'",
    "move": 'UPDATE events SET metadata = metadata || \'{"change": 60, "amount": 60}\''
    " WHERE space_id = %(s)s AND type = 'token_transacted' AND metadata->>'action' = 'minted'",
    "gone": "DELETE FROM events WHERE space_id = %(s)s AND type = 'token_transacted'"
    " AND metadata->>'action' = 'spent'",
    "indexed": "UPDATE connections SET n1 = 1"
    " WHERE space_id = %(s)s AND type = 'holds' AND slot = 'tokens'",
    "holding gone": "DELETE FROM connections WHERE space_id = %(s)s AND type = 'holds'"
    " AND slot = 'stake'",
    "amount": "UPDATE events SET metadata = metadata || '{\"amount\": 3}'"
    " WHERE space_id = %(s)s AND type = 'token_transacted' AND metadata->>'action' = 'spent'",
}


@pytest.mark.parametrize("edit", sorted(EDITS))
async def test_an_edit_is_told(world: World, owner: AsyncClient, client: Client, edit: str) -> None:
    one = await bank(world)
    bo = id_of(one.people[1])
    for verb, amount in (("mint", 50), ("spend", 5), ("stake", 10)):
        await one.step(verb, 1, amount, False)
    assert (await owner.get("/api/ledger/verify")).json() == {"agrees": True, "differences": []}
    async with world.write() as store:
        await store.session.tx.run(EDITS[edit], {"s": world.space})
    told = (await owner.get("/api/ledger/verify")).json()
    assert not told["agrees"]
    assert {one["holder"] for one in told["differences"] if one["holder"]} == {str(bo)}
    assert (await (await client(one.people[0])).get("/api/ledger/verify")).status_code == 403


async def test_tokens_from_nowhere_to_somebody_are_told(world: World, owner: AsyncClient) -> None:
    one = await bank(world)
    await one.step("mint", 1, 30, False)
    await one.step("send", 1, 10, False)
    async with world.write() as store:
        await store.session.tx.run(
            "DELETE FROM events WHERE space_id = %(s)s AND type = 'token_transacted'"
            " AND metadata->>'action' = 'transferred' AND (metadata->>'change')::int < 0",
            {"s": world.space},
        )
    told = (await owner.get("/api/ledger/verify")).json()
    assert any("sent each other" in one["says"] for one in told["differences"])


async def test_a_refusal_leaves_nothing_behind(world: World) -> None:
    one = await bank(world)
    await one.step("mint", 1, 30, False)
    with pytest.raises(Conflict):
        async with world.write() as store:
            await store.transfer(
                Move(id_of(one.people[1]), one.token, 31, "transferred", {}), id_of(one.people[2])
            )
    await agrees(one)


async def test_who_is_forgotten_leaves_a_ledger_that_agrees(world: World) -> None:
    one = await bank(world)
    gone = id_of(one.people[1])
    for verb, amount in (("mint", 50), ("send", 5), ("stake", 10)):
        await one.step(verb, 1, amount, False)
    async with world.write() as store:
        await store.delete(gone)
        await store.purge(gone)
    async with world.read() as store:
        assert await ledger.verify(store.session) == []
        assert (await ledger.supply(store.session, one.token)).circulating == 5

"""A right that was lost when money has been taken: it waits, is told, and is given back."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from one.clock import Clock
from one.domains.accounts.closing import paying
from one.runtime import durable
from one.store import Desk, Viewer
from one.store.accounts import account_of, open_account
from one.store.leaving import close, forget_closed, leaving
from one.store.runs import Run
from tests.domains.notices.rooms import inbox
from tests.sdk.written import Players, Working
from tests.world import World, id_of

CHARGE = "CALL Stripe to charge $25 WITH customer buyer SAVE AS payment"
SEAT = f"""
FEATURE: Sell a seat
INPUT:
  - buyer: who
CHECK buyer exists
GET my newest course SAVE AS course
CHECK course exists
{CHARGE}
WAIT 1 hour
SET course's x_seats to 7
GIVE "yours"
"""
TOGETHER = SEAT.replace(f"{CHARGE}\n", "").replace(
    "SET course's x_seats to 7",
    f"""DO TOGETHER:
  - {CHARGE}
  - SET course's x_seats to 7
IF ANY FAIL:
  - CALL Stripe to refund payment""",
)
HOUR, DAY = timedelta(hours=1, minutes=1), timedelta(days=1, minutes=1)


@dataclass
class Sale:
    """A seat of a course that the author loses before the run goes on."""

    players: Players
    working: Working
    clock: Clock
    run: UUID
    course: UUID

    async def belongs_to(self, owner: Viewer) -> None:
        async with self.players.world.write() as store:
            await store.share(self.course, [(id_of(owner), 10_000)])

    async def parked(self, n: int, *, after: timedelta) -> None:
        """Some time goes by, after which it has been parked so often."""
        self.clock.offset += after
        await self.working.shelf.reach(self.run, f"flow.5.parked[{n}]")

    async def ended(self) -> Run:
        return await self.working.shelf.ended(self.working.engine, self.run)

    async def refunds(self) -> int:
        return await self.players.refunds()

    async def titles(self, who: Viewer) -> list[str]:
        """What somebody was told, but for receipts."""
        told = [str(one["title"]) for one in await inbox(self.players.world, who)]
        return [one for one in told if "“Sell a seat” by" in one or "Your feature" in one]


@asynccontextmanager
async def lost(desk: Desk, text: str) -> AsyncGenerator[Sale]:
    clock = Clock()
    players = await Players.made(await World.made(desk.with_clock(clock)))
    course = await players.world.course(by=players.author)
    async with players.working(text) as working:
        run = await working.begin(buyer=str(id_of(players.runner)))
        await working.shelf.become(run, "waiting")
        sale = Sale(players, working, clock, run, course.id)
        await sale.belongs_to(await players.world.person("creator", "Rival"))
        yield sale


async def test_who_paid_is_told_and_has_it_back_after_seven_days(desk: Desk) -> None:
    async with lost(desk, SEAT) as sale:
        await sale.parked(1, after=HOUR)
        (told,) = await sale.titles(sale.players.runner)
        assert "What you paid, $25.00, is given back in 7 days" in told
        assert any("not theirs to change" in one for one in await sale.titles(sale.players.author))
        for n in range(2, 8):
            await sale.parked(n, after=DAY)
        assert await sale.refunds() == 0
        sale.clock.offset += DAY
        run = await sale.ended()
        assert (run.status, await sale.refunds()) == ("failed", 1)
        assert "not theirs to change" in run.reason
        assert len(await sale.titles(sale.players.runner)) == 1


async def test_it_goes_on_by_itself_once_the_right_is_back(desk: Desk) -> None:
    async with lost(desk, SEAT) as sale:
        await sale.parked(1, after=HOUR)
        await sale.belongs_to(sale.players.author)
        sale.clock.offset += DAY
        assert ((await sale.ended()).status, await sale.refunds()) == ("done", 0)


async def test_its_author_takes_it_up_at_once(desk: Desk) -> None:
    async with lost(desk, SEAT) as sale:
        await sale.parked(1, after=HOUR)
        await sale.belongs_to(sale.players.author)
        async with sale.players.world.write(sale.players.author) as store:
            await durable.retry(store.session, sale.run)
        assert (await sale.ended()).output == {"message": "yours"}


async def test_who_cancels_it_has_their_money_back_at_once(desk: Desk) -> None:
    async with lost(desk, SEAT) as sale:
        await sale.parked(1, after=HOUR)
        async with sale.players.world.write(sale.players.runner) as store:
            await durable.cancel(store.session, sale.run)
        assert ((await sale.ended()).status, await sale.refunds()) == ("cancelled", 1)


async def test_whoever_pays_an_author_who_closes_their_account_has_it_back(desk: Desk) -> None:
    async with lost(desk, SEAT) as sale:
        await sale.belongs_to(sale.players.author)
        world, author = sale.players.world, id_of(sale.players.author)
        async with world.write(sale.players.author) as store:
            email = f"{author}@mail.example"
            await open_account(store.session, author, email=email, password=None)
            account = await account_of(store.session.tx, world.space, author)
            assert account is not None
            assert (await leaving(store.session, author, paying=paying())).paid_runs == 1
            await close(store.session, account, paying=paying())
        await sale.parked(1, after=HOUR)
        assert len(await sale.titles(sale.players.runner)) == 1
        for n in range(2, 8):
            await sale.parked(n, after=DAY)
        async with world.write() as store:
            assert not await forget_closed(store.session, before=sale.clock.now())
        sale.clock.offset += DAY
        assert ((await sale.ended()).status, await sale.refunds()) == ("failed", 1)
        async with world.write() as store:
            assert await forget_closed(store.session, before=sale.clock.now())


async def test_what_the_text_takes_back_is_taken_back_at_once(desk: Desk) -> None:
    async with lost(desk, TOGETHER) as sale:
        sale.clock.offset += HOUR
        run = await sale.ended()
        assert (run.status, await sale.refunds()) == ("failed", 1)


async def test_what_has_taken_no_money_is_refused_as_before(desk: Desk) -> None:
    free = SEAT.replace(f"{CHARGE}\n", "")
    async with lost(desk, free) as sale:
        sale.clock.offset += HOUR
        run = await sale.ended()
        assert (run.status, await sale.titles(sale.players.runner)) == ("failed", [])

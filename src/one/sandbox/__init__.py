"""A stand-in for Stripe: it speaks Stripe's wire, keeps what it did in the database, and moves no
money.

`Sandbox` is an ASGI application: hand it to Stripe's client in process, or serve it at a port.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from one.clock import Clock
from one.sandbox import accounts, checkout, disputes, payouts, webhooks
from one.sandbox.call import Call
from one.sandbox.coming import happen
from one.sandbox.deliveries import Deliveries, Post, over_network
from one.sandbox.refusal import Declined, Refusal
from one.sandbox.resource import Fields, Resource
from one.sandbox.state import Fault, State, Trouble, state_of
from one.sandbox.wire import Wire
from one.store import DEFAULT_SPACE
from one.store.database import Database

__all__ = ["Declined", "Fault", "Post", "Refusal", "Sandbox", "Trouble"]
DoneT = TypeVar("DoneT")
_REST = 0.5  # seconds between two looks at what is due


class Sandbox:
    """Stripe as far as it goes without a bank. `site` is where its pages are reached, `post` how
    events are delivered.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        site: str = "http://127.0.0.1:8000/_sandbox",
        space: UUID = DEFAULT_SPACE,
        post: Post = over_network,
    ) -> None:
        self._wire = Wire(database, space, clock, site)
        self._deliveries = Deliveries(self._wire, clock, post)
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._wire.answer(Request(scope, receive))
        if response is not None:
            await response(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass  # who asked gives up first, as with an answer that is lost on its way

    async def run(self) -> None:
        """Does what is due and delivers events, for as long as it runs."""
        while True:
            await self.settle()
            if await self.deliver() == 0:
                await asyncio.sleep(_REST)

    async def settle(self) -> int:
        """Has what is due happen; how much did."""
        done = 0
        while await self._once():
            done += 1
        return done

    async def deliver(self) -> int:
        """Delivers the events that are due now; how many were taken."""
        return await self._deliveries.deliver()

    async def listen(
        self,
        url: str,
        events: tuple[str, ...] = ("*",),
        *,
        connect: bool = False,
        secret: str | None = None,
    ) -> str:
        """Has events delivered to an address, once however often it is asked for; the secret that
        they are signed with. `connect`: those of connected accounts, else the platform's own.
        """

        return await self._do(
            lambda call: webhooks.listen(
                call, url=url, events=events, connect=connect, secret=secret
            )
        )

    async def pay(self, session: str, card: str = "4242424242424242", *, email: str = "") -> Fields:
        """Pays a checkout session with a test card; the session. Raises Refusal, and Declined where
        the card's bank says no.
        """
        return await self._shown(lambda call: checkout.pay(call, session, card=card, email=email))

    async def onboard(self, account: str) -> Fields:
        """Completes the onboarding of an account; the account. Raises Refusal."""
        return await self._shown(lambda call: accounts.onboard(call, account))

    async def dispute(self, charge: str, *, reason: str = "fraudulent") -> Fields:
        """Has a buyer take back what is left of a charge; the dispute. Raises Refusal."""

        async def act(call: Call) -> Resource:
            held = await call.hold(charge, kind="charge", param="charge")
            return disputes.begin(call, held, reason=reason)

        return await self._shown(act)

    async def decide(self, dispute: str, *, won: bool) -> Fields:
        """Ends a dispute; the dispute. Raises Refusal."""

        async def act(call: Call) -> Resource:
            held = await call.hold(dispute, kind="dispute", param="dispute")
            return disputes.decide(call, held, won=won)

        return await self._shown(act)

    async def fail_payout(self, payout: str, *, account: str = "") -> Fields:
        """Has the bank send a payout back; the payout. Raises Refusal."""

        async def act(call: Call) -> Resource:
            theirs = call.on(account)
            held = await theirs.hold(payout, kind="payout", param="payout")
            return payouts.fail(theirs, held)

        return await self._shown(act)

    async def now(self) -> datetime:
        """What time it is in the sandbox."""
        async with self._database.read(snapshot=False) as tx:
            return (await self._wire.open(tx)).now

    async def advance(self, by: timedelta) -> datetime:
        """Moves the sandbox's clock on, and has happen what comes due; what time it is then."""
        await self._set(lambda state: replace(state, offset=state.offset + by))
        await self.settle()
        return await self.now()

    async def plant(self, fault: Fault) -> None:
        """Has calls go wrong."""
        await self._set(lambda state: replace(state, faults=(*state.faults, fault)))

    async def disturb(self, *, duplicates: bool = False, disorder: bool = False) -> None:
        """Delivers each event twice, or the last first; without either, as it should be."""
        await self._set(lambda state: replace(state, duplicates=duplicates, disorder=disorder))

    async def heal(self) -> None:
        """Takes every fault away."""
        await self._set(lambda state: State(offset=state.offset))

    async def _set(self, change: Callable[[State], State]) -> None:
        async def act(call: Call) -> None:
            call.set_state(change(await state_of(call.records, lock=True)))

        await self._do(act)

    async def _once(self) -> bool:
        return await self._do(happen)

    async def _shown(self, act: Callable[[Call], Awaitable[Resource]]) -> Fields:
        async def acted(call: Call) -> Fields:
            return (await act(call)).shown(call.now)

        return await self._do(acted)

    async def _do(self, act: Callable[[Call], Awaitable[DoneT]]) -> DoneT:
        """One transaction; what a bank refused is kept in it all the same."""
        async with self._database.write() as tx:
            call = await self._wire.open(tx)
            try:
                done = await act(call)
            except Declined as declined:
                done = declined
            await call.flush()
        if isinstance(done, Declined):
            raise done
        return done

"""The hand on the sandbox: what buyers, sellers and banks would do, and what goes wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from one.sandbox import accounts, checkout, disputes, payouts, webhooks
from one.sandbox.call import Call
from one.sandbox.coming import happen
from one.sandbox.deliveries import Deliveries
from one.sandbox.refusal import Declined
from one.sandbox.resource import Fields, Resource
from one.sandbox.state import Fault, State, state_of
from one.sandbox.wire import Wire

DoneT = TypeVar("DoneT")


class Hands:
    """Each is one transaction."""

    def __init__(self, wire: Wire, deliveries: Deliveries) -> None:
        self._wire = wire
        self._deliveries = deliveries

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

    async def seen(self, kind: str, id: str) -> Resource | None:
        """An object of the platform's, with all that it keeps to itself."""
        async with self._wire.database.read(snapshot=False) as tx:
            return await (await self._wire.open(tx)).find(kind, id)

    async def now(self) -> datetime:
        """What time it is in the sandbox."""
        async with self._wire.database.read(snapshot=False) as tx:
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

        try:
            return await self._do(acted)
        finally:
            self._wire.changed.set()

    async def _do(self, act: Callable[[Call], Awaitable[DoneT]]) -> DoneT:
        """One transaction; what a bank refused is kept in it all the same."""
        async with self._wire.database.write() as tx:
            call = await self._wire.open(tx)
            try:
                done = await act(call)
            except Declined as declined:
                done = declined
            await call.flush()
        if isinstance(done, Declined):
            raise done
        return done

"""A stand-in for Stripe: it speaks Stripe's wire, keeps what it did in the database, and moves no
money.

`Sandbox` is an ASGI application: hand it to Stripe's client in process, or serve it at a port.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from one.clock import Clock
from one.sandbox import accounts, checkout
from one.sandbox.call import Call
from one.sandbox.refusal import Declined, Refusal
from one.sandbox.resource import Fields, Resource
from one.sandbox.wire import Wire
from one.store import DEFAULT_SPACE
from one.store.database import Database

__all__ = ["Declined", "Refusal", "Sandbox"]


class Sandbox:
    """Stripe as far as it goes without a bank. `site` is where its pages are reached."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        site: str = "http://127.0.0.1:8000/_sandbox",
        space: UUID = DEFAULT_SPACE,
    ) -> None:
        self._wire = Wire(database, space, clock, site)
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._wire.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def pay(self, session: str, card: str = "4242424242424242", *, email: str = "") -> Fields:
        """Pays a checkout session with a test card; the session. Raises Refusal, and Declined where
        the card's bank says no.
        """
        return await self._do(lambda call: checkout.pay(call, session, card=card, email=email))

    async def onboard(self, account: str) -> Fields:
        """Completes the onboarding of an account; the account. Raises Refusal."""
        return await self._do(lambda call: accounts.onboard(call, account))

    async def _do(self, act: Callable[[Call], Awaitable[Resource]]) -> Fields:
        declined: Declined | None = None
        seen: Fields = {}
        async with self._database.write() as tx:
            call = await self._wire.open(tx)
            try:
                seen = (await act(call)).shown(call.now)
            except Declined as error:
                declined = error
            await call.flush()
        if declined is not None:
            raise declined
        return seen

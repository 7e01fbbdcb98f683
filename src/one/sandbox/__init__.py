"""A stand-in for Stripe: it speaks Stripe's wire, keeps what it did in the database, and moves no
money.

`Sandbox` is an ASGI application: hand it to Stripe's client in process, or serve it at a port.
"""

import asyncio
import contextlib
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from one.clock import Clock
from one.sandbox import control, pages
from one.sandbox.deliveries import Deliveries, Post, over_network
from one.sandbox.hands import Hands
from one.sandbox.pages import PREFIX
from one.sandbox.refusal import Declined, Refusal
from one.sandbox.state import Fault, Trouble
from one.sandbox.wire import Wire
from one.store import DEFAULT_SPACE
from one.store.database import Database

__all__ = ["PREFIX", "Declined", "Fault", "Post", "Refusal", "Sandbox", "Trouble"]
_REST = 2.0  # seconds after which is looked at what became due by itself, or by another process


class Sandbox(Hands):
    """Stripe as far as it goes without a bank: the API under `/v1/`, its pages and the hand on it
    under PREFIX. `site` is where PREFIX is reached, `post` how events are delivered.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        site: str = f"http://127.0.0.1:8000{PREFIX}",
        space: UUID = DEFAULT_SPACE,
        post: Post = over_network,
    ) -> None:
        self._wire = Wire(database, space, clock, site)
        super().__init__(self._wire, Deliveries(self._wire, clock, post))
        self._rest = Starlette(routes=[*pages.routes(self), *control.routes(self)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith("/v1/"):
            await self._rest(scope, receive, send)
            return
        response = await self._wire.answer(Request(scope, receive))
        if response is not None:
            await response(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass  # who asked gives up first, as with an answer that is lost on its way

    async def run(self) -> None:
        """Does what is due and delivers events, for as long as it runs."""
        changed = self._wire.changed
        while True:
            changed.clear()
            if await self.settle() + await self.deliver() == 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _REST)

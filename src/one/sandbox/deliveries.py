"""Events on their way to those who listen: signed, at least once, for three days."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson

from one.clock import Clock
from one.errors import Outside
from one.providers.base import Http, Sent
from one.sandbox.call import Call
from one.sandbox.resource import Resource, seconds
from one.sandbox.state import state_of
from one.sandbox.wire import Wire
from one.store.sandbox import Delivery

Post = Callable[[Sent], Awaitable[bool]]
"""Sends an event to an address; whether it was taken."""

_HELD = timedelta(seconds=60)
_FIRST, _LONGEST, _GIVEN_UP = timedelta(seconds=10), timedelta(hours=12), timedelta(days=3)
_AT_ONCE = 50


def signed(body: bytes, *, secret: str, at: int) -> str:
    """The header by which a receiver knows who sent this, and when."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


async def over_network(event: Sent) -> bool:
    """Sends to whoever is at an address."""
    http = Http("The webhook", timeout=10)
    try:
        await http.send(event)
    except Outside:
        return False
    finally:
        await http.close()
    return True


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Sends what is to be sent, in a transaction neither before nor after each."""

    wire: Wire
    clock: Clock
    post: Post

    async def deliver(self) -> int:
        """Sends what is due now; how many were taken."""
        async with self.wire.database.write() as tx:
            call = await self.wire.open(tx)
            state = await state_of(call.records)
            taken = await call.records.take(call.now, until=call.now + _HELD, limit=_AT_ONCE)
        done = 0
        for delivery in reversed(taken) if state.disorder else taken:
            went = await self._send(delivery)
            if state.duplicates:
                await self._send(delivery)
            await self._settle(delivery, went=went)
            done += went
        return done

    async def _send(self, delivery: Delivery) -> bool:
        async with self.wire.database.read(snapshot=False) as tx:
            call = await self.wire.open(tx)
            endpoint = await call.find("webhook_endpoint", delivery.endpoint)
            event = await call.on(delivery.account).find("event", delivery.event)
        if endpoint is None or event is None or endpoint.text("status") != "enabled":
            return True
        body = orjson.dumps(event.shown(call.now))
        at, secret = seconds(self.clock.now()), endpoint.text("_secret")
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "Stripe/1.0 (sandbox)",
            "stripe-signature": signed(body, secret=secret, at=at),
        }
        return await self.post(Sent("POST", endpoint.text("url"), body, headers))

    async def _settle(self, delivery: Delivery, *, went: bool) -> None:
        """Has it done with, or tried again later."""
        async with self.wire.database.write() as tx:
            call = await self.wire.open(tx)
            event = await call.on(delivery.account).find("event", delivery.event, lock=True)
            old = event is None or call.created - event.whole("created") > _GIVEN_UP.total_seconds()
            if went or old:
                await call.records.delivered(delivery)
            else:
                wait = min(_FIRST * 3 ** (delivery.attempts - 1), _LONGEST)
                await call.records.postpone(delivery, until=call.now + wait)
            if went and event is not None:
                await _one_less(call.on(delivery.account), event)


async def _one_less(call: Call, event: Resource) -> None:
    event.set(pending_webhooks=max(event.whole("pending_webhooks") - 1, 0))
    call.keep(event)
    await call.flush()

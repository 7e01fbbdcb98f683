"""What happens by itself when its time has come: a session expires, a bank says whether it
pays, a refund comes back, a payout arrives, a dispute that nobody answered is lost.
"""

from collections.abc import Awaitable, Callable, Mapping

from one.sandbox import checkout, disputes, payouts, refunds
from one.sandbox.call import Call
from one.sandbox.resource import Resource


async def _arrived(call: Call, payout: Resource) -> Resource:
    return payouts.arrive(call, payout)


async def _lost(call: Call, dispute: Resource) -> Resource:
    return disputes.decide(call, dispute, won=False)


_COMING: Mapping[str, Callable[[Call, Resource], Awaitable[Resource]]] = {
    "checkout.session": checkout.expire,
    "dispute": _lost,
    "payment_intent": checkout.conclude,
    "payout": _arrived,
    "refund": refunds.fail,
}


async def happen(call: Call) -> bool:
    """The next thing whose time has come; whether there was one."""
    next = await call.records.due(call.now)
    if next is None:
        return False
    account, kind, id = next
    theirs = call.on(account)
    await _COMING[kind](theirs, await theirs.hold(id, kind=kind))
    return True

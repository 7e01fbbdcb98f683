"""Charging: what a feature takes of who runs it, and gives back; its run waits for what the
provider says.

Each of both is wanted first, in a transaction of the run's, so that whoever is killed where, it is
asked for once.
"""

from datetime import timedelta
from uuid import UUID

from one.domains.payments.offers import HERE
from one.domains.payments.purchases import charge_key
from one.domains.payments.refunds import TooMuchBack, refund_again, refunds_for
from one.domains.payments.till import Till
from one.providers.base import already, busy, refused, unclear
from one.providers.stripe.cashier import CardDeclined
from one.runtime import Context, Deployment

LEASE = timedelta(seconds=60)


async def collect(deployment: Deployment, space: UUID, *, sale: UUID, tries: int) -> str:
    """Takes what was begun to be charged; the provider's name of the payment. Where the provider
    surely didn't hear it so often, it is given up.

    Raises CardDeclined, Outside.
    """
    till = Till(deployment, lease=LEASE)
    found = await till.outcome(space, charge_key(sale))
    if found.status == "done" and found.answer is not None:
        return str(found.answer["id"])
    if found.status == "failed" and found.answer is not None:
        raise CardDeclined(
            found.reason, cure="Pay with another card.", outcome="not_done", retryable=False
        )
    given_up = found.status == "failed" or (found.attempts >= tries and await till.withdraw(found))
    raise refused(found.reason) if given_up else unclear(found.reason)


async def give_back(
    deployment: Deployment, space: UUID, *, sale: UUID, of: str, again: bool
) -> str:
    """Gives back what is wanted for a place of a run; the provider's name of the refund. `again`:
    what was refused is wanted anew.

    Raises Outside.
    """
    async with deployment.desk.read(space, HERE, snapshot=False) as store:
        last = (await refunds_for(store.session, sale, of=of))[-1]
    found = await Till(deployment, lease=LEASE).outcome(space, last.key)
    if found.status == "done" and found.answer is not None:
        return str(found.answer["id"])
    if found.status == "due":
        raise unclear(found.reason)
    if not again:
        raise refused(found.reason)
    try:
        async with deployment.desk.write(space, HERE) as store:
            wanted = await refund_again(Context(store, HERE, space, deployment), sale, of=of)
    except TooMuchBack as error:
        raise refused(error.message, cure=error.cure) from None
    raise busy(found.reason) if wanted else already("All of this payment is back already.")

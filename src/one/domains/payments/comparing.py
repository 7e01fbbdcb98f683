"""Comparing: what our journal says lies at the provider, next to what the provider says."""

from collections.abc import Mapping
from dataclasses import dataclass

from one.domains.payments.offers import HERE
from one.runtime import Deployment
from one.store.journal import on_platform


@dataclass(frozen=True, slots=True)
class Difference:
    """A currency of which the two don't say the same, in minor units."""

    currency: str
    ours: int
    theirs: int


async def booked(deployment: Deployment) -> Mapping[str, int]:
    """What should be there, of all spaces together: they share the provider's account."""
    total: dict[str, int] = {}
    for space in sorted(deployment.desk.spaces):
        async with deployment.desk.read(space, HERE) as store:
            for currency, amount in (
                await on_platform(store.session, deployment.payments.mode)
            ).items():
                total[currency] = total.get(currency, 0) + amount
    return total


async def differences(deployment: Deployment) -> list[Difference]:
    """Where they differ; asked while nothing is under way, that is a fault. Raises Outside."""
    theirs = await deployment.payments.cashier.balance()
    ours = await booked(deployment)
    return [
        Difference(currency, ours.get(currency, 0), theirs.get(currency, 0))
        for currency in sorted(ours.keys() | theirs.keys())
        if ours.get(currency, 0) != theirs.get(currency, 0)
    ]

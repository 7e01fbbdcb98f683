"""Comparing: what our journal says lies at the provider, next to what the provider says."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from one.domains.payments.offers import HERE
from one.runtime import Deployment
from one.store.journal import on_platform, pots_of
from one.store.payees import accounts

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """A currency of which the two don't say the same, in minor units. `person`: in whose account;
    in the platform's where there is nobody.
    """

    currency: str
    ours: int
    theirs: int
    person: UUID | None = None


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
    """Where they differ, at the platform and then in people's accounts; asked while nothing is
    under way, that is a fault. Raises Outside.
    """
    theirs = await deployment.payments.cashier.balance()
    found = _compared(await booked(deployment), theirs)
    desk, few = deployment.desk, asyncio.Semaphore(_AT_ONCE)
    async with desk.database.read(snapshot=False) as tx:
        known = await accounts(tx, deployment.payments.mode, desk.spaces)

    async def look(where: tuple[UUID, UUID], account: str) -> list[Difference]:
        async with few:
            return await _in_account(deployment, where, account=account)

    for each in await asyncio.gather(*(look(one[:2], one[2]) for one in known)):
        found += each
    return found


async def _in_account(
    deployment: Deployment, where: tuple[UUID, UUID], *, account: str
) -> list[Difference]:
    space, person = where
    theirs = await deployment.payments.cashier.balance(account=account)
    async with deployment.desk.read(space, HERE) as store:
        pots = await pots_of(store.session, deployment.payments.mode, party=person)
    ours = {one.currency: one.amount for one in pots if one.pot == "connected"}
    return _compared(ours, theirs, person)


def _compared(
    ours: Mapping[str, int], theirs: Mapping[str, int], person: UUID | None = None
) -> list[Difference]:
    return [
        Difference(currency, ours.get(currency, 0), theirs.get(currency, 0), person)
        for currency in sorted(ours.keys() | theirs.keys())
        if ours.get(currency, 0) != theirs.get(currency, 0)
    ]

"""What the tests of earnings share: a creator who sold things in October and November."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from one.clock import new_id
from one.domains.payments import entries
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, refund, waterfall
from one.store import Viewer
from one.store.journal import Entry, post_all
from tests.world import World, id_of

OCTOBER, NOVEMBER = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)
MONTH = {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}


@dataclass(frozen=True, slots=True)
class Earner:
    """Ana, her course, and the sale of November."""

    viewer: Viewer
    course: UUID
    sale: UUID

    @property
    def id(self) -> UUID:
        return id_of(self.viewer)


async def booked(world: World, when: datetime, *facts: Entry) -> None:
    async with world.write() as store:
        await post_all(replace(store.session, now=when), facts)


async def earner(world: World) -> Earner:
    """Who sold a course for 100.00 in October and again in November, had both sent to her account
    and 50.00 of it paid out, gave back half of the second sale, and owes what was missing for it.
    """
    ana, ben = await world.person(), await world.person(name="Ben")
    course = await world.course(by=ana, name="=Piano")
    first = About("sandbox", "usd", new_id(), course.id)
    second = replace(first, sale=new_id())
    shares = {id_of(ana): 10_000}
    split = waterfall(Price(10_000, "usd"), shares, rates=Rates(), referrer=id_of(ben))
    back = refund(5_000, split)
    mine = back.owners[id_of(ana)]
    await booked(
        world,
        OCTOBER,
        entries.charge(first, "ch_1", split=split),
        entries.fee(first, "ch_1", amount=320),
        entries.transfer(first, "tr_1", party=id_of(ana), amount=8_500),
        entries.payout(About("sandbox", "usd"), "po_1", party=id_of(ana), amount=5_000),
    )
    await booked(
        world,
        NOVEMBER,
        entries.charge(second, "ch_2", split=split),
        entries.refund(second, "re_2", back=back),
        entries.transfer(second, "tr_2", party=id_of(ana), amount=8_500 - mine),
        entries.debt(second, "d_2", party=id_of(ana), amount=50),
        entries.charge(replace(first, currency="jpy"), "ch_3", split=split),
    )
    assert second.sale is not None
    return Earner(ana, course.id, second.sale)

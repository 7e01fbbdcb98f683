"""The journal of money: how fast facts are booked at once, and how soon a statement is there."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from uuid import UUID

import uvloop
from pydantic import JsonValue

from bench import Row
from one.app import App, build
from one.clock import monotonic, new_id
from one.domains.payments import entries, list_entries_of, purchase, show_earnings_of
from one.domains.payments.entries import About
from one.domains.payments.splits import Price, Rates, waterfall
from one.runtime import Context
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Draft, Move, Patch, Viewer
from one.store.journal import Entry, post_all
from one.store.sales import find_sale
from one.store.verification import verify

OWNER = Viewer(PLATFORM, "staff")
ENTRIES, AT_ONCE, PRODUCTS = 100_000, 500, 50
HOLDERS, GIVEN = 100_000, 200
BUYERS, SALES = 8, 100
FEWEST, SLOWEST = 50.0, 100.0
TURNS = 9


def rows(full: bool) -> Iterable[Row]:
    del full
    with tempfile.TemporaryDirectory(prefix="one-bench-") as folder:
        Path(folder).chmod(0o755)  # run as root, PostgreSQL is another user
        yield from uvloop.run(_measure(Settings(data=Path(folder))))


async def _measure(settings: Settings) -> list[Row]:
    async with build(settings) as app:
        async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
            ana = (await store.create(Draft("creator", "Ana", {}, owned=False))).id
        return [
            await _begun(app, ana),
            await _whole(app, ana),
            await _booked(app, [new_id() for _ in range(BUYERS)], "of different owners"),
            await _booked(app, [new_id()] * BUYERS, "of one owner"),
            *await _stated(app, ana),
            await _given(app, ana),
        ]


def _sale(owner: UUID, number: int, products: list[UUID]) -> list[Entry]:
    """A purchase as it is booked: paid, the provider's fee, sent to its owner."""
    sale = new_id()
    about = About("sandbox", "usd", sale, products[number % len(products)])
    split = waterfall(Price(10_000, "usd"), {owner: 10_000}, rates=Rates())
    return [
        entries.charge(about, str(sale), split=split),
        entries.fee(about, str(sale), amount=320),
        entries.transfer(about, str(sale), party=owner, amount=split.owners[owner]),
    ]


async def _token(app: App, ana: UUID, name: str) -> UUID:
    """Something of Ana's to buy."""
    async with app.desk.write(DEFAULT_SPACE, Viewer(ana, "person")) as store:
        price: JsonValue = {"amount": 500, "currency": "usd"}
        return (await store.create(Draft("token", name, {"price": price}))).id


async def _bought(app: App, buyer: Viewer, token: UUID) -> UUID:
    async with app.desk.write(DEFAULT_SPACE, buyer) as store:
        ctx = Context(store, buyer, DEFAULT_SPACE, app.deployment)
        return (await purchase(ctx, product=token, quantity=2)).id


async def _at_once(app: App, token: UUID, *, whole: bool) -> float:
    """Purchases by several at once; how many a second."""
    assert app.till is not None
    till = app.till
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        fans = [
            (await store.create(Draft("audience_member", f"Fan {n}", {}, owned=False))).id
            for n in range(BUYERS)
        ]

    async def buy(fan: UUID) -> None:
        for _ in range(SALES // 4):
            sale = await _bought(app, Viewer(fan, "person"), token)
            await till.pay_page(DEFAULT_SPACE, sale)
            if whole:
                await _pay(app, sale)
                await till.paid(DEFAULT_SPACE, sale)

    begun = monotonic()
    await asyncio.gather(*map(buy, fans))
    return len(fans) * (SALES // 4) / (monotonic() - begun)


async def _pay(app: App, sale: UUID) -> None:
    assert app.sandbox is not None
    async with app.desk.read(DEFAULT_SPACE, OWNER) as store:
        found = await find_sale(store.session, sale)
    assert found is not None
    assert found.checkout is not None
    await app.sandbox.pay(found.checkout)


async def _begun(app: App, ana: UUID) -> Row:
    rate = await _at_once(app, await _token(app, ana, "Begun"), whole=False)
    path = f"purchases with their page to pay on, {BUYERS} at once, in process"
    return Row(path, "-", f"{rate:,.0f}/s", f"≥ {FEWEST:.0f}/s", rate >= FEWEST)


async def _whole(app: App, ana: UUID) -> Row:
    rate = await _at_once(app, await _token(app, ana, "Whole"), whole=True)
    path = "purchases paid on the sandbox's page, booked, delivered and told, in process"
    return Row(path, "-", f"{rate:,.0f}/s", "-", True)


async def _booked(app: App, owners: list[UUID], words: str) -> Row:
    """Sales by several at once, each fact in a transaction of its own."""
    product = [new_id()]

    async def buy(owner: UUID) -> None:
        for number in range(SALES):
            for fact in _sale(owner, number, product):
                async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
                    await post_all(store.session, [fact])

    begun = monotonic()
    await asyncio.gather(*(buy(owner) for owner in owners))
    rate = len(owners) * SALES / (monotonic() - begun)
    path = f"sales booked by {len(owners)} at once, {words}"
    return Row(path, "-", f"{rate:,.0f} sales/s", f"≥ {FEWEST:.0f} sales/s", rate >= FEWEST)


async def _stated(app: App, ana: UUID) -> list[Row]:
    """Statements of somebody with so many entries, and what it takes to work all out again."""
    products = [new_id() for _ in range(PRODUCTS)]
    facts = [fact for number in range(ENTRIES // 2) for fact in _sale(ana, number, products)]
    facts = [fact for fact in facts if fact.kind != "fee"]
    for start in range(0, len(facts), AT_ONCE):
        async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
            await post_all(store.session, facts[start : start + AT_ONCE])
    async with app.desk.database.write() as tx:
        await tx.run("ANALYZE postings")  # as the server itself does within a minute
    whole, page = list[float](), list[float]()
    for _ in range(TURNS):
        async with app.desk.read(DEFAULT_SPACE, OWNER) as store:
            ctx = Context(store, OWNER, DEFAULT_SPACE, app.deployment)
            begun = monotonic()
            await show_earnings_of(ctx, person=ana)
            middle = monotonic()
            await list_entries_of(ctx, person=ana, limit=200)
            whole.append((middle - begun) * 1_000)
            page.append((monotonic() - middle) * 1_000)
    begun = monotonic()
    async with app.desk.read(DEFAULT_SPACE, OWNER) as store:
        verdict = await verify(store.session, "sandbox")
    took = monotonic() - begun
    assert not verdict.faults, verdict.faults
    checked = f"{took:.1f} s for {verdict.entries:,} entries"
    return [
        _row(f"statement over {ENTRIES:,} entries", median(whole)),
        _row(f"a page of 200 of {ENTRIES:,} entries", median(page)),
        Row("the journal worked out again", "-", checked, "-", True),
    ]


async def _given(app: App, ana: UUID) -> Row:
    """Units of a token that has an end and is held by many, given one after the other, as whoever
    gives waits for the others anyway.
    """
    token = await _token(app, ana, "Held")
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        await store.update(token, Patch(properties={"totalSupply": 10**9}))
    people = [new_id() for _ in range(HOLDERS)]
    async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
        await store.session.tx.run(_PEOPLE, store.session.params(ids=people))
        await store.session.tx.run(_HOLD, store.session.params(ids=people, token=token))
        await store.session.tx.run(_COUNTED, store.session.params(token=token, many=HOLDERS))
    async with app.desk.database.write() as tx:
        await tx.run("ANALYZE connections")
    begun = monotonic()
    for person in people[:GIVEN]:
        async with app.desk.write(DEFAULT_SPACE, OWNER) as store:
            await store.move(Move(person, token, 1, "minted", {}))
    rate = GIVEN / (monotonic() - begun)
    path = f"units given of a token with an end that {HOLDERS:,} hold, one after the other"
    return Row(path, "-", f"{rate:,.0f}/s", f"≥ {FEWEST:.0f}/s", rate >= FEWEST)


_PEOPLE = (
    "INSERT INTO entities (space_id, id, type, name, status, visibility, seen, properties, search,"
    " version, created_at, updated_at) SELECT %(space)s, id, 'audience_member', 'A fan', 'active',"
    " 'private', 'private', '{}', '', 1, %(now)s, %(now)s FROM unnest(%(ids)s::uuid[]) AS t (id)"
)
_HOLD = (
    "INSERT INTO connections (space_id, id, type, from_id, to_id, slot, metadata, valid_from,"
    " version, created_at, updated_at, k1, n1) SELECT %(space)s, gen_random_uuid(), 'holds', id,"
    ' %(token)s, \'tokens\', \'{"assetType": "tokens", "amount": 1}\', %(now)s, 1, %(now)s,'
    " %(now)s, 'tokens', 1 FROM unnest(%(ids)s::uuid[]) AS t (id)"
)
_COUNTED = (
    "INSERT INTO supplies (space_id, token_id, part, units)"
    " VALUES (%(space)s, %(token)s, 0, %(many)s)"
)


def _row(path: str, took: float) -> Row:
    return Row(path, "-", f"{took:.0f} ms", f"< {SLOWEST:.0f} ms", took < SLOWEST)

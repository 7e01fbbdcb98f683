"""What Stripe's own tool sets off reaches our endpoint over HTTP: kept, answered, and booked where
it is a sale of ours. Where the tool isn't there, the same calls are made by Stripe's client.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import orjson
import pytest
import stripe

from one.app import App, build
from one.clock import monotonic, new_id
from one.domains import payments
from one.domains.payments import HOOK
from one.runtime import Context
from one.settings import read_settings
from one.store import DEFAULT_SPACE, Viewer
from one.store.journal import entries_of
from one.store.sales import Sale, find_sale
from tests.sandbox.conformance import signed
from tests.sandbox.served import STRIPE, Environ, client_at, serving
from tests.web.serving import served
from tests.world import World

pytestmark = pytest.mark.anyio
SECRET, CONNECT = "whsec_platform", "whsec_connect"
PRICE = 2_000
PAID = ["charge", "fee"]
WANTED: Mapping[str, tuple[str, list[str]]] = {
    "payment_intent.succeeded": ("completed", PAID),
    "charge.succeeded": ("completed", PAID),
    "charge.refunded": ("refunded", [*PAID, "refund"]),
    "charge.refund.updated": ("refunded", [*PAID, "refund"]),
    "charge.dispute.created": ("disputed", [*PAID, "dispute", "fee"]),
    "payment_intent.created": ("pending", []),
    "payment_intent.canceled": ("pending", []),
    "payment_intent.payment_failed": ("pending", []),
    "charge.failed": ("pending", []),
}
"""Of each trigger: how the sale stands, and what is booked of it."""
HEARD = {"charge.refund.updated": "refund.updated"}
"""What comes where it isn't the trigger's own name, which is of an older version."""
NOT_OURS = ("account.updated", "customer.created", "payout.created", "product.created")
CARDS = {
    "charge.dispute.created": "pm_card_createDispute",
    "payment_intent.payment_failed": "pm_card_visa_chargeDeclined",
    "charge.failed": "pm_card_visa_chargeDeclined",
}


@dataclass(frozen=True, slots=True)
class Ours:
    """ONE at a port, which takes a sandbox at another for Stripe; and a look into its database."""

    world: World
    app: App
    url: str
    sandbox: str
    home: Path
    ana: Viewer
    bo: Viewer

    async def sold(self) -> UUID:
        """Something of the price of the triggers that somebody is about to pay."""
        token = await self.world.thing(
            "token",
            by=self.ana,
            symbol=f"T{new_id().hex[-6:]}",
            status="active",
            price={"amount": PRICE, "currency": "usd"},
        )
        async with self.world.write(self.bo) as store:
            ctx = Context(store, self.bo, self.world.space, self.app.deployment)
            sale = (await payments.purchase(ctx, product=token.id)).id
        async with asyncio.timeout(30):
            await self._opened(sale)
        return sale

    async def _opened(self, sale: UUID) -> None:
        while (await self.sale(sale)).state == "initiated":  # noqa: ASYNC110 # another process
            await asyncio.sleep(0.05)

    async def sale(self, id: UUID) -> Sale:
        async with self.world.read() as store:
            found = await find_sale(store.session, id)
        assert found is not None
        return found

    async def booked(self, sale: UUID) -> list[str]:
        async with self.world.read() as store:
            entries = await entries_of(store.session, "test", sale=sale)
        return [one.entry.kind for one in entries]

    async def hints(self) -> dict[str, tuple[str, str, bytes, str]]:
        """What was told: of each event its type, how far it is looked at, and what it said."""
        async with self.world.desk.database.read(snapshot=False) as tx:
            rows = await tx.rows("SELECT id, type, status, body, account FROM payment_hints")
        return {str(id): (str(t), str(s), orjson.dumps(b), str(a)) for id, t, s, b, a in rows}

    async def heard(self, event: str, before: frozenset[str]) -> frozenset[str]:
        """The new events, once this one is there and all of them are looked at."""
        until = monotonic() + 30
        while monotonic() < until:
            new = {id: told for id, told in (await self.hints()).items() if id not in before}
            types = {told[0] for told in new.values()}
            if HEARD.get(event, event) in types and all(told[1] != "new" for told in new.values()):
                return frozenset(new)
            await asyncio.sleep(0.1)
        raise AssertionError(f"{event} didn't come, or isn't looked at")

    async def trigger(self, event: str, sale: UUID | None = None) -> None:
        """Has it happen, to what is of this sale."""
        facts = {"sale": str(sale), "space": str(self.world.space)} if sale else {}
        if STRIPE is None:
            async with client_at(self.sandbox) as client:
                await by_hand(client, event, facts)
            return
        more = [f"payment_intent:metadata[{name}]={value}" for name, value in facts.items()]
        command = [STRIPE, "trigger", event, "--api-base", self.sandbox]
        if sale is not None:
            command += ["--override", f"payment_intent:amount={PRICE}"]
        if event in CARDS:
            command += ["--override", f"payment_intent:payment_method={CARDS[event]}"]
        command += [word for one in more for word in ("--add", one)]
        done = await asyncio.to_thread(
            subprocess.run,
            [*command, "--api-key", "sk_test_123456789012345"],
            env={**os.environ, "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    async def post(self, body: bytes, *, secret: str = SECRET) -> int:
        headers = {"stripe-signature": signed(body, secret), "content-type": "application/json"}
        async with httpx.AsyncClient(base_url=self.url) as client:
            return (await client.post(HOOK, content=body, headers=headers)).status_code


async def by_hand(client: stripe.StripeClient, event: str, facts: Mapping[str, str]) -> None:
    """The calls that Stripe's tool would make."""
    match event:
        case "customer.created":
            await client.v1.customers.create_async({})
        case "product.created":
            await client.v1.products.create_async({"name": "A thing"})
        case "account.updated":
            made = await client.v1.accounts.create_async({"country": "US", "type": "custom"})
            await client.v1.accounts.update_async(made.id, {"metadata": {"a": "b"}})
        case "payout.created":
            await _pay(client, "pm_card_bypassPending", facts)
            await client.v1.payouts.create_async({"amount": 1_100, "currency": "usd"})
        case "payment_intent.created" | "payment_intent.canceled":
            made = await client.v1.payment_intents.create_async(
                {"amount": PRICE, "currency": "usd", "metadata": dict(facts)}
            )
            if event == "payment_intent.canceled":
                await client.v1.payment_intents.cancel_async(made.id)
        case _:
            paid = await _pay(client, CARDS.get(event, "pm_card_visa"), facts)
            if event in ("charge.refunded", "charge.refund.updated"):
                refund = await client.v1.refunds.create_async({"payment_intent": paid})
                if event == "charge.refund.updated":
                    await client.v1.refunds.update_async(refund.id, {"metadata": {"a": "b"}})


async def _pay(client: stripe.StripeClient, card: str, facts: Mapping[str, str]) -> str:
    try:
        made = await client.v1.payment_intents.create_async(
            {
                "amount": PRICE,
                "currency": "usd",
                "payment_method": card,
                "confirm": True,
                "metadata": dict(facts),
            }
        )
    except stripe.CardError:
        return ""
    return made.id


@asynccontextmanager
async def opened(environ: Environ, sandbox: str, home: Path) -> AsyncGenerator[Ours]:
    settings = {
        "ONE_DEMO": "false",
        "ONE_SCHEMA": environ["ONE_SCHEMA"],
        "ONE_STRIPE_KEY": "sk_test_sandbox",
        "ONE_STRIPE_URL": sandbox,
        "ONE_STRIPE_WEBHOOK_SECRETS": f"{SECRET},{CONNECT}",
    }
    async with (
        served(environ["ONE_DATABASE_URL"], home, settings=settings) as server,
        build(read_settings({**environ, **settings})) as app,
        httpx.AsyncClient(base_url=sandbox, headers={"authorization": "Bearer sk_test_1"}) as hand,
    ):
        for connect, secret in ((False, SECRET), (True, CONNECT)):
            asked = {"url": f"{server.url}{HOOK}", "connect": connect, "secret": secret}
            answer = await hand.post("/_sandbox/control/listen", json=asked)
            assert answer.status_code == 200, answer.text
        world = World(app.deployment.desk, DEFAULT_SPACE)
        ana, bo = await world.person(), await world.person("audience_member", "Bo")
        yield Ours(world, app, server.url, sandbox, home, ana, bo)


async def test_whatever_is_triggered_is_kept_answered_and_booked_once(
    environ: Environ, tmp_path: Path
) -> None:
    with serving(environ) as (sandbox, _):
        async with opened(environ, sandbox, tmp_path) as ours:
            for event in NOT_OURS:
                before = frozenset(await ours.hints())
                await ours.trigger(event)
                await ours.heard(event, before)
            sales: dict[UUID, str] = {}
            for event in WANTED:
                before = frozenset(await ours.hints())
                sale = await ours.sold()
                await ours.trigger(event, sale)
                await ours.heard(event, before)
                sales[sale] = event
            await stands(ours, sales)
            await told_again(ours)
            await stands(ours, sales)


async def stands(ours: Ours, sales: Mapping[UUID, str]) -> None:
    """Each sale is as its trigger left it, and nothing else is booked."""
    for sale, event in sales.items():
        found = ((await ours.sale(sale)).state, sorted(await ours.booked(sale)))
        assert (event, *found) == (event, WANTED[event][0], sorted(WANTED[event][1]))
    async with ours.world.read() as store:
        record = await store.session.tx.row(
            "SELECT count(*) FROM journal WHERE sale_id IS NULL OR sale_id <> ALL(%(sales)s)",
            {"sales": list(sales)},
        )
    assert record == (0,)


async def told_again(ours: Ours) -> None:
    """Everything once more, and as an event of another id; a stranger's word isn't kept."""
    known = await ours.hints()
    assert {told[1] for told in known.values()} <= {"done", "early"}
    for id, (_, _, body, account) in known.items():
        secret = CONNECT if account else SECRET
        assert await ours.post(body, secret=secret) == 204
        assert await ours.post(body.replace(id.encode(), f"{id}x".encode()), secret=secret) == 204
        assert await ours.post(body, secret="whsec_strangers") == 422
    until = monotonic() + 30
    while any(told[1] == "new" for told in (await ours.hints()).values()):
        assert monotonic() < until
        await asyncio.sleep(0.1)
    assert (await ours.hints()).keys() == known.keys() | {f"{id}x" for id in known}

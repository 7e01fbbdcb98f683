"""Whether Stripe does as ONE takes for granted: `ONE_STRIPE_KEY=sk_test_… make verify-stripe`.

Each line is something that ONE relies on, asked of Stripe by ONE's own client and a key of its test
mode. Nothing but test objects is left there. The sandbox passes the same, at ONE_STRIPE_URL.
"""

import asyncio
import hashlib
import hmac
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import click
import orjson
import stripe
from stripe.params import AccountCreateParams

from one.clock import Clock, monotonic, new_id
from one.errors import Invalid, OneError, Outside
from one.providers.stripe.cashier import Cashier, Charge, Order, Person, Sent
from one.providers.stripe.client import Client
from one.providers.stripe.network import Network
from one.providers.stripe.payments import over_network
from one.settings import Settings, read_settings

FoundT = TypeVar("FoundT")
PATIENCE = 120.0  # seconds until what Stripe does in its own time has to be done
GROSS, SHARE, BACK, REVERSED = 2_000, 1_500, 500, 300
# Stripe publishes these values for accounts of its test mode, which it then believes at once.
SELLER: AccountCreateParams = {
    "country": "US",
    "controller": {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "requirement_collection": "application",
        "stripe_dashboard": {"type": "none"},
    },
    "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
    "business_type": "individual",
    "business_profile": {"mcc": "5734", "url": "https://accessible.stripe.com"},
    "individual": {
        "first_name": "Jenny",
        "last_name": "Rosen",
        "email": "jenny@example.com",
        "phone": "0000000000",
        "dob": {"day": 1, "month": 1, "year": 1901},
        "address": {
            "line1": "address_full_match",
            "city": "South San Francisco",
            "state": "CA",
            "postal_code": "94080",
        },
        "id_number": "000000000",
        "ssn_last_4": "0000",
    },
    "external_account": "btok_us",
    "tos_acceptance": {"date": 1_700_000_000, "ip": "192.0.2.1"},
}


class Otherwise(Exception):
    """Stripe does something else than ONE takes for granted."""


@dataclass
class Trial:
    """What is tried, one thing after the other; each needs what those before it left here."""

    client: stripe.StripeClient
    cashier: Cashier
    clock: Clock
    run: str = field(default_factory=lambda: f"verify-{new_id().hex}")
    secret: str = "whsec_ones_own"
    account: str = ""
    charge: Charge | None = None
    transfer: str = ""

    @property
    def facts(self) -> Mapping[str, str]:
        return {"sale": str(new_id()), "space": str(new_id())}

    @property
    def paid(self) -> Charge:
        return needed(self.charge, "the charge")

    async def a_key_of_the_test_mode_is_let_in(self) -> str:
        balance = await self.client.v1.balance.retrieve_async()
        expect(balance.livemode, False)
        platform = await self.client.v1.accounts.retrieve_current_async()
        return f"a platform in {platform.country}"

    async def a_checkout_is_made_once_and_closed(self) -> str:
        order = Order(
            title="A course",
            quantity=2,
            unit_price=GROSS,
            currency="usd",
            email="buyer@example.com",
            expires_at=self.clock.now() + timedelta(hours=23),
            success_url="https://one.example/done",
            cancel_url="https://one.example/back",
            facts=self.facts,
        )
        page = await self.cashier.open_checkout(order, key=f"{self.run}:checkout")
        again = await self.cashier.open_checkout(order, key=f"{self.run}:checkout")
        expect((again.id, page.status, page.paid), (page.id, "open", False))
        expect((await self.cashier.checkout(page.id)).url, page.url)
        closed = await self.cashier.expire_checkout(page.id, key=f"{self.run}:expire")
        expect(closed.status, "expired")
        return page.id

    async def a_payment_comes_with_its_fee_and_our_facts(self) -> str:
        facts = self.facts
        intent = await self.client.v1.payment_intents.create_async(
            {
                "amount": GROSS,
                "currency": "usd",
                "payment_method": "pm_card_bypassPending",
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "confirm": True,
                "metadata": dict(facts),
                "transfer_group": facts["sale"],
            },
            {"idempotency_key": f"{self.run}:pay"},
        )
        charge = await self.cashier.charge_of(intent.id)
        self.charge = needed(charge, "the charge of a payment")
        expect((self.paid.paid, self.paid.amount, dict(self.paid.facts)), (True, GROSS, facts))
        fee = needed(self.paid.fee, "the fee of a charge")
        return f"{self.paid.id}, {fee} of {GROSS} are the fee"

    async def a_declined_card_takes_no_money(self) -> str:
        try:
            await self.client.v1.payment_intents.create_async(
                {
                    "amount": GROSS,
                    "currency": "usd",
                    "payment_method": "pm_card_chargeDeclined",
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "confirm": True,
                },
                {"idempotency_key": f"{self.run}:declined"},
            )
        except stripe.CardError as error:
            expect(error.code, "card_declined")
            return str(error.code)
        raise Otherwise("a card that is to be declined paid")

    async def a_person_is_led_to_the_onboarding(self) -> str:
        person = Person("seller@example.com", "US", {"person": str(new_id())})
        opened = await self.cashier.open_account(person, key=f"{self.run}:account")
        again = await self.cashier.open_account(person, key=f"{self.run}:account")
        expect((again.id, opened.ready), (opened.id, False))
        expect(bool(opened.missing), True)
        back = "https://one.example/pay/onboarding"
        link = await self.cashier.onboarding(opened.id, back=back, again=back)
        expect(link.startswith("http"), True)
        return opened.id

    async def an_account_of_which_all_is_known_takes_transfers(self) -> str:
        made = await self.client.v1.accounts.create_async(
            SELLER, {"idempotency_key": f"{self.run}:seller"}
        )

        async def ready() -> str | None:
            found = await self.cashier.account(made.id)
            return found.id if found.ready else None

        self.account = await in_time(ready, "the account doesn't take transfers")
        return self.account

    async def a_transfer_out_of_the_charge_is_made_once(self) -> str:
        sent = Sent(self.account, self.paid.id, SHARE, "usd", self.run, self.facts)
        self.transfer = await self.cashier.transfer(sent, key=f"{self.run}:transfer")
        expect(await self.cashier.transfer(sent, key=f"{self.run}:transfer"), self.transfer)
        return self.transfer

    async def more_than_the_charge_is_not_sent(self) -> str:
        sent = Sent(self.account, self.paid.id, GROSS, "usd", self.run, self.facts)
        return await self._refused(self.cashier.transfer(sent, key=f"{self.run}:more"))

    async def the_same_key_for_something_else_is_refused(self) -> str:
        sent = Sent(self.account, self.paid.id, SHARE + 1, "usd", self.run, self.facts)
        return await self._refused(self.cashier.transfer(sent, key=f"{self.run}:transfer"))

    async def a_refund_leaves_the_transfer_alone(self) -> str:
        made = await self.cashier.refund(self.paid.id, BACK, key=f"{self.run}:refund")
        seen = await self.cashier.charge(self.paid.id)
        expect([(one.id, one.amount) for one in seen.refunds], [(made.id, BACK)])
        known = await self.client.v1.transfers.retrieve_async(self.transfer)
        expect(known.amount_reversed, 0)
        return made.id

    async def a_transfer_is_reversed_in_part_and_once(self) -> str:
        key = f"{self.run}:reversal"
        made = await self.cashier.reverse(self.transfer, REVERSED, key=key)
        expect(await self.cashier.reverse(self.transfer, REVERSED, key=key), made)
        known = await self.client.v1.transfers.retrieve_async(self.transfer)
        expect(known.amount_reversed, REVERSED)
        return made

    async def a_balance_says_what_the_account_has(self) -> str:
        theirs: stripe.RequestOptions = {"stripe_account": self.account}
        found = await self.client.v1.balance.retrieve_async(options=theirs)
        parts = (*found.available, *found.pending)
        expect(sum(one.amount for one in parts if one.currency == "usd"), SHARE - REVERSED)
        expect("usd" in await self.cashier.balance(), True)
        return f"{SHARE - REVERSED} of {SHARE} are left"

    async def events_tell_of_it(self) -> str:
        since = self.clock.now() - timedelta(minutes=15)

        async def told() -> str | None:
            events = await self.cashier.events(since)
            found = {one.type for one in events if self.paid.id in orjson.dumps(one.body).decode()}
            return ", ".join(sorted(found)) if "charge.succeeded" in found else None

        return await in_time(told, "nothing tells of the charge")

    async def a_webhook_has_a_secret_that_signs(self) -> str:
        endpoint = await self.client.v1.webhook_endpoints.create_async(
            {
                "url": "https://one.example/api/payments/webhooks/stripe",
                "enabled_events": ["charge.succeeded"],
            }
        )
        try:
            client = Client("", http=None, secrets=[needed(endpoint.secret, "the secret")])
            body = orjson.dumps(
                {"id": "evt_1", "type": "x.y", "created": 1, "data": {"object": {"id": "ch_1"}}}
            )
            expect(client.told(body, signed(body, str(endpoint.secret))).about, "ch_1")
            try:
                client.told(body + b" ", signed(body, str(endpoint.secret)))
            except Invalid:
                return endpoint.id
            raise Otherwise("what was tampered with is taken")
        finally:
            await self.client.v1.webhook_endpoints.delete_async(endpoint.id)

    async def _refused(self, call: Awaitable[str]) -> str:
        try:
            made = await call
        except Outside as error:
            expect((error.outcome, error.retryable), ("not_done", False))
            return error.message
        raise Otherwise(f"it was made: {made}")

    def steps(self) -> list[Callable[[], Awaitable[str]]]:
        return [
            self.a_key_of_the_test_mode_is_let_in,
            self.a_checkout_is_made_once_and_closed,
            self.a_payment_comes_with_its_fee_and_our_facts,
            self.a_declined_card_takes_no_money,
            self.a_person_is_led_to_the_onboarding,
            self.an_account_of_which_all_is_known_takes_transfers,
            self.a_transfer_out_of_the_charge_is_made_once,
            self.more_than_the_charge_is_not_sent,
            self.the_same_key_for_something_else_is_refused,
            self.a_refund_leaves_the_transfer_alone,
            self.a_transfer_is_reversed_in_part_and_once,
            self.a_balance_says_what_the_account_has,
            self.events_tell_of_it,
            self.a_webhook_has_a_secret_that_signs,
        ]


def expect(found: FoundT, wanted: FoundT) -> None:
    """Raises Otherwise."""
    if found != wanted:
        raise Otherwise(f"{found!r} where {wanted!r} is expected")


def needed(found: FoundT | None, what: str) -> FoundT:
    """Raises Otherwise."""
    if found is None:
        raise Otherwise(f"{what} isn't there")
    return found


async def in_time(look: Callable[[], Awaitable[str | None]], otherwise: str) -> str:
    """What is seen within a while. Raises Otherwise."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(1)
    raise Otherwise(f"{otherwise} after {PATIENCE:.0f} seconds")


def signed(body: bytes, secret: str) -> str:
    """As Stripe signs what it posts."""
    at = int(time.time())
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


async def tried(settings: Settings) -> int:
    """How many of the steps fail."""
    key = settings.stripe_key.get_secret_value()
    payments = over_network(key, (), url=settings.stripe_url)
    network = Network()
    client = stripe.StripeClient(
        key,
        http_client=network,
        max_network_retries=0,
        base_addresses={"api": settings.stripe_url} if settings.stripe_url else {},
    )
    trial, failed = Trial(client, payments.cashier, Clock()), 0
    try:
        for step in trial.steps():
            name = step.__name__.replace("_", " ")
            try:
                click.echo(f"ok     {name}: {await step()}")
            except (Otherwise, OneError, stripe.StripeError) as error:
                failed += 1
                click.echo(f"FAILS  {name}: {error}")
    finally:
        await network.close_async()
        await payments.close()
    return failed


def main() -> None:
    settings = read_settings()
    key = settings.stripe_key.get_secret_value()
    if not key.startswith(("sk_test_", "rk_test_")):
        said = "that is no key of a test mode" if key else "there is none"
        click.echo(
            f"This needs a key of Stripe's test mode in ONE_STRIPE_KEY, and {said}. It begins with"
            " sk_test_ and is at dashboard.stripe.com/test/apikeys, of an account with Connect"
            " turned on. No live money is ever moved here.",
            err=True,
        )
        sys.exit(2)
    try:
        failed = asyncio.run(tried(settings))
    except OneError as error:
        click.echo(f"{error.message} {error.cure}", err=True)
        sys.exit(2)
    click.echo("Stripe does as ONE takes for granted." if not failed else f"{failed} fail.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

"""Events reach those who listen: signed, at least once, and again when they weren't taken."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import stripe
from stripe import StripeClient

from one.providers.base import Sent
from one.sandbox import Sandbox
from tests.sandbox.sales import course, seller, sold
from tests.world import World

pytestmark = pytest.mark.anyio
HOOK = "https://one.example/hook"


@dataclass
class Receiver:
    """Who is told."""

    takes: bool = True
    came: list[tuple[str, bytes, str]] = field(default_factory=list[tuple[str, bytes, str]])

    async def __call__(self, event: Sent) -> bool:
        assert event.headers is not None
        assert event.content is not None
        self.came.append((event.url, event.content, event.headers["stripe-signature"]))
        return self.takes

    def types(self, secret: str) -> list[str]:
        events = [
            stripe.Webhook.construct_event(body, signature, secret)
            for _, body, signature in self.came
        ]
        return [event.type for event in events]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def sandbox(world: World, receiver: Receiver) -> Sandbox:
    return Sandbox(world.desk.database, world.desk.clock, space=world.space, post=receiver)


SALE = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


async def test_who_listens_is_told_in_order_and_once(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    secret = await sandbox.listen(HOOK)
    assert await sandbox.listen(HOOK) == secret
    await sold(sandbox, client)
    assert (await client.v1.events.list_async()).data[0].pending_webhooks == 1
    assert await sandbox.deliver() == 4
    assert receiver.types(secret) == SALE
    assert await sandbox.deliver() == 0
    assert (await client.v1.events.list_async()).data[0].pending_webhooks == 0


async def test_what_was_tampered_with_or_is_old_is_told(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    secret = await sandbox.listen(HOOK, secret="whsec_one")
    assert secret == "whsec_one"
    await sold(sandbox, client)
    await sandbox.deliver()
    _, body, signature = receiver.came[0]
    for wrong in (body.replace(b"10000", b"10001"), body + b" "):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(wrong, signature, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_two")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, secret, tolerance=-1)


async def test_what_was_not_taken_comes_again_later(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    secret, receiver.takes = await sandbox.listen(HOOK, ("charge.succeeded",)), False
    await sold(sandbox, client)
    await sandbox.deliver()
    assert len(receiver.came) == 1
    await sandbox.deliver()
    assert len(receiver.came) == 1
    receiver.takes = True
    await sandbox.advance(timedelta(seconds=11))
    assert await sandbox.deliver() == 1
    assert receiver.types(secret) == ["charge.succeeded"] * 2


async def test_who_never_takes_it_is_left_alone_after_three_days(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    await sandbox.listen(HOOK, ("charge.succeeded",))
    receiver.takes = False
    await sold(sandbox, client)
    for _ in range(20):
        await sandbox.deliver()
        await sandbox.advance(timedelta(hours=12))
    assert 5 < len(receiver.came) < 9


async def test_events_come_twice_or_the_wrong_way_round(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    secret = await sandbox.listen(HOOK)
    await sandbox.disturb(duplicates=True, disorder=True)
    await sold(sandbox, client)
    await sandbox.deliver()
    assert receiver.types(secret) == [type for type in reversed(SALE) for _ in range(2)]
    await sandbox.heal()
    receiver.came.clear()
    await client.v1.customers.create_async({"name": "Bo"})
    await sandbox.deliver()
    assert receiver.types(secret) == ["customer.created"]


async def test_connected_accounts_are_told_of_apart(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    await sandbox.listen("https://one.example/ours")
    secret = await sandbox.listen("https://one.example/theirs", connect=True)
    ana = await seller(sandbox, client)
    await sandbox.deliver()
    assert [url for url, _, _ in receiver.came] == ["https://one.example/theirs"]
    event = stripe.Webhook.construct_event(*receiver.came[0][1:], secret)
    assert (event.type, event.account) == ("account.updated", ana)


async def test_endpoints_are_made_and_unmade_by_the_api(
    sandbox: Sandbox, client: StripeClient, receiver: Receiver
) -> None:
    made = await client.v1.webhook_endpoints.create_async(
        {"url": HOOK, "enabled_events": ["checkout.session.completed"]}
    )
    assert made.secret is not None
    listed = (await client.v1.webhook_endpoints.list_async()).data
    assert [(each.id, getattr(each, "secret", None)) for each in listed] == [(made.id, None)]
    await client.v1.webhook_endpoints.update_async(made.id, {"enabled_events": ["*"]})
    session = await client.v1.checkout.sessions.create_async(course())
    await client.v1.checkout.sessions.expire_async(session.id)
    await sandbox.deliver()
    assert receiver.types(made.secret) == ["checkout.session.expired"]
    await client.v1.webhook_endpoints.delete_async(made.id)
    await sold(sandbox, client)
    assert await sandbox.deliver() == 0


async def test_missed_events_are_listed(sandbox: Sandbox, client: StripeClient) -> None:
    await sold(sandbox, client)
    created = (await client.v1.events.list_async({"limit": 1})).data[0].created
    await sandbox.advance(timedelta(hours=1))
    await sold(sandbox, client)
    late = await client.v1.events.list_async({"created": {"gt": created + 60}})
    assert len(late.data) == 4
    some = await client.v1.events.list_async({"types": ["charge.succeeded", "charge.failed"]})
    assert [event.type for event in some.data] == ["charge.succeeded"] * 2
    one = await client.v1.events.retrieve_async(some.data[0].id)
    assert one.data.object["object"] == "charge"

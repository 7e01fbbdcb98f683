"""What tests sell: a session, its charge, and those who get a share of it."""

import stripe
from stripe import StripeClient
from stripe.params import AccountCreateParams, TransferCreateParams
from stripe.params.checkout import SessionCreateParams

from one.sandbox import Sandbox

SELLER: AccountCreateParams = {
    "country": "US",
    "controller": {"stripe_dashboard": {"type": "express"}},
    "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
}


def course(amount: int = 10_000) -> SessionCreateParams:
    return {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": "usd",
                    "unit_amount": amount,
                    "product_data": {"name": "A course"},
                },
                "quantity": 1,
            }
        ],
        "success_url": "https://one.example/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://one.example/",
        "metadata": {"sale": "s1"},
        "payment_intent_data": {"metadata": {"sale": "s1"}, "transfer_group": "s1"},
    }


async def sold(sandbox: Sandbox, client: StripeClient, amount: int = 10_000) -> stripe.Charge:
    """The charge of a session that was paid."""
    session = await client.v1.checkout.sessions.create_async(course(amount))
    await sandbox.pay(session.id)
    paid = await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert isinstance(paid.payment_intent.latest_charge, stripe.Charge)
    return paid.payment_intent.latest_charge


async def seller(sandbox: Sandbox, client: StripeClient) -> str:
    made = await client.v1.accounts.create_async(SELLER)
    await sandbox.onboard(made.id)
    return made.id


def share(charge: stripe.Charge, to: str, amount: int) -> TransferCreateParams:
    return {
        "amount": amount,
        "currency": "usd",
        "destination": to,
        "source_transaction": charge.id,
        "transfer_group": "s1",
    }

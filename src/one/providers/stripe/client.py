"""Stripe's own client, for what ONE asks of it: one-off payments, and transfers to people.

Loaded with the first call: its package takes a third of a second.
"""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeVar, cast

import orjson
import stripe
from pydantic import JsonValue
from stripe.params import (
    AccountCreateParams,
    ChargeRetrieveParams,
    PaymentIntentCreateParams,
    TransferCreateParams,
)
from stripe.params.checkout import SessionCreateParams

from one.errors import Invalid, Outside, ShutOut
from one.providers.base import Faults, busy, refused, unclear
from one.providers.stripe.cashier import (
    Account,
    CardDeclined,
    Charge,
    Checkout,
    Disputed,
    Order,
    Payout,
    Person,
    Refunded,
    Sent,
    Taken,
    Told,
)

_WAITS = 300  # seconds for which a signature is good
_TITLE = "Stripe"
_TENTHS = {"isk", "ugx"}  # kept without decimals, spoken of with two
_CHARGE = ["balance_transaction", "refunds"]
_GONE = ("failed", "canceled")
ResultT = TypeVar("ResultT")
MarkedT = TypeVar("MarkedT", stripe.Charge, stripe.Refund, stripe.Transfer, stripe.TransferReversal)


class Spent(Outside):
    """Stripe broke at a call and answers so to its key from now on, whether it was done or not."""


class Client:
    """`secrets` sign what Stripe tells us: several while one is being replaced. `url`: where a
    sandbox is, in Stripe's place. `faults` strike what moves a buyer's money.
    """

    def __init__(
        self,
        key: str,
        *,
        http: stripe.HTTPClient | None,
        secrets: Sequence[str],
        url: str = "",
        faults: Faults | None = None,
    ) -> None:
        self._stripe = stripe.StripeClient(
            key,
            http_client=http,
            max_network_retries=0,
            base_addresses={"api": url} if url else {},
        )
        self._http = http
        self._secrets = secrets
        self._faults = faults or Faults()

    async def open_checkout(self, order: Order, *, key: str) -> Checkout:
        facts = dict(order.facts)
        params: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": facts["sale"],
            "line_items": [
                {
                    "quantity": order.quantity,
                    "price_data": {
                        "currency": order.currency,
                        "unit_amount": _outgoing(order.unit_price, order.currency),
                        "product_data": {"name": order.title},
                    },
                }
            ],
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "expires_at": int(order.expires_at.timestamp()),
            "metadata": facts,
            "payment_intent_data": {"metadata": facts, "transfer_group": facts["sale"]},
        }
        if order.email:
            params["customer_email"] = order.email
        try:
            return _checkout(
                await _asked(self._stripe.v1.checkout.sessions.create_async(params, _keyed(key)))
            )
        except Spent as error:
            raise _anew(error) from error

    async def checkout(self, id: str) -> Checkout:
        return _checkout(await _asked(self._stripe.v1.checkout.sessions.retrieve_async(id)))

    async def expire_checkout(self, id: str, *, key: str) -> Checkout:
        sessions = self._stripe.v1.checkout.sessions
        try:
            return _checkout(await _asked(sessions.expire_async(id, {}, _keyed(key))))
        except Spent as error:
            raise _anew(error) from error

    async def charge_of(self, intent: str) -> Charge | None:
        expand = [f"latest_charge.{name}" for name in _CHARGE]
        found = await _asked(
            self._stripe.v1.payment_intents.retrieve_async(intent, {"expand": expand})
        )
        latest = found.latest_charge
        return await self._whole(latest) if isinstance(latest, stripe.Charge) else None

    async def charge(self, id: str) -> Charge:
        params: ChargeRetrieveParams = {"expand": _CHARGE}
        return await self._whole(await _asked(self._stripe.v1.charges.retrieve_async(id, params)))

    async def _whole(self, found: stripe.Charge) -> Charge:
        """A charge with the disputes about it."""
        if not found.disputed:
            return _charge(found, ())
        listed = await _asked(self._stripe.v1.disputes.list_async({"charge": found.id}))
        return _charge(found, listed.data)

    async def take(self, taken: Taken, *, key: str) -> Charge:
        params: PaymentIntentCreateParams = {
            "amount": _outgoing(taken.amount, taken.currency),
            "currency": taken.currency,
            "payment_method": taken.method,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "confirm": True,
            "off_session": True,
            "description": taken.title,
            "metadata": {**taken.facts, "call": key},
            "transfer_group": taken.facts["sale"],
        }
        try:
            async with self._faults.striking("stripe", "charge"):
                made = await _asked(
                    self._stripe.v1.payment_intents.create_async(params, _keyed(key))
                )
        except Outside as error:
            if not _leaves_open(error):
                raise
            listed = await _asked(
                self._stripe.v1.charges.list_async(
                    {"transfer_group": taken.facts["sale"], "limit": 100}
                )
            )
            paid = [one for one in listed.data if one.paid]
            return await self.charge(_done(paid, key, error).id)
        charge = await self.charge_of(made.id)
        if charge is None or not charge.paid:
            raise refused(f"{_TITLE} can't take this at once: it says “{made.status}”.")
        return charge

    async def refund(self, charge: str, amount: int, *, key: str) -> Refunded:
        try:
            async with self._faults.striking("stripe", "refund"):
                return await self._refund(charge, amount, key=key)
        except Outside as error:
            if not _leaves_open(error):
                raise
            listed = await _asked(
                self._stripe.v1.refunds.list_async({"charge": charge, "limit": 100})
            )
            return _refund(_done(listed.data, key, error))

    async def _refund(self, charge: str, amount: int, *, key: str) -> Refunded:
        found = await self.charge(charge)
        wire = _outgoing(amount, found.currency)
        made = await _asked(
            self._stripe.v1.refunds.create_async(
                {"charge": charge, "amount": wire, "metadata": {"call": key}}, _keyed(key)
            )
        )
        return _refund(made)

    async def transfer(self, sent: Sent, *, key: str) -> str:
        params: TransferCreateParams = {
            "amount": _outgoing(sent.amount, sent.currency),
            "currency": sent.currency,
            "destination": sent.account,
            "transfer_group": sent.group,
            "metadata": {**sent.facts, "call": key},
        }
        if sent.charge is not None:
            params["source_transaction"] = sent.charge
        try:
            return (await _asked(self._stripe.v1.transfers.create_async(params, _keyed(key)))).id
        except Spent as error:
            listed = await _asked(
                self._stripe.v1.transfers.list_async({"transfer_group": sent.group, "limit": 100})
            )
            return _done(listed.data, key, error).id

    async def reverse(self, transfer: str, amount: int, *, key: str) -> str:
        known = await _asked(self._stripe.v1.transfers.retrieve_async(transfer))
        wire = _outgoing(amount, known.currency)
        reversals = self._stripe.v1.transfers.reversals
        try:
            made = await _asked(
                reversals.create_async(
                    transfer, {"amount": wire, "metadata": {"call": key}}, _keyed(key)
                )
            )
        except Spent as error:
            listed = await _asked(reversals.list_async(transfer, {"limit": 100}))
            return _done(listed.data, key, error).id
        return made.id

    async def open_account(self, person: Person, *, key: str) -> Account:
        params: AccountCreateParams = {
            "country": person.country,
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {
                "transfers": {"requested": True},
                "card_payments": {"requested": True},
            },
            "metadata": dict(person.facts),
        }
        if person.email:
            params["email"] = person.email
        try:
            return _account(
                await _asked(self._stripe.v1.accounts.create_async(params, _keyed(key)))
            )
        except Spent as error:
            raise _anew(error) from error

    async def account(self, id: str) -> Account:
        return _account(await _asked(self._stripe.v1.accounts.retrieve_async(id)))

    async def onboarding(self, account: str, *, back: str, again: str) -> str:
        link = await _asked(
            self._stripe.v1.account_links.create_async(
                {
                    "account": account,
                    "type": "account_onboarding",
                    "return_url": back,
                    "refresh_url": again,
                }
            )
        )
        return link.url

    async def payout(self, account: str, id: str) -> Payout:
        found = await _asked(
            self._stripe.v1.payouts.retrieve_async(id, {}, {"stripe_account": account})
        )
        amount = _incoming(found.amount, found.currency)
        status = cast("Payout", found).status
        return Payout(found.id, amount, found.currency, status)

    async def balance(self, *, account: str = "") -> Mapping[str, int]:
        options: stripe.RequestOptions = {"stripe_account": account} if account else {}
        found = await _asked(self._stripe.v1.balance.retrieve_async({}, options))
        total: dict[str, int] = {}
        for part in (*found.available, *found.pending):
            amount = _incoming(part.amount, part.currency)
            total[part.currency] = total.get(part.currency, 0) + amount
        return total

    async def events(self, since: datetime, *, account: str = "") -> Sequence[Told]:
        options: stripe.RequestOptions = {"stripe_account": account} if account else {}
        found = await _asked(
            self._stripe.v1.events.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}, options
            )
        )
        events = [event async for event in found.auto_paging_iter()]
        told = (cast("dict[str, JsonValue]", event.to_dict()) for event in reversed(events))
        return [_told(event if not account else {"account": account, **event}) for event in told]

    def told(self, body: bytes, signature: str) -> Told:
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(body, signature, secret, _WAITS)  # pyright: ignore[reportUnknownMemberType] # its tolerance is untyped
                return _told(cast("dict[str, JsonValue]", orjson.loads(body)))
            except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError):
                continue
        raise Invalid(
            "This wasn't signed for us, or too long ago.",
            cure="Check the secret of the webhook endpoint: ONE_STRIPE_WEBHOOK_SECRETS.",
        )

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close_async()


def _keyed(key: str) -> stripe.RequestOptions:
    return {"idempotency_key": key}


async def _asked(call: Awaitable[ResultT]) -> ResultT:
    """The answer of a call. Raises CardDeclined, Outside."""
    try:
        return await call
    except stripe.CardError as error:
        code = str(error.code or "declined").replace("_", " ")
        raise CardDeclined(
            f"The card was declined: {code}.",
            cure="Pay with another card.",
            outcome="not_done",
            retryable=False,
        ) from error
    except stripe.RateLimitError as error:
        raise busy(f"{_TITLE} has too much to do.") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise ShutOut(
            f"{_TITLE} doesn't let this deployment in.",
            cure="Whoever runs the deployment should look at ONE_STRIPE_KEY.",
        ) from error
    except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        said = (error.user_message or str(error)).strip()
        details: dict[str, JsonValue] = {"code": str(error.code or "")}
        raise refused(f"{_TITLE} refuses: {said}", details=details) from error
    except stripe.APIConnectionError as error:
        raise unclear(f"{_TITLE} was asked, and its answer got lost.") from error
    except stripe.StripeError as error:
        broke = f"{_TITLE} broke ({error.http_status})."
        raise Spent(broke, outcome="unknown", retryable=True) from error


def _leaves_open(error: Outside) -> bool:
    """Whether it says nothing of the tries before, by the same key: Stripe broke, or refuses."""
    return isinstance(error, Spent) or (error.outcome == "not_done" and not error.retryable)


def _done(listed: Sequence[MarkedT], key: str, error: Outside) -> MarkedT:
    """Of all that was made, what this key made. Raises Outside: it wasn't, and a key is spent by
    which Stripe broke.
    """
    for one in listed:
        if one.metadata is not None and one.metadata.to_dict().get("call") == key:
            return one
    raise _anew(error) if isinstance(error, Spent) else error


def _anew(error: Spent) -> Outside:
    """What was never done, or does no harm when it is done twice: by another key."""
    details: dict[str, JsonValue] = {"spent": True}
    return Outside(error.message, outcome="not_done", retryable=True, details=details)


def _outgoing(amount: int, currency: str) -> int:
    """Our minor units as Stripe counts them."""
    return amount * 100 if currency in _TENTHS else amount


def _incoming(amount: int, currency: str) -> int:
    return amount // 100 if currency in _TENTHS else amount


def _checkout(found: stripe.checkout.Session) -> Checkout:
    intent = found.payment_intent
    return Checkout(
        found.id,
        found.url,
        cast("Literal['open', 'complete', 'expired']", found.status or "open"),
        found.payment_status == "paid",
        intent if isinstance(intent, str) or intent is None else intent.id,
    )


def _charge(found: stripe.Charge, disputes: Sequence[stripe.Dispute]) -> Charge:
    money, intent = found.balance_transaction, found.payment_intent
    known = isinstance(money, stripe.BalanceTransaction)
    refunds = found.refunds.data if found.refunds else []
    return Charge(
        found.id,
        intent if isinstance(intent, str) else intent.id if intent else "",
        _incoming(found.amount, found.currency),
        found.currency,
        found.paid and found.captured,
        _incoming(money.fee, found.currency) if known else None,
        money.id if known else "",
        tuple(map(_refund, refunds)),
        tuple(map(_dispute, disputes)),
        found.metadata.to_dict() if found.metadata else {},
        found.receipt_url,
    )


def _refund(found: stripe.Refund) -> Refunded:
    return Refunded(found.id, _incoming(found.amount, found.currency), found.status in _GONE)


def _dispute(found: stripe.Dispute) -> Disputed:
    moves = found.balance_transactions
    taken = -sum(_incoming(move.amount, move.currency) for move in moves)
    fee = sum(_incoming(move.fee, move.currency) for move in moves)
    amount = _incoming(found.amount, found.currency)
    return Disputed(found.id, amount, taken, fee, found.status)


def _account(found: stripe.Account) -> Account:
    able = found.capabilities
    missing = found.requirements.currently_due if found.requirements else None
    return Account(
        found.id,
        able is not None and able.transfers == "active",
        bool(found.payouts_enabled),
        tuple(missing or ()),
    )


def _told(event: Mapping[str, JsonValue]) -> Told:
    data = cast("Mapping[str, Mapping[str, JsonValue]]", event["data"])
    return Told(
        str(event["id"]),
        str(event["type"]),
        str(event.get("account") or ""),
        str(data["object"].get("id", "")),
        event,
        datetime.fromtimestamp(cast(int, event["created"]), UTC),
    )

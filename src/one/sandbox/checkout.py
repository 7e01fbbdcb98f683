"""Checkout sessions: what somebody is to pay on a hosted page."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, JsonValue

from one.clock import new_secret
from one.sandbox import charging
from one.sandbox import currency as money
from one.sandbox.call import Call, narrowed
from one.sandbox.cards import required
from one.sandbox.charging import settle
from one.sandbox.customers import method
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Cents, Currency, Many, Metadata, Page, Params, Part
from one.sandbox.payments import Described, cancel, intend
from one.sandbox.products import priced
from one.sandbox.refusal import Refusal, invalid
from one.sandbox.resource import Fields, Resource, listing, numbered, seconds
from one.store.sandbox import Span

_LASTS, _LEAST = timedelta(hours=24), timedelta(minutes=30)


class _Product(Part):
    name: str
    description: str | None = None
    images: Many[str] = ()
    metadata: Metadata
    tax_code: str | None = None
    unit_label: str | None = None


class _Price(Part):
    currency: Currency
    product: str | None = None
    product_data: _Product | None = None
    tax_behavior: Literal["exclusive", "inclusive", "unspecified"] = "unspecified"
    unit_amount: int = Field(ge=0, le=99_999_999)


class _Line(Part):
    price: str | None = None
    price_data: _Price | None = None
    quantity: Cents = 1


class _Switch(Part):
    enabled: bool


class _Session(Params):
    allow_promotion_codes: Literal[False, "false"] = False
    automatic_tax: _Switch = _Switch(enabled=False)
    billing_address_collection: Literal["auto", "required"] | None = None
    cancel_url: str | None = None
    client_reference_id: str | None = Field(default=None, max_length=200)
    customer: str | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    customer_email: str | None = None
    expires_at: int | None = None
    line_items: Many[_Line]
    locale: str | None = None
    metadata: Metadata
    mode: Literal["payment"]
    payment_intent_data: Described = Described.model_validate({})
    payment_method_types: Many[Literal["card", "us_bank_account"]] = ()
    submit_type: Literal["auto", "book", "donate", "pay", "subscribe"] | None = None
    success_url: str
    ui_mode: Literal["hosted", "hosted_page"] = "hosted_page"


class _Sessions(Page):
    customer: str | None = None
    payment_intent: str | None = None
    status: Literal["complete", "expired", "open"] | None = None


async def _create(call: Call, given: _Session) -> Resource:
    if given.customer is not None:
        await call.get(given.customer, kind="customer", param="customer")
    expires = given.expires_at or seconds(call.now + _LASTS)
    least, most = seconds(call.now + _LEAST), seconds(call.now + _LASTS)
    if not least <= expires <= most and given.expires_at is not None:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation,"
            " and less than 24 hours from it.",
            "expires_at",
        )
    lines = [await _line(call, line, place) for place, line in enumerate(given.line_items)]
    if not lines:
        raise invalid("A session needs something to be paid.", "line_items")
    currencies = {str(line["currency"]) for line in lines}
    if len(currencies) > 1:
        raise invalid("All line items have to be of one currency.", "line_items")
    currency, total = currencies.pop(), sum(whole(line, "amount_total") for line in lines)
    money.chargeable(total, currency, param="line_items")
    session = _made(call, given, lines=lines, currency=currency, total=total)
    session.set(expires_at=expires, _due=expires)
    return call.keep(session, given.customer)


def _made(
    call: Call, given: _Session, *, lines: list[Fields], currency: str, total: int
) -> Resource:
    id = f"{numbered('cs_test')}{new_secret(16)}"
    intended = given.payment_intent_data.model_dump()
    return Resource(
        {
            "id": id,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total,
            "automatic_tax": {
                "enabled": False,
                "liability": None,
                "provider": None,
                "status": None,
            },
            "billing_address_collection": given.billing_address_collection,
            "cancel_url": given.cancel_url,
            "client_reference_id": given.client_reference_id,
            "client_secret": None,
            "created": call.created,
            "currency": currency,
            "custom_fields": [],
            "custom_text": {
                "after_submit": None,
                "shipping_address": None,
                "submit": None,
                "terms_of_service_acceptance": None,
            },
            "customer": given.customer,
            "customer_creation": given.customer_creation or "if_required",
            "customer_details": None,
            "customer_email": given.customer_email,
            "invoice": None,
            "livemode": False,
            "locale": given.locale,
            "metadata": {**given.metadata},
            "mode": "payment",
            "payment_intent": None,
            "payment_link": None,
            "payment_method_collection": "if_required",
            "payment_method_options": {},
            "payment_method_types": [*(given.payment_method_types or _offered(currency))],
            "payment_status": "unpaid",
            "phone_number_collection": {"enabled": False},
            "setup_intent": None,
            "shipping_options": [],
            "status": "open",
            "submit_type": given.submit_type,
            "subscription": None,
            "success_url": given.success_url,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": given.ui_mode,
            "url": f"{call.site}/pay/{id}",
            "_lines": [*lines],
            "_intended": intended,
        }
    )


def _offered(currency: str) -> tuple[str, ...]:
    """What is paid with where a session doesn't say."""
    return ("card", "us_bank_account") if currency == "usd" else ("card",)


async def _line(call: Call, line: _Line, place: int) -> Fields:
    """A line item. Raises Refusal."""
    param = f"line_items[{place}]"
    if (line.price is None) == (line.price_data is None):
        raise invalid("A line item has either a price or price_data.", f"{param}[price]")
    if line.price_data is not None:
        price, name = await _priced(call, line.price_data, param=f"{param}[price_data]")
    else:
        price = await call.get(line.price or "", kind="price", param=f"{param}[price]")
        product = await call.get(price.text("product"), kind="product")
        name = product.text("name")
    amount = price.whole("unit_amount") * line.quantity
    return {
        "id": numbered("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price.text("currency"),
        "description": name,
        "metadata": {},
        "price": price.shown(call.now),
        "quantity": line.quantity,
    }


async def _priced(call: Call, given: _Price, *, param: str) -> tuple[Resource, str]:
    """The price that is stated beside what it is for, and the name of that. Raises Refusal."""
    money.known(given.currency, param=f"{param}[currency]")
    if (given.product is None) == (given.product_data is None):
        raise invalid(f"{param} has either a product or product_data.", f"{param}[product]")
    if given.product_data is not None:
        product, name = numbered("prod"), given.product_data.name
    else:
        known = await call.get(given.product or "", kind="product", param=f"{param}[product]")
        product, name = known.id, known.text("name")
    price = priced(call, product, unit_amount=given.unit_amount)
    price.set(currency=given.currency, tax_behavior=given.tax_behavior)
    return price, name


def whole(line: Fields, name: str) -> int:
    """A number of a line item."""
    value = line[name]
    assert isinstance(value, int)
    return value


def _open(session: Resource) -> Resource:
    """The same. Raises Refusal where it isn't open any more."""
    status = session.text("status")
    if status != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired or paid. This'
            f" Checkout Session has a status of {status}.",
            param="session",
        )
    return session


async def pay(call: Call, id: str, *, card: str, email: str = "") -> Resource:
    """Somebody pays a session with a test card. Raises Refusal, and Declined where their bank says
    no: the session stays open then.
    """
    session = _open(await call.hold(id, kind="checkout.session", param="session"))
    if session.whole("expires_at") <= call.created:
        raise Refusal("This Checkout Session has expired.", param="session")
    chosen = required(card, param="card")
    if chosen.kind not in session.listed("payment_method_types"):
        raise invalid(f"This session takes no {chosen.kind}.", "card")
    paid_with = method(call, chosen, customer=None)
    email = email or session.maybe("customer_email") or "buyer@example.com"
    details = paid_with.group("billing_details")
    paid_with.set(billing_details={**details, "email": email, "name": "A buyer"})
    intent = await _intent(call, session)
    if session.maybe("payment_intent") is None:
        session.set(payment_intent=intent.id)
        call.keep(session, intent.id)
    await settle(call, intent, method=paid_with, card=chosen)
    buyer: Fields = {
        "address": None,
        "email": email,
        "name": "A buyer",
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    session.fields.pop("_due", None)
    session.set(status="complete", payment_status=_paid(intent), customer_details=buyer, url=None)
    call.tell("checkout.session.completed", session)
    return call.keep(session, intent.id)


def _paid(intent: Resource) -> str:
    return "paid" if intent.text("status") == "succeeded" else "unpaid"


async def conclude(call: Call, intent: Resource) -> Resource:
    """A bank has said whether it pays for an intent, and for the session that it is of."""
    paid = await charging.conclude(call, intent)
    of = Span(parents=(intent.id,), limit=1)
    for fields in (await call.records.find("checkout.session", of))[:1]:
        session = Resource(fields)
        session.set(payment_status=_paid(intent))
        told = "succeeded" if paid else "failed"
        call.tell(f"checkout.session.async_payment_{told}", session)
        call.keep(session)
    return intent


async def _intent(call: Call, session: Resource) -> Resource:
    """The payment intent of a session, which its first try makes."""
    known = session.maybe("payment_intent")
    if known is not None:
        return await call.hold(known)
    described = Described.model_validate(session.group("_intended"))
    return intend(
        call,
        described,
        amount=session.whole("amount_total"),
        currency=session.text("currency"),
        customer=session.maybe("customer"),
    )


async def expire(call: Call, session: Resource) -> Resource:
    """Ends a session that isn't paid. Raises Refusal."""
    _open(session)
    session.fields.pop("_due", None)
    session.set(status="expired", url=None)
    known = session.maybe("payment_intent")
    if known is not None:
        cancel(call, await call.hold(known), reason="void_invoice")
    call.tell("checkout.session.expired", session)
    return call.keep(session)


async def _expire(call: Call, given: Params) -> Resource:
    del given
    return await expire(call, await call.hold(call.ids[0], kind="checkout.session"))


async def _list(call: Call, given: _Sessions) -> Resource:
    span = narrowed(given, "payment_intent", "customer", also=("status",))
    return await call.page("checkout.session", given, url="/v1/checkout/sessions", span=span)


def items(session: Resource) -> list[Fields]:
    """What is to be paid by a session."""
    data: JsonValue = session.fields["_lines"]
    assert isinstance(data, list)
    return [line for line in data if isinstance(line, dict)]


def lines(session: Resource) -> Fields:
    """The same as a list of the API."""
    return listing(items(session), f"/v1/checkout/sessions/{session.id}/line_items")


async def _line_items(call: Call, given: Page) -> Resource:
    del given
    return Resource(lines(await call.get(call.ids[0], kind="checkout.session")))


ENDPOINTS = (
    Endpoint("POST /v1/checkout/sessions", _Session, _create),
    Endpoint("GET /v1/checkout/sessions", _Sessions, _list),
    retrieve("/v1/checkout/sessions/*", "checkout.session"),
    Endpoint("POST /v1/checkout/sessions/*/expire", Params, _expire),
    Endpoint("GET /v1/checkout/sessions/*/line_items", Page, _line_items),
)

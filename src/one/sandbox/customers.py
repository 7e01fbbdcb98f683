"""Customers, and the cards that they pay with."""

from typing import Literal

from one.sandbox.call import Call, narrowed
from one.sandbox.cards import Card, card, required
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Metadata, Page, Params, Part
from one.sandbox.refusal import Refusal, invalid, missing
from one.sandbox.resource import Resource, numbered
from one.store.sandbox import Span


class _Address(Part):
    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


class _Invoiced(Part):
    default_payment_method: str | None = None


class Shipping(Part):
    """Where something is sent to."""

    address: _Address = _Address()
    name: str | None = None
    phone: str | None = None


class _Customer(Params):
    address: _Address | None = None
    description: str | None = None
    email: str | None = None
    invoice_settings: _Invoiced | None = None
    metadata: Metadata
    name: str | None = None
    payment_method: str | None = None
    phone: str | None = None
    shipping: Shipping | None = None


class _Customers(Page):
    email: str | None = None


class _Card(Part):
    number: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    cvc: str | None = None
    token: str | None = None


class _Billing(Part):
    address: _Address | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None


class _Method(Params):
    type: Literal["card"]
    card: _Card
    billing_details: _Billing = _Billing()
    metadata: Metadata


class _Attached(Params):
    customer: str


class _Methods(Page):
    customer: str | None = None
    type: Literal["card"] | None = None


async def _create(call: Call, given: _Customer) -> Resource:
    id = numbered("cus")
    customer = Resource(
        {
            "id": id,
            "object": "customer",
            "balance": 0,
            "created": call.created,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "invoice_prefix": id[-8:].upper(),
            "livemode": False,
            "metadata": {},
            "preferred_locales": [],
            "tax_exempt": "none",
            "address": None,
            "description": None,
            "email": None,
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "name": None,
            "phone": None,
            "shipping": None,
        }
    )
    if given.payment_method is not None:
        call.keep((await paying(call, given.payment_method, customer=id))[0], id)
    _change(customer, given)
    call.tell("customer.created", customer)
    return call.keep(customer)


def _change(customer: Resource, given: _Customer) -> None:
    customer.describe(given.metadata)
    stated = given.model_dump(
        exclude_unset=True, exclude={"metadata", "payment_method", "expand", "invoice_settings"}
    )
    customer.set(**stated)
    if given.invoice_settings is not None:
        settings = customer.group("invoice_settings")
        customer.set(invoice_settings={**settings, **given.invoice_settings.model_dump()})


async def _update(call: Call, given: _Customer) -> Resource:
    customer = await call.hold(call.ids[0], kind="customer")
    _change(customer, given)
    call.tell("customer.updated", customer)
    return call.keep(customer)


async def _delete(call: Call, given: Params) -> Resource:
    del given
    customer = await call.hold(call.ids[0], kind="customer")
    call.tell("customer.deleted", customer)
    customer.set(_deleted=True)
    call.keep(customer)
    return Resource({"id": customer.id, "object": "customer", "deleted": True})


async def _list(call: Call, given: _Customers) -> Resource:
    span = narrowed(given, also=("email",))
    return await call.page("customer", given, url="/v1/customers", span=span)


def method(call: Call, of: Card, *, customer: str | None = None) -> Resource:
    """A means of payment made of a card."""
    return Resource(
        {
            "id": numbered("pm"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {
                "address": None,
                "email": None,
                "name": None,
                "phone": None,
                "tax_id": None,
            },
            of.kind: of.details(),
            "created": call.created,
            "customer": customer,
            "livemode": False,
            "metadata": {},
            "type": of.kind,
            "_number": of.number,
        }
    )


async def paying(
    call: Call, id: str, *, customer: str | None, param: str = "payment_method"
) -> tuple[Resource, Card]:
    """What is paid with, and its card; the name of a test card makes a new one. Raises Refusal."""
    named = card(id)
    if named is not None:
        return method(call, named, customer=customer), named
    found = await call.find("payment_method", id)
    if found is None:
        raise missing("PaymentMethod", id, param=param)
    owner = found.maybe("customer")
    if owner is not None and owner != customer:
        raise invalid(
            f"The payment method {id} belongs to another customer: give its customer, too.",
            param,
        )
    return found, required(found.text("_number"))


async def _new_method(call: Call, given: _Method) -> Resource:
    if given.card.token is not None:
        named = "pm_card_" + given.card.token.removeprefix("tok_")
    else:
        named = given.card.number or ""
    made = method(call, required(named, param="card[number]"))
    stated = given.billing_details.model_dump(exclude_unset=True)
    made.set(billing_details={**made.group("billing_details"), **stated})
    made.describe(given.metadata)
    return call.keep(made)


async def _attach(call: Call, given: _Attached) -> Resource:
    customer = await call.get(given.customer, kind="customer", param="customer")
    id = call.ids[0]
    named = card(id)
    held = method(call, named) if named else await call.hold(id, kind="payment_method")
    if held.maybe("customer") not in (None, customer.id):
        raise Refusal("The payment method you provided has already been attached to a customer.")
    held.set(customer=customer.id)
    call.tell("payment_method.attached", held)
    return call.keep(held, customer.id)


async def _detach(call: Call, given: Params) -> Resource:
    del given
    held = await call.hold(call.ids[0], kind="payment_method")
    if held.maybe("customer") is None:
        raise Refusal("The payment method you provided is not attached to a customer.")
    held.set(customer=None)
    call.tell("payment_method.detached", held)
    return call.keep(held)


async def _methods(call: Call, given: _Methods) -> Resource:
    owner = call.ids[0] if call.ids else given.customer
    span = Span((owner,), {"customer": owner}) if owner else Span()
    return await call.page("payment_method", given, url="/v1/payment_methods", span=span)


ENDPOINTS = (
    Endpoint("POST /v1/customers", _Customer, _create),
    Endpoint("GET /v1/customers", _Customers, _list),
    retrieve("/v1/customers/*", "customer"),
    Endpoint("POST /v1/customers/*", _Customer, _update),
    Endpoint("DELETE /v1/customers/*", Params, _delete),
    Endpoint("GET /v1/customers/*/payment_methods", _Methods, _methods),
    Endpoint("POST /v1/payment_methods", _Method, _new_method),
    Endpoint("GET /v1/payment_methods", _Methods, _methods),
    retrieve("/v1/payment_methods/*", "payment_method"),
    Endpoint("POST /v1/payment_methods/*/attach", _Attached, _attach),
    Endpoint("POST /v1/payment_methods/*/detach", Params, _detach),
)

"""What is sold, and for how much."""

from typing import Literal

from pydantic import Field

from one.sandbox.call import Call, narrowed
from one.sandbox.currency import known
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Currency, Many, Metadata, Page, Params, Part
from one.sandbox.refusal import Refusal, invalid
from one.sandbox.resource import Resource, numbered


class _Described(Part):
    description: str | None = None
    images: Many[str] = ()
    metadata: Metadata
    name: str
    statement_descriptor: str | None = None
    tax_code: str | None = None
    unit_label: str | None = None
    url: str | None = None


class _Product(Params, _Described):
    id: str | None = None
    active: bool = True


class _ProductChanges(Params):
    active: bool | None = None
    description: str | None = None
    metadata: Metadata
    name: str | None = None


class _Products(Page):
    active: bool | None = None


class _Price(Params):
    active: bool = True
    currency: Currency
    lookup_key: str | None = None
    metadata: Metadata
    nickname: str | None = None
    product: str | None = None
    product_data: _Described | None = None
    tax_behavior: Literal["exclusive", "inclusive", "unspecified"] = "unspecified"
    unit_amount: int = Field(ge=0, le=99_999_999)


class _PriceChanges(Params):
    active: bool | None = None
    lookup_key: str | None = None
    metadata: Metadata
    nickname: str | None = None


class _Prices(Page):
    active: bool | None = None
    currency: Currency | None = None
    product: str | None = None


async def _create(call: Call, given: _Product) -> Resource:
    if given.id is not None and await call.find("product", given.id) is not None:
        raise Refusal("Product already exists.", code="resource_already_exists", param="id")
    product = _made(call, given, id=given.id or numbered("prod"))
    product.set(active=given.active)
    return product


def _made(call: Call, given: _Described, *, id: str) -> Resource:
    stated = given.model_dump(include=set(_Described.model_fields), mode="json")
    product = Resource(
        {
            "id": id,
            "object": "product",
            "active": True,
            "created": call.created,
            "default_price": None,
            "livemode": False,
            "marketing_features": [],
            "package_dimensions": None,
            "shippable": None,
            "type": "service",
            "updated": call.created,
            **stated,
        }
    )
    call.tell("product.created", product)
    return call.keep(product)


async def _update(call: Call, given: _ProductChanges) -> Resource:
    product = await call.hold(call.ids[0], kind="product")
    product.describe(given.metadata)
    product.set(**given.model_dump(exclude_none=True, exclude={"metadata", "expand"}))
    product.set(updated=call.created)
    call.tell("product.updated", product)
    return call.keep(product)


async def _delete(call: Call, given: Params) -> Resource:
    del given
    product = await call.hold(call.ids[0], kind="product")
    call.tell("product.deleted", product)
    product.set(_deleted=True)
    call.keep(product)
    return Resource({"id": product.id, "object": "product", "deleted": True})


async def _products(call: Call, given: _Products) -> Resource:
    span = narrowed(given, also=("active",))
    return await call.page("product", given, url="/v1/products", span=span)


async def _create_price(call: Call, given: _Price) -> Resource:
    known(given.currency)
    if (given.product is None) == (given.product_data is None):
        raise invalid("A price has either a product or product_data.", "product")
    if given.product_data is not None:
        product = _made(call, given.product_data, id=numbered("prod")).id
    else:
        product = (await call.get(given.product or "", kind="product", param="product")).id
    stated = given.model_dump(exclude={"expand", "product", "product_data", "metadata"})
    price = Resource(
        {
            **priced(call, product, unit_amount=given.unit_amount).fields,
            **stated,
            "metadata": {**given.metadata},
        }
    )
    call.tell("price.created", price)
    return call.keep(price, product)


def priced(call: Call, product: str, *, unit_amount: int) -> Resource:
    """A price of a product, in no currency yet."""
    return Resource(
        {
            "id": numbered("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": call.created,
            "currency": "",
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": product,
            "recurring": None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": unit_amount,
            "unit_amount_decimal": str(unit_amount),
        }
    )


async def _change_price(call: Call, given: _PriceChanges) -> Resource:
    price = await call.hold(call.ids[0], kind="price")
    price.describe(given.metadata)
    price.set(**given.model_dump(exclude_none=True, exclude={"metadata", "expand"}))
    call.tell("price.updated", price)
    return call.keep(price)


async def _prices(call: Call, given: _Prices) -> Resource:
    span = narrowed(given, "product", also=("active", "currency"))
    return await call.page("price", given, url="/v1/prices", span=span)


ENDPOINTS = (
    Endpoint("POST /v1/products", _Product, _create),
    Endpoint("GET /v1/products", _Products, _products),
    retrieve("/v1/products/*", "product"),
    Endpoint("POST /v1/products/*", _ProductChanges, _update),
    Endpoint("DELETE /v1/products/*", Params, _delete),
    Endpoint("POST /v1/prices", _Price, _create_price),
    Endpoint("GET /v1/prices", _Prices, _prices),
    retrieve("/v1/prices/*", "price"),
    Endpoint("POST /v1/prices/*", _PriceChanges, _change_price),
)

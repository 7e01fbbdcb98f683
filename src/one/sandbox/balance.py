"""What an account has, and each movement of it."""

from typing import Any

from one.sandbox.call import Call, narrowed
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Currency, Page, Params
from one.sandbox.resource import Resource


class _Transactions(Page):
    currency: Currency | None = None
    source: str | None = None
    type: str | None = None


async def _balance(call: Call, given: Params) -> Resource:
    del given
    held = await call.records.balances(call.now)
    available = [_amount(name, amount) for name, amount, _ in held] or [_amount("usd", 0)]
    pending = [_amount(name, amount) for name, _, amount in held] or [_amount("usd", 0)]
    return Resource(
        {"object": "balance", "available": [*available], "livemode": False, "pending": [*pending]}
    )


def _amount(currency: str, amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


async def _list(call: Call, given: _Transactions) -> Resource:
    span = narrowed(given, "source", also=("currency", "type"))
    return await call.page("balance_transaction", given, url="/v1/balance_transactions", span=span)


ENDPOINTS = (
    Endpoint("GET /v1/balance", Params, _balance),
    Endpoint("GET /v1/balance_transactions", _Transactions, _list),
    retrieve("/v1/balance_transactions/*", "balance_transaction"),
)

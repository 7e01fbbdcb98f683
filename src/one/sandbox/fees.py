"""What the platform keeps of a charge that a connected account makes itself: a direct charge. Of
what is split by transfers it keeps what it doesn't transfer.
"""

from one.sandbox.call import Call, Flow, narrowed
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Page
from one.sandbox.resource import SETTLING, Resource, listing, numbered


class _Fees(Page):
    charge: str | None = None


def keep_fee(call: Call, charge: Resource, *, amount: int) -> None:
    """Gives the platform its fee of a charge of the account that is called for."""
    id, platform, currency = numbered("fee"), call.on(""), charge.text("currency")
    free = call.now + SETTLING
    moved = platform.move(Flow("application_fee", amount, currency, id, available_at=free))
    fee = Resource(
        {
            "id": id,
            "object": "application_fee",
            "account": call.account,
            "amount": amount,
            "amount_refunded": 0,
            "application": "ca_sandbox",
            "balance_transaction": moved.id,
            "charge": charge.id,
            "created": call.created,
            "currency": currency,
            "fee_source": {"charge": charge.id, "type": "charge"},
            "livemode": False,
            "originating_transaction": None,
            "refunded": False,
            "refunds": listing((), f"/v1/application_fees/{id}/refunds"),
        }
    )
    charge.set(application_fee=id, application_fee_amount=amount, application="ca_sandbox")
    platform.tell("application_fee.created", fee)
    platform.keep(fee, charge.id)


async def _list(call: Call, given: _Fees) -> Resource:
    span = narrowed(given, "charge")
    return await call.page("application_fee", given, url="/v1/application_fees", span=span)


ENDPOINTS = (
    Endpoint("GET /v1/application_fees", _Fees, _list),
    retrieve("/v1/application_fees/*", "application_fee"),
)

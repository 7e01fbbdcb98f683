"""Disputes: a card's holder takes their money back, until their bank has decided."""

from datetime import timedelta
from typing import Literal, get_args

from pydantic import Field

from one.sandbox.call import Call, Flow, narrowed
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Metadata, Page, Params
from one.sandbox.refusal import Refusal, invalid
from one.sandbox.resource import Fields, Resource, numbered, seconds

FEE = 1500
"""What a dispute costs, whoever wins it, in the minor unit of the charge."""

_ANSWERABLE = timedelta(days=9)
_UNDECIDED = (
    *("needs_response", "under_review"),
    *("warning_needs_response", "warning_under_review"),
)
Evidence = Literal[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "product_description",
    "receipt",
    "refund_policy",
    "service_date",
    "service_documentation",
    "uncategorized_text",
]


class _Answer(Params):
    evidence: dict[Evidence, str] = Field(default_factory=dict[Evidence, str])
    metadata: Metadata
    submit: bool = True


class _Disputes(Page):
    charge: str | None = None
    payment_intent: str | None = None


def begin(
    call: Call, charge: Resource, *, reason: str = "fraudulent", asking: bool = False
) -> Resource:
    """Takes a charge's money back until it is decided; one that is only `asking` leaves it where it
    is. Raises Refusal.
    """
    if charge.flag("disputed"):
        raise Refusal("This charge is disputed already.", code="charge_disputed")
    left = charge.whole("amount") - charge.whole("amount_refunded")
    if left == 0 or not charge.flag("paid"):
        raise invalid("Nothing of this charge is left to be disputed.", "charge")
    currency, id = charge.text("currency"), numbered("du")
    moved = [] if asking else [call.move(Flow("adjustment", -left, currency, id, fee=FEE))]
    dispute = Resource(
        {
            "id": id,
            "object": "dispute",
            "amount": left,
            "balance_transactions": [each.shown(call.now) for each in moved],
            "charge": charge.id,
            "created": call.created,
            "currency": currency,
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(get_args(Evidence)), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": seconds(call.now + _ANSWERABLE),
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": asking,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge.maybe("payment_intent"),
            "reason": reason,
            "status": "warning_needs_response" if asking else "needs_response",
            "_due": seconds(call.now + _ANSWERABLE),
        }
    )
    charge.set(disputed=not asking)
    call.keep(charge)
    call.tell("charge.dispute.created", dispute)
    if moved:
        call.tell("charge.dispute.funds_withdrawn", dispute)
    return call.keep(dispute, charge.id, charge.maybe("payment_intent"))


def decide(call: Call, dispute: Resource, *, won: bool) -> Resource:
    """Ends a dispute. Raises Refusal where it has ended."""
    if dispute.text("status") not in _UNDECIDED:
        raise invalid("This dispute is already closed.", "dispute")
    dispute.fields.pop("_due", None)
    taken = bool(dispute.fields["balance_transactions"])
    dispute.set(status=("won" if won else "lost") if taken else "warning_closed")
    if won and taken:
        flow = Flow(
            "adjustment",
            dispute.whole("amount"),
            dispute.text("currency"),
            dispute.id,
            category="dispute_reversal",
        )
        back = call.move(flow).shown(call.now)
        before = dispute.fields["balance_transactions"]
        assert isinstance(before, list)
        dispute.set(balance_transactions=[*before, back])
        call.tell("charge.dispute.funds_reinstated", dispute)
    call.tell("charge.dispute.closed", dispute)
    return call.keep(dispute)


async def _update(call: Call, given: _Answer) -> Resource:
    dispute = await call.hold(call.ids[0], kind="dispute")
    if dispute.text("status") not in _UNDECIDED:
        raise invalid("This dispute is already closed.", "dispute")
    dispute.describe(given.metadata)
    if given.evidence:
        told: Fields = {**dispute.group("evidence"), **given.evidence}
        details = dispute.group("evidence_details")
        count = details["submission_count"]
        assert isinstance(count, int)
        dispute.set(
            evidence=told,
            evidence_details={
                **details,
                "has_evidence": True,
                "submission_count": count + given.submit,
            },
        )
    if given.evidence and given.submit:
        warned = dispute.text("status").startswith("warning")
        dispute.set(status="warning_under_review" if warned else "under_review")
    call.tell("charge.dispute.updated", dispute)
    said = given.evidence.get("uncategorized_text") if given.submit else None
    if said in ("winning_evidence", "losing_evidence"):
        return decide(call, dispute, won=said == "winning_evidence")
    return call.keep(dispute)


async def _close(call: Call, given: Params) -> Resource:
    del given
    return decide(call, await call.hold(call.ids[0], kind="dispute"), won=False)


async def _list(call: Call, given: _Disputes) -> Resource:
    span = narrowed(given, "charge", "payment_intent")
    return await call.page("dispute", given, url="/v1/disputes", span=span)


ENDPOINTS = (
    Endpoint("GET /v1/disputes", _Disputes, _list),
    retrieve("/v1/disputes/*", "dispute"),
    Endpoint("POST /v1/disputes/*", _Answer, _update),
    Endpoint("POST /v1/disputes/*/close", Params, _close),
)

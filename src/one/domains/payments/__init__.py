"""Payments: what people buy and are paid, to the last cent.

Records `payment_processed` on the sale's `payment`, `transacted` between buyer and thing, and what
the thing gives; what moved is in the journal. `Till` asks the provider, and follows up what it
tells.
"""

from one.domains.payments.charging import collect, give_back
from one.domains.payments.having import Had, show_had, take
from one.domains.payments.offers import Offer, charged, gift, offer
from one.domains.payments.onboarding import begin_payouts, show_payouts
from one.domains.payments.prices import set_price
from one.domains.payments.purchases import (
    Charging,
    begin,
    cancel_purchase,
    get_purchase,
    give_up_purchase,
    list_purchases,
    purchase,
    quote,
    tip,
)
from one.domains.payments.refunds import is_sold, refund_charge, refund_purchase, refund_sale
from one.domains.payments.returns import get_refund, list_refunds
from one.domains.payments.sales import get_sale, list_sales
from one.domains.payments.statements import (
    list_entries,
    list_entries_of,
    show_earnings,
    show_earnings_of,
)
from one.domains.payments.till import HOOK, Till
from one.domains.payments.wares import get_good, list_goods

__all__ = [
    "HOOK",
    "Charging",
    "Had",
    "Offer",
    "Till",
    "begin",
    "begin_payouts",
    "cancel_purchase",
    "charged",
    "collect",
    "get_good",
    "get_purchase",
    "get_refund",
    "get_sale",
    "gift",
    "give_back",
    "give_up_purchase",
    "is_sold",
    "list_entries",
    "list_entries_of",
    "list_goods",
    "list_purchases",
    "list_refunds",
    "list_sales",
    "offer",
    "purchase",
    "quote",
    "refund_charge",
    "refund_purchase",
    "refund_sale",
    "set_price",
    "show_earnings",
    "show_earnings_of",
    "show_had",
    "show_payouts",
    "take",
    "tip",
]

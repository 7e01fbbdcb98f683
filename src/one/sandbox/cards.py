"""Cards and bank accounts for trying: those that Stripe publishes, and what becomes of each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from one.sandbox.refusal import invalid
from one.sandbox.resource import Fields

_DECLINED = "Your card was declined."


@dataclass(frozen=True, slots=True)
class Card:
    """`code` is why a bank says no; `disputed`: why its holder takes the money back, or with
    `asking` only asks; `asks`: its
    bank wants the holder to be there; `at_once`: what it pays is available without a wait; `waits`:
    how long its bank takes to say whether it pays; `sends_back`: it doesn't take refunds.
    """

    number: str = "4242424242424242"
    brand: str = "visa"
    code: str | None = None
    decline: str | None = None
    message: str = _DECLINED
    disputed: str | None = None
    asking: bool = False
    asks: bool = False
    at_once: bool = False
    kind: Literal["card", "us_bank_account"] = "card"
    waits: timedelta | None = None
    sends_back: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def details(self) -> Fields:
        """As a means of payment tells of it."""
        if self.kind == "us_bank_account":
            return {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "SANDBOX BANK",
                "fingerprint": f"sandbox{self.number}",
                "last4": self.last4,
                "routing_number": "110000000",
            }
        return {
            "brand": self.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "US",
            "exp_month": 12,
            "exp_year": 2040,
            "fingerprint": f"sandbox{self.number}",
            "funding": "credit",
            "last4": self.last4,
            "wallet": None,
        }


def _declining(number: str, decline: str, message: str = _DECLINED, *, code: str = "") -> Card:
    return Card(number, code=code or "card_declined", decline=decline, message=message)


def _account(number: str, code: str | None = None, message: str = "") -> Card:
    words = message or _DECLINED
    return Card(number, code=code, message=words, kind="us_bank_account", waits=timedelta(days=4))


_CARDS = {
    "pm_card_visa": Card(),
    "pm_card_visa_debit": Card("4000056655665556"),
    "pm_card_mastercard": Card("5555555555554444", "mastercard"),
    "pm_card_amex": Card("378282246310005", "amex"),
    "pm_card_discover": Card("6011111111111117", "discover"),
    "pm_card_threeDSecureRequired": Card("4000000000003220"),
    "pm_card_authenticationRequired": Card("4000002760003184", asks=True),
    "pm_card_bypassPending": Card("4000000000000077", at_once=True),
    "pm_card_refundFail": Card("4000000000005126", sends_back=True),
    "pm_card_createDispute": Card("4000000000000259", disputed="fraudulent"),
    "pm_card_createDisputeInquiry": Card("4000000000001976", disputed="fraudulent", asking=True),
    "pm_card_createDisputeProductNotReceived": Card(
        "4000000000002685", disputed="product_not_received"
    ),
    "pm_card_visa_chargeDeclined": _declining("4000000000000002", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declining(
        "4000000000009995", "insufficient_funds", "Your card has insufficient funds."
    ),
    "pm_card_visa_chargeDeclinedLostCard": _declining("4000000000009987", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": _declining("4000000000009979", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": _declining(
        "4000000000000069", "", "Your card has expired.", code="expired_card"
    ),
    "pm_card_chargeDeclinedIncorrectCvc": _declining(
        "4000000000000127",
        "",
        "Your card's security code is incorrect.",
        code="incorrect_cvc",
    ),
    "pm_card_chargeDeclinedProcessingError": _declining(
        "4000000000000119",
        "",
        "An error occurred while processing your card. Try again in a little bit.",
        code="processing_error",
    ),
    "pm_usBankAccount_success": _account("000123456789"),
    "pm_usBankAccount_accountClosed": _account(
        "000111111113", "account_closed", "The customer's bank account has been closed."
    ),
    "pm_usBankAccount_insufficientFunds": _account(
        "000222222227",
        "insufficient_funds",
        "The customer's account has insufficient funds to cover this payment.",
    ),
}
_ALSO = {
    "pm_card_chargeDeclined": "pm_card_visa_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_us": "pm_card_visa",
}
_BY_NUMBER = {card.number: card for card in _CARDS.values()}


def card(named: str) -> Card | None:
    """A card by its number or by the name of its test payment method."""
    return _CARDS.get(_ALSO.get(named, named)) or _BY_NUMBER.get("".join(named.split()))


def required(named: str, *, param: str = "payment_method") -> Card:
    """The same. Raises Refusal where there is none: this is no place for a real one."""
    found = card(named)
    if found is None:
        raise invalid(
            "This is a sandbox: it takes the card numbers that Stripe publishes for tests, as"
            " 4242 4242 4242 4242.",
            param,
            code="incorrect_number",
        )
    return found


def offered() -> list[tuple[str, str]]:
    """The cards to choose from, each with what becomes of it."""
    return [(card.number, _becomes(card)) for card in _CARDS.values()]


def _becomes(card: Card) -> str:
    if card.waits is not None:
        return f"a bank account, {'refused' if card.code else 'paid'} after {card.waits.days} days"
    if card.code is not None:
        return f"declined ({(card.decline or card.code).replace('_', ' ')})"
    if card.disputed is not None:
        then = "asked about" if card.asking else "disputed"
        return f"paid, then {then} ({card.disputed.replace('_', ' ')})"
    if card.sends_back:
        return "paid, its refunds fail"
    return f"paid ({card.brand}{', available at once' if card.at_once else ''})"

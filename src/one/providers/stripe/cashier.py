"""What the payment provider is asked and tells, as far as ONE needs: the port of the client.

Amounts are whole minor units of their currency. What changes something takes a key of ours, and
may be asked again with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import JsonValue

from one.errors import Outside

Mode = Literal["sandbox", "test", "live"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a buyer is to pay. `facts` come back with all that is told of it."""

    title: str
    quantity: int
    unit_price: int
    currency: str
    email: str
    expires_at: datetime
    success_url: str
    cancel_url: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken at once from a means of payment, for what."""

    method: str
    amount: int
    currency: str
    title: str
    facts: Mapping[str, str]


class CardDeclined(Outside):
    """The bank said no; no money was taken."""

    title = "Card declined"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page to pay on. `intent` is there once somebody has begun to pay."""

    id: str
    url: str | None
    status: Literal["open", "complete", "expired"]
    paid: bool
    intent: str | None


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money that went back, or is on its way; `failed` is what never arrived."""

    id: str
    amount: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Disputed:
    """A payment that its bank doubts. `taken`: what the provider took back from us, without its
    fee; `fee`: what it took for that; `status`: as the provider has it.
    """

    id: str
    amount: int
    taken: int
    fee: int
    status: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that came. `fee`: what the provider keeps of it; none where that isn't known yet."""

    id: str
    intent: str
    amount: int
    currency: str
    paid: bool
    fee: int | None
    fee_reference: str
    refunds: tuple[Refunded, ...]
    disputes: tuple[Disputed, ...]
    facts: Mapping[str, str]
    receipt_url: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A part of a charge that goes to an account, or of what is available where there is none;
    `group`: what belongs together.
    """

    account: str
    charge: str | None
    amount: int
    currency: str
    group: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be paid."""

    email: str
    country: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """Where a person is paid to. `ready`: it takes transfers; `pays_out`: on to their bank."""

    id: str
    ready: bool
    pays_out: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way from an account to the bank of its person."""

    id: str
    amount: int
    currency: str
    status: Literal["pending", "in_transit", "paid", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the provider's, `about` an object. `account`: whose, empty for the platform's."""

    id: str
    type: str
    account: str
    about: str
    body: Mapping[str, JsonValue]
    at: datetime


class Cashier(Protocol):
    """The payment provider. Every call raises Outside; `told` raises Invalid."""

    async def open_checkout(self, order: Order, *, key: str) -> Checkout: ...

    async def checkout(self, id: str) -> Checkout: ...

    async def expire_checkout(self, id: str, *, key: str) -> Checkout:
        """Closes a page that nobody has paid on; `refused` where somebody has."""
        ...

    async def charge_of(self, intent: str) -> Charge | None:
        """What came of somebody's paying; nothing yet where no money moved."""
        ...

    async def charge(self, id: str) -> Charge: ...

    async def take(self, taken: Taken, *, key: str) -> Charge:
        """Charges a means of payment while nobody is there. Raises CardDeclined."""
        ...

    async def refund(self, charge: str, amount: int, *, key: str) -> Refunded: ...

    async def transfer(self, sent: Sent, *, key: str) -> str:
        """Moves a part of a charge to an account; the transfer's id."""
        ...

    async def reverse(self, transfer: str, amount: int, *, key: str) -> str:
        """Takes back of a transfer; the reversal's id. Refused where the account has too little."""
        ...

    async def open_account(self, person: Person, *, key: str) -> Account: ...

    async def account(self, id: str) -> Account: ...

    async def onboarding(self, account: str, *, back: str, again: str) -> str:
        """The address of the page on which a person says what the provider wants to know."""
        ...

    async def payout(self, account: str, id: str) -> Payout: ...

    async def balance(self, *, account: str = "") -> Mapping[str, int]:
        """What the platform has there, or an account, by currency, available or not yet."""
        ...

    async def events(self, since: datetime, *, account: str = "") -> Sequence[Told]:
        """What it told since then, the oldest first: of the platform's own, or of an account."""
        ...

    def told(self, body: bytes, signature: str) -> Told:
        """An event that was posted to us; refused where it wasn't signed for us just now."""
        ...

    async def close(self) -> None: ...

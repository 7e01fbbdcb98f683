"""How one amount is split: what of a price is whose, and what of a refund.

Whole minor units alone, and always exact: the parts sum to what was split. Where something is left
over, those with the largest remainder get one more, and at a tie whoever has the lower id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from one.errors import Invalid
from one.ontology.values import CURRENCIES

WHOLE = 10_000
_STEPS = {"mga": 100}  # the provider knows no smaller coin of it


@dataclass(frozen=True, slots=True)
class Price:
    """What a buyer pays in all, and what of it is tax."""

    gross: int
    currency: str
    tax: int = 0


@dataclass(frozen=True, slots=True)
class Rates:
    """What the platform takes of a price before tax and gives of that to whoever brought the buyer,
    in basis points; `least` is the smallest fee, in minor units of the currency.
    """

    fee: int = 1_500
    referral: int = 1_000
    least: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """What of an amount is whose. `platform` is what the platform's fee leaves it after the
    `referral`; the provider's own fee is paid out of that.
    """

    owners: Mapping[UUID, int]
    platform: int = 0
    tax: int = 0
    referrer: UUID | None = None
    referral: int = 0

    @property
    def total(self) -> int:
        return sum(self.owners.values()) + self.platform + self.tax + self.referral

    def less(self, other: "Split") -> "Split":
        """What remains of each part when these are taken off."""
        return Split(
            {owner: part - other.owners.get(owner, 0) for owner, part in self.owners.items()},
            self.platform - other.platform,
            self.tax - other.tax,
            self.referrer,
            self.referral - other.referral,
        )


def step(currency: str) -> int:
    """The smallest amount that can be moved, in minor units: the last of three decimals is 0."""
    return _STEPS.get(currency, 10 if CURRENCIES[currency] == 3 else 1)


def waterfall(
    price: Price, owners: Mapping[UUID, int], *, rates: Rates, referrer: UUID | None = None
) -> Split:
    """What of a price is whose: first tax, then the platform's fee, and the rest is the owners'.

    `owners` have basis points of it. Raises Invalid where the price is too low for its parts.
    """
    coin = step(price.currency)
    before_tax = price.gross - price.tax
    if price.gross % coin or price.tax % coin:
        raise Invalid(
            f"No smaller coin than {coin} of the last decimal can be paid in this currency.",
            cure="Round the price.",
        )
    fee = max(_part(before_tax, rates.fee, step=coin), -(-rates.least // coin) * coin)
    referral = _part(before_tax, rates.referral, step=coin) if referrer is not None else 0
    if not 0 <= referral <= fee <= before_tax:
        raise Invalid(
            "The price is too low: it doesn't cover the platform's fee and what comes off it.",
            cure="Set a higher price.",
        )
    pool = shares(before_tax - fee, owners, step=coin)
    return Split(pool, fee - referral, price.tax, referrer, referral)


def shares(pool: int, owners: Mapping[UUID, int], *, step: int = 1) -> dict[UUID, int]:
    """What each owner gets. Raises Invalid where their basis points aren't the whole."""
    if sum(owners.values()) != WHOLE or min(owners.values()) < 0:
        raise Invalid(
            f"The owners' shares come to {sum(owners.values()):,} of {WHOLE:,}.",
            cure="Share the whole among its owners.",
        )
    ids = sorted(owners)
    parts = _apportioned(pool, [owners[id] for id in ids], step=step)
    return dict(zip(ids, parts, strict=True))


def refund(amount: int, remaining: Split, *, step: int = 1) -> Split:
    """What of a refund comes from whom, by what remains of each part. The last one ends exact.

    The platform's part comes first at a tie, then tax and referral, then the owners by their ids.
    Raises Invalid for more than remains.
    """
    if not 0 <= amount <= remaining.total:
        raise Invalid(
            f"{amount:,} can't be given back of the {remaining.total:,} that are left.",
            cure="Give back at most what is left.",
        )
    ids = sorted(remaining.owners)
    weights = [remaining.platform, remaining.tax, remaining.referral]
    weights += [remaining.owners[id] for id in ids]
    platform, tax, referral, *parts = _apportioned(amount, weights, step=step)
    given = dict(zip(ids, parts, strict=True))
    return Split(given, platform, tax, remaining.referrer, referral)


def _apportioned(amount: int, weights: Sequence[int], *, step: int) -> list[int]:
    """The amount by weights, in whole steps; the largest remainder first, then the earlier one.

    No part is larger than its weight where the amount is at most their sum.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    steps, odd = divmod(amount, step)
    assert not odd, "what is split was paid in whole steps"
    divided = [divmod(steps * weight, whole) for weight in weights]
    parts = [part * step for part, _ in divided]
    left = steps - sum(part for part, _ in divided)
    if left:
        first = sorted(range(len(weights)), key=lambda place: -divided[place][1])
        for place in first[:left]:
            parts[place] += step
    return parts


def _part(amount: int, share: int, *, step: int) -> int:
    """Basis points of an amount, rounded once: a half goes up."""
    over = WHOLE * step
    return (2 * amount * share + over) // (2 * over) * step

"""Offers: what a thing costs and whose the money is, by the catalogue alone.

Nobody who buys says an amount; what a price is today stands on the thing, or in a quote of ours
that isn't too old.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.domains.payments.splits import WHOLE, Price, Rates, Split, waterfall
from one.errors import Conflict, Denied, Invalid
from one.ontology.values import written_amount
from one.runtime import Context
from one.settings import Settings
from one.store import PEOPLE, PLATFORM, Entity, Row, Store, Viewer
from one.store.sales import owners_of, referrer_of

QUOTED = timedelta(minutes=15)
MOST = 99_999_999  # minor units; the provider charges no more at once
BY_NUMBER = ("token", "consultation")
SOLD = ("published", "active")
HERE = Viewer(PLATFORM, "staff", "system")
OnSale = Literal["hidden", "unpriced", "free", "early", "over", "sold_out", "open"]
_PRICED = "Its owner sets one, and publishes it."


class NotForSale(Conflict):
    """This can't be bought now."""

    title = "Not for sale"


class OwnPurchase(Denied):
    """Nobody buys from themselves."""

    title = "Your own"


class PriceChanged(Conflict):
    """The quote is too old, or was of something else."""

    title = "Price changed"


@dataclass(frozen=True, slots=True)
class Offer:
    """So many of a thing, at what they cost together, and whose each part of that is."""

    product: Entity
    quantity: int
    unit_price: int
    price: Price
    split: Split
    points: dict[UUID, int]


class Quote(Row):
    """A price that holds for a while: give `quote` when you buy. Amounts are minor units."""

    quote: str
    product: UUID
    quantity: int
    unit_price: int
    total: int
    currency: str
    expires_at: datetime


def money(amount: int, currency: str) -> dict[str, JsonValue]:
    """Money as it stands on things."""
    return {"amount": amount, "currency": currency}


def here(ctx: Context) -> Store:
    """The same transaction with ONE's own eyes and hands."""
    desk, session = ctx.deployment.desk, ctx.store.session
    return Store(desk.session_of(session.tx, ctx.space, HERE))


async def offer(ctx: Context, product: UUID, *, quantity: int, quote: str = "") -> Offer:
    """What so many of a thing cost the one who acts.

    Raises NotFound, Invalid, NotForSale, OwnPurchase, PriceChanged.
    """
    thing = await ctx.store.get(product)
    unit, currency = _price(ctx, thing)
    _check(ctx, thing, quantity=quantity)
    if quote:
        unit, currency = _quoted(ctx, quote, product=product, quantity=quantity)
    owners = dict(await owners_of(ctx.store.session, product))
    if ctx.actor.id in owners:
        raise OwnPurchase(f"“{thing.name}” is your own.", cure="Buy as somebody else.")
    if sum(owners.values()) != 10_000:
        raise NotForSale(
            f"It isn't settled whose the money for “{thing.name}” is.",
            cure="Its owners share the whole of it first.",
        )
    return await _offered(ctx, thing, quantity=quantity, price=(unit, currency), owners=owners)


async def gift(ctx: Context, person: UUID, *, amount: int, currency: str) -> Offer:
    """What somebody gives a person, who says the amount themselves.

    Raises NotFound, Invalid, NotForSale, OwnPurchase.
    """
    thing = await ctx.store.get(person)
    if thing.type not in PEOPLE:
        raise NotForSale(f"“{thing.name}” is no person.", cure="Buy it, if it has a price.")
    if ctx.actor.id == person:
        raise OwnPurchase("Nobody tips themselves.", cure="Choose somebody else.")
    return await _offered(ctx, thing, quantity=1, price=(amount, currency), owners={person: 10_000})


async def charged(
    ctx: Context, seller: UUID, *, price: tuple[int, str], sold: UUID | None = None
) -> Offer:
    """What the one who acts is charged by a feature of the seller's: the money is of those who own
    what is sold, else the seller's.

    Raises NotFound, Invalid, NotForSale, OwnPurchase.
    """
    thing, owners = await here(ctx).get(seller), {seller: WHOLE}
    shared = dict(await owners_of(ctx.store.session, sold)) if sold else {}
    if sold is not None and sum(shared.values()) == WHOLE:
        thing, owners = await here(ctx).get(sold), shared
        if seller not in owners:
            _require_theirs(ctx, thing, price)
    elif thing.type not in PEOPLE:
        raise NotForSale(
            f"Nobody is there whom the money for “{thing.name}” would go to.",
            cure="Take the feature as your own and deploy it.",
        )
    if ctx.actor.id in owners:
        raise OwnPurchase(
            "You would pay yourself: what this takes is yours.", cure="Let somebody else run it."
        )
    quantity, unit = _counted(thing, price)
    return await _offered(ctx, thing, quantity=quantity, price=(unit, price[1]), owners=owners)


def _require_theirs(ctx: Context, thing: Entity, price: tuple[int, str]) -> None:
    """That what others sell goes for what they ask. Raises NotForSale."""
    asked, currency = _price(ctx, thing)
    if price[1] != currency or price[0] < asked:
        raise NotForSale(
            f"“{thing.name}” costs {written_amount(asked, currency)}, and isn't yours to sell for"
            " less.",
            cure="Charge its price.",
        )


def _counted(thing: Entity, price: tuple[int, str]) -> tuple[int, int]:
    """How many of a thing are paid for, and what each costs: of what is sold by number so many as
    its price goes into it, of anything else one.
    """
    one = thing.properties.get("price")
    if thing.type in BY_NUMBER and isinstance(one, dict) and one["currency"] == price[1]:
        unit = one["amount"]
        if isinstance(unit, int) and unit and not price[0] % unit:
            return price[0] // unit, unit
    return 1, price[0]


async def _offered(
    ctx: Context,
    thing: Entity,
    *,
    quantity: int,
    price: tuple[int, str],
    owners: dict[UUID, int],
) -> Offer:
    unit, currency = price
    gross = unit * quantity
    if gross <= 0:
        raise Invalid("There is nothing to pay.", cure="Take an amount above zero.")
    if gross > MOST:
        raise Invalid(
            f"{gross:,} minor units of {currency} can't be paid at once.",
            cure=f"Choose what costs at most {MOST:,}.",
        )
    referrer = await referrer_of(ctx.store.session, ctx.me)
    if referrer in owners:
        referrer = None
    settings = ctx.settings
    rates = Rates(
        settings.platform_fee, settings.referral_share, settings.least_fees.get(currency, 0)
    )
    cost = Price(gross, currency)
    split = waterfall(cost, owners, rates=rates, referrer=referrer)
    return Offer(thing, quantity, unit, cost, split, owners)


def check_price(settings: Settings, amount: int, *, currency: str) -> None:
    """Holds a price against what can be paid and shared out. Raises Invalid."""
    if not 0 <= amount <= MOST:
        raise Invalid(
            "Nobody can pay so much at once.",
            cure=f"Set a price of at most {written_amount(MOST, currency)}.",
        )
    if amount:
        rates = Rates(
            settings.platform_fee, settings.referral_share, settings.least_fees.get(currency, 0)
        )
        somebody = UUID(int=0)
        waterfall(Price(amount, currency), {somebody: WHOLE}, rates=rates, referrer=somebody)


def on_sale(thing: Entity, *, now: datetime) -> OnSale:
    """Whether a thing can be bought now, however many there are."""
    price = thing.properties.get("price")
    if thing.status not in SOLD:
        return "hidden"
    if not isinstance(price, dict):
        return "unpriced"
    since, until = (thing.properties.get(f"available{end}") for end in ("From", "Until"))
    if isinstance(since, str) and now < datetime.fromisoformat(since):
        return "early"
    if isinstance(until, str) and now > datetime.fromisoformat(until):
        return "over"
    return "open" if price["amount"] else "free"


def require_open(ctx: Context, thing: Entity) -> None:
    """That a thing can be had now, for its price or for nothing. Raises NotForSale."""
    name = thing.name
    match on_sale(thing, now=ctx.clock.now()):
        case "hidden":
            raise NotForSale("It isn't for sale yet.", cure=_PRICED)
        case "unpriced":
            raise NotForSale(f"“{name}” has no price.", cure=_PRICED)
        case "early":
            raise NotForSale(f"“{name}” is not yet for sale.", cure="See its availableFrom.")
        case "over":
            raise NotForSale(f"“{name}” is no longer for sale.", cure="See its availableUntil.")
        case _:
            pass


def _price(ctx: Context, thing: Entity) -> tuple[int, str]:
    """The price that stands on a thing. Raises NotForSale."""
    require_open(ctx, thing)
    price = thing.properties["price"]
    assert isinstance(price, dict), "what is on sale has a price"
    if not price["amount"]:
        raise NotForSale(f"“{thing.name}” is free.", cure="Take it: there is nothing to pay.")
    amount = price["amount"]
    assert isinstance(amount, int), "a price was checked when it was set"
    return amount, str(price["currency"])


def _check(ctx: Context, thing: Entity, *, quantity: int) -> None:
    """Raises Invalid, NotForSale."""
    if not ctx.ontology.connection("transacted").fits("creator", thing.type):
        raise NotForSale(
            f"“{thing.name}” can't be bought by itself.", cure="Look what it is part of."
        )
    if quantity > 1 and thing.type not in BY_NUMBER:
        raise Invalid(f"One buys one “{thing.name}”.", cure="Ask for a quantity of 1.")


def quoted(ctx: Context, found: Offer) -> Quote:
    """The offer as a quote, which holds for a while."""
    until = ctx.clock.now() + QUOTED
    facts = {
        "product": str(found.product.id),
        "quantity": found.quantity,
        "price": found.unit_price,
        "currency": found.price.currency,
        "buyer": str(ctx.me),
        "until": until.isoformat(),
    }
    return Quote(
        quote=ctx.deployment.seal.close(orjson.dumps(facts).decode()),
        product=found.product.id,
        quantity=found.quantity,
        unit_price=found.unit_price,
        total=found.price.gross,
        currency=found.price.currency,
        expires_at=until,
    )


def _quoted(ctx: Context, quote: str, *, product: UUID, quantity: int) -> tuple[int, str]:
    """The price of a quote. Raises PriceChanged."""
    text = ctx.deployment.seal.open(quote)
    facts = cast("dict[str, str | int]", orjson.loads(text) if text else {})
    wanted = {"product": str(product), "quantity": quantity, "buyer": str(ctx.me)}
    if not wanted.items() <= facts.items():
        raise PriceChanged("This is no quote for that.", cure="Ask for a new one.")
    if datetime.fromisoformat(str(facts["until"])) < ctx.clock.now():
        raise PriceChanged("This quote is no longer good.", cure="Ask for a new one.")
    return int(facts["price"]), str(facts["currency"])

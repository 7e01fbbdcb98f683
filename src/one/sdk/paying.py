"""Payments of features: what somebody is to pay is a purchase of theirs, at the price that stands
on the thing, or of what the feature says where it sells nothing that has one.

A checkout is paid on a page; a charge takes the money at once, which only the sandbox knows by now.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from one.compiler.sheet import Price
from one.domains import payments
from one.domains.payments import Offer
from one.providers.base import already, refused
from one.runtime import Context, durable
from one.sdk import calling, consent
from one.sdk.calling import Asked, outgoing
from one.sdk.reckoning import items
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.standing import Receipt, Standing, as_one, as_person
from one.sdk.values import Money, Thing, Value, met, thing
from one.store import PEOPLE, Proof
from one.store.sales import Sale

OPENS, CLOSES = "stripe.createCheckout", "stripe.expireCheckout"
CHARGES, REFUNDS = "stripe.charge", "stripe.refund"
CARD = "pm_card_visa"
"""What is charged in the sandbox where the text names nothing."""
_CARDS = re.compile(r"pm_card_\w+|\d[\d ]{11,17}\d")
_TRIES = 5
Names = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class _Here:
    """A call at its place in a run, which has these names."""

    engine: durable.Run
    standing: Standing
    path: str
    names: Names

    @property
    def space(self) -> UUID:
        return self.engine.journal.lease.space

    @property
    def run(self) -> UUID:
        return self.engine.journal.lease.id

    @property
    def place(self) -> str:
        return self.engine.front + self.path

    @property
    def is_begun(self) -> bool:
        """Whether it is ours to end."""
        return f"{self.place}.opens" in self.engine.journal.known

    @property
    def is_of_before(self) -> bool:
        """Whether the run was here when a stand-in answered for what is booked by now."""
        done = self.engine.journal.known.get(self.place)
        return done is not None and done.operation in (CHARGES, REFUNDS) and not self.is_begun

    async def begin(self, act: Callable[[Context], Awaitable[JsonValue]]) -> JsonValue:
        """Keeps what is to be asked for, once."""
        return await self.engine.step(f"{self.path}.opens", act, operation="open")

    async def elsewhere(self, asked: Asked) -> Value:
        """As any other service is asked."""
        return await calling.call(self.engine, self.standing, path=self.path, asked=asked)


async def call(
    engine: durable.Run, standing: Standing, *, path: str, asked: Asked, names: Names
) -> Value:
    """Calls an action of a service; what moves money of ours is done here. Raises Outside, Refusal,
    and what a purchase and a refund may.
    """
    here = _Here(engine, standing, path, names)
    act = _ACTS.get(asked.what) or (_refuse if _is_absent(asked.what) else None)
    if standing.rehearsed or here.is_of_before:
        act = None
    return await (act(here, asked) if act else here.elsewhere(asked))


def needs_no_yes(standing: Standing, what: str) -> bool:
    """Whether nothing is done, or it is paid on a page, which is the yes of who pays there."""
    return not standing.rehearsed and (what in (OPENS, CLOSES) or _is_absent(what))


def _is_absent(what: str) -> bool:
    action = calling.action_of(*what.split(".", 1))
    return action is not None and bool(action.absent)


# --- on a page


async def _checkout(here: _Here, asked: Asked) -> Value:
    """Opens one: `id` is the purchase's, `url` where it is paid."""
    standing, params = here.standing, asked.params
    buyer = _buyer(standing, params.get("customer"))

    async def begin(ctx: Context) -> JsonValue:
        theirs = as_person(ctx, buyer)
        found = await _offer(theirs, standing, params)
        bought = await payments.begin(theirs, found, run=here.run)
        return {"id": str(bought.id), "url": bought.pay}

    return met(await here.engine.step(here.path, begin, operation=OPENS))


async def _give_up(here: _Here, asked: Asked) -> Value:
    """Gives up a checkout that nobody has paid."""
    id = _id_of(asked.params.get("checkout"))

    async def end(ctx: Context) -> JsonValue:
        return await payments.give_up_purchase(ctx, UUID(id))

    return met(await here.engine.step(here.path, end, operation=CLOSES))


def _buyer(standing: Standing, customer: Value) -> UUID:
    """Who is to pay: whoever runs it, or whose doing set it off. Raises Refusal, NotTheirs."""
    own = standing.runner if standing.called else standing.actor
    if isinstance(customer, Thing) and customer.id != own:
        raise NotTheirs(f"“{customer.name}” buys for themselves: let them run it.")
    if own is None:
        raise Refusal("nobody_pays", "Sign in first: somebody has to pay.")
    return own


async def _offer(ctx: Context, standing: Standing, params: Mapping[str, Value]) -> Offer:
    """Raises Refusal, and what an offer may."""
    product, amount = params.get("product"), params.get("amount")
    if isinstance(product, Thing):
        number = params.get("quantity") or 1
        if not isinstance(number, int) or number < 1:
            raise Refusal("no_number", "One buys one or more.")
        return await payments.offer(ctx, product.id, quantity=number)
    to = params.get("to")
    person = to.id if isinstance(to, Thing) else standing.author.id
    if not isinstance(amount, Money) or person is None:
        raise Refusal("nothing_to_pay", "It says neither what is bought nor what it costs.")
    return await payments.gift(ctx, person, amount=amount.amount, currency=amount.currency)


# --- at once


async def payer(
    ctx: Context, standing: Standing, asked: Asked, *, path: str
) -> dict[str, JsonValue]:
    """Who is charged where the text names nobody: who runs it, or whose doing set it off, with
    their yes. Raises Refusal, Unsaid.
    """
    if asked.what != CHARGES or standing.rehearsed or asked.params.get("customer") is not None:
        return {}
    own = standing.runner if standing.called else standing.actor
    if own is None:
        raise Refusal("nobody_pays", "Sign in first: somebody has to pay.")
    person = thing(await as_one(ctx, None).store.get(own))
    await consent.speak(ctx, standing, person, path=path)
    return {"customer": outgoing(person)}


async def _charge(here: _Here, asked: Asked) -> Value:
    """Charges who said yes, for the author or the owners of what is sold: a sale like any other."""
    standing, deployment = here.standing, here.engine.deployment
    if deployment.payments.mode != "sandbox" and not here.is_begun:
        return await here.elsewhere(asked)

    async def begin(ctx: Context) -> JsonValue:
        theirs = as_person(ctx, _charged(asked.params.get("customer")))
        amount, seller = asked.params.get("amount"), standing.author.id
        if not isinstance(amount, Money) or seller is None:
            raise Refusal("no_amount", "It doesn't say how much is to be paid.")
        sold = _sold(here, asked)
        price = (amount.amount, amount.currency)
        found = await payments.charged(theirs, seller, price=price, sold=sold)
        method = str(asked.params.get("method") or CARD)
        if not _CARDS.fullmatch(method):
            raise Refusal("no_card", "Only a card pays at once.")
        charging = payments.Charging(standing.sheet.feature, standing.title, method)
        return str((await payments.begin(theirs, found, charging=charging, run=here.run)).id)

    sale = UUID(str(await here.begin(begin)))
    said = {key: outgoing(value) for key, value in asked.params.items() if value is not None}

    async def take(key: str) -> JsonValue:
        del key  # the call of the sale has its own
        tries = asked.how.tries or _TRIES
        id = await payments.collect(deployment, here.space, sale=sale, tries=tries)
        receipt = f"{deployment.settings.address_of(here.space)}/purchases/{sale}"
        return {"id": id, "amount": said["amount"], "status": "succeeded", "receipt": receipt}

    return await _done(here, asked, take)


def _charged(customer: Value) -> UUID:
    """The one person who is charged. Raises Refusal."""
    match customer:
        case Thing(id=id, type=type) if type in PEOPLE:
            return id
        case {"id": str(id), "type": str(type)} if type in PEOPLE:
            return UUID(id)
        case _:
            raise Refusal("nobody_pays", "It has to be one person who pays.")


def _sold(here: _Here, asked: Asked) -> UUID | None:
    """The one thing that is sold: that which the payment says that it is for, else the pick."""
    said = asked.params.get("description")
    if isinstance(said, Thing) and said.type not in PEOPLE:
        return said.id
    lines = [line for line in here.standing.lines(here.place) if isinstance(line, Price)]
    sells = {name for line in lines for name in line.sells}
    sold = {
        one.id for name in sells for one in items(here.names.get(name)) if isinstance(one, Thing)
    }
    return sold.pop() if len(sold) == 1 else None


async def _refund(here: _Here, asked: Asked) -> Value:
    """Gives back what a feature took, or what was bought of its author, out of everybody's part."""
    engine, standing = here.engine, here.standing
    charge, amount = _id_of(asked.params.get("charge")), asked.params.get("amount")
    of = engine.key(here.place)

    def may(sale: Sale) -> bool:
        sellers = {share.person for share in sale.shares}
        taken = (_id_of(met(one.gave)) for one in standing.receipts)
        return standing.author.staff or standing.author.id in sellers or charge in taken

    async def begin(ctx: Context) -> JsonValue:
        if not await payments.is_sold(ctx, charge):
            return {"known": False}
        much = (amount.amount, amount.currency) if isinstance(amount, Money) else None
        found = await payments.refund_charge(ctx, charge, amount=much, of=of, may=may)
        return {"known": True, "sale": str(found.id) if found else None}

    begun = await here.begin(begin)
    assert isinstance(begun, dict), "what was begun says of which sale"
    if not begun["known"]:
        return await here.elsewhere(asked)

    async def back(key: str) -> JsonValue:
        del key  # the refund of the sale has its own
        if begun["sale"] is None:
            raise already("All of this payment is back already.")
        id = await payments.give_back(
            engine.deployment,
            here.space,
            sale=UUID(str(begun["sale"])),
            of=of,
            again=engine.determined,
        )
        return {"id": id, "charge": charge, "status": "succeeded"}

    return await _done(here, asked, back)


def _id_of(made: Value) -> str:
    """What a call made, by its answer or its id."""
    return str(made.get("id", "")) if isinstance(made, Mapping) else str(made or "")


async def _done(here: _Here, asked: Asked, act: durable.Call) -> Value:
    """Waits until it is known what came of it, which is this run's proof of it."""
    said = {key: outgoing(value) for key, value in asked.params.items() if value is not None}
    base = durable.Calling()
    how = durable.Calling(
        tries=None, pause=asked.how.pause or base.pause, timeout=asked.how.timeout or base.timeout
    )
    came = await here.engine.call(here.path, act, operation=asked.what, given=said, calling=how)
    service, _, action = asked.what.partition(".")
    proof = Proof(service, here.engine.deployment.payments.mode, _id_of(met(came)))
    here.standing.receipts.append(Receipt(service, action, proof, said, came))
    return met(came)


# --- what isn't done


async def _refuse(here: _Here, asked: Asked) -> Value:
    """Raises Outside."""
    action = calling.action_of(*asked.what.split(".", 1))
    assert action is not None, "what isn't done yet is known"

    async def act(key: str) -> JsonValue:
        del key
        raise refused(action.absent, cure=action.instead)

    return await _done(here, asked, act)


_ACTS = {
    OPENS: _checkout,
    CLOSES: _give_up,
    CHARGES: _charge,
    REFUNDS: _refund,
}

"""What features give: tokens, and facts of a payment."""

from dataclasses import replace
from uuid import UUID

from one.errors import Invalid
from one.runtime import Context
from one.sdk.asking import Query, Tie, Where
from one.sdk.finding import rows
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.rights import given
from one.sdk.standing import Standing, as_one, speaks_for
from one.sdk.values import Money, Thing, Value, happening, relation, text, thing
from one.store import ConnectionAsk, Happening, Link, Move, Proof, Written
from one.store.pairing import told

_LEDGERS = frozenset({"change", "balance", "counterpartyId"})
"""What the ledger alone says of a move."""


async def grant(
    ctx: Context, standing: Standing, *, to: Thing, amount: Value, asset: Value
) -> None:
    """Adds to somebody's balance, or takes from it. Raises Refusal where there is not enough."""
    if isinstance(amount, Money):
        raise Refusal("money_is_not_given", "Money is paid out by a payment service, not given.")
    if not isinstance(amount, int | float) or isinstance(amount, bool) or amount != int(amount):
        raise Invalid(f"“{text(amount)[:80]}” is no whole number of tokens.")
    token = await token_of(ctx, standing, asset)
    if token is None:
        raise Refusal("no_token", "There is no token to give yet.")
    if amount > 0 and not await speaks_for(ctx, standing, token.id):
        raise NotTheirs(f"“{token.name}” is not theirs to give.")
    if amount:
        await _moved(ctx, standing, to, token=token.id, amount=int(amount))


async def _moved(
    ctx: Context, standing: Standing, person: Thing, *, token: UUID, amount: int
) -> None:
    """Moves tokens, unless a call of this run moved the very same: it is told of twice then."""
    store = as_one(ctx, person.id).store
    both = any(one.service == "blockchain" for one in standing.sheet.leaves)
    if both and await told(
        store.session,
        "command",
        run=standing.run,
        holder=person.id,
        token=token,
        change=amount,
    ):
        return
    action = "earned" if amount > 0 else "spent"
    about = {"runId": str(standing.run)}
    await store.move(Move(person.id, token, amount, action, about))


async def balance(ctx: Context, standing: Standing, *, person: Value, asset: Value) -> int:
    """How many of the author's token somebody holds; of a stranger's, none that is told."""
    if not isinstance(person, Thing):
        return 0
    token = await token_of(ctx, standing, asset)
    if token is None or not await speaks_for(ctx, standing, token.id):
        return 0
    return await as_one(ctx, None).store.balance(person.id, token.id)


async def token_of(ctx: Context, standing: Standing, asset: Value) -> Thing | None:
    """The token that is meant: the one named, or the author's newest, if they have one."""
    if isinstance(asset, Thing):
        return asset
    author = standing.author.id
    assert author is not None, "features have an author"
    where = (Where("type", "eq", "token"), Tie("owns", source=str(author)))
    found = await rows(ctx, Query("entities", where, order=("-createdAt",), limit=1))
    return next((one for one in found if isinstance(one, Thing)), None)


async def fact(ctx: Context, standing: Standing, link: Link, *, person: Thing, path: str) -> Value:
    """A connection of money or tokens: what a payment or a mint was for, or what the author gives
    of their own. Raises Refusal.
    """
    proof = await _proof(ctx, standing, link, person=person, path=path)
    if proof is None:
        return None
    try:
        return relation(await as_one(ctx, person.id).store.relate_fact(link, proof))
    except Written:
        return None


async def _proof(
    ctx: Context, standing: Standing, link: Link, *, person: Thing, path: str
) -> Proof | None:
    """What the connection follows from; nothing for tokens, whose balance says it all."""
    if link.type == "holds":
        asset = await as_one(ctx, None).store.get(link.to_id)
        if asset.type == "token":
            if not await speaks_for(ctx, standing, asset.id):
                raise NotTheirs(f"“{asset.name}” is not theirs to give.")
            amount = int(str(link.metadata.get("amount", 1)))
            await given(ctx, standing, person, of=None, path=path)
            await _moved(ctx, standing, person, token=asset.id, amount=amount)
            return None
        if await ctx.store.standing(link.to_id) == "owner":
            await given(ctx, standing, person, of=thing(asset), path=path)
            return Proof("one", "local", f"{standing.run}:{path}")
    receipt = standing.receipt("stripe", "blockchain")
    if receipt is None:
        raise Refusal("not_paid", "Nothing was paid that this could be said of.")
    return receipt.proof


async def own(ctx: Context, standing: Standing, link: Link, *, person: Thing) -> Value:
    """Makes somebody an owner of what is the author's: of a share when one is said, else of all.

    Raises Refusal.
    """
    store = as_one(ctx, person.id).store
    held = await store.connections(ConnectionAsk(types=("owns",), to_id=link.to_id), limit=200)
    shares = {row.from_id: int(str(row.metadata.get("revenueShare", 0))) for row in held.items}
    if person.id in shares:
        return next(relation(row) for row in held.items if row.from_id == person.id)
    if not await speaks_for(ctx, standing, link.to_id):
        raise NotTheirs("This is not theirs to give away.")
    said = link.metadata.get("revenueShare")
    part = int(said) if isinstance(said, int | float) else 10_000
    whole = [(owner, share * (10_000 - part) // 10_000) for owner, share in shares.items()]
    left = [(owner, share) for owner, share in whole if share > 0]
    rest = 10_000 - sum(share for _, share in left)
    made = await store.share(link.to_id, [*left, (person.id, rest)])
    return next(relation(row) for row in made if row.from_id == person.id)


async def event(ctx: Context, standing: Standing, said: Happening, *, actor: UUID | None) -> Value:
    """An event that says more of a payment, a grant or a mint of this run. Raises Refusal."""
    receipt = standing.receipt("stripe", "blockchain")
    if receipt is None:
        raise Refusal("not_paid", "Nothing was paid that this could be said of.")
    told_of = {key: one for key, one in said.metadata.items() if key not in _LEDGERS}
    said = replace(said, metadata=told_of)
    try:
        store = as_one(ctx, actor).store
        return happening(await store.record_fact(said, receipt.proof, actor=actor))
    except Written:
        return None

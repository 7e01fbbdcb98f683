"""What a running feature may do, and for whom: the rules of the sheet, where an effect happens.

Whoever calls is let in (`admit`); what they pick is theirs, or the author's that they see (`pick`);
what is changed belongs to who stands behind it (`hands`); prices
are the author's (`priced`), gifts and paid calls are counted (`given`, `spend`).
"""

from collections.abc import Mapping
from uuid import UUID

from one.compiler.sheet import Budget, Change, Gift, Price, Read
from one.compiler.spoken import named
from one.domains import notices
from one.errors import Denied, NotSignedIn, TooMany
from one.runtime import Context
from one.sdk.consent import Tomorrow
from one.sdk.reckoning import items
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.standing import (
    Standing,
    as_one,
    belongs,
    eyes_of,
    speaks_for,
    with_eyes,
)
from one.sdk.values import Money, Thing, Value, met, thing
from one.store import ANYBODY, PEOPLE, ConnectionAsk, Link
from one.store.uses import count_use, uses_of

Names = Mapping[str, Value]


# --- who runs it, and what they pick ------------------------------------------------------------


async def admit(ctx: Context, standing: Standing, *, needs_runner: bool) -> None:
    """Lets in who may run the feature; without an account only where its text has words for that,
    or guests may. Raises NotSignedIn, Denied.
    """
    runs, runner = standing.sheet.runs, standing.runner
    if not standing.called or runner == standing.author.id:
        return
    if runner is None and (needs_runner or (runs.who == "signedIn" and not runs.runner)):
        raise NotSignedIn("Sign in to run this.", cure="Sign in, then run it again.")
    if runs.who == "nobody":
        raise Denied("Nobody calls this; it runs by itself.", cure="Wait for what sets it off.")
    if runs.who == "managers" and not await _manages(ctx, standing):
        raise Denied("Only its author and those who help them may run this.", cure="Ask them.")


async def _manages(ctx: Context, standing: Standing) -> bool:
    author = standing.author.id
    if standing.runner is None or author is None:
        return False
    link = Link("collaborates_with", standing.runner, author, {})
    return await as_one(ctx, None).store.connected(link)


async def pick(ctx: Context, standing: Standing, *, name: str, found: Thing) -> Thing | None:
    """What is picked, as the run has it; nothing for what the runner may not pick.

    Their own, or what they can see of the author's; of others what is only read or sold. Raises
    Refusal for who would be their own judge.
    """
    if standing.by_author:
        return found
    if found.type in PEOPLE:
        runs = standing.sheet.runs
        if name in runs.judges and found.id == standing.runner:
            words = f"The {named(name)} has to be somebody else than who asks."
            raise Refusal("own_judge", words)
        return found if found.id == standing.runner or name != runs.runner else None
    picked = next((one for one in standing.sheet.picks if one.name == name), None)
    if picked is not None and picked.needs_own and not await _is_runners(ctx, standing, found):
        return None
    return found


async def _is_runners(ctx: Context, standing: Standing, found: Thing) -> bool:
    return standing.runner is not None and await belongs(ctx, found.id, standing.runner)


# --- what is changed ----------------------------------------------------------------------------


async def hands(ctx: Context, standing: Standing, target: Thing, *, path: str) -> Context:
    """The hands that may change a thing. Raises Refusal."""
    lines = [line for line in standing.lines(path) if isinstance(line, Change)]
    own = any(line.needs_own for line in lines) and not standing.by_author
    if own and not await _is_runners(ctx, standing, target):
        raise NotTheirs(f"“{target.name}” is not yours.")
    if own or await speaks_for(ctx, standing, target.id):
        return as_one(ctx, ctx.actor.id)
    raise NotTheirs(f"“{target.name}” is not theirs to change.")


# --- money, gifts, budgets ----------------------------------------------------------------------


def priced(standing: Standing, path: str, *, amount: Value, names: Names) -> None:
    """That who pays gives what it costs. Raises Refusal."""
    if standing.by_author:
        return
    for line in standing.lines(path):
        if not isinstance(line, Price):
            continue
        sold = [one for name in line.sells for one in items(names.get(name))]
        things = [one for one in sold if isinstance(one, Thing)]
        for name in line.inputs:
            _as_priced(name, names.get(name), things)
        _not_less(line, amount, things)


def _as_priced(name: str, sent: Value, sold: list[Thing]) -> None:
    """A price that was sent is the one that the thing has."""
    for one in sold:
        price = met(one.properties.get(name, one.properties.get("price")))
        if isinstance(price, Money) and isinstance(sent, Money) and sent != price:
            raise Refusal("another_price", f"“{one.name}” costs {price}.")


def _not_less(line: Price, amount: Value, sold: list[Thing]) -> None:
    """What has a price isn't sold for less."""
    for one in sold:
        price = met(one.properties.get("price"))
        if line.cheaper or not isinstance(price, Money) or not isinstance(amount, Money):
            continue
        if amount.currency != price.currency or amount < price:
            raise Refusal("too_little", f"“{one.name}” costs {price}.")


def not_only_taken(standing: Standing, path: str) -> None:
    """That tokens are given where the sheet says so: who is asked for a negative number of theirs
    would get some. Raises Refusal.
    """
    lines = standing.lines(path)
    takes = any(isinstance(line, Price) and not line.service for line in lines)
    if takes and not any(isinstance(line, Gift) for line in lines):
        raise Refusal("only_taken", "Tokens are taken here: the number must be more than 0.")


async def given(
    ctx: Context, standing: Standing, person: Thing, *, of: Thing | None, path: str
) -> None:
    """Counts a gift of the author's. Raises Refusal, TooMany, Tomorrow."""
    gifts = [line for line in standing.lines(path) if isinstance(line, Gift) and not line.sold]
    if not gifts or (standing.called and standing.by_author):
        return
    if of is not None and not standing.by_author and _has_price(of):
        raise Refusal("not_paid", f"“{of.name}” has a price: {met(of.properties['price'])}.")
    session, today = ctx.store.session, ctx.store.session.now.date()
    key = f"gift:{standing.author.id}:{standing.sheet.feature}:{path}:{person.id}"
    if standing.called:
        once = await count_use(session, f"{key}:{of.id if of else ''}", limit=1)
        if not once:
            raise Refusal("given_before", "This was given before.")
    elif not await count_use(session, key, limit=10, day=today):
        raise Tomorrow
    await spend(ctx, standing, path)


def _has_price(of: Thing) -> bool:
    price = met(of.properties.get("price"))
    return isinstance(price, Money) and price.amount > 0


async def spend(ctx: Context, standing: Standing, path: str) -> None:
    """Counts what costs the author something, for a day. Raises TooMany; Tomorrow where nobody
    called.
    """
    for line in standing.lines(path):
        if isinstance(line, Budget):
            await _spend(ctx, standing, line)


async def _spend(ctx: Context, standing: Standing, line: Budget) -> None:
    session, today = ctx.store.session, ctx.store.session.now.date()
    base = f"{line.of}:{standing.author.id}:{standing.sheet.feature}"
    most = line.everyone
    if not await count_use(session, base, limit=most, day=today):
        most = max(most, 2 * await _audience(ctx, standing))
        if not await count_use(session, base, limit=most, day=today):
            raise _enough(standing)
    who = standing.runner or standing.actor
    limits: list[tuple[str, int]] = []
    if standing.called and (standing.guest or who is None):
        limits.append((f"{base}:guests", line.guests))
    if who is not None and who != standing.author.id:
        limits.append((f"{base}:{who}", line.guest if standing.guest else line.person))
    for key, limit in limits:
        if not await count_use(session, key, limit=limit, day=today):
            raise _enough(standing)
    if await uses_of(session, base, day=today) == most * 4 // 5 and not standing.author.staff:
        about = (
            f"“{standing.sheet.feature.replace('_', ' ')}” has used 80 % of its day: {line.says}"
        )
        notice = notices.Notice(about=about, key=f"budget:{base}:{today}:{most}")
        await notices.tell(ctx, notice, to=[id for id in (standing.author.id,) if id])


async def _audience(ctx: Context, standing: Standing) -> int:
    """How many follow the author."""
    ask = ConnectionAsk(types=("following",), to_id=standing.author.id)
    return (await as_one(ctx, None).store.count(ask)).count


def _enough(standing: Standing) -> Tomorrow | TooMany:
    if not standing.called:
        return Tomorrow()
    return TooMany("This was done as often as it may be in a day.", cure="Try again tomorrow.")


# --- whose eyes ---------------------------------------------------------------------------------


def eyes(ctx: Context, standing: Standing, *, path: str) -> Context:
    """The eyes that look something up: of whoever gets to see it; of several, everybody's."""
    seers = {
        eyes_of(standing, party)
        for line in standing.lines(path)
        if isinstance(line, Read)
        for party in line.eyes
    }
    seers.discard(standing.author)
    if not seers:
        return ctx
    return with_eyes(ctx, seers.pop() if len(seers) == 1 else ANYBODY)


async def visible(ctx: Context, standing: Standing, id: UUID) -> Thing | None:
    """A thing as who gets it may see it, without what is private."""
    from_here = with_eyes(ctx, standing.receiver)
    found = await from_here.store.standing(id)
    return thing(await from_here.store.get(id, deleted=found == "owner")) if found else None

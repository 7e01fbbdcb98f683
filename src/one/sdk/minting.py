"""Tokens that a call of the blockchain moves: which are meant, whose, and whether it may be."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import JsonValue

from one.runtime import Context
from one.sdk import consent, giving, rights
from one.sdk.calling import Asked, outgoing
from one.sdk.reckoning import items
from one.sdk.refusal import NotTheirs, Refusal
from one.sdk.standing import Standing, as_one, speaks_for
from one.sdk.values import Thing, Value, thing

_SERVICE = "blockchain"
_TAKING = frozenset({"burn", "stake"})


async def named(
    ctx: Context, standing: Standing, asked: Asked, *, names: Mapping[str, Value], path: str
) -> dict[str, JsonValue]:
    """What such a call leaves unsaid: the author's token, and of whom tokens are taken. Nothing
    where it is of no token of the ledger. Raises Refusal, Unsaid, TooMany.
    """
    service, _, method = asked.what.partition(".")
    if service != _SERVICE or method == "deployContract":
        return {}
    meant = asked.params.get("token")
    if isinstance(meant, Mapping):
        await _require_yes(ctx, standing, meant, method=method, path=path)
        return {}
    token = await _token(ctx, standing, meant or asked.params.get("nft"), names)
    if token is None:
        return {}
    said: dict[str, JsonValue] = {"token": outgoing(token)}
    if method == "mint" or (method == "transfer" and not asked.params.get("from")):
        await _give(ctx, standing, asked, token=token, path=path)
    if method in _TAKING and not asked.params.get("from"):
        said["from"] = outgoing(await _runner(ctx, standing, method))
    if method == "balance":
        await _require_sight(ctx, standing, asked.params.get("owner"), token=token)
    return said


async def _token(
    ctx: Context, standing: Standing, meant: Value, names: Mapping[str, Value]
) -> Thing | None:
    """The token that is meant: where none is named, no other thing is at hand that a chain would
    keep, the author's newest.
    """
    if meant is None:
        kept = [one for one in names.values() if isinstance(one, Thing) and one.type == "nft"]
        return None if kept else await giving.token_of(ctx, standing, None)
    return meant if isinstance(meant, Thing) and meant.type == "token" else None


async def _give(ctx: Context, standing: Standing, asked: Asked, *, token: Thing, path: str) -> None:
    """That the author gives of their own, as often as they may. Raises Refusal, TooMany."""
    if not await speaks_for(ctx, standing, token.id):
        raise NotTheirs(f"“{token.name}” is not theirs to give.")
    for one in items(asked.params.get("to")):
        if isinstance(one, Thing):
            await rights.given(ctx, standing, one, of=None, path=path)


async def _runner(ctx: Context, standing: Standing, method: str) -> Thing:
    if standing.runner is None:
        raise Refusal("nobody_named", f"Nobody is named whose tokens are to {method}.")
    return thing(await as_one(ctx, None).store.get(standing.runner))


async def _require_sight(ctx: Context, standing: Standing, person: Value, *, token: Thing) -> None:
    """A balance is told of the author's own token, and to whose it is. Raises Refusal."""
    theirs = isinstance(person, Thing) and person.id in standing.willing
    if not theirs and not await speaks_for(ctx, standing, token.id):
        raise NotTheirs(f"Who holds “{token.name}” is not theirs to know.")


async def _require_yes(
    ctx: Context, standing: Standing, answer: Mapping[str, Value], *, method: str, path: str
) -> None:
    """That whoever was given tokens lets them be taken again. Raises Unsaid, Refusal."""
    owner = answer.get("owner")
    if method not in _TAKING or not answer.get("ledger") or not isinstance(owner, str):
        return
    person = thing(await as_one(ctx, None).store.get(UUID(owner)))
    await consent.speak(ctx, standing, person, path=path)

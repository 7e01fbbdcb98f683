"""What a person wants to hear, and where they are reached: by kind, by author, by channel."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from one.domains.notices.telling import addresses_of
from one.errors import Conflict, NotFound
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.store.notices import audience, told_by
from one.store.outbox import CHANNELS, Channel, suppressed
from one.store.preferences import (
    MOST_DEVICES,
    MOST_PREFERENCES,
    About,
    Device,
    Preference,
    add_device,
    devices_of,
    drop_device,
    prefer,
    preferences_of,
)


class Reachable(Row):
    """A channel: how many addresses of yours it has, and how many of these refuse for good."""

    channel: Channel
    addresses: int
    refused: int


class Wishes(Row):
    """What you have said you want or don't; all that you haven't spoken of, you get."""

    channels: list[Reachable]
    preferences: list[Preference]
    devices: list[Device]


@operation(kind="read", allow=signed_in, route="GET /api/notices/preferences")
async def list_preferences(ctx: Context) -> Wishes:
    """By which channels you are reached, and what you have said you want by them."""
    session, me = ctx.store.session, ctx.me
    known = (await audience(session, me, [me])).get(me)
    reached = list[Reachable]()
    for channel in CHANNELS:
        addresses = addresses_of(known, channel) if known else ()
        refused = await suppressed(session, {(channel, each) for each in addresses})
        reached.append(Reachable(channel=channel, addresses=len(addresses), refused=len(refused)))
    return Wishes(
        channels=reached,
        preferences=await preferences_of(session, me),
        devices=await devices_of(session, me),
    )


@operation(
    kind="write",
    allow=signed_in,
    raises=(Conflict, NotFound),
    route="POST /api/notices/preferences",
)
async def set_preference(
    ctx: Context,
    *,
    wanted: bool | None,
    author: UUID | None = None,
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")] | None = None,
    channel: Channel | None = None,
) -> Wishes:
    """Says whether you want what an author, a kind and a channel name; left out, it is any of
    them. With `wanted` null you take back what you said. The narrowest that fits decides, so you
    can want nothing of somebody but their `message`. Without a channel it is about the app too.
    """
    if author is not None and not await _knows(ctx, author):
        raise NotFound("There is nobody with this id.", cure="Check the id.")
    about = About(author=author, kind=kind, channel=channel)
    if not await prefer(ctx.store.session, ctx.me, about, wanted=wanted):
        raise Conflict(
            f"You have said {MOST_PREFERENCES:,} things that you want or don't, the most.",
            cure="Take back some, or say it of a kind or of a channel.",
        )
    return await list_preferences(ctx)


@operation(
    kind="write",
    allow=signed_in,
    raises=(Conflict,),
    route="POST /api/notices/devices",
    status=201,
)
async def register_device(
    ctx: Context,
    *,
    name: Annotated[str, Field(min_length=1, max_length=100)],
    address: Annotated[str, Field(min_length=1, max_length=2_000)],
) -> Device:
    """Lets push messages reach a device; `address` is what its push service calls it, and is
    shown to nobody.
    """
    device = await add_device(ctx.store.session, ctx.me, name=name, address=address)
    if device is None:
        raise Conflict(
            f"You have {MOST_DEVICES} devices, the most.", cure="Remove one that you don't use."
        )
    return device


@operation(
    kind="write", allow=signed_in, raises=(NotFound,), route="DELETE /api/notices/devices/{id}"
)
async def remove_device(ctx: Context, *, id: UUID) -> None:
    """Lets push messages reach a device no longer."""
    if not await drop_device(ctx.store.session, ctx.me, id):
        raise NotFound("You have no device with this id.", cure="List your preferences.")


async def _knows(ctx: Context, author: UUID) -> bool:
    """Whether one sees an author, or has heard of them."""
    seen = await ctx.store.standing(author) is not None
    return seen or await told_by(ctx.store.session, author)

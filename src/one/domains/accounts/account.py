"""One's own account: what it is, the devices it is signed in on, its password and address."""

from datetime import datetime
from uuid import UUID

from one.domains.accounts.again import ATTEMPTS, keep_wrong_password, mine, require_again
from one.domains.accounts.entrance import LETTERS, Entered, Mailed, begun
from one.domains.accounts.letters import mail_pair, tell_change
from one.domains.accounts.passwords import CurrentPassword, NewPassword
from one.errors import Conflict, Denied, Invalid, NotFound
from one.ontology.values import Email, Handle
from one.runtime import Context, in_session, operation
from one.store import Row
from one.store.accounts import keep_password
from one.store.audit import note
from one.store.people import become_creator as make_creator
from one.store.sessions import Device, devices, end, end_others


class Account(Row):
    """An account as its person sees it."""

    entity: UUID
    email: str
    has_password: bool
    second_factor: bool
    backup_codes_left: int
    created_at: datetime


class DeviceShown(Device):
    """`here`: the one that asks."""

    here: bool


class Devices(Row):
    """Where one is signed in, last used first."""

    items: list[DeviceShown]


class Became(Entered):
    """Who you are, a creator now. `left`: what you said of yourself that only fans say, and that
    is gone.
    """

    left: list[str]


@operation(kind="read", allow=in_session, raises=(NotFound,), route="GET /api/account")
async def show_account(ctx: Context) -> Account:
    """Your account."""
    account = await mine(ctx)
    return Account(
        entity=account.entity_id,
        email=account.email,
        has_password=account.password is not None,
        second_factor=account.totp_since is not None,
        backup_codes_left=account.codes_left,
        created_at=account.created_at,
    )


@operation(kind="read", allow=in_session, raises=(NotFound,), route="GET /api/account/devices")
async def list_devices(ctx: Context) -> Devices:
    """Where you are signed in."""
    account = await mine(ctx)
    idle = ctx.settings.longest_unused
    found = await devices(ctx.store.session, account.id, idle=idle)
    here = ctx.actor.session
    items = [DeviceShown(**one.model_dump(by_alias=False), here=one.id == here) for one in found]
    return Devices(items=items)


@operation(
    kind="write", allow=in_session, raises=(NotFound,), route="DELETE /api/account/devices/{id}"
)
async def end_session(ctx: Context, *, id: UUID) -> None:
    """Signs a device out at once."""
    if not await end(ctx.store.session, (await mine(ctx)).id, id):
        raise NotFound("You have no such session.", cure="List your devices to find it.")
    await note(ctx.store.session, "devices_signed_out", about=ctx.me)


@operation(kind="write", allow=in_session, raises=(NotFound,), route="DELETE /api/account/devices")
async def end_other_sessions(ctx: Context) -> None:
    """Signs every other device out at once."""
    await end_others(ctx.store.session, (await mine(ctx)).id, ctx.actor.session)
    await note(ctx.store.session, "devices_signed_out", about=ctx.me)


@operation(kind="write", allow=in_session, raises=(NotFound,))
async def sign_out(ctx: Context) -> Entered:
    """Signs this device out."""
    assert ctx.actor.session is not None, "in_session lets in nobody without one"
    await end(ctx.store.session, (await mine(ctx)).id, ctx.actor.session)
    await note(ctx.store.session, "signed_out")
    return Entered(entity=None, session_secret="")


@operation(
    kind="write",
    allow=in_session,
    raises=(NotFound, Denied, Invalid),
    limits=ATTEMPTS,
    refused=keep_wrong_password,
)
async def change_password(
    ctx: Context, *, new: NewPassword, password: CurrentPassword | None = None
) -> Entered:
    """Chooses another password; every other device is signed out."""
    account = await mine(ctx)
    await require_again(ctx, account, password)
    assert new.hash is not None, "it was prepared"
    await keep_password(ctx.store.session, account.id, new.hash)
    await end_others(ctx.store.session, account.id, None)
    await note(ctx.store.session, "password_changed", about=ctx.me)
    await tell_change(ctx, account, "Your password was changed")
    return await begun(ctx, account)


@operation(
    kind="write",
    allow=in_session,
    raises=(NotFound, Denied),
    status=202,
    limits=(*ATTEMPTS, *LETTERS),
    refused=keep_wrong_password,
)
async def change_email(
    ctx: Context, *, email: Email, password: CurrentPassword | None = None
) -> Mailed:
    """Asks for another address: it changes once both, the old and the new, have agreed."""
    account = await mine(ctx)
    await require_again(ctx, account, password)
    await mail_pair(ctx, account, email)
    return Mailed()


@operation(kind="write", allow=in_session, raises=(NotFound, Invalid, Conflict))
async def become_creator(ctx: Context, *, handle: Handle | None = None) -> Became:
    """Makes you, a fan, a creator for good. You keep your id, your relations and what is yours;
    everybody sees you from now on. Every other device is signed out.
    """
    account = await mine(ctx)
    said = {"handle": handle} if handle else {}
    _, left = await make_creator(ctx.store.session, account.entity_id, said)
    await end_others(ctx.store.session, account.id, None)
    await note(ctx.store.session, "became_creator", about=ctx.me)
    entered = await begun(ctx, account)
    return Became(entity=entered.entity, session_secret=entered.session_secret, left=left)

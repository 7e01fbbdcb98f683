"""The second factor: codes of an authenticator app (TOTP), each good once, and backup codes."""

import hmac
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final

import segno
from pydantic import AfterValidator, Field
from pyotp import random_base32
from pyotp.totp import TOTP
from typing_extensions import override

from one.clock import new_code
from one.domains.accounts.again import ATTEMPTS, keep_wrong_password, mine, require_again
from one.domains.accounts.letters import tell_change
from one.domains.accounts.passwords import CurrentPassword, Secret
from one.errors import Conflict, Denied, NotFound
from one.runtime import Call, Context, Deployment, Limit, in_session, operation
from one.store import Row
from one.store.accounts import (
    Account,
    backup_hash,
    keep_totp,
    require_totp,
    take_backup_code,
    take_step,
)
from one.store.audit import note
from one.store.sessions import Holder, end_others, holder_of

STEP: Final = 30  # seconds
_A_DAY = Limit(100, timedelta(days=1), by=("account",))
BACKUP_CODES: Final = 10


def _six_digits(text: str) -> str:
    """Raises ValueError."""
    if not re.fullmatch(r"[0-9]{6}", text):
        raise ValueError("must be six digits")
    return text


Code = Annotated[
    str, AfterValidator(_six_digits), Field(json_schema_extra={"pattern": "^[0-9]{6}$"})
]


class Offered(Row):
    """What an authenticator app takes in: the secret, its address, and that as a picture (SVG)."""

    secret: str
    uri: str
    picture: str


class BackupCodes(Row):
    """Codes for when the app is lost, each good once; shown this once and kept nowhere."""

    codes: list[str]


@operation(
    kind="write",
    allow=in_session,
    raises=(Conflict, NotFound, Denied),
    limits=ATTEMPTS,
    refused=keep_wrong_password,
    secret=True,
)
async def offer_second_factor(ctx: Context, *, password: CurrentPassword | None = None) -> Offered:
    """A new secret for an authenticator app; it counts once a code of it was confirmed."""
    account = await mine(ctx)
    await require_again(ctx, account, password)
    if account.totp_since is not None:
        raise Conflict("You have a second factor.", cure="Turn it off first.")
    secret = random_base32()
    uri = TOTP(secret).provisioning_uri(name=account.email, issuer_name="ONE")
    await keep_totp(ctx.store.session, account.id, ctx.deployment.seal.close(secret))
    picture = segno.make(uri, error="m").svg_inline(scale=4, border=2)
    return Offered(secret=secret, uri=uri, picture=picture)


@operation(
    kind="write",
    allow=in_session,
    raises=(Conflict, NotFound, Denied),
    limits=ATTEMPTS,
    refused=keep_wrong_password,
    secret=True,
)
async def confirm_second_factor(ctx: Context, *, code: Code) -> BackupCodes:
    """Turns the second factor on, with a first code of your app; every other device is signed
    out.
    """
    account = await mine(ctx)
    if account.totp is None or account.totp_since is not None:
        raise Conflict("No second factor waits to be turned on.", cure="Ask for a secret first.")
    if not await _passes_app(ctx, account, code):
        raise Denied("This code is wrong.", cure="Look whether your device's clock is right.")
    await end_others(ctx.store.session, account.id, ctx.actor.session)
    await note(ctx.store.session, "second_factor_on", about=ctx.me)
    await tell_change(ctx, account, "Your second factor was turned on")
    return await _with_new_codes(ctx, account)


@operation(
    kind="write",
    allow=in_session,
    raises=(Conflict, NotFound, Denied),
    limits=ATTEMPTS,
    refused=keep_wrong_password,
    secret=True,
)
async def renew_backup_codes(
    ctx: Context, *, password: CurrentPassword | None = None
) -> BackupCodes:
    """New backup codes; the old ones are void."""
    account = await mine(ctx)
    await require_again(ctx, account, password)
    if account.totp_since is None:
        raise Conflict("You have no second factor.", cure="Turn it on first.")
    return await _with_new_codes(ctx, account)


@operation(
    kind="write",
    allow=in_session,
    raises=(NotFound, Denied),
    limits=ATTEMPTS,
    refused=keep_wrong_password,
)
async def end_second_factor(ctx: Context, *, password: CurrentPassword | None = None) -> None:
    """Turns the second factor off; every other device is signed out."""
    account = await mine(ctx)
    await require_again(ctx, account, password)
    await keep_totp(ctx.store.session, account.id, None)
    await end_others(ctx.store.session, account.id, ctx.actor.session)
    await note(ctx.store.session, "second_factor_off", about=ctx.me)
    await tell_change(ctx, account, "Your second factor was turned off")


class TriedCode(Secret):
    """A code of the app, or a backup code, of who has half signed in. `half` is there once it was
    prepared; each account has a hundred tries a day, from wherever.
    """

    half: Holder | None = None

    @override
    async def prepare(
        self, deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
    ) -> None:
        """Raises TooMany."""
        del arguments
        idle = deployment.settings.longest_unused
        async with deployment.desk.read(call.space, call.actor, snapshot=False) as store:
            session = store.session
            secret = call.asked.origin.session
            holder = await holder_of(session.tx, call.space, secret, now=session.now, idle=idle)
        if holder is None or holder.whole:
            return
        self.half = holder
        whose = {"account": holder.account}
        await deployment.limiter.spend(
            deployment.desk, call.space, name="codes", limit=_A_DAY, values=whose
        )

    async def passes(self, ctx: Context, account: Account) -> bool:
        """Whether it is good; it is used up."""
        if self.text.isdecimal() and len(self.text) == 6:
            return await _passes_app(ctx, account, self.text)
        hash = backup_hash(account.id, self.text)
        return await take_backup_code(ctx.store.session, account.id, hash)


async def _passes_app(ctx: Context, account: Account, code: str) -> bool:
    """A code of this step or the ones beside it; no step is good twice, nor an earlier one."""
    secret = ctx.deployment.seal.open(account.totp) if account.totp else None
    if secret is None:
        return False
    app, now = TOTP(secret, interval=STEP), int(ctx.clock.now().timestamp()) // STEP
    fits = [step for step in (now - 1, now, now + 1) if _same(app.at(step * STEP), code)]
    return bool(fits) and await take_step(ctx.store.session, account.id, fits[-1])


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


async def _with_new_codes(ctx: Context, account: Account) -> BackupCodes:
    codes = [new_code() for _ in range(BACKUP_CODES)]
    hashes = [backup_hash(account.id, code) for code in codes]
    await require_totp(ctx.store.session, account.id, hashes)
    await note(ctx.store.session, "backup_codes_made", about=ctx.me)
    return BackupCodes(codes=codes)

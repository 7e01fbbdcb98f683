"""Onboarding: how a person comes to be paid. The provider asks them what it has to know; until it
is content, their shares are held for them, and go out by themselves then.
"""

from typing import Literal

from one.domains.payments.countries import reached
from one.errors import Conflict
from one.ontology.values import Country
from one.runtime import Context, operation, signed_in
from one.store import Row
from one.store.calls import Wanted, want
from one.store.payees import Payee, begin_payee, payee

Stage = Literal["none", "begun", "missing", "ready"]


class OutOfReach(Conflict):
    """The provider doesn't send shares from the platform's country to this one."""

    title = "Out of reach"


class Payouts(Row):
    """How far somebody is with being paid. `begun`: an account is being made; `missing`: the
    provider still wants what is named there, at `onboard`; `ready`: shares go out by themselves.
    `pays_out`: the account pays on to their bank.
    """

    stage: Stage
    pays_out: bool
    missing: list[str]
    country: str
    mode: str
    onboard: str | None


@operation(kind="read", snapshot=False, allow=signed_in, route="GET /api/payments/payouts")
async def show_payouts(ctx: Context) -> Payouts:
    """How far you are with being paid."""
    return _shown(ctx, await payee(ctx.store.session, ctx.deployment.payments.mode, ctx.me))


@operation(
    kind="write",
    allow=signed_in,
    raises=(Conflict, OutOfReach),
    route="POST /api/payments/payouts",
    status=202,
)
async def begin_payouts(ctx: Context, *, country: Country) -> Payouts:
    """Opens your account at the payment provider; then go to `onboard` and say what it asks for.
    It stays in the country that you say.
    """
    session, mode = ctx.store.session, ctx.deployment.payments.mode
    known = await payee(session, mode, ctx.me)
    if known is not None and known.country != country:
        raise Conflict(f"Your account is in {known.country}.", cure="It can't move; ask the staff.")
    home = ctx.settings.stripe_country
    if country not in reached(home):
        raise OutOfReach(
            f"Shares can't be sent to an account in {country} from one in {home}, where the"
            " platform's is.",
            cure="Take a country in which you have an account that can be paid; what you earn is"
            " held for you meanwhile.",
            details={"countries": [*sorted(reached(home))]},
        )
    await begin_payee(session, mode, ctx.me, country=country)
    asked = {"country": country}
    await want(session, Wanted(mode, f"account:{ctx.me}", "account", person=ctx.me, asked=asked))
    return _shown(ctx, await payee(session, mode, ctx.me))


def _shown(ctx: Context, known: Payee | None) -> Payouts:
    stage: Stage = "none"
    if known is not None:
        stage = "ready" if known.ready else "missing" if known.account else "begun"
    return Payouts(
        stage=stage,
        pays_out=known is not None and known.pays_out,
        missing=list(known.missing) if known else [],
        country=known.country if known else "",
        mode=ctx.deployment.payments.mode,
        onboard=f"{ctx.settings.address_of(ctx.space)}/pay/onboarding" if known else None,
    )

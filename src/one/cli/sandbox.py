"""`one sandbox`: the stand-in for Stripe at a port, and the hand on it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar, get_args

import click
import orjson

from one.clock import Clock
from one.errors import Invalid
from one.sandbox import PREFIX, Declined, Fault, Refusal, Sandbox, Trouble
from one.sandbox.serving import listener, serve
from one.settings import read_settings
from one.store import Database, migrate

ResultT = TypeVar("ResultT")


@click.group("sandbox")
def command() -> None:
    """The stand-in for Stripe: no money moves. What is done here is done to the sandbox of this
    deployment, whether or not it is being served.
    """


@command.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=12111, show_default=True, help="Port to listen on.")
def serve_it(*, host: str, port: int) -> None:
    """Serve Stripe's wire at a port, to any client that takes a key like sk_test_one."""

    at = listener(host, port)
    site = f"http://{host}:{at.getsockname()[1]}"

    async def act(sandbox: Sandbox) -> None:
        click.echo(f"The sandbox is at {site}")
        click.echo("Any key that begins with sk_test_ fits.")
        await serve(sandbox, at)

    _acting(act, site=site)


@command.command("pay")
@click.argument("session")
@click.option("--card", default="4242424242424242", show_default=True, help="A test card.")
def pay(*, session: str, card: str) -> None:
    """Pay a checkout session."""
    _print(_acting(lambda sandbox: sandbox.pay(session, card)))


@command.command("onboard")
@click.argument("account")
def onboard(*, account: str) -> None:
    """Complete the onboarding of a connected account."""
    _print(_acting(lambda sandbox: sandbox.onboard(account)))


@command.command("dispute")
@click.argument("id", metavar="CHARGE|DISPUTE")
@click.option("--won/--lost", default=None, help="End a dispute, for the seller or against them.")
def dispute(*, id: str, won: bool | None) -> None:
    """Have a buyer take the money of a charge back, or end a dispute."""
    if won is None:
        _print(_acting(lambda sandbox: sandbox.dispute(id)))
    else:
        _print(_acting(lambda sandbox: sandbox.decide(id, won=won)))


@command.command("fail-payout")
@click.argument("payout")
@click.option("--account", default="", help="The connected account whose payout it is.")
def fail_payout(*, payout: str, account: str) -> None:
    """Have the bank send a payout back."""
    _print(_acting(lambda sandbox: sandbox.fail_payout(payout, account=account)))


@command.command("clock")
@click.option("--days", default=0, help="Days to move on by.")
@click.option("--hours", default=0, help="Hours to move on by.")
def clock(*, days: int, hours: int) -> None:
    """Say what time it is in the sandbox, after moving its clock on."""
    by = timedelta(days=days, hours=hours)
    if by < timedelta():
        raise Invalid("The clock of the sandbox never goes back.", cure="Move it on.")
    now = _acting(lambda sandbox: sandbox.advance(by) if by else sandbox.now())
    click.echo(f"{now:%Y-%m-%d %H:%M:%S} UTC")


@command.command("fault")
@click.argument("call", metavar="'POST /v1/refunds'")
@click.argument("trouble", type=click.Choice(get_args(Trouble)))
@click.option("--times", default=1, show_default=True, help="How many calls it befalls.")
@click.option("--skip", default=0, help="How many go well before.")
def fault(*, call: str, trouble: Trouble, times: int, skip: int) -> None:
    """Have calls go wrong: with 429 and timeout nothing is done; after 500 nothing is done and the
    same key is answered so again; what ends in _after is done, and nobody hears of it.
    """
    _acting(lambda sandbox: sandbox.plant(Fault(call, trouble, times, skip)))


@command.command("disturb")
@click.option("--duplicates", is_flag=True, help="Deliver each event twice.")
@click.option("--disorder", is_flag=True, help="Deliver the last event first.")
def disturb(*, duplicates: bool, disorder: bool) -> None:
    """Have events delivered wrongly; without an option as it should be."""
    _acting(lambda sandbox: sandbox.disturb(duplicates=duplicates, disorder=disorder))


@command.command("heal")
def heal() -> None:
    """Take every fault away."""
    _acting(lambda sandbox: sandbox.heal())


@command.command("deliver")
def deliver() -> None:
    """Have happen what is due, and deliver the events that wait."""

    async def act(sandbox: Sandbox) -> tuple[int, int]:
        return await sandbox.settle(), await sandbox.deliver()

    happened, delivered = _acting(act)
    click.echo(f"{happened} happened, {delivered} delivered")


def _acting(act: Callable[[Sandbox], Awaitable[ResultT]], *, site: str = "") -> ResultT:
    """What `act` gives, on the sandbox of this deployment. Raises Invalid."""

    async def acted() -> ResultT:
        settings, clock = read_settings(), Clock()
        database = await Database.open(settings)
        try:
            await migrate(database, now=clock.now())
            at = f"{site or settings.address}{PREFIX}"
            return await act(Sandbox(database, clock, site=at))
        finally:
            await database.close()

    try:
        return asyncio.run(acted())
    except (Refusal, Declined) as no:
        raise Invalid(str(no), cure="Look at what you gave; `one sandbox --help`.") from None


def _print(fields: object) -> None:
    click.echo(orjson.dumps(fields, option=orjson.OPT_INDENT_2))

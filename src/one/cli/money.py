"""`one money`: what people earn, and whether the journal of money holds."""

import asyncio
import sys
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import click

from one.app import build
from one.cli.acting import here, in_space, looking, somebody
from one.domains.payments import list_entries_of, sheet, show_earnings_of
from one.domains.payments.comparing import Difference, differences
from one.domains.payments.statements import Statement
from one.ontology.values import written_amount
from one.runtime import Context
from one.store.journal import Mode
from one.store.statements import MOST_LINES, Account
from one.store.verification import Verdict, verify

_WIDE = 30
_when = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"])


@click.group("money")
def command() -> None:
    """Money, in the journal of this deployment."""


@command.command("statement")
@click.argument("person")
@click.option("--since", type=_when, help="From then on; the start of the month otherwise.")
@click.option("--until", type=_when, help="Before then.")
@click.option("--csv", "form", flag_value="csv", help="Each fact as a row of CSV.")
@click.option("--json", "form", flag_value="json", help="As JSON.")
@in_space
def statement(
    person: str,
    *,
    since: datetime | None,
    until: datetime | None,
    form: str | None,
    space: UUID,
) -> None:
    """What PERSON (a handle or an id) had and has, and what came in and went out between."""
    begins, ends = _zoned(since), _zoned(until)

    async def look(ctx: Context) -> Statement:
        id = await somebody(ctx.store, person)
        found = await show_earnings_of(ctx, person=id, since=begins, until=ends)
        if form == "csv":
            await _sheet(ctx, found)
        return found

    found = looking(look, space=space)
    if form == "json":
        click.echo(found.model_dump_json())
    elif form is None:
        for line in _told(found):
            click.echo(line)


async def _sheet(ctx: Context, found: Statement) -> None:
    """Writes each fact of a statement, a page at a time."""
    click.echo(sheet.heading(), nl=False)
    names, before = sheet.names(found), None
    while True:
        page = await list_entries_of(
            ctx,
            person=found.person,
            since=found.since,
            until=found.until,
            before=before,
            limit=MOST_LINES,
        )
        click.echo(sheet.rows(page.items, names, mode=page.mode), nl=False)
        before = page.next
        if before is None:
            return


def _zoned(when: datetime | None) -> datetime | None:
    """What names no zone is of this machine's."""
    return when.astimezone() if when else None


def _told(found: Statement) -> Iterable[str]:
    """A statement in words."""
    until = f" until {found.until:%Y-%m-%d %H:%M}" if found.until else ""
    money = "" if found.mode == "live" else f", {found.mode} money"
    yield f"Since {found.since:%Y-%m-%d %H:%M}{until}{money}:"
    if not found.accounts:
        yield "  Nothing was ever earned."
    for account in found.accounts:
        yield from _account(account)


def _account(account: Account) -> Iterable[str]:
    def said(amount: int) -> str:
        return f"{written_amount(amount, account.currency):>16}"

    opening, closing = account.opening, account.closing
    yield f"{account.currency.upper()}"
    yield f"  {'there was':<{_WIDE}}{said(opening.balance)}"
    for total in account.kinds:
        words = total.kind.replace("_", " ")
        yield f"  {f'{total.count:,} × {words}':<{_WIDE}}{said(total.change.balance)}"
    yield f"  {'there is':<{_WIDE}}{said(closing.balance)}"
    yield f"  {'  held by the platform':<{_WIDE}}{said(closing.held)}"
    yield f"  {'  in their account':<{_WIDE}}{said(closing.connected)}"
    yield f"  {'  owed':<{_WIDE}}{said(-closing.owed)}"
    yield f"  {'paid to their bank, ever':<{_WIDE}}{said(closing.paid_out)}"
    for product in account.products:
        name = product.name or str(product.product or "no product")
        sold = f"{name[: _WIDE - 10]}, {product.sales:,} sold"
        yield f"  {sold:<{_WIDE}}{said(product.earned - product.taken_back)}"


@command.command("verify")
@click.option(
    "--mode",
    type=click.Choice(["sandbox", "test", "live"]),
    help="Other money than this deployment moves now.",
)
@click.option("--alone", is_flag=True, help="Don't ask the provider.")
@in_space
def verify_journal(mode: Mode | None, *, alone: bool, space: UUID) -> None:
    """Work the whole journal out again, and say what doesn't hold.

    Exits with 1 where something doesn't: an entry that was changed, taken out or put in, a pot
    that holds something else than went in and out, more given back or paid out than came in; or
    where the provider says that something else lies there.
    """

    async def look(ctx: Context) -> tuple[Verdict, list[Difference]]:
        ours = ctx.deployment.payments.mode
        verdict = await verify(ctx.store.session, mode or ours)
        asks = not alone and mode in (None, ours)
        return verdict, await differences(ctx.deployment) if asks else []

    verdict, apart = looking(look, space=space)
    for fault in verdict.faults:
        click.echo(fault)
    if verdict.faults:
        click.echo(f"The journal does not hold; it has {verdict.entries:,} entries.")
        sys.exit(1)
    for one in apart:
        said, booked = (written_amount(n, one.currency) for n in (one.theirs, one.ours))
        where = f"In the account of {one.person}" if one.person else "At the provider"
        click.echo(f"{where} lie {said}, and {booked} are booked.")
    if apart:
        click.echo("`one money reconcile` asks for what it told and we didn't hear.")
        sys.exit(1)
    click.echo(f"All {verdict.entries:,} entries hold, and every pot is what they come to.")
    for currency, amount in verdict.balances.items():
        click.echo(f"At the provider: {written_amount(amount, currency)}")


@command.command("reconcile")
def reconcile() -> None:
    """Ask the provider for all that it told of late, book what is new, and do what follows."""

    async def asked() -> int:
        async with build(here()) as app:
            assert app.till is not None, "what is built has its till"
            new = await app.till.catch_up()
            await app.till.settle()
            return new

    click.echo(f"{asyncio.run(asked()):,} things were new.")

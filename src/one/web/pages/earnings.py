"""What somebody earned, how they come to be paid, and the sheet of it to take along: made while it
is sent, a page at a time.
"""

import re
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from one.domains import payments
from one.domains.payments import sheet
from one.domains.payments.countries import reached
from one.domains.payments.statements import Statement
from one.errors import Invalid
from one.store.statements import MOST_LINES
from one.web.pages import look
from one.web.pages.visit import Form, Page, Visit

_KINDS = {
    "charge": "Sale",
    "fee": "The provider's fee",
    "referral": "For somebody you brought",
    "transfer": "Sent to your account",
    "refund": "Given back",
    "refund_failed": "Not given back after all",
    "reversal": "Taken back from your account",
    "debt": "Owed by you",
    "netting": "Kept for what you owed",
    "dispute": "Taken back by a bank",
    "dispute_won": "Won back from a bank",
    "dispute_lost": "Lost to a bank",
    "payout": "Paid out to your bank",
    "payout_failed": "Came back from your bank",
    "adjustment": "Put right",
}
COUNTRIES = (
    *(("AU", "Australia"), ("AT", "Austria"), ("BE", "Belgium"), ("BR", "Brazil")),
    *(("BG", "Bulgaria"), ("CA", "Canada"), ("HR", "Croatia"), ("CY", "Cyprus")),
    *(("CZ", "Czechia"), ("DK", "Denmark"), ("EE", "Estonia"), ("FI", "Finland")),
    *(("FR", "France"), ("DE", "Germany"), ("GI", "Gibraltar"), ("GR", "Greece")),
    *(("HK", "Hong Kong"), ("HU", "Hungary"), ("IE", "Ireland"), ("IT", "Italy")),
    *(("JP", "Japan"), ("LV", "Latvia"), ("LI", "Liechtenstein"), ("LT", "Lithuania")),
    *(("LU", "Luxembourg"), ("MT", "Malta"), ("MX", "Mexico"), ("NL", "Netherlands")),
    *(("NZ", "New Zealand"), ("NO", "Norway"), ("PL", "Poland"), ("PT", "Portugal")),
    *(("RO", "Romania"), ("SG", "Singapore"), ("SK", "Slovakia"), ("SI", "Slovenia")),
    *(("ES", "Spain"), ("SE", "Sweden"), ("CH", "Switzerland"), ("TH", "Thailand")),
    *(("GB", "United Kingdom"), ("US", "United States")),
)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _home(visit: Visit) -> str:
    return visit.app.deployment.settings.stripe_country


async def _show(visit: Visit, form: Form) -> Response:
    """What one has, what came in over a time, and each fact of it."""
    period = _period(visit)
    found = (await visit.call(payments.show_earnings, **period)).result
    before = visit.query.get("before")
    lines = (await visit.call(payments.list_entries, before=before, limit=25, **period)).result
    return visit.page(
        "earning/earnings.html",
        form=form,
        payouts=(await visit.call(payments.show_payouts)).result,
        countries=[one for one in COUNTRIES if one[0] in reached(_home(visit))],
        found=found,
        days={name: visit.query.get(name, "") for name in ("from", "to")},
        last=found.until - timedelta(days=1) if found.until else None,
        sheet="/account/earnings.csv?" + urlencode({k: v for k, v in period.items() if v}),
        kinds=_KINDS,
        names=sheet.names(found),
        lines=lines.items,
        older="/earnings?" + urlencode({**dict(visit.query), "before": str(lines.next)})
        if lines.next
        else "",
    )


def _period(visit: Visit) -> dict[str, str]:
    """The days that were chosen, both of them whole."""
    first, last = (visit.query.get(name, "") for name in ("from", "to"))
    since = f"{first}T00:00:00Z" if first else ""
    if not last:
        return {"since": since, "until": ""}
    try:
        if not _DAY.fullmatch(last):
            raise ValueError(last)
        after = date.fromisoformat(last) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Invalid("That is no day.", cure="Choose one, like 2026-03-31.") from None
    return {"since": since, "until": f"{after.isoformat()}T00:00:00Z"}


async def _begin_payouts(visit: Visit) -> Response:
    await visit.call(payments.begin_payouts, country=visit.form.get("country"))
    return visit.go("/pay/onboarding")


async def _download(visit: Visit, form: Form) -> Response:
    del form
    asked = {name: visit.query.get(name, "") for name in ("since", "until")}
    found = (await visit.call(payments.show_earnings, **asked)).result
    name = f"earnings-{found.since:%Y-%m-%d}.csv"
    said = {"content-disposition": f'attachment; filename="{name}"'}
    sent = StreamingResponse(_written(visit, found), media_type="text/csv", headers=said)
    sent.headers.update(look.SEALED)
    return sent


async def _written(visit: Visit, found: Statement) -> AsyncGenerator[str]:
    """The facts of a statement, newest first."""
    yield sheet.heading()
    names, before = sheet.names(found), None
    period = {
        "since": found.since.isoformat(),
        "until": found.until.isoformat() if found.until else "",
    }
    while True:
        said = str(before or "")
        done = await visit.call(payments.list_entries, before=said, limit=MOST_LINES, **period)
        yield sheet.rows(done.result.items, names, mode=found.mode)
        before: UUID | None = done.result.next
        if before is None:
            return


PAGES = (
    Page("/account/earnings.csv", _download),
    Page("/earnings", _show, _begin_payouts, form="payouts"),
)

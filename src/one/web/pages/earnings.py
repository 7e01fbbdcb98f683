"""What somebody earned, as a sheet to take along: made while it is sent, a page at a time."""

from collections.abc import AsyncGenerator
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from one.domains import payments
from one.domains.payments import sheet
from one.domains.payments.statements import Statement
from one.store.statements import MOST_LINES
from one.web.pages import look
from one.web.pages.visit import Form, Page, Visit


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


PAGES = (Page("/account/earnings.csv", _download),)

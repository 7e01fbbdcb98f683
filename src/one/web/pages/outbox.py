"""Captured letters, for whoever tries ONE on their own machine."""

from dataclasses import replace

from starlette.responses import Response

from one.domains import notices
from one.errors import NotFound
from one.store import PLATFORM, Viewer
from one.web.pages.visit import Form, Page, Visit


async def _show(visit: Visit, form: Form) -> Response:
    """All letters, whoever looks: on their own machine, in development, they are their own."""
    del form
    if not visit.outbox:
        raise NotFound("There is nothing at this address.")
    owner = replace(visit, actor=Viewer(PLATFORM, "staff"))
    found = await owner.call(notices.list_letters, before=visit.query.get("before"))
    return visit.page(
        "outbox/letters.html",
        letters=found.result.items,
        next_page=found.result.next,
        site=visit.app.deployment.settings.address_of(visit.space),
    )


PAGES = (Page("/outbox", _show),)

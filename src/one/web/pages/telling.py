"""What somebody was told, and what is asked of them."""

from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from one.domains import notices
from one.web.pages.names import names_of
from one.web.pages.visit import Form, Page, Visit


async def _show(visit: Visit, form: Form) -> Response:
    unread = visit.query.get("unread", "")
    cursor = visit.query.get("cursor")
    told = (
        await visit.call(notices.list_notices, unread=unread or None, cursor=cursor, limit=30)
    ).result
    asked = (await visit.call(notices.list_requests, limit=20)).result.items
    older = {"unread": unread, "cursor": told.next or ""}
    return visit.page(
        "front/notices.html",
        form=form,
        told=[one for one in told.items if one.properties.get("kind") != "request"],
        asked=sorted(asked, key=lambda one: one.answer is not None),
        names=await names_of(visit, [one.author for one in asked]),
        unread=bool(unread),
        older="/notices?" + urlencode({k: v for k, v in older.items() if v}) if told.next else "",
    )


async def _read_all(visit: Visit) -> Response:
    await visit.call(notices.mark_all_read)
    return visit.go("/notices")


async def _open(visit: Visit) -> Response:
    """On to what a notice is about; it is read now."""
    notice = (await visit.call(notices.mark_read, id=_id(visit))).result
    there = str(notice.properties.get("url") or "")
    return visit.go(there if visit.is_own(there) and not there.startswith("/api/") else "/notices")


async def _answer(visit: Visit) -> Response:
    yes = visit.form.get("yes") == "true"
    await visit.call(notices.answer_request, id=_id(visit), yes=yes)
    return visit.go("/notices")


def _id(visit: Visit) -> UUID:
    return visit.id("You have no such notice.", cure="Go back to your notices.")


PAGES = (
    Page("/notices", _show, _read_all),
    Page("/notices/{id}", _show, _open, read=False),
    Page("/requests/{id}", _show, _answer, read=False),
)

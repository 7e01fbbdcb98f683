"""Finding things by their names."""

from starlette.responses import Response

from one.domains import graph
from one.store import Entity
from one.web.pages.exploring import quoted
from one.web.pages.visit import Form, Page, Visit

_MOST = 12
_TYPES = [
    *("creator", "audience_member", "course", "lesson", "community"),
    *("token", "digital_product", "blog_post", "video", "ai_clone"),
]


async def _show(visit: Visit, form: Form) -> Response:
    """Things whose name begins so."""
    del form
    said = visit.query.get("q", "").strip()[:100]
    found: list[Entity] = []
    if said:
        where = f"name startsWith {quoted(said)}"
        named = await visit.call(graph.list_entities, type=[*_TYPES], where=where, limit=_MOST)
        found = named.result.items
    return visit.page("front/found.html", said=said, found=found)


PAGES = (Page("/find", _show),)

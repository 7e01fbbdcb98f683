"""Finding things by their names."""

from starlette.responses import Response

from one.domains import graph
from one.errors import JSON
from one.store import Entity
from one.web.pages.picking import begins, common
from one.web.pages.visit import Form, Page, Visit

_MOST = 12
_TYPES = [
    *("creator", "audience_member", "course", "lesson", "community"),
    *("token", "digital_product", "blog_post", "video", "ai_clone"),
]


async def _show(visit: Visit, form: Form) -> Response:
    """Things whose name begins so; of some types, for a field of a form, where it says which."""
    del form
    said = visit.query.get(visit.query.get("as", "q"), "").strip()
    known = visit.app.desk.ontology.entities
    types = [name for name in visit.query.get("type", "").split(",") if name in known]
    if "as" in visit.query:
        types = common(types or known)
    found: list[Entity] = []
    if said and "\0" not in said:
        asked: list[JSON] = [*(types or _TYPES)]
        named = await visit.call(graph.list_entities, type=asked, where=begins(said), limit=_MOST)
        found = named.result.items
    return visit.page("front/found.html", said=said, found=found)


PAGES = (Page("/find", _show),)

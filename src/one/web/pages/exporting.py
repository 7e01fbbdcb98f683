"""A list taken along as a file, narrowed as it is: made while it is sent, a page at a time."""

from collections.abc import AsyncGenerator, Iterable

import orjson
from starlette.responses import Response, StreamingResponse

from one.domains import graph
from one.errors import Invalid
from one.store import Entity
from one.store import Page as Some
from one.web.pages import cells, look
from one.web.pages.exploring import narrowing_in
from one.web.pages.fields import Field, fields_of
from one.web.pages.visit import Form, Page, Visit

_PAGE = 200
_KINDS = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


async def _export(visit: Visit, form: Form) -> Response:
    """What one sees of a list; private properties of what is one's own."""
    del form
    narrowing, kind = narrowing_in(visit), visit.query.get("as", "csv")
    if kind not in _KINDS:
        raise Invalid("There is no such kind of file.", cure="Choose CSV or NDJSON.")
    hidden = frozenset[str]() if visit.signed_in or visit.actor.staff else narrowing.kind.private
    fields = fields_of(visit.app.desk.ontology, narrowing.kind, hidden=hidden)
    asked = narrowing.asked | {"limit": _PAGE, "include": "private" if visit.signed_in else None}
    first = (await visit.call(graph.list_entities, **asked)).result  # refused before a file begins

    async def sent() -> AsyncGenerator[bytes]:
        if kind == "csv":
            # with a mark by which spreadsheets know that it is UTF-8
            yield f"\ufeff{cells.written([cells.head(fields)])}".encode()
        page: Some[Entity] = first
        while True:
            yield _lines(fields, page.items, kind)
            if page.next is None:
                break
            page = (await visit.call(graph.list_entities, cursor=page.next, **asked)).result

    day = f"{visit.app.desk.clock.now():%Y-%m-%d}"
    name = f"{narrowing.kind.plural.replace(' ', '-')}-{day}.{kind}"
    said = {"content-disposition": f'attachment; filename="{name}"'}
    file = StreamingResponse(sent(), media_type=_KINDS[kind], headers=said)
    file.headers.update(look.SEALED)
    return file


def _lines(fields: Iterable[Field], things: Iterable[Entity], kind: str) -> bytes:
    if kind == "csv":
        return cells.written([cells.row(fields, one) for one in things]).encode()
    dumped = (one.model_dump(mode="json") for one in things)
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in dumped)


PAGES = (Page("/explore/{type}/export", _export),)

"""What has happened, for those who missed it."""

from one.sandbox.call import Call
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Many, Page, Part
from one.sandbox.resource import Resource
from one.store.sandbox import Span


class _Between(Part):
    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None


class _Events(Page):
    created: _Between | int | None = None
    type: str | None = None
    types: Many[str] = ()


async def _list(call: Call, given: _Events) -> Resource:
    since = until = None
    if isinstance(given.created, int):
        since = until = given.created
    elif given.created is not None:
        between = given.created
        since = between.gte if between.gt is None else between.gt + 1
        until = between.lte if between.lt is None else between.lt - 1
    wanted = (given.type, *given.types) if given.type else given.types
    span = Span(since=since, until=until, parents=wanted)
    return await call.page("event", given, url="/v1/events", span=span)


ENDPOINTS = (Endpoint("GET /v1/events", _Events, _list), retrieve("/v1/events/*", "event"))

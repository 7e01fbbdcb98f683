"""Who is told of what happens."""

from one.clock import new_secret
from one.sandbox.call import Call
from one.sandbox.endpoint import Endpoint, retrieve
from one.sandbox.form import Many, Metadata, Page, Params
from one.sandbox.refusal import invalid
from one.sandbox.resource import Fields, Resource, numbered
from one.store.sandbox import Span


class _Endpoint(Params):
    api_version: str | None = None
    connect: bool = False
    description: str | None = None
    enabled_events: Many[str]
    metadata: Metadata
    url: str


class _Changes(Params):
    description: str | None = None
    disabled: bool | None = None
    enabled_events: Many[str] = ()
    metadata: Metadata
    url: str | None = None


async def _create(call: Call, given: _Endpoint) -> Resource:
    if not given.enabled_events:
        raise invalid("An endpoint hears of something.", "enabled_events")
    made = _made(call, url=given.url, events=given.enabled_events, connect=given.connect)
    made.set(api_version=given.api_version, description=given.description)
    made.describe(given.metadata)
    return Resource({**made.fields, "secret": made.text("_secret")})


async def listen(
    call: Call, *, url: str, events: tuple[str, ...], connect: bool, secret: str | None
) -> str:
    """Sees that there is an endpoint at an address; its secret."""
    await call.records.settle("listening", url)
    await call.records.lock("listening", url)
    like: Fields = {"url": url, "_connect": connect}
    known = await call.records.find("webhook_endpoint", Span(like=like, limit=1))
    made = Resource(known[0]) if known else _made(call, url=url, events=events, connect=connect)
    made.set(enabled_events=[*events], _secret=secret or made.text("_secret"))
    return call.keep(made).text("_secret")


def _made(call: Call, *, url: str, events: tuple[str, ...], connect: bool) -> Resource:
    """A new endpoint; `connect`: for what happens on connected accounts, else on the platform's."""
    return call.keep(
        Resource(
            {
                "id": numbered("we"),
                "object": "webhook_endpoint",
                "api_version": None,
                "application": None,
                "created": call.created,
                "description": None,
                "enabled_events": [*events],
                "livemode": False,
                "metadata": {},
                "status": "enabled",
                "url": url,
                "_connect": connect,
                "_secret": f"whsec_{new_secret()}",
            }
        )
    )


async def _update(call: Call, given: _Changes) -> Resource:
    endpoint = await call.hold(call.ids[0], kind="webhook_endpoint")
    endpoint.describe(given.metadata)
    endpoint.set(**given.model_dump(exclude_none=True, include={"description", "url"}))
    if given.enabled_events:
        endpoint.set(enabled_events=[*given.enabled_events])
    if given.disabled is not None:
        endpoint.set(status="disabled" if given.disabled else "enabled")
    return call.keep(endpoint)


async def _delete(call: Call, given: Params) -> Resource:
    del given
    endpoint = await call.hold(call.ids[0], kind="webhook_endpoint")
    endpoint.set(_deleted=True, status="disabled")
    call.keep(endpoint)
    return Resource({"id": endpoint.id, "object": "webhook_endpoint", "deleted": True})


async def _list(call: Call, given: Page) -> Resource:
    return await call.page("webhook_endpoint", given, url="/v1/webhook_endpoints")


ENDPOINTS = (
    Endpoint("POST /v1/webhook_endpoints", _Endpoint, _create),
    Endpoint("GET /v1/webhook_endpoints", Page, _list),
    retrieve("/v1/webhook_endpoints/*", "webhook_endpoint"),
    Endpoint("POST /v1/webhook_endpoints/*", _Changes, _update),
    Endpoint("DELETE /v1/webhook_endpoints/*", Params, _delete),
)

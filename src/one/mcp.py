"""The assistant's door: the Model Context Protocol, over stdio and behind the server's `/mcp`.

An operation that says `mcp=True` is a tool, `room_verb`, with its own schema, and so is each live
feature that whoever the token acts for may run: `feature_slug`, `feature_handle-slug`. Both are
called as over HTTP. Pages that explain ONE are resources.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol, cast
from uuid import UUID

import mcp_types as said
import orjson
import structlog
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.session import ServerSession
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError

from one.app import App, broken
from one.compiler import codes, phrases
from one.compiler.vocabulary import Vocabulary
from one.errors import JSON, NotFound, NotSignedIn, OneError
from one.ontology import describe
from one.providers.base import catalogue
from one.runtime import AnyOperation, Call, in_scope
from one.runtime.input import parse, wire_name
from one.store import Viewer
from one.workshop.calling import Calling, refuse
from one.workshop.contract import Contracts, Offer, State

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

ACTING = "one.acting"
"""The key of an ASGI scope under which the server says who asks."""

_INSTRUCTIONS = """\
ONE runs features that are written in plain English. Look words up with language_list_words, write \
the text, check it with language_check_features until nothing is wrong, and make it live with \
features_deploy_features; it is then a tool of its own. A refusal names what is wrong, the cure, \
and the fields."""
_MARKDOWN = "text/markdown"
_LOOK = 1.0  # seconds between two looks at whether features have changed
_LONGEST = 64  # characters of a tool's name that every assistant takes
_FEATURE = re.compile(r"feature_(?:([A-Za-z0-9_-]+)-)?([a-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Acting:
    """In which space, and for whom."""

    space: UUID
    actor: Viewer


class _Request(Protocol):
    """As much of an HTTP request as is read."""

    @property
    def scope(self) -> Mapping[str, Any]: ...


Asked = ServerRequestContext[dict[str, Any], _Request]
Who = Callable[[Asked], Awaitable[Acting]]


class Assistant:
    """What an assistant may ask of an App; `who` says for whom it asks."""

    def __init__(self, app: App, who: Who) -> None:
        self._app = app
        self._who = who
        self._contracts = Contracts(app.desk)
        self._seen: dict[UUID, State] = {}
        self._bus = InMemorySubscriptionBus()
        self._listening = ListenHandler(self._bus)
        self._session: ServerSession | None = None
        self._operations = {each.tool: each for each in app.operations if each.mcp}
        self.server: Server[dict[str, Any]] = Server(
            "one",
            title="ONE",
            version=version("one"),
            instructions=_INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_read_resource=self._read_resource,
            on_subscriptions_listen=self._listen,
        )

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Meanwhile those who listen are told when the tools are others."""
        task = asyncio.ensure_future(self._watch())
        try:
            yield
        finally:
            self.hang_up()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(
        self, ctx: Asked, params: said.SubscriptionsListenRequestParams
    ) -> said.SubscriptionsListenResult:
        space = (await self._who(ctx)).space
        self._seen.setdefault(space, (await self._contracts.of(space)).state)
        return await self._listening(ctx, params)

    def hang_up(self) -> None:
        """Ends what is still listened to."""
        self._listening.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self._look()
            except OneError as error:
                _log.warning("an assistant waits for the database", error=error.message)

    async def _look(self) -> None:
        for space, seen in [*self._seen.items()]:
            now = (await self._contracts.of(space)).state
            if now == seen:
                continue
            self._seen[space] = now
            await self._bus.publish(ToolsListChanged())
            if self._session is not None:
                await self._session.send_tool_list_changed()

    async def _list_tools(
        self, ctx: Asked, params: said.PaginatedRequestParams | None
    ) -> said.ListToolsResult:
        del params
        acting = await self._who(ctx)
        if ctx.request is None:  # over stdio there is one session, which hears of changes
            self._session = ctx.session
        actor = acting.actor
        fixed = [
            _tool(each)
            for each in self._operations.values()
            if in_scope(actor, room=each.room, kind=each.kind)
        ]
        snapshot = await self._contracts.of(acting.space)
        self._seen.setdefault(acting.space, snapshot.state)
        runs = in_scope(actor, room="runs", kind="write")
        mine = [_feature(each, actor) for each in snapshot.offers if runs and each.is_for(actor)]
        return said.ListToolsResult(tools=[*fixed, *mine])

    async def _call_tool(
        self, ctx: Asked, params: said.CallToolRequestParams
    ) -> said.CallToolResult:
        try:
            acting = await self._who(ctx)
            body = await self._called(acting, params.name, given=params.arguments or {})
        except OneError as error:
            return _refused(error)
        except Exception as error:
            return _refused(broken(error, {"tool": params.name}))
        return _answered(body)

    async def _called(self, acting: Acting, name: str, *, given: Mapping[str, Any]) -> bytes:
        """The answer as JSON. Raises what the tool refuses with."""
        if name.startswith("feature_"):
            return await self._run(acting, name, given=given)
        operation = self._operations.get(name)
        if operation is None:
            raise NotFound(f"There is no tool called {name}.", cure="List the tools again.")
        call = _call_of(operation, acting, given)
        return (await operation.invoke(self._app.deployment, call)).body

    async def _run(self, acting: Acting, name: str, *, given: Mapping[str, Any]) -> bytes:
        """A call of a feature: its run, how that is, and what it gave."""
        assert self._app.caller is not None, "what is built can call"
        handle, slug = await self._address(acting, name)
        body = orjson.dumps(dict(given))
        call = Calling(acting.space, acting.actor, handle=handle, slug=slug, body=body)
        came = await self._app.caller.call(call)
        status = "done" if came.run is None else came.run.status
        if came.run is not None and status != "done":
            refuse(acting.actor, came.run)
        return orjson.dumps({"run": str(came.id), "status": status, "output": came.output})

    async def _address(self, acting: Acting, name: str) -> tuple[str, str]:
        """Whose feature a tool is, and its slug. Raises NotFound."""
        if len(name) == _LONGEST:
            for each in (await self._contracts.of(acting.space)).offers:
                if _name_of(each) == name:
                    return each.handle, each.slug
        found = _FEATURE.fullmatch(name)
        if found is None:
            raise NotFound(f"There is no tool called {name}.", cure="List the tools again.")
        return found[1] or "", found[2]

    async def _list_resources(
        self, ctx: Asked, params: said.PaginatedRequestParams | None
    ) -> said.ListResourcesResult:
        del ctx, params
        return said.ListResourcesResult(
            resources=[
                said.Resource(
                    uri=uri, name=uri.removeprefix("one://"), title=t, mime_type=_MARKDOWN
                )
                for uri, (t, _) in _PAGES.items()
            ]
        )

    async def _read_resource(
        self, ctx: Asked, params: said.ReadResourceRequestParams
    ) -> said.ReadResourceResult:
        del ctx
        uri = str(params.uri)
        if uri not in _PAGES:
            raise MCPError(said.INVALID_PARAMS, f"There is no page {uri}: {', '.join(_PAGES)}.")
        page = said.TextResourceContents(
            uri=uri, mime_type=_MARKDOWN, text=_PAGES[uri][1](self._app)
        )
        return said.ReadResourceResult(contents=[page])


async def serve(app: App, token: str, *, space: UUID) -> None:
    """Speaks over stdio, for whom a token acts, until the other side hangs up."""

    async def who(ctx: Asked) -> Acting:
        del ctx
        return Acting(space, await _viewer_of(app, token, space=space))

    await _viewer_of(app, token, space=space)
    assistant = Assistant(app, who)
    server = assistant.server
    options = server.create_initialization_options(NotificationOptions(tools_changed=True))
    async with assistant.watching(), stdio_server() as (heard, told):
        await server.run(heard, told, options)


async def _viewer_of(app: App, token: str, *, space: UUID) -> Viewer:
    viewer = await app.actor_of(token, space)
    if viewer is None:
        raise NotSignedIn("This token is not known, or no longer.", cure="Get a new one.")
    return viewer


class OverHttp:
    """The same over HTTP, with nothing kept between requests, so that any process may answer."""

    def __init__(self, app: App) -> None:
        self._assistant = Assistant(app, _said_by_the_server)
        self._manager = StreamableHTTPSessionManager(self._assistant.server, stateless=True)
        self.hang_up = self._assistant.hang_up
        self.answer = self._manager.handle_request

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        async with self._manager.run(), self._assistant.watching():
            yield


async def _said_by_the_server(ctx: Asked) -> Acting:
    assert ctx.request is not None, "the server hands its request over"
    return cast(Acting, ctx.request.scope[ACTING])


# --- tools


def _tool(operation: AnyOperation) -> said.Tool:
    return said.Tool(
        name=operation.tool,
        title=operation.summary,
        description=operation.doc,
        input_schema=_schema_of(operation),
        annotations=said.ToolAnnotations(read_only_hint=operation.kind == "read"),
    )


def _feature(offer: Offer, actor: Viewer) -> said.Tool:
    return said.Tool(
        name=_name_of(offer),
        title=offer.title,
        description="\n".join((offer.title, *offer.told(actor))),
        input_schema=dict(offer.given),
    )


def _name_of(offer: Offer) -> str:
    """No slug has a dash, so the last one ends the handle. What is too long is cut and numbered."""
    whole = f"feature_{offer.handle}-{offer.slug}" if offer.handle else f"feature_{offer.slug}"
    if len(whole) < _LONGEST and _FEATURE.fullmatch(whole):
        return whole
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", whole)[: _LONGEST - 9]
    number = hashlib.sha256(f"{offer.owner}/{offer.slug}".encode()).hexdigest()[:8]
    return f"{plain}_{number}".ljust(_LONGEST, "_")


def _schema_of(operation: AnyOperation) -> dict[str, JSON]:
    """What stands in the path and the rest, as one object."""
    path, rest = operation.in_path.schema, operation.input.schema
    schema: dict[str, JSON] = {"type": "object", "additionalProperties": False}
    for key in ("properties", "$defs"):
        parts = [part for part in (path.get(key), rest.get(key)) if isinstance(part, dict)]
        schema |= {key: {**parts[0], **parts[-1]}} if parts else {}
    required = [name for each in (path, rest) for name in _names(each.get("required"))]
    return {**schema, "required": required} if required else schema


def _names(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _call_of(operation: AnyOperation, acting: Acting, given: Mapping[str, Any]) -> Call:
    in_path = [wire_name(name) for name in operation.in_path.parameters]
    path = tuple((name, str(given[name])) for name in in_path if name in given)
    rest = {name: value for name, value in given.items() if name not in in_path}
    return Call(acting.actor, acting.space, path=path, body=orjson.dumps(rest))


def _answered(body: bytes) -> said.CallToolResult:
    value = parse(body) if body else {}
    structured = value if isinstance(value, dict) else {"value": value}
    text = said.TextContent(text=body.decode() or "Done.")
    return said.CallToolResult(content=[text], structured_content=structured)


def _refused(error: OneError) -> said.CallToolResult:
    document = error.document
    text = said.TextContent(text=orjson.dumps(document).decode())
    return said.CallToolResult(content=[text], structured_content=document, is_error=True)


# --- pages


def _words(app: App) -> str:
    return phrases.describe(Vocabulary(app.desk.ontology, catalogue()))


def _diagnostics(app: App) -> str:
    del app
    return codes.describe()


_PAGES: Mapping[str, tuple[str, Callable[[App], str]]] = {
    "one://ontology": (
        "The types of things, connections and events",
        lambda app: describe(app.desk.ontology),
    ),
    "one://words": ("The words of the language", _words),
    "one://diagnostics": ("What the compiler says, with examples", _diagnostics),
}

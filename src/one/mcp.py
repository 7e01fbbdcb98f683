"""The assistant's door: the Model Context Protocol, over stdio and behind the server's `/mcp`.

An operation that says `mcp=True` is a tool, `room_verb`, with its own schema; it is invoked as over
HTTP, by whoever the token acts for. Pages that explain ONE are resources.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol, cast
from uuid import UUID

import mcp_types as said
import orjson
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError

from one.app import App, broken
from one.compiler import codes, phrases
from one.compiler.vocabulary import Vocabulary
from one.errors import JSON, NotFound, NotSignedIn, OneError
from one.ontology import describe
from one.providers.base import catalogue
from one.runtime import AnyOperation, Call
from one.runtime.input import parse, wire_name
from one.store import Viewer

ACTING = "one.acting"
"""The key of an ASGI scope under which the server says who asks."""

_INSTRUCTIONS = """\
ONE runs features that are written in plain English. Look words up with language_list_words, write \
the text, check it with language_check_features until nothing is wrong, and make it live with \
features_deploy_features; it is then a tool of its own. A refusal names what is wrong, the cure, \
and the fields."""
_MARKDOWN = "text/markdown"


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
        )

    async def _list_tools(
        self, ctx: Asked, params: said.PaginatedRequestParams | None
    ) -> said.ListToolsResult:
        del params
        await self._who(ctx)
        return said.ListToolsResult(tools=[_tool(each) for each in self._operations.values()])

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
        operation = self._operations.get(name)
        if operation is None:
            raise NotFound(f"There is no tool called {name}.", cure="List the tools again.")
        call = _call_of(operation, acting, given)
        return (await operation.invoke(self._app.deployment, call)).body

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
    server = Assistant(app, who).server
    options = server.create_initialization_options(NotificationOptions(tools_changed=True))
    async with stdio_server() as (heard, told):
        await server.run(heard, told, options)


async def _viewer_of(app: App, token: str, *, space: UUID) -> Viewer:
    viewer = await app.actor_of(token, space)
    if viewer is None:
        raise NotSignedIn("This token is not known, or no longer.", cure="Get a new one.")
    return viewer


def over_http(app: App) -> StreamableHTTPSessionManager:
    """The same over HTTP, with nothing kept between requests, so that any process may answer."""

    async def who(ctx: Asked) -> Acting:
        assert ctx.request is not None, "the server hands its request over"
        return cast(Acting, ctx.request.scope[ACTING])

    return StreamableHTTPSessionManager(Assistant(app, who).server, stateless=True)


# --- tools


def _tool(operation: AnyOperation) -> said.Tool:
    return said.Tool(
        name=operation.tool,
        title=operation.summary,
        description=operation.doc,
        input_schema=_schema_of(operation),
        annotations=said.ToolAnnotations(read_only_hint=operation.kind == "read"),
    )


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

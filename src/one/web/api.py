"""Operations over HTTP: one dispatcher, from the request to the bytes of the answer."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import cast
from uuid import UUID

from one.app import App, broken
from one.errors import NotFound, NotSignedIn, OneError
from one.runtime import Answer, AnyOperation, Call, Origin
from one.store import ANYBODY, Fallen, Premise, Viewer
from one.web import errors, request
from one.web.errors import MethodNotAllowed
from one.web.request import Headers, Receive, Scope, Send

SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]
AS_JSON = (b"content-type", b"application/json")
Said = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class _Node:
    """One step of the paths: what may stand here, and what the path that ends here does."""

    named: dict[str, "_Node"] = field(default_factory=dict[str, "_Node"])
    any: "_Node | None" = None
    doing: dict[str, AnyOperation] = field(default_factory=dict[str, AnyOperation])

    def find(self, steps: list[str]) -> "tuple[_Node, list[str]] | None":
        """The node of these steps and what stood in its places; a named step goes before any."""
        if not steps:
            return (self, []) if self.doing else None
        first, rest = steps[0], steps[1:]
        known = self.named.get(first)
        if known is not None and (found := known.find(rest)) is not None:
            return found
        if self.any is not None and first and (found := self.any.find(rest)) is not None:
            return found[0], [first, *found[1]]
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    """An operation with the names of its path's places and the path of one thing that it makes."""

    operation: AnyOperation
    names: tuple[str, ...]
    made_at: str


class Api:
    """An ASGI application over the operations of an App."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._root = _Node()
        self._places: dict[AnyOperation, _Place] = {}
        reads = {operation.path for operation in app.operations if operation.method == "GET"}
        for operation in app.operations:
            self._add(operation, reads)

    def _add(self, operation: AnyOperation, reads: set[str]) -> None:
        node, names = self._root, list[str]()
        for step in operation.path.split("/")[1:]:
            if step.startswith("{"):
                names.append(step[1:-1])
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.named.setdefault(step, _Node())
        if operation.method in node.doing:
            raise ValueError(f"Two operations at {operation.method} {operation.path}")
        node.doing[operation.method] = operation
        made_at = operation.path + "/" if f"{operation.path}/{{id}}" in reads else ""
        self._places[operation] = _Place(operation, tuple(names), made_at)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def serve() -> Awaitable[None]:
            return self._serve(scope, receive, send)

        await answering(serve, app=self._app, scope=scope, send=send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = cast(str, scope["method"]), cast(str, scope["path"])
        found = self._root.find(path.split("/")[1:])
        if found is None:
            raise self._unknown(path)
        node, values = found
        if method == "OPTIONS":
            allow = ", ".join(_methods(node)).encode()
            await reply(send, 204, said=[(b"allow", allow)])
            return
        operation = node.doing.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise MethodNotAllowed(
                f"{method} is not done here.",
                cure=f"What is: {', '.join(_methods(node))}.",
                details={"allow": list(_methods(node))},
            )
        place = self._places[operation]
        headers = request.headers_of(scope)
        call = await self._call(place, values, scope=scope, headers=headers, receive=receive)
        try:
            answer = await operation.invoke(self._app.deployment, call)
        except Fallen:
            _, actor = await acting(self._app, scope, headers=headers)
            call = replace(call, actor=actor, premise=None)
            answer = await operation.invoke(self._app.deployment, call)
        await self._send(place, answer, send=send, headers=headers, method=method)

    async def _call(
        self, place: _Place, values: list[str], *, scope: Scope, headers: Headers, receive: Receive
    ) -> Call:
        known = self._remembered(place.operation, headers)
        space, actor, premise = known or (
            *await acting(self._app, scope, headers=headers),
            None,
        )
        place.operation.admit(actor)
        operation = place.operation
        open_to_all = operation.allow.visitors and not operation.input.parameters
        bodiless = operation.reads_url or (open_to_all and request.is_form(headers))
        return Call(
            actor,
            space,
            path=tuple(zip(place.names, values, strict=True)),
            query=request.query_of(scope),
            body=b"" if bodiless else await request.body_of(headers, receive),
            asked=request.asked_of(headers, self._origin(scope, headers)),
            premise=premise,
        )

    def _remembered(
        self, operation: AnyOperation, headers: Headers
    ) -> tuple[UUID, Viewer, Premise] | None:
        """Who reads, where one statement both reads and makes sure of that."""
        if operation.method != "GET" or operation.snapshot or b"authorization" in headers:
            return None
        secret = request.session_of(headers)
        if not secret:
            return None
        space = self._app.space_of(headers.get(b"host", b"").decode("latin-1"))
        found = self._app.remembered(secret, space)
        return None if found is None else (space, *found)

    def _origin(self, scope: Scope, headers: Headers) -> Origin:
        trusted = self._app.deployment.settings.trusted_proxies
        return request.origin_of(scope, headers, trusted=trusted)

    async def _send(
        self, place: _Place, answer: Answer, *, send: Send, headers: Headers, method: str
    ) -> None:
        said: Said = [] if answer.status == 204 else [AS_JSON]
        status, body = answer.status, answer.body
        if answer.version is not None:
            tag = b'"%d"' % answer.version
            said.append((b"etag", tag))
            if method in ("GET", "HEAD") and headers.get(b"if-none-match", b"").endswith(tag):
                status, body, said = 304, b"", said[1:]
        if status == 201 and answer.id and place.made_at:
            said.append((b"location", (place.made_at + answer.id).encode()))
        if answer.session is not None:
            said.append((b"set-cookie", self._cookie(answer.session)))
        if answer.replayed:
            said.append((b"idempotency-replayed", b"true"))
        await reply(send, status, said=said, body=body, head=method == "HEAD")

    def _cookie(self, secret: str) -> bytes:
        settings = self._app.deployment.settings
        secure = settings.address.startswith("https:")
        return request.cookie(secret, secure=secure, days=settings.session_days)

    def _unknown(self, path: str) -> NotFound:
        known = sorted({operation.path for operation in self._app.operations})
        near = get_close_matches(path, known, n=3, cutoff=0.6)
        cure = f"Nearest: {', '.join(near)}." if near else "See /openapi.json."
        return NotFound("There is nothing at this address.", cure=cure)


def _methods(node: _Node) -> Iterable[str]:
    implied = {"OPTIONS"} | ({"HEAD"} if "GET" in node.doing else set[str]())
    return sorted({*node.doing, *implied})


async def acting(app: App, scope: Scope, *, headers: Headers) -> tuple[UUID, Viewer]:
    """The space that is asked and who asks: by a token, or in a session.

    Raises NotSignedIn for a token that is not one, Denied for what another site had a browser ask.
    """
    space = app.space_of(headers.get(b"host", b"").decode("latin-1"))
    token = request.token_of(headers)
    if token is not None:
        known = await app.actor_of(token, space)
        if known is None:
            raise NotSignedIn("This token is not known, or no longer.", cure="Get a new one.")
        return space, known
    request.require_same_site(cast(str, scope["method"]), headers)
    secret = request.session_of(headers)
    return space, (await app.holder_of(secret, space) if secret else None) or ANYBODY


async def answering(
    serve: Callable[[], Awaitable[None]], *, app: App, scope: Scope, send: Send
) -> None:
    """Serves; what is raised becomes a problem document. In tests a bug is raised on."""
    try:
        await serve()
    except request.Gone:
        return
    except OneError as error:
        await _send_problem(send, error, scope=scope)
    except Exception as error:
        facts = {"method": str(scope["method"]), "path": str(scope["path"])}
        await _send_problem(send, broken(error, facts), scope=scope)
        if app.deployment.settings.mode == "test":
            raise


async def _send_problem(send: Send, error: OneError, *, scope: Scope) -> None:
    head = scope["method"] == "HEAD"
    said, body = errors.headers(error), errors.problem(error)
    await reply(send, error.status, said=said, body=body, head=head)


async def reply(
    send: Send, status: int, *, said: Said, body: bytes = b"", head: bool = False
) -> None:
    """Sends a whole answer. To HEAD the body is only measured."""
    length: Said = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*SAFE, *said, *length]}
    )
    await send({"type": "http.response.body", "body": b"" if head else body})

"""The whole HTTP server: operations, their description, and how the process is doing."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from one.app import App
from one.errors import NotFound, OneError
from one.web import errors, openapi
from one.web.api import SAFE, Api, answering
from one.web.request import Receive, Scope, Send

SAFE_TEXT = {name.decode(): value.decode() for name, value in SAFE}


class Server:
    """Operations go straight to their dispatcher, everything else through Starlette."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._api = Api(app)
        self._site = _site(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["path"].startswith("/api/"):
                await self._api(scope, receive, send)
            else:
                await answering(self._app, scope, send, lambda: self._site(scope, receive, send))
        else:
            await self._site(scope, receive, send)


def create(app: App) -> Server:
    return Server(app)


def _site(app: App) -> Starlette:
    document = openapi.document(app.operations)

    async def healthz(request: Request) -> Response:
        del request
        return PlainTextResponse("alive\n", headers=SAFE_TEXT)

    async def readyz(request: Request) -> Response:
        del request
        ready = await app.ready()
        text = "ready\n" if ready else "The database can't be reached.\n"
        return PlainTextResponse(text, status_code=200 if ready else 503, headers=SAFE_TEXT)

    async def openapi_json(request: Request) -> Response:
        del request
        return Response(document, media_type="application/json", headers=SAFE_TEXT)

    async def problem(request: Request) -> Response:
        kind = request.path_params["kind"]
        for family in errors.FAMILIES:
            if errors.slug(family) == kind:
                return PlainTextResponse(
                    f"{family.status} {family.title}: {family.__doc__}\n", headers=SAFE_TEXT
                )
        raise NotFound("There is no such kind of problem.")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with app.running():
            yield

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/openapi.json", openapi_json),
            Route("/problems/{kind}", problem),
        ],
        exception_handlers={HTTPException: _refused, OneError: _problem},
        lifespan=lifespan,
    )


async def _problem(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, OneError)
    said = {name.decode(): value.decode() for name, value in errors.headers(error)}
    return Response(errors.problem(error), status_code=error.status, headers=SAFE_TEXT | said)


async def _refused(request: Request, error: Exception) -> Response:
    """Starlette's own refusals in the form of ours."""
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return await _problem(request, NotFound("There is nothing at this address."))
    allow = sorted((error.headers or {}).get("Allow", "").split(", "))
    refused = errors.MethodNotAllowed(
        f"{request.method} is not done here.",
        cure=f"What is: {', '.join(allow)}.",
        details={"allow": orjson.loads(orjson.dumps(allow))},
    )
    return await _problem(request, refused)

"""The whole HTTP server: operations, their description, and how the process is doing."""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from types import FrameType
from uuid import UUID

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.tracebacks import ExceptionDictTransformer
from uvicorn.supervisors import Multiprocess

from one.app import App, build
from one.domains.payments import HOOK
from one.errors import JSON, Conflict, NotFound, OneError, slug
from one.sandbox import PREFIX
from one.settings import Settings, read_settings
from one.web import assistant, errors, glance, live, openapi, pages, timeline
from one.web.api import SAFE, Api, answering
from one.web.assistant import Assistants
from one.web.calls import Calls, is_call
from one.web.glance import Glances, is_glance
from one.web.live import Live
from one.web.paying import Hook
from one.web.request import Receive, Scope, Send
from one.web.timeline import Timelines, is_stream
from one.workshop.contract import Contracts, State

SAFE_TEXT = {name.decode(): value.decode() for name, value in SAFE}
Handler = Callable[[int, FrameType | None], object] | int | None
Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Rest = Callable[[], Coroutine[None, None, None]]
Started = Callable[[App], Awaitable[Rest | None]]
"""What is done before the first answer; it may leave a rest that is done beside the answers."""


class Server:
    """Operations go straight to their dispatcher, everything else through Starlette."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._api = Api(app)
        self._site = _site(app)
        self._live = Live(app)
        self.leaving = asyncio.Event()
        self._timelines = Timelines(app, self.leaving)
        self._glances = Glances(app, self.leaving)
        self._calls = Calls(app, app.caller) if app.caller is not None else None
        self._hook = Hook(app.till) if app.till is not None else None
        self.assistants = Assistants(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._site(scope, receive, send)
        elif (door := self._door(scope["method"], scope["path"])) is None:
            await self._api(scope, receive, send)
        else:

            def serve() -> Awaitable[None]:
                return door(scope, receive, send)

            await answering(serve, app=self._app, scope=scope, send=send)

    def _door(self, method: str, path: str) -> Door | None:
        """What answers apart from the operations."""
        if self._calls is not None and is_call(method, path):
            return self._calls
        if path == assistant.PATH:
            return self.assistants
        if path == HOOK and self._hook is not None:
            return self._hook
        if is_page_of_sandbox(path) and self._app.sandbox is not None:
            return self._app.sandbox
        if path == live.PATH:
            return self._live
        if is_stream(path):
            return self._timelines
        if is_glance(path):
            return self._glances
        return None if path.startswith("/api/") else self._site


def is_page_of_sandbox(path: str) -> bool:
    """Its API and the hand on it are for the terminal alone."""
    return path.startswith(f"{PREFIX}/") and not path.startswith(f"{PREFIX}/control")


def create(app: App) -> Server:
    """The ASGI application of an App that is built."""
    return Server(app)


class Worker:
    """One process of the server: it builds its App when it starts and closes it when it stops."""

    def __init__(self, settings: Settings, started: Started | None = None) -> None:
        self._settings = settings
        self._started = started
        self.failure: OneError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._server(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with build(self._settings) as app, app.running():
                # What was built lives as long as the process: the collector need never walk it
                # again, which it otherwise does in the middle of requests.
                gc.collect()
                gc.freeze()
                self._server = create(app)
                hang_up = self._server.assistants.hang_up
                _at_exit(app.desk.hub.close, hang_up, self._server.leaving.set)
                rest = await self._started(app) if self._started is not None else None
                async with self._server.assistants.running(), _beside(rest):
                    await send({"type": "lifespan.startup.complete"})
                    await receive()
        except OneError as error:
            self.failure = error
            await send({"type": "lifespan.startup.failed", "message": ""})
        else:
            await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def _beside(rest: Rest | None) -> AsyncGenerator[None]:
    """What is still to be done goes on meanwhile, and is given up at the end."""
    if rest is None:
        yield
        return
    task = asyncio.create_task(rest())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _at_exit(*acts: Callable[[], None]) -> None:
    """Acts when the process is told to stop, before the server waits for its last answers."""
    loop = asyncio.get_running_loop()

    def act() -> None:
        for each in acts:
            each()

    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _before(loop, act, then=signal.getsignal(number)))


def _before(
    loop: asyncio.AbstractEventLoop, act: Callable[[], None], *, then: Handler
) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        if callable(then):
            then(number, frame)

    return handle


def from_environment() -> Worker:
    """One of several processes, which find their settings in the environment."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = read_settings()
    log_as_json(settings)
    return Worker(settings)


def _end_with_parent() -> None:
    """Stops this process once the one that supervises it is gone, so that none keeps the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def serve(settings: Settings, started: Started) -> None:
    """Serves until stopped, in as many processes as set; `started` runs once it is about to answer.

    Raises Conflict when the port is taken, and what building the App raises.
    """
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _leave)
    listener = _listen(settings)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    if settings.processes == 1:
        log_as_json(settings)
        worker = Worker(settings, started)
        try:
            uvicorn.Server(_config(worker)).run(sockets=[listener])
        except SystemExit:  # uvicorn's way to say that it didn't start; ours is to say why
            if worker.failure is None:
                raise
        if worker.failure is not None:
            raise worker.failure
    else:
        uvloop.run(_once(settings, started))
        config = _config("one.web.server:from_environment", processes=settings.processes)
        Multiprocess(config, sockets=[listener]).run()


def _leave(number: int, frame: FrameType | None) -> None:
    """Ends the process as any other end: the embedded database stops with it. uvicorn hands the
    signal on when it has answered what was asked, and by itself it would kill.
    """
    del number, frame
    sys.exit(0)


async def _once(settings: Settings, started: Started) -> None:
    """Before there are workers: they use the database that this process starts and stops."""
    async with build(settings) as app:
        rest = await started(app)
        if rest is not None:
            await rest()
        os.environ["ONE_DATABASE_URL"] = app.desk.database.dsn


def _config(app: Worker | str, *, processes: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=processes,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
    )


def _listen(settings: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise Conflict(
            f"Can't listen at {settings.host}:{settings.port}: {error.strerror}.",
            cure="Stop what listens there, or set another ONE_PORT.",
        ) from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener


def log_as_json(settings: Settings) -> None:
    """Ours and the libraries' log, one JSON object a line, on stderr."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    said: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Where it broke, without the values at hand there: a password may be among them.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    structlog.configure(
        processors=[*said, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=said,
        )
    )
    handler.addFilter(_is_news)
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])


def _is_news(record: logging.LogRecord) -> bool:
    """Not that a start failed: why is said at the end, in words for a person."""
    return not record.getMessage().startswith("Application startup failed")


def _site(app: App) -> Starlette:
    """What is not an operation."""
    streams: dict[str, JSON] = {
        live.PATH: {"get": live.described()},
        timeline.PATH: {"get": timeline.described()},
        **{path: {"get": said} for path, said in glance.described().items()},
    }
    fixed = openapi.document(app.operations, streams=streams)
    contracts = Contracts(app.desk)
    written: dict[UUID, tuple[State, bytes]] = {}

    async def healthz(request: Request) -> Response:
        del request
        return PlainTextResponse("alive\n", headers=SAFE_TEXT)

    async def readyz(request: Request) -> Response:
        del request
        ready = await app.ready()
        text = "ready\n" if ready else "The database can't be reached.\n"
        return PlainTextResponse(text, status_code=200 if ready else 503, headers=SAFE_TEXT)

    async def openapi_json(request: Request) -> Response:
        space = app.space_of(request.headers.get("host", ""))
        now = await contracts.of(space)
        state, document = written.get(space, (None, b""))
        if state != now.state:
            document = openapi.with_features(fixed, now.paths)
            written[space] = now.state, document
        return Response(document, media_type="application/json", headers=SAFE_TEXT)

    front_door = pages.front_door(app)

    async def home(request: Request) -> Response:
        """Where to go from here: a page for a person, plain text for a program."""
        if request.method == "POST" or "text/html" in request.headers.get("accept", ""):
            return await front_door(request)
        return PlainTextResponse(_HOME, headers=SAFE_TEXT)

    return Starlette(
        routes=[
            Route("/", home, methods=["GET", "POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/openapi.json", openapi_json),
            Route("/problems/{kind}", _kind_of_problem),
            *pages.routes(app),
        ],
        exception_handlers={HTTPException: _refused, OneError: _problem},
    )


_HOME = """This is ONE: features in plain English, live.

/openapi.json     every operation and every live feature, for programs and for people
/api/features     the features that are live
/api/entities     the things of this world, as far as everybody sees them
/mcp              the same as tools of an assistant
/healthz, /readyz whether it lives, and whether its database does

In a terminal: one --help. `one deploy FILE` makes the features of a file live here.
"""


async def _kind_of_problem(request: Request) -> Response:
    """What the `type` of a problem document stands for."""
    kind = request.path_params["kind"]
    for family in errors.FAMILIES:
        if slug(family) == kind:
            words = f"{family.status} {family.title}: {family.__doc__}\n"
            return PlainTextResponse(words, headers=SAFE_TEXT)
    raise NotFound("There is no such kind of problem.")


async def _problem(request: Request, error: Exception) -> Response:
    """As a page for a person, as a document for a program."""
    assert isinstance(error, OneError)
    if "text/html" in request.headers.get("accept", ""):
        return pages.trouble(error)
    said = {name.decode(): value.decode() for name, value in errors.headers(error)}
    return Response(errors.problem(error), status_code=error.status, headers=SAFE_TEXT | said)


async def _refused(request: Request, error: Exception) -> Response:
    """Starlette's own refusals in the form of ours."""
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return await _problem(request, NotFound("There is nothing at this address."))
    allow: list[JSON] = [*sorted((error.headers or {}).get("Allow", "").split(", "))]
    refused = errors.MethodNotAllowed(
        f"{request.method} is not done here.",
        cure=f"What is: {', '.join(map(str, allow))}.",
        details={"allow": allow},
    )
    return await _problem(request, refused)

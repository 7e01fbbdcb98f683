"""Live features over HTTP: `POST /api/features/{handle}/{slug}`, the platform's own without handle.

200 with the OUTPUT where it comes in time (`Prefer: wait=<seconds>`, 10 by default), else 202 with
the run to follow.
"""

import re
from typing import Final

import orjson

from one.app import App
from one.domains.runs import key_of, shown
from one.errors import JSON
from one.store import Viewer
from one.web import request
from one.web.api import AS_JSON, Said, acting, reply
from one.web.errors import MethodNotAllowed
from one.web.request import Headers, Receive, Scope, Send
from one.workshop.calling import WAIT, Caller, Calling, Came, refuse

_ADDRESS: Final = re.compile(r"/api/features/(?:([^/]+)/)?([^/-]+)")
_OWN_READS = ("revisions", "differences")
_WAIT = re.compile(r"wait\s*=\s*([0-9]{1,4})")
METHODS = ("OPTIONS", "POST")
MOST_WAIT = 60.0


def is_call(method: str, path: str) -> bool:
    """Whether it is a feature's address that is asked, and not an operation's."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return False
    return method == "POST" or (found[1] is not None and found[2] not in _OWN_READS)


class Calls:
    """The ASGI application behind the addresses of features."""

    def __init__(self, app: App, caller: Caller) -> None:
        self._app = app
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises what is wrong with the call, and what the feature refuses with."""
        if scope["method"] == "OPTIONS":
            return await reply(send, 204, said=[(b"allow", ", ".join(METHODS).encode())])
        if scope["method"] != "POST":
            allow: list[JSON] = [*METHODS]
            raise MethodNotAllowed(
                f"{scope['method']} is not done here.",
                cure=f"What is: {', '.join(METHODS)}.",
                details={"allow": allow},
            )
        found = _ADDRESS.fullmatch(scope["path"])
        assert found is not None, "the door knows its address"
        headers = request.headers_of(scope)
        space, actor = await acting(self._app, scope, headers=headers)
        call = Calling(
            space,
            actor,
            handle=found[1] or "",
            slug=found[2],
            body=await request.body_of(headers, receive),
            key=request.asked_of(headers).idempotency_key,
            wait=wait_of(headers),
        )
        came = await self._caller.call(call)
        there = f"/api/runs/{came.id}"
        if actor.id is None and not actor.staff:
            there = f"/api/guest-run?key={key_of(self._app.deployment, space, run=came.id)}"
        return await self._answer(send, came, actor, there=there)

    async def _answer(self, send: Send, came: Came, actor: Viewer, *, there: str) -> None:
        said: Said = [AS_JSON, (b"location", there.encode())]
        if came.replayed:
            said.append((b"idempotency-replayed", b"true"))
        if came.run is not None and came.run.status != "done":
            refuse(actor, came.run)
            run = shown(actor, came.run).model_dump_json()
            return await reply(send, 202, said=said, body=run.encode())
        output = {} if came.output is None else came.output
        return await reply(send, 200, said=said, body=orjson.dumps(output))


def wait_of(headers: Headers) -> float:
    """How many seconds the caller would wait, as `Prefer` says."""
    stated = headers.get(b"prefer", b"").decode("latin-1").lower()
    if "respond-async" in stated:
        return 0.0
    found = _WAIT.search(stated)
    return min(float(found[1]), MOST_WAIT) if found else WAIT

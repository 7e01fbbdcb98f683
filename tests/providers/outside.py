"""A server that stands for services outside in tests: as much of their wires as ONE speaks, and the
faults that a good server doesn't give.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP

import uvicorn
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

Send = Callable[[dict[str, object]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, object]]]


@dataclass
class Outside:
    """`status` fails the next requests, `slow` holds their answers back, `cut` breaks them off. A
    model says what is in `first`, one after the other, then always `says`.
    """

    status: int = 0
    slow: float = 0
    cut: bool = False
    code: str = ""
    says: str = "Hello"
    first: list[str] = field(default_factory=list[str])
    got: list[tuple[str, str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, str, dict[str, str], bytes]]
    )
    answers: dict[str, dict[str, JsonValue]] = field(
        default_factory=dict[str, dict[str, JsonValue]]
    )
    voices: list[dict[str, JsonValue]] = field(default_factory=list[dict[str, JsonValue]])
    events: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def __call__(self, scope: dict[str, object], receive: Receive, send: Send) -> None:
        request = Request(scope, receive)  # pyright: ignore[reportArgumentType] # as ASGI has it
        body = await request.body()
        self.got.append((request.method, request.url.path, dict(request.headers), body))
        await asyncio.sleep(self.slow)
        response = self._answer(request, body)
        await response(scope, receive, send)  # pyright: ignore[reportArgumentType] # as ASGI has it

    def _answer(self, request: Request, body: bytes) -> Response:
        if self.status:
            return JSONResponse({"error": {"message": "no", "code": self.code}}, self.status)
        if self.cut:
            return StreamingResponse(iter([b'{"id": ']), headers={"content-length": "1000"})
        path = request.url.path
        if path.startswith("/calendar/"):
            return self._calendar(request.method, path, body)
        if path.startswith(("/v1/voices", "/v1/text-to-speech")):
            return self._voice(request, body)
        if path.startswith("/v1/"):
            return JSONResponse(self._model(path, body))
        return self._connector(request)

    def _connector(self, request: Request) -> Response:
        """Answers the same to a `webhook-id` that comes again."""
        id = request.headers["webhook-id"]
        answer: dict[str, JsonValue] = {
            "id": f"made-{len(self.answers)}",
            "url": "https://x.example/1",
        }
        return JSONResponse(self.answers.setdefault(id, answer))

    def _calendar(self, method: str, path: str, body: bytes) -> Response:
        if method == "PUT":
            self.events[path] = body
            return Response(status_code=201)
        if path not in self.events:
            return Response(status_code=404)
        return Response(self.events.pop(path) if method == "DELETE" else self.events[path])

    def _voice(self, request: Request, body: bytes) -> Response:
        if request.method == "GET":
            return JSONResponse({"voices": self.voices})
        if request.method == "DELETE":
            return Response(status_code=200)
        if request.url.path.startswith("/v1/text"):
            return Response(b"ID3sound", media_type="audio/mpeg")
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + body)
        mark = next(
            part.get_content()
            for part in form.iter_parts()
            if 'name="description"' in str(part["content-disposition"])
        )
        self.voices.append({"voice_id": f"v{len(self.voices)}", "description": str(mark).strip()})
        return JSONResponse({"voice_id": self.voices[-1]["voice_id"]})

    def _model(self, path: str, body: bytes) -> JsonValue:
        match path.removeprefix("/v1/"):
            case "chat/completions":
                said = self.first.pop(0) if self.first else self.says
                message: JsonValue = {"role": "assistant", "content": said}
                choice: JsonValue = {"index": 0, "message": message, "finish_reason": "stop"}
                used: JsonValue = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
                return _made("chat.completion", choices=[choice], usage=used)
            case "embeddings":
                return _made("list", data=[{"index": 0, "embedding": [0.5, 0.5]}], usage={})
            case "moderations":
                return _made(
                    "moderation", results=[{"flagged": True, "categories": {"hate": True}}]
                )
            case "images/generations":
                return _made("image", data=[{"b64_json": "aGk="}])
            case _:
                return {"text": "what was said"}

    def asked(self) -> dict[str, JsonValue]:
        """The JSON of the last request."""
        return json.loads(self.got[-1][3])


def _made(kind: str, **fields: JsonValue) -> JsonValue:
    return {"id": "made-1", "object": kind, "created": 1, "model": "tiny", **fields}


@asynccontextmanager
async def served(outside: Outside) -> AsyncGenerator[str]:
    """Its address while it runs."""
    config = uvicorn.Config(outside, port=0, log_level="critical", lifespan="off", ws="none")  # pyright: ignore[reportArgumentType] # as ASGI has it
    server = uvicorn.Server(config)
    running = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 # it has no event for it
        await asyncio.sleep(0.01)
    port = re.findall(r"\d+", str(server.servers[0].sockets[0].getsockname()))[-1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running

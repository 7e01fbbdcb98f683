"""The assistant's door over HTTP: who asks is found as for the API; the rest is `one.mcp`."""

from contextlib import AbstractAsyncContextManager
from typing import Final

from one.app import App
from one.errors import JSON
from one.mcp import ACTING, Acting, OverHttp
from one.web import request
from one.web.api import acting, reply
from one.web.errors import MethodNotAllowed
from one.web.request import Receive, Scope, Send

PATH: Final = "/mcp"
METHODS = ("OPTIONS", "POST")


class Assistants:
    """The ASGI application behind `/mcp`, which answers while it is `running`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._door = OverHttp(app)
        self.hang_up = self._door.hang_up

    def running(self) -> AbstractAsyncContextManager[None]:
        return self._door.running()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises NotSignedIn, MethodNotAllowed."""
        if scope["method"] == "OPTIONS":
            return await reply(send, 204, said=[(b"allow", ", ".join(METHODS).encode())])
        if scope["method"] != "POST":
            allow: list[JSON] = [*METHODS]
            raise MethodNotAllowed(
                f"{scope['method']} is not done here.",
                cure="Post one message of the Model Context Protocol.",
                details={"allow": allow},
            )
        space, actor = await acting(self._app, scope, headers=request.headers_of(scope))
        asked = {**scope, ACTING: Acting(space, actor)}
        return await self._door.answer(asked, receive, send)

"""What the payment provider posts to us: stored, answered at once, and looked at afterwards."""

from one.domains.payments import Till
from one.errors import JSON
from one.web import request
from one.web.api import reply
from one.web.errors import MethodNotAllowed
from one.web.request import Receive, Scope, Send


class Hook:
    """The ASGI application behind the address that Stripe posts to."""

    def __init__(self, till: Till) -> None:
        self._till = till

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Invalid for what Stripe didn't sign."""
        if scope["method"] != "POST":
            allow: list[JSON] = ["POST"]
            raise MethodNotAllowed(
                "Stripe posts here.", cure="Nobody else does.", details={"allow": allow}
            )
        headers = request.headers_of(scope)
        body = await request.body_of(headers, receive)
        signature = headers.get(b"stripe-signature", b"").decode("latin-1")
        await self._till.receive(body, signature)
        await reply(send, 204, said=[])

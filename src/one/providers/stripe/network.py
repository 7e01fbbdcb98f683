"""Stripe's own client over the network, by the HTTP client that ONE has anyway."""

import asyncio
from collections.abc import Mapping

import httpx2
import stripe
from typing_extensions import override

_PATIENCE = 30.0  # seconds


class Network(stripe.HTTPClient):
    """Asks each thing once: who wanted it asks again, with the same key."""

    name = "network"

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] # one of its own parameters has no type
        self._client = httpx2.AsyncClient(timeout=_PATIENCE, follow_redirects=False)

    @override
    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: str | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            came = await self._client.request(method, url, headers=dict(headers), content=post_data)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise stripe.APIConnectionError(f"{type(error).__name__} on the way.") from error
        return came.content, came.status_code, came.headers

    @override
    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    @override
    async def close_async(self) -> None:
        await self._client.aclose()

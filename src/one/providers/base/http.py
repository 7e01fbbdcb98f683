"""Calls over HTTP whose failures say what came of them."""

import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from pydantic import JsonValue

from one.errors import Outside, ShutOut
from one.providers.base.asking import Ask, busy, refused, unclear
from one.providers.base.file import MOST, File, link_of, read_file


@dataclass(frozen=True, slots=True)
class Sent:
    """A request. `effect` says that it changes something; `most` bytes of its answer are read;
    `fine` are statuses that are no failure here.
    """

    method: str
    url: str
    content: bytes | None = None
    headers: Mapping[str, str] | None = None
    effect: bool = True
    most: int = MOST
    fine: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Came:
    """The answer to a request that went well."""

    status: int
    content: bytes

    def json(self) -> JsonValue:
        """What it holds; where that is no JSON, its text."""
        try:
            return orjson.loads(self.content)
        except ValueError:
            return self.content.decode(errors="replace")


class Http:
    """One service's connections. `title` is what it is called in messages.

    `public` keeps it from addresses that only machines inside the network can reach, also where a
    public name points at one. The HTTP client takes a while to load, so the first call does.
    """

    def __init__(self, title: str, *, timeout: float = 30, public: bool = False) -> None:
        self._title = title
        self._public = public
        self._timeout = timeout
        self._client = None

    async def send(self, sent: Sent) -> Came:
        """Raises Outside."""
        import httpx2

        try:
            return await self._send(sent)
        except (
            *(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout),
            *(httpx2.ProxyError, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError),
        ) as error:
            raise busy(f"{self._title} can't be reached.") from error
        except httpx2.InvalidURL as error:
            raise refused(f"{self._title} has no usable address.") from error
        except httpx2.TransportError as error:
            lost = f"{self._title} was asked, and its answer got lost."
            raise (unclear(lost) if sent.effect else busy(lost)) from error

    async def file(self, value: JsonValue, name: str) -> File:
        """A file, fetched where only a link to it is given. Raises Outside."""
        link = link_of(value)
        if not link:
            return read_file(value, name)
        came = await self.send(Sent("GET", link, effect=False, most=MOST + 1))
        pair = base64.b64encode(came.content).decode()
        return read_file(f"data:;base64,{pair}", name)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _send(self, sent: Sent) -> Came:
        import httpx2

        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=self._timeout, follow_redirects=False)
        url, headers, extensions = httpx2.URL(sent.url), dict(sent.headers or {}), {}
        if self._public:
            extensions = {"sni_hostname": url.host}
            headers["host"] = url.netloc.decode()
            url = url.copy_with(host=await public_address(sent.url, self._title))
        async with self._client.stream(
            sent.method, url, content=sent.content, headers=headers, extensions=extensions
        ) as response:
            content = await _first(response.aiter_bytes(), sent.most)
        if response.is_success or response.status_code in sent.fine:
            return Came(response.status_code, content)
        raise of_status(self._title, response.status_code, effect=sent.effect)


async def _first(chunks: AsyncIterator[bytes], most: int) -> bytes:
    """The beginning of an answer, all of it where it isn't longer than anybody wants."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) >= most:
            break
    return bytes(content[:most])


def of_status(title: str, status: int, *, effect: bool) -> Outside:
    """What an HTTP status says of the call."""
    if status in (429, 503):
        return busy(f"{title} has too much to do ({status}).", cure="It is tried again by itself.")
    if status >= 500:
        broke = f"{title} broke ({status})."
        return unclear(broke) if effect else busy(broke)
    if status in (401, 403):
        return ShutOut(
            f"{title} doesn't let this deployment in ({status}).",
            cure="Whoever runs the deployment should look at its key.",
        )
    return refused(f"{title} refuses ({status}).")


async def public_address(url: str, title: str) -> str:
    """The address behind a name. Raises Outside for one inside a network."""
    import asyncio

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise refused(f"{title} takes addresses that begin with https:// or http://.")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, port, type=socket.SOCK_STREAM
        )
    except ValueError as error:
        raise refused(f"{title} has no usable address.") from error
    except OSError as error:
        raise busy(f"{title}: nothing is known of {parts.hostname}.") from error
    addresses = [str(info[4][0]) for info in found]
    if not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses):
        raise refused(f"{title} doesn't send to {parts.hostname}: it is inside the network.")
    return addresses[0]


def signature(ask: Ask, body: bytes, *, secret: str) -> dict[str, str]:
    """The headers by which a receiver knows who sent this, and that it comes again.

    As standardwebhooks.com has it: HMAC-SHA256 over id, time and body.
    """
    id, at = ask.id("msg"), str(int(ask.at.timestamp()))
    text = f"{id}.{at}.".encode() + body
    mac = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{mac}",
    }

"""People at browsers without scripts: they open pages, fill in forms and follow where it leads."""

import re
from html import unescape

from httpx import ASGITransport, AsyncClient, Response

from one.clock import new_id
from tests.domains.conftest import transport_of
from tests.world import World

PASSWORD = "copper lantern over seven hills"


def address(name: str = "ana") -> str:
    """One that nobody else has: accounts are the whole deployment's."""
    return f"{name}.{new_id().hex}@mail.example"


def browser_in(world: World, peer: str = "127.0.0.1", **settings: object) -> AsyncClient:
    """A browser that says, as browsers do, which site posts a form."""
    served = transport_of(world, **{"mode": "development", **settings})
    transport = ASGITransport(served.app, client=(peer, 50_000))
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    return AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


async def fill(browser: AsyncClient, path: str, **fields: str) -> Response:
    """Posts a form, without going on to where that leads."""
    return await browser.post(path, data=fields)


def leads_to(answer: Response) -> str:
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["location"]


def text_of(answer: Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def attribute(answer: Response, name: str) -> str:
    """The value that a field of a page holds."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', answer.text)
    assert found, answer.text
    return unescape(found[1])


async def newest_link(browser: AsyncClient) -> str:
    found = re.search(r'href="(/enter/[^"]+)"', (await browser.get("/outbox")).text)
    assert found, "no letter has a link"
    return found[1]


async def newest_code(browser: AsyncClient) -> str:
    found = re.search(r"code: (\d{6})", (await browser.get("/outbox")).text)
    assert found, "no letter has a code"
    return found[1]


async def sign_up(browser: AsyncClient, email: str, **more: str) -> None:
    """Up to being in."""
    fields = {"name": "Ana", "kind": "creator", "email": email, "password": PASSWORD, **more}
    assert leads_to(await fill(browser, "/sign-up", **fields)) == "/sign-in/code"
    assert leads_to(await fill(browser, await newest_link(browser))) == "/welcome"


async def sign_in(browser: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await fill(browser, "/sign-in", email=email, password=password)

"""People at browsers: they ask for letters, open them, and are let in."""

import re
from dataclasses import dataclass
from uuid import UUID

from httpx import ASGITransport, AsyncClient, Response

from one.clock import new_id
from tests.domains.conftest import Client, transport_of
from tests.world import World

PASSWORD = "copper lantern over seven hills"


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in one, with what its reader is to use."""

    subject: str
    body: str

    @property
    def link(self) -> str:
        found = re.search(r"/enter/(\S+)", self.body)
        assert found, self.body
        return found[1]

    @property
    def code(self) -> str:
        found = re.search(r"code: (\d{6})", self.body)
        assert found, self.body
        return found[1]


def address(name: str) -> str:
    """One that nobody else has: accounts are the whole deployment's."""
    return f"{name}.{new_id().hex}@mail.example"


def at(world: World, peer: str, **settings: object) -> AsyncClient:
    """A browser at an address."""
    transport = transport_of(world, **settings)
    moved = ASGITransport(transport.app, client=(peer, 50_000))
    return AsyncClient(transport=moved, base_url="http://one")


async def letters(owner: AsyncClient) -> list[Letter]:
    """All that waits in the outbox, newest first."""
    items = (await owner.get("/api/notices/outbox", params={"limit": 100})).json()["items"]
    return [Letter(item["subject"], item["body"]) for item in items]


async def newest(owner: AsyncClient) -> Letter:
    return (await letters(owner))[0]


async def ask_to_sign_up(
    browser: AsyncClient, email: str, *, password: str | None = PASSWORD, **more: str
) -> Response:
    body = {"email": email, "name": email.partition("@")[0], "password": password, **more}
    return await browser.post("/api/accounts/sign-up", json=body)


async def signed_up(
    client: Client, owner: AsyncClient, email: str, *, password: str | None = PASSWORD, **more: str
) -> tuple[AsyncClient, UUID]:
    """A browser in which somebody has signed up, and who that is."""
    browser = await client(None)
    asked = await ask_to_sign_up(browser, email, password=password, **more)
    assert asked.status_code == 202, asked.text
    entered = await enter(browser, (await newest(owner)).link)
    return browser, UUID(entered["entity"])


async def enter(browser: AsyncClient, link: str, **more: str) -> dict[str, str]:
    answer = await browser.post("/api/accounts/enter", json={"link": link, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def sign_in(browser: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await browser.post("/api/accounts/sign-in", json={"email": email, "password": password})

"""Somebody is asked to come: by a letter alone, once, and as a guest of who asked."""

from uuid import UUID

import pytest
from httpx import AsyncClient

from one.domains.accounts.invitations import plainly
from one.store import ConnectionAsk
from tests.domains.accounts.people import (
    PASSWORD,
    Letter,
    address,
    enter,
    letters,
    newest,
    sign_in,
    signed_up,
)
from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ana(client: Client, owner: AsyncClient) -> tuple[AsyncClient, UUID]:
    return await signed_up(client, owner, address("ana"))


async def asked(browser: AsyncClient, owner: AsyncClient, email: str) -> Letter:
    answer = await browser.post("/api/accounts/invite", json={"email": email})
    assert (answer.status_code, answer.json()) == (202, {"mailed": True}), answer.text
    return await newest(owner)


async def test_who_is_invited_signs_up_and_came_by_who_asked(
    world: World, client: Client, owner: AsyncClient, ana: tuple[AsyncClient, UUID]
) -> None:
    browser, inviter = ana
    email = address("bo")
    letter = await asked(browser, owner, email)
    guest = await client(None)
    shown = (await guest.get("/api/accounts/show-link", params={"link": letter.link})).json()
    assert (shown["purpose"], shown["email"], shown["known"]) == ("invited", email, False)
    assert letter.subject == f"{shown['by']} invites you"
    nameless = await guest.post("/api/accounts/enter", json={"link": letter.link})
    assert (nameless.status_code, nameless.json()["errors"][0]["pointer"]) == (422, "/name")
    entered = await enter(guest, letter.link, name="Bo", password=PASSWORD)
    assert (await guest.get("/api/account")).json()["email"] == email
    async with world.read() as store:
        (tie,) = (await store.connections(ConnectionAsk(types=("referred_by",)))).items
    assert (tie.from_id, tie.to_id) == (UUID(entered["entity"]), inviter)
    assert (await sign_in(await client(None), email)).is_success
    again = await guest.post("/api/accounts/enter", json={"link": letter.link, "name": "Cy"})
    assert again.status_code == 404
    assert again.json()["detail"] == "This link is not known, was used, or is too old."
    assert "an invitation for a week" in again.json()["cure"]


async def test_who_has_an_account_is_not_signed_in_by_an_invitation(
    client: Client, owner: AsyncClient, ana: tuple[AsyncClient, UUID]
) -> None:
    email = address("cy")
    await signed_up(client, owner, email)
    letter = await asked(ana[0], owner, email)
    forwarded = await client(None)
    shown = (await forwarded.get("/api/accounts/show-link", params={"link": letter.link})).json()
    assert shown["known"] is True
    answer = await forwarded.post("/api/accounts/enter", json={"link": letter.link, "name": "X"})
    assert answer.status_code == 409
    assert (await forwarded.get("/api/account")).status_code == 401


async def test_an_address_is_asked_once_by_somebody_and_thrice_a_day_by_all(
    client: Client, owner: AsyncClient, ana: tuple[AsyncClient, UUID]
) -> None:
    email = address("di")
    before = len(await letters(owner))
    said: list[int] = []
    for n in range(4):
        browser = ana[0] if n == 0 else (await signed_up(client, owner, address(f"f{n}")))[0]
        for _ in range(2):
            answer = await browser.post("/api/accounts/invite", json={"email": email})
            said.append(answer.status_code)
    assert said == [202, 429, 202, 429, 202, 429, 429, 429]
    ours = [one for one in await letters(owner) if "invites you" in one.subject]
    assert (len(ours), before) == (3, before)


async def test_only_who_is_signed_in_invites(client: Client) -> None:
    nobody = await client(None)
    answer = await nobody.post("/api/accounts/invite", json={"email": address("ed")})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ana María O’Neill-Brown", "Ana María O’Neill-Brown"),
        ("Win http://bad.example/x now!", "Win http bad. example x now"),
        ("bad.example", "bad. example"),
        ("<b>", "b"),
        ("***", "Somebody"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_name_in_a_letter_to_strangers_is_a_name_alone(name: str, said: str) -> None:
    assert plainly(name) == said

"""How often one may try, and that nobody is locked out by somebody else."""

import pytest
from httpx import AsyncClient

from tests.domains.accounts.people import PASSWORD, address, at, sign_in, signed_up
from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio


async def guessed(browser: AsyncClient, email: str, times: int) -> list[int]:
    return [(await sign_in(browser, email, "a guess")).status_code for _ in range(times)]


async def test_who_guesses_is_refused_and_told_for_how_long(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("ana")
    await signed_up(client, owner, email)
    thief = at(world, "203.0.113.7")
    assert await guessed(thief, email, 12) == [403] * 10 + [429] * 2
    refused = await sign_in(thief, email)
    assert 0 < int(refused.headers["retry-after"]) <= 91
    assert refused.json()["retryAfter"] > 0


async def test_guesses_of_one_dont_keep_the_owner_out(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("bo")
    await signed_up(client, owner, email)
    home = at(world, "198.51.100.4")
    assert (await sign_in(home, email)).status_code == 200
    for n in range(6):
        await guessed(at(world, f"203.0.113.{n}"), email, 10)
    assert (await sign_in(at(world, "203.0.113.99"), email)).status_code == 429
    assert (await sign_in(home, email, PASSWORD)).status_code == 200


async def test_a_line_of_ipv6_counts_as_one(world: World) -> None:
    email = address("cy")
    answers = [
        (await guessed(at(world, f"2001:db8:1:2::{n:x}"), email, 1))[0] for n in range(1, 13)
    ]
    assert answers == [403] * 10 + [429] * 2
    assert await guessed(at(world, "2001:db8:1:3::1"), email, 1) == [403]


@pytest.mark.parametrize("forged", ["10.9.9.{n}", "10.9.9.{n}, 192.0.2.1", "junk{n}"])
async def test_a_forged_forwarding_changes_nothing(world: World, forged: str) -> None:
    email, thief = address("di"), at(world, "203.0.113.8")
    answers: list[int] = []
    for n in range(12):
        thief.headers["X-Forwarded-For"] = forged.format(n=n)
        answers += await guessed(thief, email, 1)
    assert answers == [403] * 10 + [429] * 2


async def test_a_trusted_proxy_says_who_asks_and_forged_words_before_dont_count(
    world: World,
) -> None:
    email = address("ed")
    proxy = at(world, "10.0.0.1", trusted_proxies="10.0.0.0/8")
    answers: list[int] = []
    for n in range(12):
        proxy.headers["X-Forwarded-For"] = f"1.2.3.{n}, 203.0.113.5, 10.0.0.2"
        answers += await guessed(proxy, email, 1)
    assert answers == [403] * 10 + [429] * 2
    proxy.headers["X-Forwarded-For"] = "203.0.113.6"
    assert await guessed(proxy, email, 1) == [403]


async def test_letters_to_an_address_are_few(client: Client) -> None:
    browser, email = await client(None), address("flo")
    asked = [
        (await browser.post("/api/accounts/mail-sign-in", json={"email": email})).status_code
        for _ in range(5)
    ]
    assert asked == [202] * 4 + [429]

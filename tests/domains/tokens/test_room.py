"""Tokens over HTTP: issued, given, spent, sent, burned and told of, by those who may."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from httpx import AsyncClient, Response

from one.store import Viewer
from tests.domains.conftest import Client
from tests.world import World, id_of

pytestmark = pytest.mark.anyio

Facts = dict[str, Any]


async def said(answer: Response) -> Facts:
    assert answer.status_code < 300, answer.text
    return answer.json()


class Market:
    """Ana's token, and two fans, each at a client of their own."""

    def __init__(self, people: Mapping[str, Viewer], clients: Mapping[str, AsyncClient]) -> None:
        self.people, self.clients, self.token = people, clients, ""

    async def do(self, who: str, verb: str, **given: object) -> Response:
        path = f"/api/entities/{self.token}/{verb}"
        sent = {key: self.id(str(one)) if key == "to" else one for key, one in given.items()}
        return await self.clients[who].post(path, json=sent)

    async def balance(self, who: str) -> int:
        found = await self.clients[who].get(f"/api/entities/{self.token}/holding")
        return (await said(found))["balance"]

    def id(self, who: str) -> str:
        return str(id_of(self.people[who]))

    async def facts(self) -> Facts:
        return await said(await self.clients["nobody"].get(f"/api/entities/{self.token}/supply"))


async def opened(world: World, client: Client, **terms: object) -> Market:
    people = {
        "ana": await world.person(),
        "bo": await world.person("audience_member", "Bo"),
        "cy": await world.person("creator", "Cy"),
    }
    await world.connect("following", id_of(people["bo"]), id_of(people["ana"]))
    clients = {name: await client(one) for name, one in people.items()}
    market = Market(people, {**clients, "nobody": await client(None)})
    asked = {"name": "Chords", "symbol": "CHRD", **terms}
    made = await said(await clients["ana"].post("/api/ledger/tokens", json=asked))
    market.token = made["id"]
    return market


async def test_a_token_is_issued_with_its_terms_and_says_that_it_is_off_chain(
    world: World, client: Client
) -> None:
    market = await opened(world, client, totalSupply=1000, dailyLimit=50, contract=True)
    facts = await market.facts()
    assert facts == {
        "token": market.token,
        "name": "Chords",
        "symbol": "CHRD",
        "holders": 0,
        "circulating": 0,
        "staked": 0,
        "totalSupply": 1000,
        "left": 1000,
        "dailyLimit": 50,
        "leftToday": 50,
        "stakingRate": 0,
        "transferable": True,
        "offChain": True,
    }
    near = {"type": "references", "to": market.token}
    ties = await said(await market.clients["ana"].get("/api/connections", params=near))
    paper = await said(await market.clients["ana"].get(f"/api/entities/{ties['items'][0]['from']}"))
    assert paper["type"] == "token_contract"
    assert paper["properties"] == {"symbol": "CHRD", "totalSupply": 1000, "offChain": True}


async def test_only_creators_issue_and_only_owners_mint(world: World, client: Client) -> None:
    market = await opened(world, client)
    asked = {"name": "Mine", "symbol": "MINE"}
    assert (await market.clients["bo"].post("/api/ledger/tokens", json=asked)).status_code == 403
    assert (await market.do("bo", "mint", to="bo", amount=5)).status_code == 403
    assert (await market.do("ana", "mint", to="bo", amount=5)).status_code == 200
    taken = await market.clients["ana"].post(
        "/api/ledger/tokens", json={"name": "Again", "symbol": "CHRD"}
    )
    assert taken.status_code == 409


async def test_mints_stay_within_the_supply_and_the_day(world: World, client: Client) -> None:
    market = await opened(world, client, totalSupply=100, dailyLimit=30)
    await market.do("ana", "mint", to="bo", amount=30)
    more = await market.do("ana", "mint", to="bo", amount=1)
    assert (more.status_code, more.json()["left"]) == (409, 0)
    facts = await market.facts()
    assert (facts["left"], facts["leftToday"], facts["holders"]) == (70, 0, 1)


async def test_what_is_spent_is_the_owners_and_what_they_spend_is_used_up(
    world: World, client: Client
) -> None:
    market = await opened(world, client)
    await market.do("ana", "mint", to="bo", amount=10)
    assert (await said(await market.do("bo", "spend", amount=4, reason="A song")))["balance"] == 6
    assert await market.balance("ana") == 4
    assert (await market.facts())["circulating"] == 10
    await market.do("ana", "spend", amount=4, reason="Done")
    assert (await market.facts())["circulating"] == 6
    over = await market.do("bo", "spend", amount=7, reason="Another")
    assert (over.status_code, over.json()["balance"], over.json()["wanted"]) == (409, 6, 7)
    assert (await market.do("bo", "spend", amount=0, reason="x")).status_code == 422
    assert (await market.do("bo", "spend", amount=-5, reason="x")).status_code == 422


async def test_tokens_are_sent_burned_and_counted(world: World, client: Client) -> None:
    market = await opened(world, client)
    await market.do("ana", "mint", to="bo", amount=10)
    assert (await market.do("bo", "transfer", to="cy", amount=3)).status_code == 200
    assert (await market.do("cy", "burn", amount=2)).status_code == 200
    assert (await market.do("bo", "transfer", to="bo", amount=3)).status_code == 422
    assert [await market.balance(who) for who in ("bo", "cy")] == [7, 1]
    facts = await market.facts()
    assert (facts["holders"], facts["circulating"]) == (2, 8)


async def test_what_isnt_transferable_stays_with_its_holder(world: World, client: Client) -> None:
    market = await opened(world, client, transferable=False)
    await market.do("ana", "mint", to="bo", amount=10)
    assert (await market.do("bo", "transfer", to="cy", amount=3)).status_code == 409
    assert (await market.do("bo", "spend", amount=3, reason="A song")).status_code == 200
    assert await market.balance("bo") == 7


async def test_fifty_who_spend_ten_at_once_spend_ten(world: World, client: Client) -> None:
    market = await opened(world, client)
    await market.do("ana", "mint", to="bo", amount=10)
    answers = await asyncio.gather(
        *(market.do("bo", "spend", amount=1, reason=f"Song {n}") for n in range(50))
    )
    codes = [answer.status_code for answer in answers]
    assert codes.count(200) == 10
    assert set(codes) == {200, 409}
    assert (await market.balance("bo"), await market.balance("ana")) == (0, 10)


async def test_the_same_request_counts_once(world: World, client: Client) -> None:
    market = await opened(world, client)
    await market.do("ana", "mint", to="bo", amount=10)
    path, sent = f"/api/entities/{market.token}/spend", {"amount": 4, "reason": "A song"}
    tries = (
        market.clients["bo"].post(path, json=sent, headers={"Idempotency-Key": "one"})
        for _ in range(5)
    )
    answers = await asyncio.gather(*tries)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert await market.balance("bo") == 6


async def test_a_statement_tells_every_move_and_what_it_left(world: World, client: Client) -> None:
    market = await opened(world, client)
    await market.do("ana", "mint", to="bo", amount=10, reason="Welcome")
    for n in range(4):
        await market.do("bo", "spend", amount=n + 1, reason=f"Song {n}")
    await market.clients["bo"].post(
        f"/api/entities/{market.token}/spend", json={"amount": 1, "reason": "Too much"}
    )
    told: list[Facts] = []
    before: Facts = {}
    while True:
        asked = {"limit": 2, "token": market.token, **before}
        page = await said(await market.clients["bo"].get("/api/ledger/moves", params=asked))
        told += page["items"]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    moves = [(one["action"], one["change"], one["balance"], one["reason"]) for one in told]
    assert moves == [
        ("spent", -4, 0, "Song 3"),
        ("spent", -3, 4, "Song 2"),
        ("spent", -2, 7, "Song 1"),
        ("spent", -1, 9, "Song 0"),
        ("minted", 10, 10, "Welcome"),
    ]
    assert told[0]["counterparty"] == market.id("ana")


async def test_what_one_holds_is_ones_own_to_know(world: World, client: Client) -> None:
    market = await opened(world, client)
    await market.do("ana", "mint", to="bo", amount=10)
    mine = await said(await market.clients["bo"].get("/api/ledger/holdings"))
    assert [(one["name"], one["balance"], one["staked"]) for one in mine["items"]] == [
        ("Chords", 10, 0)
    ]
    for path in ("/api/ledger/holdings", "/api/ledger/moves"):
        assert (await said(await market.clients["cy"].get(path)))["items"] == []
        assert (await market.clients["nobody"].get(path)).status_code == 401


async def test_nobody_is_given_or_sent_tokens_whom_one_cant_see(
    world: World, client: Client
) -> None:
    market = await opened(world, client)
    market.people = {**market.people, "dee": await world.person("audience_member", "Dee")}
    assert (await market.do("ana", "mint", to="dee", amount=5)).status_code == 404
    await market.do("ana", "mint", to="bo", amount=5)
    assert (await market.do("bo", "transfer", to="dee", amount=5)).status_code == 404

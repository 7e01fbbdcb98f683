"""Signing in beside reading: what a session costs a read, what passwords cost others, and whether
an address that has an account can be told by the time it takes.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from statistics import median

import httpx
import uvloop

from bench import Row
from bench._load import request
from bench._measure import compared
from bench._server import Serving, serving_one
from bench._world import World, prepared
from bench.http import rate
from one.clock import monotonic, new_id

_PASSWORD = "copper lantern over seven hills"  # a bench's own
_AT_ONCE = 8
_TURNS = 40  # under the fifty guesses an hour that strangers have
_LETTERS = 120  # each to somebody else: letters to one are few
_addresses = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count(1))


def rows(full: bool) -> Iterable[Row]:
    return uvloop.run(_rows(prepared(full=full)))


async def _rows(world: World) -> list[Row]:
    async with serving_one(world.settings, ONE_TRUSTED_PROXIES="127.0.0.1/32") as one:
        email = f"ana.{new_id().hex}@mail.example"
        cookie = await signed_up(one, email)
        mine = [request("GET", f"/api/entities/{id}", cookie=cookie) for id in world.shown]
        nobodys = [request("GET", f"/api/entities/{id}") for id in world.shown]
        session = await compared(rate(one, nobodys, times=4000), rate(one, mine, times=4000))
        alone = rate(one, nobodys, times=4000)
        beside = await compared(alone, _beside_sign_ins(one, email, alone), repeats=3)
        times = [await _told_apart(one, "sign-in", [email] * _TURNS)]
        many = [f"ana.{new_id().hex}@mail.example" for _ in range(_LETTERS)]
        for each in many:
            await signed_up(one, each)
        times.append(await _told_apart(one, "mail-sign-in", many))
    return [
        Row(
            "a read in a session",
            "the same of nobody",
            f"{session} x the time",
            "≤ 1.15 x",
            session.middle <= 1.15,
        ),
        Row(
            f"reads beside {_AT_ONCE} who sign in by password",
            "reads alone",
            f"{beside} x the time",
            "≤ 2 x",
            beside.middle <= 2,
        ),
        *times,
    ]


def _client(one: Serving) -> httpx.AsyncClient:
    """Someone at an address of their own."""
    headers = {"x-forwarded-for": next(_addresses)}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{one.port}", headers=headers)


async def signed_up(one: Serving, email: str) -> str:
    """The cookie of somebody new."""
    async with _client(one) as browser:
        body = {"email": email, "name": "Ana", "password": _PASSWORD}
        (await browser.post("/api/accounts/sign-up", json=body)).raise_for_status()
        owner = {"authorization": f"Bearer {one.token}"}
        letters = (await browser.get("/api/notices/outbox", headers=owner)).json()["items"]
        found = re.search(r"/enter/(\S+)", letters[0]["body"])
        assert found, "the newest letter has the link"
        answer = await browser.post("/api/accounts/enter", json={"link": found[1]})
        return answer.raise_for_status().headers["set-cookie"].partition(";")[0]


def _beside_sign_ins(
    one: Serving, email: str, alone: Callable[[], Awaitable[float]]
) -> Callable[[], Awaitable[float]]:
    async def measured() -> float:
        async with _signing_in(one, email):
            return await alone()

    return measured


@asynccontextmanager
async def _signing_in(one: Serving, email: str) -> AsyncGenerator[None]:
    """Meanwhile as many sign in, each again and again."""

    async def again() -> None:
        async with _client(one) as browser:
            while True:
                body = {"email": email, "password": _PASSWORD}
                (await browser.post("/api/accounts/sign-in", json=body)).raise_for_status()
                browser.cookies.clear()

    tasks = [asyncio.create_task(again()) for _ in range(_AT_ONCE)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _told_apart(one: Serving, act: str, known: Sequence[str]) -> Row:
    """Known and unknown addresses in turns, each asked for from somewhere else."""
    took: dict[bool, list[float]] = {True: [], False: []}
    more = {"password": "not this one"} if act == "sign-in" else {}
    for turn in range(2 * len(known)):
        knows = turn % 4 in (0, 3)  # neither is always the first
        email = known[turn // 2] if knows else f"nobody.{new_id().hex}@mail.example"
        async with _client(one) as browser:
            await browser.get("/readyz")
            begun = monotonic()
            await browser.post(f"/api/accounts/{act}", json={"email": email, **more})
            took[knows].append(monotonic() - begun)
    ratio = median(took[True]) / median(took[False])
    return Row(
        f"{act} of a known address", "of an unknown one", f"{ratio:.3f} x", "± 5 %", _even(ratio)
    )


def _even(ratio: float) -> bool:
    return 0.95 <= ratio <= 1.05

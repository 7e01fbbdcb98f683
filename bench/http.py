"""Requests a second through ONE's doors, with a token and its rights, beside a bare handler."""

from collections.abc import Awaitable, Callable, Iterable

import uvloop

from bench import Row
from bench._load import Job, request, run
from bench._measure import Ratio, compared
from bench._server import Serving, serving_bare, serving_one, token_for
from bench._world import World, prepared

CLIENTS = 16


def rows(full: bool) -> Iterable[Row]:
    """Ratios of requests a second, one process on each side, asked in turns."""
    return uvloop.run(_rows(prepared(full=full)))


async def _rows(world: World) -> list[Row]:
    async with serving_one(world.settings) as one, serving_bare(world.url) as bare:
        said = {"authorization": f"Bearer {await token_for(one, world.poor)}"}
        ours = [request("GET", f"/api/entities/{id}", **said) for id in world.shown]
        theirs = [request("GET", f"/one/{id}") for id in world.shown]
        point = await compared(rate(one, ours, times=4000), rate(bare, theirs, times=4000))
        ours = [request("GET", "/api/entities?type=course&limit=20", **said)]
        theirs = [request("GET", "/page?limit=20")]
        page = await compared(rate(one, ours, times=1500), rate(bare, theirs, times=1500))
    return [
        _row("GET one thing over HTTP", point, least=0.6),
        _row("GET a list of 20 over HTTP", page, least=0.6),
    ]


def rate(server: Serving, requests: list[str], *, times: int) -> Callable[[], Awaitable[float]]:
    """Answers a second to 16 clients; an answer that isn't 200 or 201 ends the run."""

    async def measured() -> float:
        job = Job(port=server.port, clients=CLIENTS, requests=requests, times=times)
        return (await run(job)).held(200, 201)

    return measured


def _row(path: str, found: Ratio, *, least: float) -> Row:
    measured = f"{found}; {found.ours:.0f} and {found.theirs:.0f}/s"
    bar = f"≥ {least:.1f} of its requests/s"
    return Row(path, "barest Starlette handler", measured, bar, found.middle >= least)

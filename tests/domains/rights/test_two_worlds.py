"""Two people's worlds: whatever Ana has and does for herself changes nothing that others are told,
and whatever others try changes nothing of hers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import product
from typing import Any

import pytest
from httpx import AsyncClient

from one.app import operations
from one.clock import new_id
from one.ontology import Ontology
from one.runtime import AnyOperation
from one.store import Draft, Viewer
from tests.domains.assistants import assistants, tool, tools
from tests.domains.conftest import Client
from tests.domains.rights.hers import WORD, Hers, filled
from tests.domains.test_spaces_http import (
    DEEPER,
    Ids,
    attempts,
    belongings,
    same,
    stamped,
    stamping,
)
from tests.world import World, id_of

__all__ = ["stamping"]
pytestmark = pytest.mark.anyio

Params = dict[str, str]
Said = dict[str, Any]
SOME = ("course", "lead", "part_of", "enrolled_in", "content_viewed", "entity_created")
USING = 'FEATURE: Use it\nINPUT:\n  - fan: who\nUSE FEATURE "Quetzal plan"\n'
WAYS: dict[str, tuple[str, ...]] = {
    "status": ("draft",),
    "tag": (f"topic:{WORD}",),
    "text": (WORD,),
    "where": (f"name startsWith {WORD}", "metadata.progress exists false"),
    "deleted": ("true",),
    "include": ("private",),
    "order": ("name", "-createdAt", "-usageCount"),
    "asOf": ("2030-01-01T00:00:00Z",),
    "ended": ("true",),
    "session": (WORD,),
    "category": ("topic",),
    "owner": (),
    "retired": ("true",),
    "feature": (WORD,),
    "open": ("true",),
    "unread": ("true",),
    "phrase": (WORD,),
    "limit": ("200",),
    "since": ("2020-01-01T00:00:00Z",),
    "until": ("2030-01-01T00:00:00Z",),
    "quantity": ("2",),
    "slug": ("quetzal_plan",),
    "by": (WORD,),
    "state": ("refunded",),
    **dict.fromkeys(("from", "to", "entity", "actor", "before", "cursor"), ()),
    **dict.fromkeys(("product", "token", "buyer", "ids", "author"), ()),
}
"""What each parameter of a read is tried with; of ids, the matrix asks."""


def reads() -> Iterator[AnyOperation]:
    """What is read without naming a row."""
    for operation in operations():
        own = operation.allow.sessions or operation.allow.by_link
        if operation.method == "GET" and not operation.in_path.fields() and not own:
            yield operation


def questions(ontology: Ontology, operation: AnyOperation) -> Iterator[Params]:
    """The ways to ask: of every type, and by each parameter of none and of a few."""
    fields = operation.input.fields()
    types = {"entities": ontology.entities, "connections": ontology.connections}
    known = {**types, "events": ontology.events}.get(operation.path.split("/")[2], {})
    yield {}
    yield from ({"type": name} for name in known if "type" in fields)
    for name in fields:
        for value in WAYS[name] if name != "type" else ():
            yield {name: value}
            yield from ({"type": type, name: value} for type in SOME if type in known)


async def whole(ask: Callable[[Params], Awaitable[Said]], asked: Params) -> str:
    """An answer with all its pages, each of which may be short for what it doesn't show."""
    said = await ask(asked)
    items: list[Any] = said.pop("items", [])
    while said.get("next"):
        said = await ask({**asked, "cursor": said["next"]})
        items += said.pop("items")
    return f"{items}, {said}"


async def told(client: AsyncClient, ontology: Ontology) -> dict[str, str]:
    """All that somebody is told who asks everything, by question."""
    answers: dict[str, str] = {}
    for operation in reads():

        async def over_http(asked: Params, path: str = operation.path) -> Said:
            return (await client.get(path, params=asked)).json()

        async def as_tool(asked: Params, name: str = operation.tool) -> Said:
            return await tool(client, name, **asked)

        for asked in questions(ontology, operation):
            answers[f"{operation.name} {asked}"] = await whole(over_http, asked)
        if operation.mcp:
            answers[operation.tool] = await whole(as_tool, {})
    plan = f"/api/live-feature?slug=quetzal_plan&by={WORD}"
    for path in (
        *("/openapi.json", "/api/features/greet_a_fan", f"/api/features/{WORD}/plan", "/"),
        *(plan, f"/f/{WORD}/quetzal_plan"),
    ):
        answers[path] = (await client.get(path)).text
    for path in (f"/api/features/{WORD}/quetzal_plans", "/api/features/quetzal_plan"):
        answers[path] = (await client.post(path, json={})).text
    answers["check"] = (await client.post("/api/check", json={"text": USING})).text
    answers["tools"] = str(sorted(await tools(client)))
    return answers


async def position(client: AsyncClient) -> str:
    """Where the log of changes is."""
    text = (await client.get("/api/live", params={"table": "tags", "for": "0"})).text
    return text.partition('{"position":')[2].partition("}")[0]


async def heard(client: AsyncClient, since: str) -> list[str]:
    """The news that somebody hears who follows all lists."""
    tables = ("entities", "connections", "events", "tags")
    asked = [{"table": table, "since": since, "for": "1"} for table in tables]
    answers = await asyncio.gather(*(client.get("/api/live", params=one) for one in asked))
    lines = [line for answer in answers for line in answer.text.splitlines()]
    return [line for line in lines if line.startswith("event: ") and line != "event: ready"]


async def rows(world: World) -> dict[str, set[str]]:
    """All that lies in the tables of a space, by table."""
    found: dict[str, set[str]] = {}
    async with world.desk.database.read() as tx:
        tables = await tx.rows(
            "SELECT table_name FROM information_schema.columns WHERE table_schema ="
            " current_schema() AND column_name = 'space_id' ORDER BY 1"
        )
        for (table,) in tables:
            sql = f"SELECT t::text FROM {table} t WHERE space_id = %(space)s"  # our own names
            kept = await tx.rows(sql, {"space": world.space})
            found[str(table)] = {str(row) for (row,) in kept}
    return found


async def other(world: World, client: Client) -> tuple[AsyncClient, Ids]:
    """A stranger with things of their own."""
    bo = await world.person(name="Bo")
    ids = await belongings(world, bo)
    ids.of["owner"] = ids.of[DEEPER] = id_of(bo)
    return await client(bo), ids


async def lived(world: World, hers: Hers, ana: Viewer) -> None:
    """What she has goes, partly."""
    async with world.write() as store:
        for tie in hers.ties[::2]:
            await store.end(tie)
    async with world.write(ana) as store:
        for ids in [*hers.things.values()][::2]:
            await store.delete(ids[-1])
        await store.archive(hers.things["lesson"][0])


@pytest.mark.usefixtures("stamping")
async def test_what_one_has_and_does_for_oneself_is_told_to_nobody(
    world: World, client: Client, owner: AsyncClient
) -> None:
    ana, cy, ontology = await world.person(), await world.person(name="Cy"), world.desk.ontology
    await world.connect("following", id_of(cy), id_of(ana))
    stranger, _ = await other(world, client)
    eyes = {"nobody": await client(None), "stranger": stranger, "follower": await client(cy)}
    await stamped(world)
    async with assistants(stranger):
        before = {name: await told(eye, ontology) for name, eye in eyes.items()}
        since = await position(stranger)
        await lived(world, await filled(world, client, owner, ana), ana)
        await stamped(world)
        after = {name: await told(eye, ontology) for name, eye in eyes.items()}
        assert await asyncio.gather(*(heard(eye, since) for eye in eyes.values())) == [[]] * 3
    for name, answers in after.items():
        assert {ask: said for ask, said in answers.items() if said != before[name][ask]} == {}, name


async def test_what_others_try_on_it_is_answered_like_nothing_and_changes_nothing(
    world: World, client: Client, owner: AsyncClient
) -> None:
    ana = await world.person()
    bo, own = await other(world, client)
    hers = await filled(world, client, owner, ana)
    before = await rows(world)
    tries = [attempt for attempt in attempts() if not attempt.operation.allow.by_link]
    never = new_id()
    unknown = {attempt: await attempt.by(bo, own, never) for attempt in tries}
    told_of = [
        f"{attempt} {row}: {answer.text}"
        for number, row in enumerate(hers.ids)
        for attempt in tries[number % 10 :: 10]
        if not same(answer := await attempt.by(bo, own, row), row, unknown[attempt], never)
    ]
    assert told_of == []
    after, mine = await rows(world), [str(id) for id in own.of.values()]
    theirs = [str(id) for id in hers.ids]
    for table, kept in before.items():
        lost = [row for row in kept - after[table] if not any(id in row for id in mine)]
        come = [row for row in after[table] - kept if any(id in row for id in theirs)]
        assert (lost, come) == ([], []), table


def private_of(key: str) -> str:
    """A value for a private property, with the word in it where that can be."""
    known = {"email": f"{WORD}@mail.example", "phone": "+14155550123", "birthday": "1990-01-01"}
    if key in known:
        return known[key]
    if key == "fileId":
        return str(new_id())
    return f"https://{WORD}.example/room" if key.endswith("Url") else f"{WORD} {key}"


@pytest.mark.usefixtures("stamping")
async def test_what_is_private_of_a_public_thing_is_neither_shown_nor_searched(
    world: World, client: Client
) -> None:
    bo, _ = await other(world, client)
    secrets: list[str] = []
    for name, kind in world.desk.ontology.entities.items():
        secret = {key: private_of(key) for key in kind.private}
        if not secret:
            continue
        shown = "published" if kind.initial == "draft" else None
        async with world.write() as store:
            draft = Draft(name, "Hers", dict(secret), shown, "public", owned=False)
            made = await store.create(draft)
        shown_to_bo = (await bo.get(f"/api/entities/{made.id}")).text
        assert '"name":"Hers"' in shown_to_bo, name
        assert not [value for value in secret.values() if value in shown_to_bo], name
        secrets += secret.values()
        for key, value in secret.items():
            wheres = [f"properties.{key} eq {value}", f"properties.{key} exists true"]
            asks = [{"type": name, "where": where} for where in wheres]
            for path, ask in product(("/api/entities", "/api/entities/count"), asks):
                assert (await bo.get(path, params=ask)).status_code == 422, (name, key)
            asked = {"type": name, "order": f"properties.{key}"}
            assert (await bo.get("/api/entities", params=asked)).status_code == 422, (name, key)
        found = await bo.get("/api/entities", params={"type": name, "text": WORD})
        assert found.json()["items"] == [], name
    await stamped(world)
    asked = {"table": "entities", "since": "0", "for": "3"}
    news = (await bo.get("/api/live", params=asked)).text
    assert '"name":"Hers"' in news
    assert not [value for value in secrets if value in news]

"""A list followed over HTTP: what comes, what doesn't, and going on after anything."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import uvicorn
from httpx import AsyncClient

from one.app import App
from one.clock import new_id
from one.runtime import Deployment
from one.settings import Settings
from one.store import DEFAULT_SPACE, Connection, Desk, Draft, Link, Patch, Viewer, follower
from one.store.elapsing import Elapsing
from one.store.people import become_creator
from one.store.sequencer import Sequencer
from one.web import live
from one.web.server import create
from tests.web.listening import Listener, listening
from tests.web.serving import served
from tests.world import World, id_of

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Elsewhere(App):
    """Its hosts all stand for one space."""

    space: UUID = DEFAULT_SPACE

    def space_of(self, host: str) -> UUID:
        return self.space


@pytest.fixture
async def client(world: World) -> AsyncGenerator[AsyncClient]:
    """Talks to a server of the world's space, on the loopback."""
    desk = world.desk
    services = (
        Sequencer(desk.database).run,
        Elapsing(desk.database, desk.clock).run,
        desk.hub.run,
    )
    app = Elsewhere(Deployment(Settings(mode="test"), desk), (), services, space=world.space)
    config = uvicorn.Config(
        create(app), port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    async with app.running():
        serving = asyncio.ensure_future(server._serve())  # pyright: ignore[reportPrivateUsage] # serve() would take over pytest's signals
        while not server.started:  # noqa: ASYNC110 # uvicorn says it no other way
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client
        desk.hub.close()
        server.should_exit = True
        await serving


async def token_of(world: World, entity: UUID) -> tuple[UUID, dict[str, str]]:
    async with world.write() as store:
        token, secret = await store.issue_token(entity=entity, role="person", name="test")
    return token.id, {"authorization": f"Bearer {secret}"}


async def heard(listener: Listener, many: int) -> list[tuple[str, object]]:
    events = [await listener.next() for _ in range(many)]
    return [(event.name, event.data["id"]) for event in events]


async def test_news_of_every_table_comes_as_it_is_read(world: World, client: AsyncClient) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    _, mine = await token_of(world, id_of(ana))
    async with (
        listening(client, table="entities", type="course") as things,
        listening(client, headers=mine, table="connections", type="following") as follows,
        listening(client, headers=mine, table="events", type="entity_created") as events,
        listening(client, table="tags", category="topic") as tags,
    ):
        course = await world.course()
        event = await things.next()
        assert event.name == "gained"
        async with world.read() as store:
            assert event.data == (await store.get(course.id)).model_dump(mode="json", by_alias=True)
        follow = await world.connect("following", id_of(ana), id_of(ben))
        assert await heard(follows, 1) == [("gained", str(follow.id))]
        draft = await world.thing("course", by=ana)
        created = await events.next()
        if created.data["entity"] == str(id_of(ana)):  # stamped only after the list was opened
            created = await events.next()
        assert (created.name, created.data["entity"]) == ("gained", str(draft.id))
        async with world.write() as store:
            (tag,) = await store.tag(course.id, ["topic:breath"])
        assert ("gained", str(tag.id)) in await heard(tags, 1)


async def test_a_row_that_leaves_says_only_its_id(world: World, client: AsyncClient) -> None:
    async with listening(client, table="entities", status="published") as stream:
        course = await world.course()
        async with world.write() as store:
            await store.delete(course.id)
            await store.restore(course.id)
            await store.archive(course.id)
        events = [await stream.next() for _ in range(4)]
    assert [event.name for event in events] == ["gained", "left", "gained", "left"]
    assert [list(event.data) for event in events[1::2]] == [["id"], ["id"]]


async def test_a_fan_who_becomes_a_creator_leaves_one_list_and_comes_to_the_other(
    world: World, client: AsyncClient
) -> None:
    async with (
        listening(client, table="entities", type="audience_member") as fans,
        listening(client, table="entities", type="creator") as creators,
    ):
        async with world.write() as store:
            draft = Draft("audience_member", "Bo", {}, visibility="public", owned=False)
            bo = await store.create(draft)
        async with world.write(Viewer(bo.id, "person")) as store:
            await store.update(bo.id, Patch(name="Bo Brown"))
            await become_creator(store.session, bo.id, {})
            await store.update(bo.id, Patch(name="Bo Green"))
        assert await heard(fans, 3) == [
            (what, str(bo.id)) for what in ("gained", "changed", "left")
        ]
        assert await heard(creators, 2) == [("gained", str(bo.id)), ("changed", str(bo.id))]


async def test_two_viewers_hear_what_each_may_see(world: World, client: AsyncClient) -> None:
    ana = await world.person()
    _, mine = await token_of(world, id_of(ana))
    async with (
        listening(client, table="entities", type="course") as anybodys,
        listening(client, headers=mine, table="entities", type="course") as anas,
    ):
        draft = await world.thing("course", by=ana, x_secret="between us")
        async with world.write(ana) as store:
            await store.delete(draft.id)
        shown = await world.course()
        assert await heard(anas, 3) == [
            ("gained", str(draft.id)),
            ("left", str(draft.id)),
            ("gained", str(shown.id)),
        ]
        assert await heard(anybodys, 1) == [("gained", str(shown.id))]


async def test_a_revoked_token_ends_the_stream(world: World, client: AsyncClient) -> None:
    ana = await world.person()
    token, mine = await token_of(world, id_of(ana))
    async with listening(client, headers=mine, table="entities", type="course") as stream:
        async with world.write() as store:
            await store.revoke_token(token)
            await store.create(Draft("course", "Too late", {}, "published"))
        assert await asyncio.wait_for(stream.rest(), 10) == []


async def test_coming_back_goes_on_where_one_was(world: World, client: AsyncClient) -> None:
    async with listening(client, table="entities", type="course") as stream:
        first = await world.course()
        assert await heard(stream, 1) == [("gained", str(first.id))]
    second = await world.course()
    await world.update(first.id, x_plays=1)
    back = {"last-event-id": stream.last_id}
    async with listening(client, headers=back, table="entities", type="course") as stream:
        assert await heard(stream, 2) == [("gained", str(second.id)), ("changed", str(first.id))]
    async with listening(client, table="entities", type="course", since=stream.last_id) as stream:
        third = await world.course()
        assert await heard(stream, 1) == [("gained", str(third.id))]


async def passing(
    world: World, type: str, from_: UUID, to: UUID, *, begins: float = 0, ends: float | None = None
) -> Connection:
    """A connection that holds from so many seconds ahead to so many."""
    begin, end = (
        None if ahead is None else world.desk.clock.now() + timedelta(seconds=ahead)
        for ahead in (begins or None, ends)
    )
    async with world.write() as store:
        return await store.connect(Link(type, from_, to, {}, valid_from=begin, valid_to=end))


async def test_a_connection_leaves_when_its_time_is_over(world: World, client: AsyncClient) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    _, mine = await token_of(world, id_of(ana))
    async with listening(client, headers=mine, table="connections", type="following") as stream:
        follow = await passing(world, "following", id_of(ana), id_of(ben), ends=1)
        assert await heard(stream, 2) == [("gained", str(follow.id)), ("left", str(follow.id))]


async def test_a_connection_comes_when_its_time_has(world: World, client: AsyncClient) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    _, mine = await token_of(world, id_of(ana))
    async with listening(client, headers=mine, table="connections", type="following") as stream:
        follow = await passing(world, "following", id_of(ana), id_of(ben), begins=1)
        assert await heard(stream, 1) == [("gained", str(follow.id))]


async def test_what_was_seen_by_a_connection_leaves_with_it(
    world: World, client: AsyncClient
) -> None:
    async with world.write() as store:
        draft = Draft("course", "For its members", {}, "published", "members")
        course = await store.create(draft)
    fan = await world.person("audience_member", "Fay")
    _, mine = await token_of(world, id_of(fan))
    async with listening(client, headers=mine, table="entities", type="course") as stream:
        await passing(world, "enrolled_in", id_of(fan), course.id, ends=1)
        assert await heard(stream, 2) == [("gained", str(course.id)), ("left", str(course.id))]


async def test_who_comes_back_is_told_what_time_took_meanwhile(
    world: World, client: AsyncClient
) -> None:
    ana, ben = await world.person(), await world.person(name="Ben")
    _, mine = await token_of(world, id_of(ana))
    asked = {"table": "connections", "type": "following"}
    async with listening(client, headers=mine, **asked) as stream:
        follow = await passing(world, "following", id_of(ana), id_of(ben), ends=1)
        assert await heard(stream, 1) == [("gained", str(follow.id))]
    back = mine | {"last-event-id": stream.last_id}
    async with listening(client, headers=back, **asked) as over:
        while (await over.next()).name != "left":
            pass
    async with listening(client, headers=back, **asked) as stream:
        assert await heard(stream, 1) == [("left", str(follow.id))]


async def test_a_position_nobody_has_kept_means_reading_again(
    world: World, client: AsyncClient
) -> None:
    async with listening(client, table="entities", since="999999") as stream:
        assert (await stream.next()).name == "resync"
        course = await world.course()
        assert await heard(stream, 1) == [("gained", str(course.id))]


async def test_who_is_too_slow_reads_again(
    world: World, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "MOST_WAITING", 1_000)
    async with listening(client, table="entities", type="course") as stream:
        async with world.write() as store:
            for _ in range(10):
                await store.create(Draft("course", "A", {"x_text": "a" * 1_000}, "published"))
        events = await asyncio.wait_for(stream.rest(), 10)
    assert [event.name for event in events][-1] == "resync"


async def test_wrong_questions_are_answered_before_the_stream(client: AsyncClient) -> None:
    for asked, pointer in (
        ({"table": "rows"}, "/table"),
        ({"table": "entities", "type": "cours"}, "/type"),
        ({"table": "entities", "category": "topic"}, "/category"),
        ({"table": "tags", "where": "a eq 1"}, "/where"),
        ({"table": "entities", "type": "course", "where": "colour eq 1"}, "/where/0"),
        ({"table": "connections", "asOf": "2026-01-01T00:00:00Z"}, "/asOf"),
        ({"table": "entities", "for": "4000"}, "/for"),
    ):
        answer = await client.get("/api/live", params=asked)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await client.get("/api/live")).status_code == 422
    strange = {"last-event-id": "x"}
    answer = await client.get("/api/live", params={"table": "tags"}, headers=strange)
    assert answer.status_code == 422
    nobody = {"authorization": "Bearer one_nobody"}
    answer = await client.get("/api/live", params={"table": "tags"}, headers=nobody)
    assert answer.status_code == 401
    assert (await client.post("/api/live")).headers["allow"] == "GET, OPTIONS"


async def test_a_stream_can_be_given_an_end(client: AsyncClient) -> None:
    answer = await client.get("/api/live", params={"table": "tags", "for": "0"})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.text.startswith("retry: 1000\nevent: ready\n")


def test_what_may_be_asked_is_described() -> None:
    names = {parameter["name"] for parameter in live.described()["parameters"]}  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportUnknownVariableType, reportOptionalIterable, reportGeneralTypeIssues] # JSON as it is known to be
    assert {"table", "type", "where", "from", "since", "for", "Last-Event-ID"} <= names


# --- killed


async def test_killed_amid_eight_writers_nothing_is_missed_or_doubled(
    desk: Desk, postgres_url: str, tmp_path: Path
) -> None:
    world, prefix = World(desk, DEFAULT_SPACE), f"k-{new_id().hex[-12:]}-"
    heard: list[tuple[str, int]] = []
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for n in range(40):
            slug = f"{prefix}{writer}-{n}"
            course = await world.thing("course", status="published", slug=slug)
            async with world.write() as store:
                await store.update(course.id, Patch(name=f"Course {n}"))
            await asyncio.sleep(0.05)

    async def listen(client: AsyncClient) -> None:
        last = begun
        while len(heard) < 640 and not done.is_set():
            try:
                async with listening(client, headers={"last-event-id": last}, **asked) as stream:
                    while len(heard) < 640:
                        event = await stream.next()
                        heard.append((str(event.data["id"]), int(str(event.data["version"]))))
                        last = stream.last_id
            except (httpx.TransportError, StopAsyncIteration, RuntimeError):
                await asyncio.sleep(0.02)

    asked = {
        "type": "course",
        "where": f"properties.slug startsWith {prefix}",
        "table": "entities",
    }
    async with served(postgres_url, tmp_path) as server, AsyncClient(base_url=server.url) as client:
        async with listening(client, headers={}, **asked) as stream:
            begun = stream.last_id
        listener = asyncio.ensure_future(listen(client))
        writers = asyncio.gather(*(write(n) for n in range(8)))
        for _ in range(2):
            await asyncio.sleep(0.4)
            await server.stop(signal.SIGKILL)
            await server.start()
        await writers
        await asyncio.wait_for(listener, 120)
    assert max(Counter(heard).values()) == 1
    assert len(heard) == 640
    assert all(heard.index((id, 1)) < heard.index((id, 2)) for id, version in heard if version == 2)


async def test_a_server_told_to_stop_ends_its_streams(postgres_url: str, tmp_path: Path) -> None:
    async with (
        served(postgres_url, tmp_path) as server,
        AsyncClient(base_url=server.url, timeout=20) as client,
        listening(client, table="tags") as stream,
    ):
        stopping = asyncio.ensure_future(server.stop(signal.SIGTERM))
        assert await asyncio.wait_for(stream.rest(), 10) == []
        await stopping

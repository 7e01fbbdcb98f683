"""Every operation, called in one space with the ids of another: nothing of it is there.

The cases come from the registry of operations, so a new one is tried by itself. One that can't be
called with ids alone fails here until `INPUTS` says what else it takes.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import orjson
import pytest
from httpx import AsyncClient, Response
from pydantic import JsonValue

from one.app import operations
from one.clock import new_id
from one.domains.notices import (
    Question,
    ask,
    list_notices,
    list_requests,
    register_device,
    say,
)
from one.runtime import AnyOperation
from one.runtime.durable import Start, start
from one.store import (
    DEFAULT_SPACE,
    ConnectionAsk,
    EntityAsk,
    EventAsk,
    Move,
    Store,
    TagAsk,
    Viewer,
)
from one.store.drafts import begin_draft
from one.store.ledger import lines
from one.store.sequencer import Sequencer
from one.store.stakes import Lock, stake
from tests.domains.conftest import client_of
from tests.domains.notices.rooms import acting, follower, outbox, told
from tests.domains.payments.shop import purchase_of, refund_of
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio

Facts = dict[str, JsonValue]

INPUTS: Mapping[str, Facts] = {
    "connect": {"type": "following"},
    "set_price": {"price": {"amount": 500, "currency": "usd"}},
    "tip": {"amount": {"amount": 500, "currency": "usd"}},
    "deploy_features": {"text": 'FEATURE: Greet\nGIVE message "Hello"\n'},
    "record_event": {"type": "content_viewed"},
    "create_token": {"name": "theirs"},
    "tag_entity": {"names": ["topic:yoga"]},
    "untag_entity": {"names": ["topic:yoga"]},
    "list_entities": {"ids": ["an id"]},
    "share_revenue": {"shares": [{"owner": "an id", "share": 10_000}]},
    "update_entity": {"name": "Mine now"},
    "save_draft": {"text": "FEATURE: Mine now"},
    "amend_connection": {"strength": 0.5},
    "describe_tag": {"description": "Mine now"},
    "decide_call": {"path": "1", "done": True},
    "signal_run": {"topic": "paid"},
    "give_signal": {"name": "doors open"},
    "notify": {"to": ["an id"], "about": "Hi"},
    "set_preference": {"wanted": False},
    "say": {"text": "Hi"},
    "answer_request": {"yes": True},
    "decide_letter": {"sent": True},
    "compare_revisions": {"before": 1},
    "set_canary": {"percent": 10},
    "appoint_staff": {"role": "support"},
    "mint_tokens": {"amount": 1},
    "spend_tokens": {"amount": 1, "reason": "A song"},
    "transfer_tokens": {"amount": 1},
    "burn_tokens": {"amount": 1},
    "stake_tokens": {"amount": 1, "seconds": 60},
}
"""What an operation takes beside ids; an id that lies deeper stands here as `an id`."""

NAMES_NOTHING = {
    *("list_tags", "list_tokens", "create_entity", "count_types", "count_entities"),
    "check_entities",
    *(
        "get_ontology",
        "check_features",
        "complete_text",
        "explain_place",
        "inspect_features",
        "mend_text",
        "show_writer",
        "tidy_text",
        "plan_deploy",
        "write_feature",
        "simulate_features",
        "list_words",
        "measure_load",
        "count_runs",
    ),
    *("list_notices", "count_unread", "mark_all_read", "list_conversations"),
    *("begin_payouts", "show_payouts", "begin_draft", "list_drafts"),
    *("list_preferences", "register_device", "list_staff", "list_audit"),
    *("sign_up", "sign_in", "mail_sign_in", "mail_reset", "enter_code", "pass_second_factor"),
    *("enter", "show_link", "show_earnings", "show_face", "show_guest_run"),
    *("issue_token", "list_stakes", "verify_tokens"),
}
"""Operations that are not told any id."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call in which one id is another space's: the one at `place`."""

    operation: AnyOperation
    place: str

    def __str__(self) -> str:
        return f"{self.operation.name}-{self.place}"

    async def by(self, client: AsyncClient, ids: "Ids", foreign: UUID | str) -> Response:
        """Calls with `foreign` at the place, and with ids of the own space at the others."""

        def at(place: str) -> str:
            return str(foreign if place == self.place else ids.own(self.operation, place))

        path = self.operation.path
        for name in _in_path(self.operation):
            path = path.replace(f"{{{name}}}", at(name))
        said = {name: at(name) for name in _stated(self.operation)}
        rest = orjson.dumps(INPUTS.get(self.operation.name, {})).decode()
        said |= cast("dict[str, str]", orjson.loads(rest.replace("an id", at(DEEPER))))
        if self.operation.reads_url:
            return await client.request(self.operation.method, path, params=said)
        return await client.request(self.operation.method, path, json=said)


DEEPER = "deeper"


def _in_path(operation: AnyOperation) -> list[str]:
    return list(operation.in_path.fields())


def _stated(operation: AnyOperation) -> list[str]:
    fields = operation.input.fields().items()
    return [name for name, (spec, _) in fields if spec.get("format") == "uuid"]


def _deeper(operation: AnyOperation) -> bool:
    """Whether ids lie deeper in the input than its own fields."""
    whole = orjson.dumps(operation.input.schema).decode()
    return whole.count('"uuid"') > len(_stated(operation))


def _tried() -> list[AnyOperation]:
    """All but what is only one's own account's, in a session."""
    return [operation for operation in operations() if not operation.allow.sessions]


def attempts() -> Iterator[Attempt]:
    for operation in _tried():
        places = [*_in_path(operation), *_stated(operation)]
        places += [DEEPER] if _deeper(operation) else []
        yield from (Attempt(operation, place) for place in places)


@dataclass(slots=True)
class Ids:
    """The ids of one space, by the table they are of."""

    of: dict[str, UUID] = field(default_factory=dict[str, UUID])
    slug: str = ""

    def own(self, operation: AnyOperation, place: str) -> UUID | str:
        if place == "slug" and self.slug:
            return self.slug
        for name in (f"{operation.name}.{place}", place):
            if name in self.of:
                return self.of[name]
        table = operation.path.split("/")[2]
        return self.of[table if place == "id" else "entities"]


@dataclass(frozen=True, slots=True)
class Side:
    """A space with one of each, its staff and one of its people."""

    world: World
    ids: Ids
    staff: AsyncClient
    person: AsyncClient


async def side(world: World) -> Side:
    ana = await world.person()
    return Side(
        world,
        await belongings(world, ana),
        await client_of(world, STAFF),
        await client_of(world, ana),
    )


async def belongings(world: World, ana: Viewer) -> Ids:
    """One of each that is somebody's."""
    course = await world.course(by=ana)
    made = await world.connect("following", id_of(await world.person()), id_of(ana))
    async with world.write(ana) as store:
        (tag,) = await store.tag(course.id, ["topic:yoga"])
        event = (await store.events(EventAsk(entity_id=course.id))).items[0]
    async with world.write() as store:
        token, _ = await store.issue_token(entity=id_of(ana), role="person", name="Ana's")
        texts = [
            await begin_draft(store.session, id_of(ana), title=title, text=title, on=None)
            for title in ("Theirs", "Thrown away")
        ]
        run = await start(
            store.session, Start(feature="theirs", digest="none", author=ana, input={})
        )
    clone = await world.thing("ai_clone", by=ana, status="active")
    fan = await follower(world, ana)
    async with acting(world, fan) as ctx:
        message = await say(ctx, to=clone.id, text="Hi")
    talk = UUID(str(message.properties["conversation"]))
    notices = {
        "notices": course.id,
        **{f"say.{place}": id for place, id in (("to", id_of(fan)), ("by", clone.id))},
        "say.inReplyTo": message.id,
        **{f"{name}.id": talk for name in ("list_messages", "read_messages")},
        **await asked_and_told(world, ana, fan),
    }
    notices |= await coins(world, ana)
    of = {"entities": course.id, "connections": made.id, "events": event.id, "tags": tag.id}
    sale = await purchase_of(world, ana)
    back = await refund_of(world, sale)
    drafts = {"drafts": texts[0].id, "discard_draft.id": texts[1].id}
    rows = {"tokens": token.id, "runs": run, "payments": sale, "get_refund.id": back, **drafts}
    return Ids({**of, **notices, **rows})


async def coins(world: World, ana: Viewer) -> dict[str, UUID]:
    """A token of somebody's, of which they hold some and have staked some."""
    token = await world.thing("token", by=ana, status="active")
    async with world.write(ana) as store:
        await store.move(Move(id_of(ana), token.id, 20, "minted", {}))
        staked = await stake(store.session, id_of(ana), token=token.id, lock=Lock(5, 3600))
        moves = await lines(store.session, id_of(ana), token=None, before=None, limit=1)
    names = ("mint", "spend", "transfer", "burn", "stake")
    return {
        **{f"{name}_tokens.id": token.id for name in names},
        **{f"{name}.id": token.id for name in ("get_holding", "get_token_facts")},
        "list_holdings.before": token.id,
        "list_moves.before": moves[0].id,
        "ledger": staked.id,
    }


async def asked_and_told(world: World, author: Viewer, fan: Viewer) -> dict[str, UUID]:
    """What somebody was told, by letter too, and asked; and their device."""
    await told(world, author, fan, channels=["email"])
    question = Question(line="1", words="May I?", run=id_of(author), topic="yes")
    async with acting(world, author) as ctx:
        await ask(ctx, question, person=id_of(fan))
    async with acting(world, fan) as ctx:
        device = await register_device(ctx, name="Phone", address="a")
        request = (await list_requests(ctx)).items[0]
        notice = (await list_notices(ctx)).items[0]
    return {
        "mark_read.id": notice.id,
        "answer_request.id": request.id,
        "decide_letter.id": (await outbox(world))[-1].id,
        "remove_device.id": device.id,
    }


def empty(answer: Response) -> bool:
    """A list or a count of nothing."""
    said = cast("Facts", answer.json()) if answer.status_code == 200 else {}
    return said.get("items") == [] or said.get("count") == 0


async def whole(store: Store) -> list[object]:
    """All that lies in a space."""
    lists = (
        await store.entities(EntityAsk(), limit=200),
        await store.connections(ConnectionAsk(ended=True), limit=200),
        await store.events(EventAsk(), limit=200),
        await store.tags(TagAsk(), limit=200),
    )
    return [*(page.model_dump() for page in lists), await store.tokens_of(None)]


def same(answer: Response, foreign: UUID | str, other: Response, unknown: UUID) -> bool:
    """Whether two answers tell the same, but for the id that they are about."""
    said, like = answer.text.replace(str(foreign), ""), other.text.replace(str(unknown), "")
    return (answer.status_code, said) == (other.status_code, like)


@pytest.mark.parametrize("attempt", list(attempts()), ids=str)
async def test_an_id_of_another_space_is_like_one_that_never_was(
    world: World, attempt: Attempt
) -> None:
    theirs, ours = await side(world), await side(await world.neighbour())
    async with theirs.world.read() as store:
        before = await whole(store)
    foreign, unknown = theirs.ids.own(attempt.operation, attempt.place), new_id()
    answer = await attempt.by(ours.staff, ours.ids, foreign)
    assert answer.status_code == 404 or empty(answer), f"INPUTS says how to call it: {answer.text}"
    assert same(answer, foreign, await attempt.by(ours.staff, ours.ids, unknown), unknown)
    refused = await attempt.by(ours.person, ours.ids, foreign)
    assert refused.status_code in (404, 403) or empty(refused)
    assert same(refused, foreign, await attempt.by(ours.person, ours.ids, unknown), unknown)
    async with theirs.world.read() as store:
        assert await whole(store) == before
    for client in (theirs.staff, theirs.person, ours.staff, ours.person):
        await client.aclose()


def test_every_operation_is_tried_or_is_told_no_id() -> None:
    tried = {attempt.operation.name for attempt in attempts()}
    assert {operation.name for operation in _tried()} - tried == NAMES_NOTHING
    assert INPUTS.keys() <= tried


async def test_a_cursor_of_another_space_is_refused(world: World) -> None:
    theirs, ours = await side(world), await side(await world.neighbour())
    first = (await theirs.staff.get("/api/entities", params={"limit": 1})).json()
    answer = await ours.staff.get("/api/entities", params={"limit": 1, "cursor": first["next"]})
    assert answer.status_code == 422
    for client in (theirs.staff, theirs.person, ours.staff, ours.person):
        await client.aclose()


async def test_a_token_acts_in_its_own_space_only(world: World) -> None:
    theirs, ours = await side(world), await side(await world.neighbour())
    stated = {"authorization": theirs.staff.headers["authorization"]}
    assert (await theirs.staff.get("/api/tokens", headers=stated)).status_code == 200
    assert (await ours.staff.get("/api/tokens", headers=stated)).status_code == 401
    assert theirs.world.space != DEFAULT_SPACE
    for client in (theirs.staff, theirs.person, ours.staff, ours.person):
        await client.aclose()


@pytest.fixture
async def stamping(world: World) -> AsyncGenerator[None]:
    """Changes get their positions meanwhile."""
    task = asyncio.ensure_future(Sequencer(world.desk.database).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def stamped(world: World) -> None:
    """Waits until every change of a space has its position."""
    sql = "SELECT FROM change_queue WHERE space_id = %(space)s LIMIT 1"
    for _ in range(500):
        async with world.read() as store:
            if await store.session.tx.row(sql, {"space": world.space}) is None:
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody stamps")


@pytest.mark.usefixtures("stamping")
@pytest.mark.parametrize("table", ["entities", "connections", "events", "tags"])
async def test_nothing_of_another_space_comes_by_live(world: World, table: str) -> None:
    theirs, ours = await side(world), await side(await world.neighbour())
    for one in (theirs, ours):
        await stamped(one.world)
    asked = {"table": table, "since": "0", "for": "1"}
    said = (await ours.staff.get("/api/live", params=asked)).text
    assert str(ours.ids.of[table]) in said
    for id in (*theirs.ids.of.values(), theirs.world.space):
        assert str(id) not in said
    for client in (theirs.staff, theirs.person, ours.staff, ours.person):
        await client.aclose()


@pytest.mark.usefixtures("stamping")
@pytest.mark.parametrize(
    ("table", "place"), [("connections", "from"), ("connections", "to"), ("events", "entity")]
)
async def test_a_thing_of_another_space_is_followed_like_one_that_never_was(
    world: World, table: str, place: str
) -> None:
    theirs, ours = await side(world), await side(await world.neighbour())
    for one in (theirs, ours):
        await stamped(one.world)
    foreign, unknown = [
        await ours.staff.get(
            "/api/live", params={"table": table, place: str(id), "since": "0", "for": "1"}
        )
        for id in (theirs.ids.of["entities"], new_id())
    ]
    assert foreign.text == unknown.text
    assert "gained" not in foreign.text
    for client in (theirs.staff, theirs.person, ours.staff, ours.person):
        await client.aclose()

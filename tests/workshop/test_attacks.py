"""Attacks on live features over HTTP: Finn, who runs them, tries what is not his to do. Whatever he
is answered, nothing of Ana's, who wrote them, and of Olga's is other than before.
"""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import anyio
import pytest
from httpx import AsyncClient, Response
from pydantic import JsonValue

from one.store import Link, Viewer
from one.store.history import RunAsk, list_runs
from one.store.runs import Run
from tests.domains.live import live
from tests.domains.notices.rooms import fan, outbox
from tests.workshop.conftest import Town, town_of
from tests.workshop.test_setting_off import stamped
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
PRICE: JsonValue = {"amount": 9_900, "currency": "usd"}
FAN = "INPUT:\n  - fan: who asks\n"
COURSE = FAN + "  - course: which course\nCHECK fan exists\n"
FRIEND = FAN + "  - friend: who else\nCHECK fan exists\n"
PACK = FAN + "  - pack: the product\n"


@dataclass(frozen=True, slots=True)
class Stage:
    """Ana's features, with Finn and Olga; `things` by their names."""

    town: Town
    ana: Viewer
    finn: Viewer
    things: dict[str, str]

    @property
    def world(self) -> World:
        return self.town.world

    async def attack(self, text: str, **given: JsonValue) -> tuple[int, str]:
        """Finn runs a feature of Ana's; things are given by their names. What he is answered, and
        what he reads of a run once it is over or waits.
        """
        shown = await live(self.world, id_of(self.ana), f"FEATURE: Attack\n{text}", handle="ana")
        body = {name: self._known(value) for name, value in given.items()}
        client = await self.town.as_(self.finn)
        async with self.town.working():
            answer = await client.post(shown.address, json=body, headers={"prefer": "wait=0"})
            if answer.status_code != 202:
                return answer.status_code, answer.text
            return 202, await self._rested(client, answer.headers["location"])

    async def _rested(self, client: AsyncClient, run: str) -> str:
        with anyio.fail_after(30):
            while True:
                answer = await client.get(run)
                if answer.json()["run"]["status"] not in ("pending", "running"):
                    return answer.text
                await anyio.sleep(0.02)

    def _known(self, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [self._known(one) for one in value]
        return self.things.get(value, value) if isinstance(value, str) else value

    async def state(self) -> set[str]:
        """What is Ana's and Olga's, as rows; but for what they are asked and told."""
        asked = "SELECT id FROM entities WHERE space_id = %(s)s AND type = 'notification'"
        sql = (
            "SELECT e::text FROM entities e WHERE space_id = %(s)s AND type <> 'notification'"
            " UNION SELECT c::text FROM connections c WHERE space_id = %(s)s"
            f" AND to_id NOT IN ({asked})"
            " UNION SELECT v::text FROM events v WHERE space_id = %(s)s"
            f" AND entity_id NOT IN ({asked})"
            " UNION SELECT o::text FROM outbox o WHERE space_id = %(s)s"
        )
        async with self.world.desk.database.read() as tx:
            return {str(row) for (row,) in await tx.rows(sql, {"s": self.world.space})}


@pytest.fixture
async def stage(town: Town) -> Stage:
    return await stage_of(town)


async def stage_of(town: Town) -> Stage:
    world = town.world
    ana, finn = await world.person("creator", "Ana"), await world.person("creator", "Finn")
    olga = await world.person("creator", "Olga")
    made = {
        "her course": await world.thing("course", by=ana, status="published", price=PRICE),
        "her draft": await world.thing("course", by=ana, status="draft", name="Secret"),
        "her post": await world.thing("blog_post", by=ana, status="published"),
        "her pack": await world.thing("digital_product", by=ana, status="published", price=PRICE),
        "her club": await world.thing("community", by=ana),
        "her lead": await world.thing("lead", by=ana),
        "her coin": await world.thing("token", by=ana, status="active"),
        "olga's invoice": await world.thing("invoice", by=olga),
        "olga's course": await world.thing("course", by=olga, status="published"),
    }
    people = {"ana": str(id_of(ana)), "olga": str(id_of(olga))}
    return Stage(town, ana, finn, {**{name: str(one.id) for name, one in made.items()}, **people})


@dataclass(frozen=True, slots=True)
class Attack:
    """`rule`: of RIGHTS. `status` and `says`: what Finn is answered."""

    rule: str
    text: str
    given: dict[str, JsonValue]
    status: int
    says: str = ""

    def __str__(self) -> str:
        return self.rule


ATTACKS = (
    Attack(
        "4 the author's id as one's own",
        FAN + 'CHECK fan exists\n  OTHERWISE say "Sign up"\nGIVE fan 5 tokens\n',
        {"fan": "ana"},
        422,
        "Sign up",
    ),
    Attack(
        "6 another's invoice",
        FAN + "  - invoice: which invoice\nCHECK fan exists\nGIVE invoice's name\n",
        {"invoice": "olga's invoice"},
        404,
        "no such invoice",
    ),
    Attack(
        "6 the author's lead",
        FAN + "  - lead: which lead\nCHECK fan exists\nGIVE lead's name\n",
        {"lead": "her lead"},
        404,
        "no such lead",
    ),
    Attack("6 archiving", COURSE + "ARCHIVE course\n", {"course": "her course"}, 404),
    Attack("6 publishing", COURSE + "PUBLISH course\n", {"course": "her draft"}, 404),
    Attack(
        "6 a status",
        COURSE + 'SET course\'s status to "archived"\n',
        {"course": "her course"},
        404,
    ),
    Attack(
        "6 many at once",
        FAN + "  - courses: list of courses\nCHECK fan exists\nFOR EACH course IN courses\n"
        "  DELETE course\n",
        {"courses": ["her course"]},
        200,
    ),
    Attack("6 another's course", COURSE + "ARCHIVE course\n", {"course": "olga's course"}, 404),
    Attack(
        "6 a name",
        FAN + "  - course: which course\n  - words: text\nCHECK fan exists\n"
        "SET course's name to words\n",
        {"course": "her course", "words": "Buy elsewhere"},
        404,
    ),
    Attack(
        "6 a price by and by",
        COURSE + "SUBTRACT $98 FROM course's price\n",
        {"course": "her course"},
        404,
    ),
    Attack(
        "7 a price in another currency",
        PACK + "  - price: amount in euros\nCHECK fan exists\n"
        "CALL Stripe to charge payment WITH amount price, customer fan SAVE AS payment\n"
        "CONNECT fan to pack as buyer\n",
        {"pack": "her pack", "price": {"amount": 9_900, "currency": "eur"}},
        202,
        "costs",
    ),
    Attack(
        "7 a discount of one's own",
        PACK + "  - part: number\nCHECK fan exists\nSET price to pack's price * part / 100\n"
        "CALL Stripe to charge payment WITH amount price, customer fan SAVE AS payment\n"
        "CONNECT fan to pack as buyer\n",
        {"pack": "her pack", "part": 1},
        202,
        "costs",
    ),
    Attack(
        "7 access that has a price, by a gift",
        COURSE + "GIVE fan access to course\n",
        {"course": "her course"},
        422,
        "has a price",
    ),
    Attack(
        "3 a certificate by an event",
        COURSE + "RECORD certificate earned BY fan FOR course\n",
        {"course": "her course"},
        403,
    ),
    Attack(
        "8 as many tokens as one likes",
        FAN + "  - amount: how many\nCHECK fan exists\nGIVE fan amount tokens\n",
        {"amount": 1_000_000},
        202,
        "waiting",
    ),
    Attack(
        "5 joining in another's name",
        FRIEND + "GET my first community SAVE AS club\nCHECK club exists\n"
        "CONNECT friend to club as member\n",
        {"friend": "olga"},
        200,
    ),
    Attack(
        "5 a vote in another's name",
        FRIEND + "GET my first community SAVE AS club\nCHECK club exists\n"
        "RECORD governance action BY friend FOR club\n",
        {"friend": "olga"},
        202,
        "waiting",
    ),
    Attack(
        "5 authorship in another's name",
        FRIEND + "GET my first blog post SAVE AS post\nCHECK post exists\n"
        "CONNECT friend to post as author\n",
        {"friend": "olga"},
        200,
    ),
    Attack(
        "5 another's tokens",
        FRIEND + 'SUBTRACT 10 FROM friend\'s token balance\nGIVE "spent"\n',
        {"friend": "olga"},
        202,
        "waiting",
    ),
    Attack(
        "5 a voice without its owner",
        FRIEND + "CALL ElevenLabs to clone voice WITH friend SAVE AS voice\nGIVE voice\n",
        {"friend": "olga"},
        202,
        "waiting",
    ),
    Attack(
        "5 taking what is the author's",
        COURSE + "CONNECT fan to course as owner\n",
        {"course": "her course"},
        404,
    ),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
async def test_it_changes_nothing(stage: Stage, attack: Attack) -> None:
    before = await stage.state()
    status, said = await stage.attack(attack.text, **attack.given)
    assert await stage.state() == before
    assert status == attack.status, said
    assert attack.says in said


async def called(town: Town, who: Viewer, address: str, **given: JsonValue) -> Response:
    client = await town.as_(who)
    return await client.post(address, json=given, headers={"prefer": "wait=30"})


async def balance(stage: Stage, who: Viewer) -> int:
    async with stage.world.read() as store:
        return await store.balance(id_of(who), UUID(stage.things["her coin"]))


async def written(stage: Stage, text: str) -> str:
    """A feature of Ana's; its address."""
    shown = await live(stage.world, id_of(stage.ana), f"FEATURE: Attack\n{text}", handle="ana")
    return shown.address


async def test_calls_side_by_side_under_keys_of_their_own_are_one_gift(stage: Stage) -> None:
    address = await written(stage, FAN + "CHECK fan exists\nGIVE fan 10 tokens\n")
    client = await stage.town.as_(stage.finn)
    async with anyio.create_task_group() as tasks:
        for number in range(6):
            headers = {"idempotency-key": f"k{number}"}
            tasks.start_soon(partial(client.post, address, json={}, headers=headers))
    assert await balance(stage, stage.finn) == 10


async def test_who_leaves_and_comes_back_gets_a_gift_ten_times_a_day(stage: Stage) -> None:
    await written(stage, "WHEN someone follows me\nGIVE follower 1 token\n")
    link = Link("following", id_of(stage.finn), id_of(stage.ana), {})
    async with stage.town.working():
        for _ in range(13):
            async with stage.world.write(stage.finn) as store:
                tie = await store.connect(link)
            async with stage.world.write(stage.finn) as store:
                await store.end(tie.id)
        await stamped(stage.world)
        assert await rested(stage.world, 13) == 13
    assert await balance(stage, stage.finn) == 10


async def listed(world: World) -> list[Run]:
    async with world.read() as store:
        return await list_runs(store.session, RunAsk(), limit=100)


async def rested(world: World, many: int) -> int:
    """How many runs are over or wait, once there are so many."""
    with anyio.fail_after(30):
        while True:
            found = await listed(world)
            over = [run for run in found if run.status not in ("pending", "running")]
            if len(over) >= many:
                return len(over)
            await anyio.sleep(0.05)


GUIDE = (
    FAN
    + "  - email address: where to send it\nCHECK fan exists\n"
    + 'SEND "Hello from [fan]" TO email address VIA email\nGIVE "sent"\n'
)


async def test_an_address_is_written_to_once_a_day_however_it_is_typed(stage: Stage) -> None:
    address = await written(stage, GUIDE)
    async with stage.town.working():
        for typed in ("vic@example.org", "VIC@example.org", " vic@Example.org "):
            answer = await called(stage.town, stage.finn, address, emailAddress=typed)
            assert answer.status_code in (200, 422), answer.text
    assert len(await outbox(stage.world)) == 1


async def test_who_has_no_tie_is_invited_once_however_often_all_are_mailed(stage: Stage) -> None:
    tied, *others = [await fan(stage.world, name) for name in ("Tia", "Una", "Via")]
    await stage.world.connect("following", id_of(tied), id_of(stage.ana))
    for each in others:  # she sees them, by what she said of them herself
        await stage.world.connect("completed", id_of(each), UUID(stage.things["her course"]))
    text = 'GET all audience members SAVE AS people\nSEND "Buy" TO people VIA email\nGIVE "done"\n'
    address = await written(stage, text)
    async with stage.town.working():
        for _ in range(3):
            assert (await called(stage.town, stage.ana, address)).status_code == 200
    told = Counter(letter.person for letter in await outbox(stage.world))
    assert told == {id_of(tied): 3, **{id_of(each): 1 for each in others}}


async def test_a_yes_to_one_revision_is_none_to_what_the_next_asks_for(stage: Stage) -> None:
    friend = FRIEND + "CONNECT friend to me as {role}\n"
    olga = stage.things["olga"]
    hers = await stage.town.as_(Viewer(UUID(olga), "person"))
    for asked, role in enumerate(("follower", "collaborator")):
        address = await written(stage, friend.format(role=role))
        await called(stage.town, stage.finn, address, friend=olga)
        requests = (await hers.get("/api/notices/requests")).json()["items"]
        assert len(requests) == asked + 1, requests
        if role == "follower":
            path = f"/api/notices/requests/{requests[0]['id']}/answer"
            assert (await hers.post(path, json={"yes": True})).status_code == 200
    async with stage.world.read() as store:
        tie = Link("collaborates_with", UUID(olga), id_of(stage.ana), {})
        assert not await store.connected(tie)


async def test_drafts_show_in_no_search_and_no_sum(stage: Stage) -> None:
    text = (
        FAN + 'GET courses where name contains "Secret" SAVE AS found\n'
        "GET my newest course SAVE AS newest\nGET number of my courses SAVE AS many\n"
        "GIVE found, newest, many\n"
    )
    answer = await called(stage.town, stage.finn, await written(stage, text))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["found"], answer.json()["many"]) == ([], 1)
    assert "Secret" not in answer.text


async def test_what_others_do_with_others_sets_nothing_off(stage: Stage) -> None:
    await written(stage, "WHEN someone enrolls in a course\nGIVE student 1 token\n")
    async with stage.town.working():
        for course in ("olga's course", "her course"):
            id = UUID(stage.things[course])
            await stage.world.connect("enrolled_in", id_of(stage.finn), id)
        await stamped(stage.world)
        assert await rested(stage.world, 1) == 1
    assert await balance(stage, stage.finn) == 1


BUY = (
    FAN + "CHECK fan exists\n"
    'CALL Stripe to charge $9 WITH customer fan SAVE AS payment\nGIVE "paid"\n'
)


async def test_what_a_service_said_is_read_by_the_author_alone(world: World) -> None:
    stage = await stage_of(town_of(world, faults="stripe.charge=refused"))
    address = await written(stage, BUY)
    async with stage.town.working():
        answer = await called(stage.town, stage.finn, address)
        (run,) = await listed(stage.world)
        at = f"/api/runs/{run.id}"
        mine, hers = await stage.town.as_(stage.finn), await stage.town.as_(stage.ana)
        read = [answer.text, *[(await mine.get(path)).text for path in (at, f"{at}/stream")]]
        whole = (await hers.get(at)).json()["run"]["error"]["message"]
    assert answer.status_code == 502, answer.text
    assert whole
    assert not [text for text in read if whole in text]
